from pathlib import Path

import pytest

from environments import lock as locks
from environments.matrix import load
from tests.recipes.jobs import shims
from tests.runner.fakes import make_lock

MATRIX = """\
version: 1
matrix: {tensorflow: ["2.15.1", "2.21.0"]}
selections: {nightly: ["*"]}
probes: [dense]
formats: [keras, h5]
"""
NAMES = ("tf2.15.1-cpu", "tf2.21.0-cpu")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """What a job checks out: a matrix of two environments with their locks."""
    place = tmp_path / "repository"
    place.mkdir()
    (place / "matrix.yaml").write_text(MATRIX)
    matrix = load(place / "matrix.yaml")
    for item in matrix.environments:
        locks.write(make_lock(item), locks.beside(matrix.path))
    return place


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The folder with the commands that the recipes call."""
    return shims(tmp_path / "bin")
