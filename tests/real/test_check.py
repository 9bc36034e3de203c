"""The question of whoever upgrades, asked of real files by the command: the answer, the page, and the exit code."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.real.conftest import Stacks

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]

MATRIX = Path(__file__).parents[2] / "matrix.yaml"
MIRROR = os.environ.get("CROSSLOAD_TEST_MIRROR", "")
#: Saves a model to the path that follows, as somebody does who never heard of this project.
PLAIN = """
import sys
import numpy as np, tensorflow as tf
keras = tf.keras
keras.utils.set_random_seed(1)
model = keras.Sequential([keras.layers.Dense(8, activation="relu", input_shape=(10,)), keras.layers.Dense(1)])
model.compile("adam", "mse", metrics=["mae"])
model.fit(np.ones((8, 10)), np.ones(8), verbose=0)
model.save(sys.argv[1])
"""
#: A layer that is its author's own: nobody loads it without the code.
OWN = """
class Twice(keras.layers.Layer):
    def call(self, x):
        return 2 * x
"""
CUSTOM = PLAIN.replace("model = ", OWN + "model = ").replace(
    "keras.layers.Dense(1)", "Twice(), keras.layers.Dense(1)"
)

#: Small one way and large the other, CenterCrop of Keras 3 gives another image, once predict has met several sizes.
CROP = """
import sys
import tensorflow as tf
keras = tf.keras
keras.utils.set_random_seed(1)
entry = keras.Input((None, None, 3))
middle = keras.layers.Conv2D(4, 3, padding="same")(keras.layers.CenterCrop(5, 6)(entry))
keras.Model(entry, keras.layers.Dense(2)(keras.layers.GlobalAveragePooling2D()(middle))).save(sys.argv[1])
"""
#: TimeDistributed of Keras 3.15 gives as many steps as there are rows, once predict has met several lengths.
TIMED = """
import sys
import tensorflow as tf
keras = tf.keras
keras.utils.set_random_seed(1)
entry = keras.Input((None, 3))
keras.Model(entry, keras.layers.TimeDistributed(keras.layers.Dense(4))(entry)).save(sys.argv[1])
"""


def save(stacks: Stacks, environment: str, source: str, path: Path) -> Path:
    command = [stacks.ready[environment].python, "-c", source, str(path)]
    quiet = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3"}
    subprocess.run(command, check=True, capture_output=True, env=quiet)
    return path


def crossload(stacks: Stacks, *words: str | Path, code: int, engine: str = "venv") -> dict[str, Any]:
    """What ``check`` found out, as its results; ``said`` is what it printed."""
    folder = Path(str(words[1])).parent
    command = [sys.executable, "-m", "runner", *(str(word) for word in words)]
    command += ["--matrix", str(MATRIX), "--state", str(stacks.state), "--site", str(folder / "site")]
    command += ["--engine", engine] + (["--registry-mirror", MIRROR] if engine == "docker" and MIRROR else [])
    ended = subprocess.run(command, capture_output=True, text=True, cwd=MATRIX.parent, check=False)
    assert ended.returncode == code, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    results: dict[str, Any] = json.loads((folder / "site" / "results.json").read_text())
    assert (folder / "site" / "index.html").stat().st_size > 10_000
    return {**results, "said": ended.stdout}


def verdicts(results: dict[str, Any]) -> dict[str, str]:
    return {cell["consumer"]: cell["verdict"] for cell in results["cells"]}


@pytest.mark.parametrize("engine", ["venv", pytest.param("docker", marks=pytest.mark.docker)])
def test_how_far_a_model_can_go_and_how_it_gets_further(stacks: Stacks, tmp_path: Path, engine: str) -> None:
    model = save(stacks, "tf2.12.1-cpu", PLAIN, tmp_path / "model.h5")
    before = hashlib.sha256(model.read_bytes()).hexdigest()
    to = ["--to", "tf2.12.1-cpu", "--to", "tf2.15.1-cpu", "--to", "tf2.21.0-cpu"]
    results = crossload(stacks, "check", model, *to, code=1, engine=engine)
    assert verdicts(results) == {
        "tf2.12.1-cpu": "identical",
        "tf2.15.1-cpu": "identical",
        "tf2.21.0-cpu": "load_failed",
    }
    question, failed = results["question"], results["cells"][-1]
    assert (question["home"], question["loaded"], question["reference"]) == ("tf2.12.1-cpu", "plain", True)
    assert len(question["batches"]) > 3
    assert failed["cause"] == "metric_short_name"
    assert "identical" in [remedy["verdict"] for remedy in failed["remedies"]]
    assert "Last safe version: 2.15.1." in results["said"]
    assert "To move to 2.21.0" in results["said"]
    assert hashlib.sha256(model.read_bytes()).hexdigest() == before


def test_where_all_is_well_it_says_so_with_zero(stacks: Stacks, tmp_path: Path) -> None:
    model = save(stacks, "tf2.12.1-cpu", PLAIN, tmp_path / "model.h5")
    results = crossload(stacks, "check", model, "--to", "2.15", "--may-lose", "nothing", code=0)
    assert set(verdicts(results).values()) == {"identical"}


def test_a_class_that_nobody_brought_is_named_and_helps_when_it_is(stacks: Stacks, tmp_path: Path) -> None:
    model = save(stacks, "tf2.12.1-cpu", CUSTOM, tmp_path / "model.h5")
    to = ["--to", "tf2.12.1-cpu", "--to", "tf2.15.1-cpu"]
    results = crossload(stacks, "check", model, *to, code=1)
    assert set(verdicts(results).values()) == {"load_failed"}
    assert {cell["cause"] for cell in results["cells"]} == {"custom_class_missing"}
    assert "Twice" in results["said"]
    (tmp_path / "layers.py").write_text("from tensorflow import keras\n" + OWN)
    given = ["--custom-objects", str(tmp_path / "layers.py")]
    results = crossload(stacks, "check", model, *to, *given, code=0)
    assert set(verdicts(results).values()) == {"identical"}


def test_half_a_download_loads_nowhere_and_is_said_to_be_half(stacks: Stacks, tmp_path: Path) -> None:
    model = save(stacks, "tf2.15.1-cpu", PLAIN, tmp_path / "model.h5")
    model.write_bytes(model.read_bytes()[:-5000])
    results = crossload(stacks, "check", model, "--to", "tf2.15.1-cpu", code=1)
    assert verdicts(results) == {"tf2.15.1-cpu": "load_failed"}
    assert results["question"]["damage"]


@pytest.mark.parametrize("source", [CROP, TIMED])
def test_what_differs_once_predict_has_met_several_sizes_is_found(
    stacks: Stacks, tmp_path: Path, source: str
) -> None:
    model = save(stacks, "tf2.15.1-cpu", source, tmp_path / "model.h5")
    to = ["--to", "tf2.15.1-cpu", "--to", "tf2.21.0-cpu"]
    results = crossload(stacks, "check", model, *to, code=1)
    assert verdicts(results) == {"tf2.15.1-cpu": "identical", "tf2.21.0-cpu": "divergent"}
    wrong = results["cells"][-1]
    assert "in predict, which is traced for inputs of any size" in wrong["details"]["outputs"]
    assert wrong["details"]["outputs"].startswith("for 2 x ") is (
        source == CROP
    )  # the other: for all of them
    assert wrong["cause"] == "sizes_unknown_when_traced"
    assert {remedy["id"]: remedy["verdict"] for remedy in wrong["remedies"]}["eagerly"] == "identical"
    assert "without an error, in 2.21.0" in " ".join(results["said"].split())
