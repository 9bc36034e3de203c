"""What is looked at in a model; models of real frameworks are in tests/real/test_agent.py."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from runner.agent import observe


class Handler:
    """Keras 2.5 lists the table of a lookup layer among its weights: with a shape, without dtype or numbers."""

    shape = (0,)


def variable(*shape: int) -> Any:
    return np.zeros(shape, dtype="float32")


def model() -> Any:
    lookup = SimpleNamespace(weights=[Handler()], name="lookup", get_vocabulary=lambda: ["", "red"])
    dense = SimpleNamespace(weights=[variable(3, 2), variable(2)], name="dense")
    weights = [*lookup.weights, *dense.weights]
    return SimpleNamespace(layers=[lookup, dense], weights=weights, trainable_weights=dense.weights)


def test_what_is_no_variable_is_no_weight() -> None:
    assert [array.shape for array in observe.weights(model())] == [(3, 2), (2,)]
    found = observe.structure(model(), variable(4, 2))
    assert [count for _, count in found["layers"]] == [0, 2]
    assert (found["parameters"], found["trainable"]) == (8, 8)
    assert [name for name, _ in found["vocabularies"]] == ["lookup"]


def test_whose_class_a_layer_has() -> None:
    def layer(module: str) -> Any:
        return type("Dense", (), {"__module__": module, "name": "dense", "weights": []})()

    layers = [
        layer("keras.src.layers.core.dense"),
        layer("tensorflow_core.python.keras.layers.core"),
        layer("probe_custom_shadow"),
        layer("keras.src.saving.legacy.saved_model.load"),
    ]
    found = observe.structure(SimpleNamespace(layers=layers, weights=[], trainable_weights=[]), variable(1))
    assert [origin for _, origin in found["origins"]] == ["keras", "keras", "own", ""]


def test_outputs_are_told_by_nest_kind_dtype_and_shape() -> None:
    found = observe.signature({"score": variable(4, 1), "label": [variable(4, 3)]})
    assert found["nest"] == {"dict": {"label": {"list": ["leaf"]}, "score": "leaf"}}
    assert found["tensors"] == [["dense", "float32", [4, 3]], ["dense", "float32", [4, 1]]]


def test_text_is_text_whoever_holds_it() -> None:
    as_numpy: Any = np.array([[b"de", b"fr"]])
    assert observe.signature(as_numpy)["tensors"] == [["dense", "string", [1, 2]]]
    assert observe.signature(as_numpy.astype("U"))["tensors"] == [["dense", "string", [1, 2]]]


def test_a_recurrent_layer_forgets_the_batch_before() -> None:
    class Layer:
        stateful, built, cell = True, True, None

        def __init__(self) -> None:
            self.forgotten = 0

        def reset_state(self) -> None:
            self.forgotten += 1

    class Model:
        def __init__(self) -> None:
            self.layers = [Layer()]

        def __call__(self, inputs: int, training: bool) -> int:
            return self.layers[0].forgotten

    model = Model()
    assert [observe.call(model, 0), observe.call(model, 0)] == [1, 2]
    Layer.built = False  # one that was never called has nothing to forget
    assert observe.call(model, 0) == 2


def test_tokens_are_not_made_other_tokens_to_see_what_rounding_does() -> None:
    class Embedding:
        def __init__(self) -> None:
            self.weights = [variable(2)]

        def __call__(self, inputs: Any, training: bool = False) -> Any:
            return np.floor(inputs)

    tokens: Any = np.array([[435.0, 87.0]], "float32")
    assert observe.noise(Embedding(), tokens, tokens) == [0.0]
    assert observe.noise(lambda x, training=False: x, tokens, tokens)[0] > 0  # nothing else moves it


def test_what_computes_in_a_coarser_type_is_shaken_by_its_steps() -> None:
    def noise(*types: str) -> float:
        class Same:
            layers = [SimpleNamespace(compute_dtype=name) for name in types]  # noqa: RUF012
            weights = ()

            def __call__(self, inputs: Any, training: bool = False) -> Any:
                return inputs

        ones: Any = np.ones((2, 2), dtype="float32")
        return observe.noise(Same(), ones, ones)[0]

    assert noise("float32") < 1e-6
    assert 9e-4 < noise("float16", "float32") < 1.1e-3
    assert noise("float16", "bfloat16") > 5e-3


class Evaluated:
    """A model of one weight, whose loss is a thousand times that."""

    run_eagerly = True
    metrics_names = ("loss",)

    def __init__(self) -> None:
        self.weights: Any = [SettableVariable(np.ones(1, "float32"))]

    def reset_metrics(self) -> None:
        pass

    def test_on_batch(self, inputs: Any, targets: Any, return_dict: bool) -> dict[str, Any]:
        return {"loss": self.weights[0].value[0] * 1000, "steps": np.float32(np.nan)}


class SettableVariable:
    dtype = "float32"

    def __init__(self, value: Any) -> None:
        self.value, self.shape = value, value.shape

    def assign(self, value: Any) -> None:
        self.value = value

    def numpy(self) -> Any:
        return self.value


def test_how_far_rounding_moves_the_loss_and_the_model_is_as_it_was() -> None:
    model = Evaluated()
    found = observe.loss_noise(model, variable(2, 1), variable(2, 1), {"loss": 1000.0, "steps": 1.0})
    assert list(found) == ["loss"]  # what is not a number says nothing
    assert 1e-5 < found["loss"] < 1e-3
    assert model.weights[0].value[0] == 1.0


def test_an_accuracy_of_whole_numbers_that_takes_them_for_probabilities() -> None:
    def categorical_accuracy() -> None:
        pass

    def sparse_categorical_accuracy() -> None:
        pass

    wrong = SimpleNamespace(name="accuracy", _fn=categorical_accuracy)
    right = SimpleNamespace(name="acc", _fn=sparse_categorical_accuracy)
    model = SimpleNamespace(
        compiled_metrics=SimpleNamespace(metrics=[wrong, right, SimpleNamespace(name="loss")])
    )
    assert observe.unfit_metrics(model, np.zeros(4, int), variable(4, 3)) == ["accuracy"]
    assert observe.unfit_metrics(model, variable(4, 3), variable(4, 3)) == []
    assert observe.unfit_metrics(SimpleNamespace(), np.zeros(4, int), variable(4, 3)) == []


def test_the_settings_of_an_optimizer_are_those_that_are_on() -> None:
    config = {
        "name": "Adam",
        "clipnorm": np.float32(0.5),
        "clipvalue": None,
        "amsgrad": True,
        "use_ema": False,
    }
    adam = SimpleNamespace(
        get_config=lambda: config, variables=[], iterations=np.int64(3), learning_rate=np.float32(0.5)
    )
    scaled = SimpleNamespace(
        inner_optimizer=adam, variables=[], iterations=np.int64(3), learning_rate=np.float32(0.5)
    )
    for optimizer in (adam, scaled):
        found = observe.optimizer(SimpleNamespace(optimizer=optimizer))
        assert found is not None
        assert found["settings"] == {"clipnorm": 0.5, "amsgrad": 1.0}
    own = SimpleNamespace(variables=[], iterations=np.int64(3), learning_rate=np.float32(0.5))
    found = observe.optimizer(SimpleNamespace(optimizer=own))
    assert found is not None
    assert found["settings"] == {}


def test_the_rate_of_an_optimizer_that_decays_is_that_of_its_next_step() -> None:
    """``lr / (1 + decay * iterations)``, as optimizers of Keras before 2.11 have it."""
    decaying = SimpleNamespace(
        get_config=lambda: {"decay": 0.5}, variables=[], iterations=np.int64(2), learning_rate=np.float32(0.5)
    )
    found = observe.optimizer(SimpleNamespace(optimizer=decaying, trainable_variables=[]))
    assert found is not None
    assert found["learning_rate"] == 0.25
