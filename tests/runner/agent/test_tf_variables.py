"""Variables of checkpoints, as their keys are written by each generation, into models."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from runner.agent.assigning import Refused
from runner.agent.tf_variables import assign
from tests.runner.agent.test_assigning import Dense, Model, Variable

VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"


class Trained(Model):
    """A model that tells its variables apart as TensorFlow's do."""

    def __init__(self, *layers: Dense, rest: tuple[Variable, ...] = ()) -> None:
        super().__init__(*layers)
        self._rest = list(rest)
        self.trainable_weights = super().weights
        self.non_trainable_weights = self._rest

    @property
    def weights(self) -> list[Variable]:
        return super().weights + getattr(self, "_rest", [])


def tensorflow(arrays: dict[str, Any]) -> Any:
    """As much of TensorFlow as reads a checkpoint."""
    reader = SimpleNamespace(
        get_variable_to_shape_map=lambda: {key: value.shape for key, value in arrays.items()},
        get_tensor=arrays.__getitem__,
    )
    return SimpleNamespace(
        train=SimpleNamespace(latest_checkpoint=lambda path: path, load_checkpoint=lambda path: reader)
    )


def stored(**shapes: tuple[int, ...]) -> dict[str, Any]:
    """Arrays under keys in which ``__`` stands for ``/`` and ``_N_`` for ``-``; the values count up from one."""
    return {
        key.replace("__", "/").replace("weights_N_", "weights-") + VALUE: np.full(shape, index, "float32")
        for index, (key, shape) in enumerate(shapes.items(), 1)
    }


def values(model: Any) -> list[float]:
    return [float(one.value.flat[0]) for one in model.weights]


@pytest.fixture
def folder(tmp_path: Path) -> str:
    (tmp_path / "ckpt-1.index").write_bytes(b"")
    return str(tmp_path)


def test_layers_of_keras_2_by_their_names_and_without_the_optimizer(folder: str) -> None:
    arrays = stored(
        model__layer_with_weights_N_1__kernel=(3, 3),
        model__layer_with_weights_N_0__bias=(3,),
        model__layer_with_weights_N_0__kernel=(2, 3),
        model__layer_with_weights_N_1__bias=(3,),
        optimizer___variables__1=(2, 3),
        save_counter=(),
    )
    model = Trained(Dense("a", 2, 3), Dense("b", 3, 3))
    assign(tensorflow(arrays), model, folder, [])
    assert values(model) == [3, 2, 1, 4]


def test_variables_in_a_flat_list_count_in_tens(folder: str) -> None:
    arrays: dict[str, Any] = {
        f"variables/{index}{VALUE}": np.full((1, 1), index, "float32") for index in range(12)
    }
    arrays = {key: value if int(key.split("/")[1]) % 2 == 0 else value[0] for key, value in arrays.items()}
    model = Trained(*(Dense(str(index), 1, 1) for index in range(6)))
    assign(tensorflow(arrays), model, folder, [])
    assert values(model) == list(range(12))


def test_keras_3_keeps_what_is_trained_with_the_optimizer(folder: str) -> None:
    arrays = stored(
        optimizer___trainable_variables__1=(3,),
        optimizer___trainable_variables__0=(2, 3),
        model___operations__2__moving_mean=(3,),
    )
    model = Trained(Dense("a", 2, 3), rest=(Variable("norm/moving_mean", 3),))
    assign(tensorflow(arrays), model, folder, [])
    assert values(model) == [2, 1, 3]


def test_another_number_of_layers_is_refused(folder: str) -> None:
    arrays = stored(model__layer_with_weights_N_0__kernel=(2, 3), model__layer_with_weights_N_0__bias=(3,))
    with pytest.raises(Refused, match="1 layers have weights in the checkpoint and 2 in the model"):
        assign(tensorflow(arrays), Trained(Dense("a", 2, 3), Dense("b", 3, 3)), folder, [])


def test_what_could_be_either_is_refused(folder: str) -> None:
    arrays = stored(
        model__layer_with_weights_N_0__x=(3, 3),
        model__layer_with_weights_N_0__y=(3, 3),
        model__layer_with_weights_N_0__z=(3,),
    )
    with pytest.raises(Refused, match="2 arrays of the checkpoint could be a/kernel"):
        assign(tensorflow(arrays), Trained(Dense("a", 3, 3)), folder, [])


def test_several_checkpoints_without_a_word_on_the_last_are_refused(folder: str) -> None:
    Path(folder, "ckpt-2.index").write_bytes(b"")
    tf = tensorflow({})
    tf.train.latest_checkpoint = lambda path: None
    with pytest.raises(Refused, match="2 checkpoints"):
        assign(tf, Trained(), folder, [])


class Stored(Variable):
    """A variable of a loaded SavedModel."""

    def __init__(self, name: str, value: float, *shape: int) -> None:
        super().__init__(name, *shape)
        self.name = name + ":0"
        self.value += value

    def numpy(self) -> Any:
        return self.value


def saved_model(folder: Path, arrays: dict[str, Any], variables: Any) -> Any:
    (folder / "saved_model.pb").write_bytes(b"")
    tf = tensorflow(arrays)
    tf.saved_model = SimpleNamespace(load=lambda path: SimpleNamespace(variables=variables))
    return tf


def test_a_saved_model_that_lists_its_weights_as_the_model_does(tmp_path: Path) -> None:
    listed = [Stored("x/kernel", 1.0, 2, 3), Stored("x/bias", 2.0, 3)]
    model = Trained(Dense("a", 2, 3))
    assign(saved_model(tmp_path, {}, listed), model, str(tmp_path), [])
    assert values(model) == [1, 2]


@pytest.mark.parametrize("listed", [[Stored("x/gamma", 7.0, 2, 3), Stored("x/bias", 7.0, 3)], 5, None])
def test_one_that_does_not_is_read_by_its_keys(tmp_path: Path, listed: Any) -> None:
    arrays = stored(layer_with_weights_N_0__kernel=(2, 3), layer_with_weights_N_0__bias=(3,))
    model = Trained(Dense("a", 2, 3))
    assign(saved_model(tmp_path, arrays, listed), model, str(tmp_path), [])
    assert values(model) == [1, 2]
