"""Real model files carried into other versions, by the command; what comes out is loaded by plain Keras there."""

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.real.conftest import Stacks

pytestmark = [pytest.mark.real, pytest.mark.timeout(1800)]

MATRIX = Path(__file__).parents[2] / "matrix.yaml"
#: Makes a model with state to lose, saves it, and says what it predicts.
MAKE = """
import json, sys
import numpy as np, tensorflow as tf
keras = tf.keras
keras.utils.set_random_seed(1)
{own}
model = keras.Sequential([
    keras.layers.Input((6, 4)),
    keras.layers.LSTM(6, return_sequences=True),
    keras.layers.BatchNormalization(name="batch_normalization"),
    keras.layers.LSTM(5),
    {more}
    keras.layers.Dense(3, activation="softmax"),
])
model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
x = np.linspace(-1, 1, 4 * 6 * 4).reshape(4, 6, 4).astype("float32")
for _ in range(3):
    model.train_on_batch(x, np.eye(3)[[0, 1, 2, 0]].astype("float32"))
model.save(sys.argv[1], **json.loads(sys.argv[2]))
print("PREDICTED", json.dumps(model.predict(x, verbose=0).tolist()))
"""
#: What a user does with the result: no word of ours.
USE = """
import json, sys
import numpy as np, tensorflow as tf
model = tf.keras.models.load_model(sys.argv[1])
x = np.linspace(-1, 1, 4 * 6 * 4).reshape(4, 6, 4).astype("float32")
print("PREDICTED", json.dumps(model.predict(x, verbose=0).tolist()))
"""
OWN = """
class Twice(keras.layers.Layer):
    def call(self, x):
        return 2 * x
"""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One move, and what is known of it."""

    name: str
    home: str
    target: str
    out: str
    options: str = "{}"


CASES = (
    Case(name="old.h5", home="tf2.12.1-cpu", target="tf2.21.0-cpu", out="new.keras"),
    Case(name="metrics.keras", home="tf2.15.1-cpu", target="tf2.21.0-cpu", out="new.keras"),
    Case(name="ahead.keras", home="tf2.21.0-cpu", target="tf2.16.2-keras3.4.1-cpu", out="back.keras"),
    Case(name="far.keras", home="tf2.21.0-cpu", target="tf2.15.1-cpu", out="back.h5"),
    Case(
        name="saved",
        home="tf2.12.1-cpu",
        target="tf2.21.0-cpu",
        out="new.keras",
        options='{"save_format": "tf"}',
    ),
)


def python(stacks: Stacks, environment: str, code: str, *arguments: str) -> Any:
    """What a script in a fresh process of an environment predicts."""
    ran = subprocess.run(
        [stacks.ready[environment].python, "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    (line,) = [line for line in ran.stdout.splitlines() if line.startswith("PREDICTED")]
    return json.loads(line.partition(" ")[2])


def make(stacks: Stacks, environment: str, path: Path, options: str, own: str = "", more: str = "") -> Any:
    return python(stacks, environment, MAKE.format(own=own, more=more), str(path), options)


def migrate(state: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    where = ("--matrix", str(MATRIX), "--state", str(state), "--engine", "venv", "--json")
    return subprocess.run(
        [sys.executable, "-m", "runner", "migrate", *arguments, *where],
        capture_output=True,
        text=True,
        cwd=MATRIX.parent,
        timeout=1500,
    )


def digest(path: Path) -> str:
    files = [path] if path.is_file() else sorted(item for item in path.rglob("*") if item.is_file())
    total = hashlib.sha256()
    for item in files:
        total.update(item.relative_to(path.parent).as_posix().encode() + b"\0" + item.read_bytes())
    return total.hexdigest()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name}-{case.target}")
def test_it_is_carried_over(case: Case, stacks: Stacks, tmp_path: Path) -> None:
    model, out = tmp_path / case.name, tmp_path / case.out
    expected = make(stacks, case.home, model, case.options)
    before = digest(model)
    ran = migrate(stacks.state, str(model), "--to", case.target, "-o", str(out))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = json.loads(ran.stdout)
    assert (told["outcome"], told["written"]) == ("carried", str(out))
    assert told["hops"][-1]["environment"] == case.target
    assert digest(model) == before
    found = python(stacks, case.target, USE, str(out))
    assert found == [[pytest.approx(value, abs=1e-5) for value in row] for row in expected]


def test_without_its_code_there_is_no_path_and_nothing_is_written(stacks: Stacks, tmp_path: Path) -> None:
    model, out = tmp_path / "custom.h5", tmp_path / "new.keras"
    make(stacks, "tf2.15.1-cpu", model, "{}", own=OWN, more="Twice(),")
    before = digest(model)
    ran = migrate(stacks.state, str(model), "--to", "tf2.21.0-cpu", "-o", str(out))
    assert ran.returncode == 1, ran.stdout + ran.stderr
    told = json.loads(ran.stdout)
    assert told["outcome"] == "none"
    assert "Twice" in told["at_home"]
    assert not out.exists()
    assert digest(model) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["custom.h5"]
