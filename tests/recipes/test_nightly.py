"""The script for cron and systemd, and the units that start it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.recipes.jobs import ROOT, clean, of_cells

SCRIPT = ROOT / "docs" / "ci" / "nightly.sh"
UNITS = ROOT / "docs" / "ci" / "systemd"


def _night(repository: Path, path: Path, **more: str) -> "subprocess.CompletedProcess[str]":
    environ = {"MATRIX": "matrix.yaml", "STATE": "kept/state", "SITE": "published"} | more
    return subprocess.run(
        [str(SCRIPT)],
        cwd=repository,
        env=clean(path) | environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_night_that_is_as_it_should_be_prints_nothing(repository: Path, path: Path) -> None:
    ran = _night(repository, path)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert (repository / "published" / "index.html").exists()
    assert "identical" in (repository / "kept" / "state" / "nightly.log").read_text()


def test_a_second_night_runs_no_cell(repository: Path, path: Path) -> None:
    for reused in (False, True):
        assert _night(repository, path).returncode == 0
        assert of_cells(repository / "published", "cached") == {reused}
    runs = [one for one in (repository / "published" / "runs").iterdir() if one.is_dir()]
    assert len(runs) == 2


@pytest.mark.parametrize("code", [1, 3])
def test_any_other_night_says_why_and_gives_the_status(repository: Path, path: Path, code: int) -> None:
    (path / "crossload").write_text(f"#!/bin/sh\necho 'Gate, divergent: FAILS'\nexit {code}\n")
    ran = _night(repository, path)
    assert ran.returncode == code
    assert ran.stdout == "Gate, divergent: FAILS\n"


def test_the_units_start_that_script(tmp_path: Path) -> None:
    service = (UNITS / "crossload-nightly.service").read_text()
    assert re.search(r"^ExecStart=/opt/crossload/docs/ci/nightly\.sh$", service, re.MULTILINE)
    assert SCRIPT.stat().st_mode & 0o111
    variables = set(re.findall(r"^Environment=(\w+)=", service, re.MULTILINE)) - {"HOME"}
    assert variables <= set(re.findall(r'^: "\$\{(\w+):=', SCRIPT.read_text(), re.MULTILINE))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="There is no systemd-analyze here.")
def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    for path in UNITS.iterdir():
        text = path.read_text().replace("/opt/crossload/docs/ci/nightly.sh", str(SCRIPT))
        (tmp_path / path.name).write_text(text)
    units = [str(path) for path in sorted(tmp_path.iterdir())]
    ran = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr
