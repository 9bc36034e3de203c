"""The release that breaks a real file is found among real releases, most of which no matrix has."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.real.conftest import Stacks

pytestmark = [pytest.mark.real, pytest.mark.timeout(1800)]

SAVE = """
import sys, numpy, tensorflow
keras = tensorflow.keras
model = keras.Sequential([keras.layers.Input((10,)), keras.layers.Dense(4), keras.layers.Dense(1)])
model.compile(optimizer="adam", loss="mse")
model.fit(numpy.ones((8, 10), "float32"), numpy.ones((8, 1), "float32"), verbose=0)
for name in sys.argv[1:]:
    model.save(name)
"""


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where environments are made; see ``conftest``."""
    given = os.environ.get("CROSSLOAD_TEST_STATE")
    return Path(given) if given else tmp_path_factory.mktemp("bisect")


def _saved(stacks: Stacks, identifier: str, path: Path) -> Path:
    subprocess.run([stacks.ready[identifier].python, "-c", SAVE, str(path)], check=True, capture_output=True)
    return path


def _bisect(state: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = ["crossload", "bisect", "--engine", "venv", "--state", str(state), "--json", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_an_optimizer_argument_is_too_new_for_the_optimizer_of_2_10(
    stacks: Stacks, state: Path, tmp_path: Path
) -> None:
    model = _saved(stacks, "tf2.12.1-cpu", tmp_path / "m.h5")
    found = _bisect(state, str(model), "--good", "2.12.1", "--bad", "2.9")
    assert found.returncode == 0, found.stderr
    answer = json.loads(found.stdout)
    change = answer["tensorflow"]
    # The optimizers were written anew for 2.11, with weight_decay. Source: TensorFlow 2.11 release notes.
    assert (change["last_good"]["tensorflow"], change["first_bad"]["tensorflow"]) == ("2.11.0", "2.10.1")
    assert change["first_bad"]["cause"] == "optimizer_argument_unknown"
    assert (answer["blame"], answer["keras"], change["skipped"]) == ("together", None, [])
    assert len(answer["steps"]) <= 5  # of seven releases


def test_what_a_newer_keras_wrote_is_told_to_the_release_that_reads_it(
    stacks: Stacks, state: Path, tmp_path: Path
) -> None:
    model = _saved(stacks, "tf2.21.0-cpu", tmp_path / "m.keras")
    found = _bisect(state, str(model), "--good", "tf2.21.0-cpu", "--bad", "2.21.0+keras3.12.1")
    assert found.returncode == 0, found.stderr
    answer = json.loads(found.stdout)
    change = answer["keras"]
    assert answer["tensorflow"] is None
    assert (change["last_good"]["keras"], change["first_bad"]["keras"]) == ("3.15.0", "3.14.1")
    assert {step["tensorflow"] for step in answer["steps"]} == {"2.21.0"}
    # 3.15 writes input_axes and output_axes of an initializer, which no earlier Keras takes.
    assert "input_axes" in change["first_bad"]["telling"]


def test_ends_that_are_both_good_are_told_apart_from_a_search(
    stacks: Stacks, state: Path, tmp_path: Path
) -> None:
    model = _saved(stacks, "tf2.12.1-cpu", tmp_path / "m.h5")
    found = _bisect(state, str(model), "--good", "2.12.1", "--bad", "2.15.1")
    assert (found.returncode, found.stdout) == (2, "")
    assert "is good (identical)" in found.stderr
