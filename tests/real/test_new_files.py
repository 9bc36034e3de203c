"""Files of newer Kerases that come out wrong, or not at all, for reasons of the reader: told, and put right."""

from pathlib import Path

import pytest

from tests.real.conftest import Stacks
from tests.real.test_check import crossload, save

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

HEAD = """
import sys
import tensorflow as tf
keras = tf.keras
layers = keras.layers
keras.utils.set_random_seed(1)
x = keras.Input((None, 4))
"""
END = "\nkeras.Model(x, y).save(sys.argv[1])\n"


@pytest.mark.parametrize(
    ("name", "code", "verdict", "cause", "remedy"),
    [
        ("axes.h5", "y = layers.Softmax(axis=[1, 2])(x)", "divergent", "axes_forgotten", "repair"),
        (
            "drop.h5",
            "y = layers.Dense(2)(layers.SpatialDropout1D(0.2)(x))",
            "load_failed",
            "key_of_older_keras",
            "repair",
        ),
        (
            "names.h5",
            "y = layers.Lambda(lambda t: tf.square(t))(x)",
            "load_failed",
            "lambda_refused",
            "lambda_names",
        ),
        (
            "lambda.keras",
            "y = layers.Lambda(lambda t: 2 * t)(x)",
            "load_failed",
            "keras2_file_in_keras3",
            "rebuild",
        ),
    ],
)
def test_a_file_of_the_last_keras_2(
    stacks: Stacks, tmp_path: Path, name: str, code: str, verdict: str, cause: str, remedy: str
) -> None:
    path = save(stacks, "tf2.15.1-cpu", HEAD + code + END, tmp_path / name)
    found = crossload(stacks, "check", path, "--from", "tf2.15.1-cpu", "--to", "tf2.21.0-cpu", code=1)
    (cell,) = (item for item in found["cells"] if item["consumer"] == "tf2.21.0-cpu")
    assert (cell["verdict"], cell["cause"]) == (verdict, cause)
    assert {item["id"]: item["verdict"] for item in cell["remedies"]}[remedy] == "identical"


def test_a_model_in_a_model_of_keras_2_is_not_waited_for(stacks: Stacks, tmp_path: Path) -> None:
    """Keras before 3.14.1 looks for the call of the inner one without end."""
    code = """
inner = keras.Input((4,))
inner = keras.Model(inner, layers.Dense(3)(inner))
x = keras.Input((4,))
y = layers.Dense(2)(inner(x))
"""
    path = save(stacks, "tf2.15.1-cpu", HEAD + code + END, tmp_path / "nest.h5")
    found = crossload(
        stacks, "check", path, "--from", "tf2.15.1-cpu", "--to", "tf2.16.2-keras3.4.1-cpu", code=1
    )
    (cell,) = (item for item in found["cells"] if item["consumer"] == "tf2.16.2-keras3.4.1-cpu")
    assert (cell["verdict"], cell["cause"]) == ("timed_out", "nested_model_call_uncounted")
    # On a machine that is busy with something else it may be the clock that ends it.
    assert cell["error"]["message"].startswith(("Worked for ", "Still running after "))
    assert {item["id"]: item["verdict"] for item in cell["remedies"]}["repair"] == "identical"
