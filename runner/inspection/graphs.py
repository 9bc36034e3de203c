"""Which calls a functional model's graph refers to, read from its configuration. Nothing is made of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from runner.agent.configuration import walk
from runner.agent.generations import calls, is_call


def refers_to_uncounted_call(model: Any) -> bool:
    """Whether a graph asks for a call of a layer that is not among the calls it lists.

    Keras 2 counts the call by which a nested model was built, and lists only those after it: the first call that is
    listed has number 1. Keras 3 counts what is listed, so it looks for one call more than there are.
    """
    return any(_uncounted(item) for item in walk(model))


def _uncounted(config: Mapping[str, Any]) -> bool:
    layers = config.get("layers")
    if not isinstance(layers, list) or "input_layers" not in config:
        return False
    listed = [layer for layer in layers if isinstance(layer, dict)]
    counted = {
        layer["name"]: max(1, len(calls(layer))) for layer in listed if isinstance(layer.get("name"), str)
    }
    return any(
        number >= counted.get(name, number + 1) for layer in listed for name, number in _taken(calls(layer))
    )


def _taken(nest: list[Any]) -> Iterator[tuple[str, int]]:
    """Layer and number of each call whose output is taken, as Keras 2 writes it: ``["base", 1, 0, {}]``."""
    pending = list(nest)
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            pending += item.values()
        elif is_call(item):
            yield item[0], item[1]
            pending += item[3:]
        elif isinstance(item, list):
            pending += item
