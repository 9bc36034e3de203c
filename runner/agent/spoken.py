"""What a model was compiled with, told as JSON, so that a person can be shown the lines that do the same.

A value is null; ``{"name": "mse"}`` for what is given by its name; ``{"class": "Adam", "of": "optimizers", "config":
{…}}`` for what Keras makes of a configuration, with ``inner`` where it wraps another; ``{"own": "steep"}`` for what is
of the model's own code; ``{"each": {…}}`` by output; a list of these; or ``{"value": 0.5}``, plain JSON.
"""

from __future__ import annotations

import inspect
from typing import Any, Mapping, Sequence

import numpy as np

from .stack import Stack

_PLACES = ("optimizers", "losses", "metrics")
#: What is told even where it is the default: a person asks for it.
_ALWAYS = ("learning_rate",)


class Untold(Exception):
    """Something that stands for no line of code."""


def arguments(
    stack: Stack,
    given: Mapping[str, Any],
    custom: Mapping[str, Any],
    made: Sequence[tuple[Any, Mapping[str, Any]]],
) -> dict[str, Any] | None:
    """The arguments of ``model.compile`` as JSON; None where one of them cannot be told.

    ``made`` says of which configuration the objects among them were made.
    """
    try:
        return {
            name: {"value": value} if name == "loss_weights" else _told(stack, value, custom, made)
            for name, value in given.items()
        }
    except Untold:
        return None


def _told(
    stack: Stack,
    value: Any,
    custom: Mapping[str, Any],
    made: Sequence[tuple[Any, Mapping[str, Any]]],
) -> Any:
    if value is None:
        return None
    if isinstance(value, str):
        return {"name": value}
    if isinstance(value, list):
        return [_told(stack, one, custom, made) for one in value]
    if isinstance(value, dict):
        return {"each": {str(key): _told(stack, one, custom, made) for key, one in value.items()}}
    for name, own in custom.items():
        if own is value:
            return {"own": name}
    config = next((noted for one, noted in made if one is value), None)
    name = type(value).__name__
    if config is None:
        raise Untold
    for place in _PLACES:
        if getattr(getattr(stack.keras, place, None), name, None) is type(value):
            kept = _without_defaults(type(value), config)
            inner = kept.pop("inner_optimizer", None)
            told = {"class": name, "of": place, "config": kept}
            return told if inner is None else {**told, "inner": _told(stack, inner, custom, made)}
    for known, own in custom.items():
        if own is type(value):
            return {"own": known, "config": dict(config)}
    raise Untold


def _without_defaults(cls: Any, config: Mapping[str, Any]) -> dict[str, Any]:
    """Without what the class takes anyway; a name differs from the default in its capitals only, between versions."""
    known = inspect.signature(cls.__init__).parameters
    kept = {}
    for key, said in config.items():
        value = _short(said) if isinstance(said, float) else said
        default = known[key].default if key in known else inspect.Parameter.empty
        same = type(default) is type(value) and default == value
        if (
            key == "name"
            and isinstance(value, str)
            and value.lower().replace("_", "") == cls.__name__.lower()
        ):
            same = True
        if key == "decay" and value == 0 and key not in known:  # optimizers until Keras 2.10
            same = True
        if key == "dtype" and value == "float32":
            same = True
        if not same or key in _ALWAYS:
            kept[key] = value
    return kept


def _short(value: float) -> float:
    """0.001 for 0.0010000000474974513: a number that is kept in float32, in the fewest digits that give it back."""
    return float(str(np.float32(value))) if float(np.float32(value)) == value else value
