from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from environments import lock as locks
from environments.matrix import load
from runner import setup
from runner.__main__ import run
from tests.runner.fakes import Recorded, make_lock

MATRIX = """\
version: 1
matrix:
  tensorflow: ["2.15.1", "2.18.1"]
  include:
    - {id: company, image: "registry.example/serving:1"}
bases: {cpu: {image: "python:{python}-slim"}}
selections: {default: ["tf*"], all: ["*"]}
probes: [dense]
formats: [keras, h5]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a matrix of two environments with locks, and an image; the tests run in it."""
    place = tmp_path / "work"
    place.mkdir()
    monkeypatch.chdir(place)
    monkeypatch.setattr(locks, "SHIPPED", tmp_path / "shipped")
    (place / "matrix.yaml").write_text(MATRIX)
    matrix = load(Path("matrix.yaml"))
    for item in matrix.environments:
        if item.locked:
            locks.write(make_lock(item), locks.beside(matrix.path))
    return place


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command gave."""

    code: int
    out: str
    err: str


Crossload = Callable[..., Said]


@pytest.fixture
def crossload(folder: Path, capsys: pytest.CaptureFixture[str]) -> Crossload:
    """Run a command line in the folder; no command may end in a traceback."""

    def call(*arguments: str) -> Said:
        capsys.readouterr()
        code = run(list(arguments))
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return Said(code=code, out=out, err=err)

    return call


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """All commands run on this engine of recorded lines."""
    found = Recorded()
    monkeypatch.setattr(setup, "engine_for", lambda *chosen, **how: (found, ("A note.",)))
    return found
