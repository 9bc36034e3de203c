"""What a class does not take is dropped: classes as Keras has them, without Keras."""

from types import SimpleNamespace
from typing import Any

import pytest

from runner.agent.fitting import accepted, class_of, fit, given


class Layer:
    def __init__(self, name: str = "", trainable: bool = True, dtype: str = "float32", **kwargs: Any) -> None:
        if kwargs:
            raise ValueError(f"Unrecognized keyword arguments passed to {type(self).__name__}: {kwargs}")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Layer":
        return cls(**config)


class Dense(Layer):
    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)


class Closed(Layer):
    """Takes a name and nothing else of what the base takes, as SpatialDropout1D does in Keras 3."""

    def __init__(self, rate: float, name: str = "") -> None:
        super().__init__(name=name)


class Reads(Layer):
    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Reads":
        config.pop("query_shape")
        return cls(**config)


class Optimizer(Layer):
    def __init__(self, rate: float = 0.1, **kwargs: Any) -> None:
        for key in kwargs:
            raise TypeError(
                f"Unexpected keyword argument passed to optimizer: {key}. Allowed kwargs are {{'rate'}}."
            )


STACK: Any = SimpleNamespace(
    keras=SimpleNamespace(
        layers=SimpleNamespace(Dense=Dense, Reads=Reads),
        optimizers=SimpleNamespace(Adam=Optimizer),
        utils=SimpleNamespace(get_registered_object=lambda name: None),
    )
)


def item(name: str, /, **config: Any) -> dict[str, Any]:
    return {"class_name": name, "config": config}


@pytest.mark.parametrize(
    ("before", "after", "edits"),
    [
        (item("Dense", units=2), {"units": 2}, []),
        (
            item("Dense", units=2, quantization_config=None),
            {"units": 2},
            ["dropped quantization_config = null of Dense"],
        ),
        (
            item("Dense", units=2, lora_rank=4),
            {"units": 2},
            ["changes meaning: dropped lora_rank = 4 of Dense"],
        ),
        (item("Dense", units=2, seed=5), {"units": 2}, ["dropped seed = 5 of Dense"]),
        (item("Reads", name="a"), {"name": "a", "query_shape": None}, ["set query_shape of Reads to null"]),
        (
            item("Custom>Adam", rate=0.5, use_ema=False, clip=None),
            {"rate": 0.5},
            ["dropped clip = null of Custom>Adam", "dropped use_ema = false of Custom>Adam"],
        ),
        (item("Unknown", anything=1), {"anything": 1}, []),
        (item("Dense", name="no units"), {"name": "no units"}, []),
    ],
)
def test_keys_that_a_class_does_not_take(before: Any, after: Any, edits: list[str]) -> None:
    said = fit(STACK, before, None, {"seed": "any"})
    assert before["config"] == after
    assert sorted(said) == sorted(edits)


def test_what_is_inside_is_fitted_too() -> None:
    config = {"layers": [item("Dense", units=1, other=None)], "name": "model"}
    assert fit(STACK, item("Sequential", **config), None, {}) == ["dropped other = null of Dense"]


def test_classes_are_found_here_or_among_the_users_own() -> None:
    assert class_of(STACK, item("Dense")) is Dense
    assert class_of(STACK, item("mine>Dense"), {"mine>Dense": Reads}) is Reads
    assert class_of(STACK, item("Nowhere")) is None
    assert accepted(Dense) is not None
    assert "units" in (accepted(Dense) or ())


def test_what_the_base_takes_is_dropped_where_the_class_does_not_hand_it_on() -> None:
    keras = SimpleNamespace(layers=SimpleNamespace(Closed=Closed), utils=SimpleNamespace())
    config = {
        "class_name": "Closed",
        "config": {"rate": 0.1, "name": "a", "trainable": True, "noise_shape": None},
    }
    said = fit(SimpleNamespace(keras=keras), config, None, {"trainable": [True]})  # type: ignore[arg-type]
    assert config["config"] == {"rate": 0.1, "name": "a"}
    assert not any("meaning" in sentence for sentence in said)


def test_a_key_is_not_dropped_where_code_is_refused_on_purpose() -> None:
    class Lambda(Layer):
        @classmethod
        def from_config(cls, config: dict[str, Any]) -> "Lambda":
            raise ValueError("The `function` of this layer is a Python lambda. Deserializing it is unsafe.")

    keras = SimpleNamespace(layers=SimpleNamespace(Lambda=Lambda), utils=SimpleNamespace())
    config = {"class_name": "Lambda", "config": {"function": {}, "name": "a"}}
    assert fit(SimpleNamespace(keras=keras), config, None, {}) == []  # type: ignore[arg-type]
    assert config["config"] == {"function": {}, "name": "a"}


def test_the_users_class_stands_in_for_one_that_keras_no_longer_has() -> None:
    own: dict[str, Any] = {
        "module": "keras.layers",
        "class_name": "Gone",
        "config": {},
        "registered_name": None,
    }
    other: dict[str, Any] = {
        "module": "keras.layers",
        "class_name": "Dense",
        "config": {},
        "registered_name": None,
    }
    config = {"class_name": "Functional", "config": {"layers": [own, other]}}
    assert given(config, {"Gone": object}) == ["Gone is the class that the code beside the model has"]
    assert (own["registered_name"], other["registered_name"]) == ("Gone", None)
    assert given(config, {"Gone": object}) == []
