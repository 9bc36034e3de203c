"""Names of layers that Keras 3 does not accept, in a configuration: given others, wherever the graph speaks of them."""

from __future__ import annotations

from typing import Any, Mapping

from .configuration import walk


def without(config: Any, rule: Mapping[str, Any]) -> list[str]:
    """Take slashes out of the names of layers and models (``conv1/relu`` in a DenseNet of Keras 2), in place.

    Nothing is found by these names later: weights are in the order of the layers. Done twice, it changes nothing more.
    """
    if not isinstance(config, dict) or not isinstance(config.get("config"), dict):
        return []
    taken = [name for item in walk(config) for name in _names(item)]
    others: dict[str, str] = {}
    for name in taken:
        if "/" in name and name not in others:
            other = name.replace("/", "_")
            while other in taken or other in others.values():
                other += "_"
            others[name] = other
    if not others:
        return []
    _rename(config, others)
    return ["layer {} is called {}".format(name, other) for name, other in others.items()]


def _names(item: Mapping[str, Any]) -> list[str]:
    """What a layer or a model is called, beside its configuration and in it."""
    inner = item.get("config")
    if not isinstance(item.get("class_name"), str) or not isinstance(inner, dict):
        return []
    return [name for name in (item.get("name"), inner.get("name")) if isinstance(name, str)]


def _rename(value: Any, others: Mapping[str, str]) -> None:
    """Wherever a name stands by itself: calls and ends of graphs are lists with it, at any depth."""
    left = [value]
    while left:
        place = left.pop()
        items = place.items() if isinstance(place, dict) else enumerate(place)
        for key, one in list(items):
            if isinstance(one, str) and one in others:
                place[key] = others[one]
            elif isinstance(one, (dict, list)):
                left.append(one)
