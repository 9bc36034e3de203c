"""Values of a stranger's file as Python, and the call of ``compile`` that an agent told of.

Both come from files that may mean harm: only plain names become names in the code, all else stands in it as a literal.
"""

import json
import keyword
import math
from collections.abc import Mapping
from typing import Any

_PLACES = ("optimizers", "losses", "metrics")
_ARGUMENTS = ("optimizer", "loss", "metrics", "weighted_metrics", "loss_weights")
_SCHEDULES = "keras.optimizers.schedules"
#: Characters of a line that is not broken.
_WIDTH = 100


class NoLiteral(ValueError):
    """Nothing that a literal, or a call that was looked for, can say."""


def literal(value: Any) -> str:
    """JSON as Python. No brace of a text stays one: what fills ``{path}`` later shall not find it there.

    Raises NoLiteral for what is no JSON.
    """
    if value is None or isinstance(value, bool | int):
        return repr(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else f'float("{value}")'
    if isinstance(value, str):
        plain = value.isascii() and value.isprintable() and not set(value) & set("\"'\\")
        return (f'"{value}"' if plain else ascii(value)).replace("{", "\\x7b")
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(str(key))}: {literal(one)}" for key, one in value.items()) + "}"
    raise NoLiteral(f"{type(value).__name__} is no JSON")


def compile_call(compiled: Mapping[str, Any] | None) -> str:
    """``model.compile(…)`` of what the agent compiled with (runner/agent/spoken.py); empty where that is not told."""
    if not compiled:
        return ""
    try:
        given = [f"{name}={_said(compiled[name])}" for name in _ARGUMENTS if compiled.get(name) is not None]
    except (NoLiteral, KeyError, RecursionError):
        return ""
    short = f"model.compile({', '.join(given)})"
    return short if len(short) <= _WIDTH else "model.compile(\n    " + ",\n    ".join(given) + ",\n)"


def _said(told: Any) -> str:
    if told is None:
        return "None"
    if isinstance(told, list | tuple):
        return f"[{', '.join(map(_said, told))}]"
    if not isinstance(told, Mapping):
        raise NoLiteral("nothing that an agent says")
    if "each" in told:
        each = told["each"]
        return "{" + ", ".join(f"{literal(str(key))}: {_said(one)}" for key, one in each.items()) + "}"
    if "name" in told or "value" in told:
        return literal(told["name"] if "name" in told else told["value"])
    if "own" in told:
        name = f"my_model.{_identifier(told['own'])}"
        return _call(name, told["config"]) if "config" in told else name
    if told["of"] not in _PLACES:
        raise NoLiteral("no place of Keras")
    name = _identifier(told["class"])
    if not name[0].isupper():
        raise NoLiteral("no class")
    inner = _said(told["inner"]) if "inner" in told else ""
    return _call(f"keras.{told['of']}.{name}", told["config"], inner)


def _call(name: str, config: Any, first: str = "") -> str:
    """By keyword where each value is a plain one, else of the configuration as a whole, as Keras does it."""
    if not isinstance(config, Mapping):
        raise NoLiteral("no configuration")
    if (
        all(_plain(key) for key in config) and "lr" not in config
    ):  # which a configuration of Keras 2 alone may have
        try:
            given = [f"{key}={_argument(one)}" for key, one in config.items()]
            return f"{name}({', '.join([first, *given] if first else given)})"
        except NoLiteral:
            pass
    if first:
        raise NoLiteral("made of another one")
    return f"{name}.from_config({literal(config)})"


def _argument(value: Any) -> str:
    """A plain value, or a schedule, which is made in the same way."""
    if isinstance(value, Mapping) and value.get("module") == _SCHEDULES:
        return _call(f"{_SCHEDULES}.{_identifier(value['class_name'])}", value.get("config"))
    if isinstance(value, Mapping | list | tuple):
        raise NoLiteral("made of its configuration")
    return literal(value)


def _identifier(name: Any) -> str:
    if not _plain(name):
        raise NoLiteral("no name")
    return str(name)


def _plain(name: Any) -> bool:
    return isinstance(name, str) and name.isascii() and name.isidentifier() and not keyword.iskeyword(name)


def parsed(text: str) -> str:
    """A value that an edit tells, as Python; raises NoLiteral for one that was cut short."""
    try:
        return literal(json.loads(text))
    except (ValueError, RecursionError):
        raise NoLiteral("cut short") from None
