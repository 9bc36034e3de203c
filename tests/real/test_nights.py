"""Two nights, end to end: the second has one environment with a newer Keras, and only that is run, told and shown."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.real.conftest import Stacks

pytestmark = [pytest.mark.real, pytest.mark.timeout(1800)]

ROOT = Path(__file__).parents[2]
#: What is in production moves from Keras 3.12 to 3.13, which writes a key that 3.12 and older refuse to read.
MATRIX = """\
version: 1
matrix:
  tensorflow: ["2.15.1"]
  include:
    - {{tensorflow: "2.16.2", keras: "3.4.1", as_of: 2024-07-01}}
    - {{id: production, tensorflow: "2.18.1", keras: "{keras}"}}
defaults: {{python: "3.11"}}
bases: {{cpu: {{image: "python:{{python}}-slim"}}}}
selections: {{default: ["*"]}}
probes: [dense]
formats: [keras, h5]
gate: {{fail_on: [regression]}}
"""
OTHERS = ("tf2.15.1-cpu", "tf2.16.2-keras3.4.1-cpu")


class Place:
    """A folder with a matrix, as whoever runs it nightly has one."""

    def __init__(self, folder: Path, state: Path) -> None:
        self.folder, self.state = folder, state

    def crossload(self, *words: str, code: int) -> str:
        """What a command prints on both streams."""
        command = [sys.executable, "-m", "runner", *words]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        ended = subprocess.run(
            command, capture_output=True, text=True, cwd=self.folder, env=environment, check=False
        )
        assert ended.returncode == code, ended.stdout + ended.stderr
        return ended.stdout + ended.stderr

    def night(self, *, code: int) -> tuple[str, dict[str, Any]]:
        """A night, and its results."""
        said = self.crossload("run", "--engine", "venv", "--state", str(self.state), code=code)
        return said, json.loads((self.folder / "site" / "results.json").read_text())

    def bump(self, keras: str) -> None:
        """Another Keras in production, with its lock."""
        (self.folder / "matrix.yaml").write_text(MATRIX.format(keras=keras))
        self.crossload("envs", "lock", "production", code=0)


def names(cells: list[dict[str, Any]]) -> set[str]:
    return {"/".join(cell[part] for part in ("producer", "consumer", "probe", "format")) for cell in cells}


def test_one_bumped_environment_costs_and_tells_its_own_row_and_column(
    stacks: Stacks, tmp_path: Path
) -> None:
    # A history and journals of its own, with environments that other tests have made.
    state = tmp_path / "state"
    state.mkdir()
    (state / "venvs").symlink_to(stacks.state / "venvs")
    place = Place(tmp_path, state)
    place.bump("3.12.0")
    said, first = place.night(code=0)
    assert "there is no earlier run to compare with" in said
    assert not any(cell["cached"] for cell in first["cells"])

    said, same = place.night(code=0)
    assert not re.search(r"(saved|loaded) \d", said)
    assert all(cell["cached"] for cell in same["cells"])

    place.bump("3.13.0")
    said, second = place.night(code=1)
    ran = {cell["consumer"] for cell in second["cells"] if not cell["cached"] and cell["producer"] in OTHERS}
    assert ran == {"production"}
    assert {cell["producer"] for cell in second["cells"] if not cell["cached"]} == {*OTHERS, "production"}
    assert all(
        cell["cached"] for cell in second["cells"] if {cell["producer"], cell["consumer"]} <= set(OTHERS)
    )
    before = {name: cell for cell in same["cells"] for name in names([cell])}
    told = ("verdict", "cause", "lost", "checks")
    changed = {
        name
        for cell in second["cells"]
        for name in names([cell])
        if any(cell[part] != before[name][part] for part in told)
    }
    assert changed, "Keras 3.13 writes what 3.4 cannot read, and nothing has changed."
    assert all("production" in name for name in changed)
    assert re.search(r"Gate, regression: FAILS", said)

    difference = json.loads(
        place.crossload("diff", "previous", "latest", "--state", str(state), "--json", code=1)
    )
    found = names(difference["transitions"])
    assert found == changed
    feed = (tmp_path / "site" / "feed.xml").read_text()
    assert all(name in feed for name in changed)
    unchanged = {name for cell in second["cells"] for name in names([cell])} - changed
    assert not any(name in feed for name in unchanged)
    runs = (tmp_path / "site" / "runs" / "index.html").read_text()
    assert all(run["run"]["id"] in runs for run in (first, same, second))
