"""What a model was compiled with, as JSON."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from runner.agent.spoken import arguments


class Adam:
    def __init__(self, learning_rate: float = 0.001, beta_1: float = 0.9, name: str = "adam") -> None: ...


class Own:
    def __init__(self, power: int = 2) -> None: ...


STACK: Any = SimpleNamespace(keras=SimpleNamespace(optimizers=SimpleNamespace(Adam=Adam)))


def steep() -> None:
    """A loss of the user's."""


def test_only_what_differs_from_the_defaults_and_the_learning_rate_are_told() -> None:
    adam = Adam()
    config = {
        "learning_rate": float(np.float32(0.001)),
        "beta_1": float(np.float32(0.9)),
        "name": "Adam",
        "decay": 0.0,
    }
    assert arguments(STACK, {"optimizer": adam}, {}, [(adam, config)]) == {
        "optimizer": {"class": "Adam", "of": "optimizers", "config": {"learning_rate": 0.001}}
    }
    other = {"learning_rate": 0.1234567891234, "beta_1": 0.8, "name": "mine", "decay": 0.5}
    told = arguments(STACK, {"optimizer": adam}, {}, [(adam, other)])
    assert told is not None
    assert told["optimizer"]["config"] == other


def test_names_own_code_and_one_for_each_output() -> None:
    own = Own()
    told = arguments(
        STACK,
        {"loss": {"a": "mse", "b": steep}, "metrics": [["mae"], None, own], "loss_weights": [0.5, 1]},
        {"steep": steep, "Mine": Own},
        [(own, {"power": 3})],
    )
    assert told == {
        "loss": {"each": {"a": {"name": "mse"}, "b": {"own": "steep"}}},
        "metrics": [[{"name": "mae"}], None, {"own": "Mine", "config": {"power": 3}}],
        "loss_weights": {"value": [0.5, 1]},
    }


def test_what_has_no_name_is_not_told() -> None:
    assert arguments(STACK, {"loss": object()}, {}, []) is None
    assert arguments(STACK, {"loss": Own()}, {}, []) is None
