"""The front door, with nox as a user installs it: what it lists, and one task that it really runs."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from environments import matrix, uv
from tests.real.conftest import Stacks

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
#: What git ignores and what it keeps for itself.
LEFT = (".git", ".crossload", ".nox", ".venv", ".*_cache", ".hypothesis", "__pycache__", "*.egg-info", "site")
TF215 = "tf2.15.1-cpu"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository as it would be cloned, in a folder of its own."""
    folder = tmp_path_factory.mktemp("nox") / "crossload"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*LEFT))
    return folder


BENCHES = ("bench", "bench_nights", "bench_question")


def nox(folder: Path, *words: str) -> tuple[str, str]:
    """Nox alone, at the version that is tested; the noxfile says itself what it needs beside it."""
    program = [str(uv.binary()), "tool", "run", "--constraints", "constraints.txt", "nox", *words]
    variables = {name: value for name, value in os.environ.items() if not name.startswith("NOX")}
    ended = subprocess.run(
        program, cwd=folder, env=uv.environment(host=variables), capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout, ended.stderr


@pytest.fixture(scope="module")
def sessions(copy: Path) -> dict[str, dict[str, Any]]:
    out, _ = nox(copy, "-l", "--json")
    return {item["session"]: item for item in json.loads(out)}


def test_every_environment_has_a_session_for_each_phase(sessions: dict[str, dict[str, Any]]) -> None:
    shipped = matrix.load(ROOT / "matrix.yaml")
    tasks = {name: item["tags"] for name, item in sessions.items() if item["name"] in ("save", "load")}
    assert {name: set(tags) for name, tags in tasks.items()} == {
        f"{phase}({item.id})": {
            phase,
            item.device,
            *(s for s, ids in shipped.selections.items() if item.id in ids),
        }
        for item in shipped.environments
        for phase in ("save", "load")
    }
    assert set(tasks["load(tf2.15.1-cpu)"]) == {"load", "cpu", "default", "nightly", "upgrade", "all"}


def test_the_chores_are_there_and_every_session_says_what_it_does(
    sessions: dict[str, dict[str, Any]],
) -> None:
    alone = {name for name, item in sessions.items() if item["name"] not in ("save", "load")}
    assert alone == {"crossload", "report", "lock", "tests", "lint", "typecheck", *BENCHES}
    assert all(item["description"].endswith(".") for item in sessions.values())


def test_the_main_job_is_what_runs_when_nothing_is_named(copy: Path) -> None:
    out, _ = nox(copy, "-l")
    assert [line.split()[1] for line in out.splitlines() if line.startswith("* ")] == ["crossload"]


def test_a_session_runs_exactly_one_task(copy: Path, stacks: Stacks, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    (state / "venvs").symlink_to(Path(stacks.ready[TF215].python).parents[2])
    given = ["--probe", "dense", "--format", "h5", "--engine", "venv", "--state", str(state)]
    out, err = nox(copy, "-s", f"save({TF215})", "--", *given)
    assert f"{TF215}: 1 saved\n" in out + err
    assert f"nox > Session save({TF215}) was successful" in err
    assert [path.name for path in (state / "artifacts").glob("*/*.jsonl")] == [f"{TF215}.jsonl"]
    out, err = nox(copy, "-s", f"load({TF215})", "--", *given)
    assert f"{TF215}: 1 identical\n" in out + err
    assert not (copy / ".crossload").exists()
    assert not (copy / "site").exists()
