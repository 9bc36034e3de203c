"""The configuration of a model's layers as plain values that can be held against each other across versions.

``get_config`` of the same layer differs between versions in ways that mean nothing: keys that are new, module
paths, a policy as an object or as its name, tuples and lists. What is left after those are taken out is what a
person would call a changed setting.
"""

from __future__ import annotations

from typing import Any, Iterator, Mapping, Sequence

#: Layers that are looked at, nested ones included.
_MOST_LAYERS = 400
#: Characters of one value.
_LONGEST = 500
#: Values that a version may leave out because they are what it does anyway.
_NEUTRAL: tuple[Any, ...] = (None, False, [], {}, "", "linear", 0)
#: Where a class came from and how an object was shared: it says nothing of what the layer does.
_ORIGIN = {"module", "registered_name", "build_config", "shared_object_id"}
#: Keys that name the same thing in Keras 2 and 3.
_ALIASES = {"batch_input_shape": "batch_shape", "implementation": "", "layers": "", "layer": ""}
#: What one generation alone writes down, and works out for itself when it loads: shapes that a layer was built with
#: (Keras 2's MultiHeadAttention, Keras 3's Sequential), and a backward layer that was made from the forward one
#: (Keras 2 writes only one that was given). Source: ``get_config`` of these classes in Keras 2.15 and 3.15.
_OF_ONE_GENERATION: Mapping[str, Sequence[str]] = {
    "MultiHeadAttention": ("query_shape", "key_shape", "value_shape"),
    "Bidirectional": ("backward_layer",),
    "Sequential": ("build_input_shape",),
}


def settings(model: Any) -> list[list[Any]]:
    """``[class, name, {key: plain value}]`` for every layer, nested models and wrapped layers walked into."""
    found: list[list[Any]] = []
    for layer in _walk(model):
        if len(found) == _MOST_LAYERS:
            break
        try:
            config = dict(layer.get_config())
        except Exception as error:
            config = {"get_config": "raises {}".format(type(error).__name__)}
        keys = {_ALIASES.get(key, key): value for key, value in config.items()}
        below = (
            bool(getattr(layer, "layers", None)) and "input_layers" in config
        )  # its layers come by themselves
        plain = {} if below else {key: _plain(value) for key, value in keys.items() if key}
        for key in [key for key in plain if key.endswith("_initializer")]:
            plain[key] = _without_dtype(plain[key])
        found.append([type(layer).__name__, str(layer.name), plain])
    return found


def compare(reference: Sequence[Sequence[Any]], found: Sequence[Sequence[Any]]) -> tuple[str, str]:
    """Layer by layer: values that changed, keys that went with a meaning, keys that are new."""
    if len(reference) != len(found):
        return "differs", "{} layers have a configuration where {} had".format(len(found), len(reference))
    changed: list[str] = []
    new: list[str] = []
    for (kind, name, before), (_, _, now) in zip(reference, found):
        for key in sorted(set(before) | set(now)):
            if key == "name" or (key == "batch_shape" and kind != "InputLayer"):
                continue  # Keras 3 keeps the shape with the input alone
            if key in _OF_ONE_GENERATION.get(kind, ()) and not (key in before and key in now):
                continue
            if key not in before:
                new.append("{}.{}".format(kind, key))
            elif key not in now:
                if before[key] not in _NEUTRAL:
                    changed.append(
                        "{} ({}) has no {} where {} was".format(name, kind, key, _short(before[key]))
                    )
            elif not _same(before[key], now[key]) and not (
                key == "axis" and _one_axis(before[key], now[key])
            ):
                words = (name, kind, key, _short(now[key]), _short(before[key]))
                changed.append("{} ({}) has {} {} where {} was".format(*words))
    if changed:
        more = len(changed) - 3
        return "differs", "; ".join(changed[:3]) + ("; and {} more".format(more) if more > 0 else "")
    if new:
        return "same", "new here: {}".format(", ".join(sorted(set(new))[:8]))
    return "same", ""


def _walk(model: Any) -> Iterator[Any]:
    for layer in getattr(model, "layers", None) or []:
        yield layer
        for inner in _walk(layer):
            yield inner


def _plain(value: Any) -> Any:
    """What a setting is, without where its class came from."""
    if isinstance(value, Mapping):
        if "class_name" in value and isinstance(value.get("config"), Mapping):
            kind = str(value["class_name"]).split(">")[-1].split(".")[-1]
            config = _plain(value["config"])
            if kind.endswith("Policy") and "name" in config:
                return config["name"]
            return {"class_name": kind, "config": {k: v for k, v in config.items() if k != "name"}}
        return {str(key): _plain(item) for key, item in value.items() if key not in _ORIGIN}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, bool) or value is None or isinstance(value, (int, float)):
        return value
    if hasattr(value, "item") and getattr(value, "size", 2) == 1:
        return value.item()
    if hasattr(value, "tolist"):
        return str(value.tolist())[:_LONGEST]
    if isinstance(value, (str, bytes)):
        return value[:_LONGEST] if isinstance(value, str) else str(value[:_LONGEST])
    name = getattr(value, "__name__", "") or getattr(value, "name", "")
    return name if isinstance(name, str) and name else type(value).__name__


def _without_dtype(initializer: Any) -> Any:
    """TensorFlow 1 writes the dtype of every initializer down; the layer has it, too."""
    if isinstance(initializer, dict) and isinstance(initializer.get("config"), dict):
        kept = {key: value for key, value in initializer["config"].items() if key != "dtype"}
        return {**initializer, "config": kept}
    return initializer


def _one_axis(one: Any, two: Any) -> bool:
    """Whether one counts from the front and the other from the end; which axis that is, the outputs tell."""
    first = one[0] if isinstance(one, list) and len(one) == 1 else one
    second = two[0] if isinstance(two, list) and len(two) == 1 else two
    return (isinstance(first, int) and isinstance(second, int)) and bool((first < 0) != (second < 0))


def _same(one: Any, two: Any) -> bool:
    """Equal, or two spellings of the same: a single axis in a list, a float that went through float32."""
    if isinstance(one, list) and len(one) == 1 and not isinstance(two, list):
        return _same(one[0], two)
    if isinstance(two, list) and len(two) == 1 and not isinstance(one, list):
        return _same(one, two[0])
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(_same(a, b) for a, b in zip(one, two))
    if isinstance(one, dict) and isinstance(two, dict):
        shared = set(one) & set(two)
        rest = [one[key] for key in set(one) - shared]  # what this version adds are its defaults
        return all(_same(one[key], two[key]) for key in shared) and all(item in _NEUTRAL for item in rest)
    if isinstance(one, dict) and isinstance(two, str):
        return one.get("class_name") == two or _snake(str(one.get("class_name"))) == two
    if isinstance(two, dict) and isinstance(one, str):
        return _same(two, one)
    numbers = isinstance(one, (int, float)) and isinstance(two, (int, float))
    if numbers and not isinstance(one, bool) and not isinstance(two, bool):
        return bool(abs(one - two) <= 1e-6 * max(abs(one), abs(two)))
    return bool(one == two)


def _snake(name: str) -> str:
    """``GlorotUniform`` -> ``glorot_uniform``, as configurations abbreviate it."""
    return "".join("_" + c.lower() if c.isupper() and i else c.lower() for i, c in enumerate(name))


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "…"
