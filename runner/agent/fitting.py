"""What no rule knows of: objects of a configuration are tried in this Keras, and keys it does not take are dropped."""

from __future__ import annotations

import copy
import inspect
import re
from typing import Any, Mapping

from .configuration import walk
from .repair import drop, is_object, tally
from .stack import Stack

#: Where Keras keeps the classes that a file names.
_PLACES = (
    "layers",
    "initializers",
    "regularizers",
    "constraints",
    "optimizers",
    "optimizers.schedules",
    "losses",
    "metrics",
    "layers.experimental.preprocessing",
    "mixed_precision",
)
#: Taken by the base of all layers through its own ``**kwargs``.
_ALWAYS = ("name", "trainable", "dtype")
#: Models are put together from their layers; trying one would only try these again.
_MODELS = ("Functional", "Sequential", "Model")
#: What Keras says of code that it does not run unless it is told to.
_REFUSED = re.compile(r"disallowed by default|Deserializing it is unsafe|enable_unsafe_deserialization")
#: How often what an exception names is dropped before it is given up.
_ROUNDS = 20


def fit(
    stack: Stack, config: Any, custom_objects: Mapping[str, Any] | None, neutral: Mapping[str, Any]
) -> list[str]:
    """Drop, in place, keys that the classes of this Keras do not take; gives a sentence for each.

    ``neutral`` is key -> values that mean no more than the key's absence (or ``"any"``). A key with another value is
    dropped all the same, for there is no other way to load it, and the sentence says that it changes the meaning.
    """
    said: list[str] = []
    for item in reversed(list(walk(config))):  # what is inside comes first
        if not is_object(item) or item["class_name"] in _MODELS or "layers" in item["config"]:
            continue
        cls = class_of(stack, item, custom_objects)
        if cls is not None and hasattr(cls, "from_config"):
            said += _fit_one(cls, item, neutral)
    return tally(said)


def given(config: Any, custom_objects: Mapping[str, Any]) -> list[str]:
    """Have Keras 3 take the user's class where the file names one of Keras by that name; gives a sentence for each.

    It looks among custom objects by the name that a class is registered by, and Keras's own have none.
    """
    said: list[str] = []
    for item in walk(config):
        name = item.get("class_name")
        if (
            is_object(item)
            and name in custom_objects
            and item.get("module")
            and not item.get("registered_name")
        ):
            item["registered_name"] = name
            said.append("{} is the class that the code beside the model has".format(name))
    return tally(said)


def class_of(stack: Stack, item: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The class that an object names, in this Keras or among the custom objects; None where there is none."""
    names = [item.get("registered_name"), item["class_name"], item["class_name"].split(">")[-1]]
    for name in names:
        if isinstance(name, str):
            found = (custom_objects or {}).get(name) or _registered(stack, name)
            if inspect.isclass(found):
                return found
    name = names[-1]
    for place in _PLACES:
        found = stack.keras
        for part in place.split("."):
            found = getattr(found, part, None)
        found = getattr(found, str(name), None)
        if inspect.isclass(found):
            return found
    return None


def accepted(cls: Any) -> set[str] | None:
    """The names that a class takes; None where it takes any, as far as its signatures say."""
    names: set[str] = set()
    for base in cls.__mro__:
        if "__init__" not in vars(base):
            continue
        try:
            parameters = inspect.signature(base.__init__).parameters.values()
        except (TypeError, ValueError):
            return None
        names |= {item.name for item in parameters if item.kind is not inspect.Parameter.VAR_KEYWORD}
        if not any(item.kind is inspect.Parameter.VAR_KEYWORD for item in parameters):
            return names
        if base.__name__ in ("Layer", "Operation", "Optimizer", "OptimizerV2", "Loss", "Metric"):
            break
    return names | set(_ALWAYS)


def _fit_one(cls: Any, item: dict[str, Any], neutral: Mapping[str, Any]) -> list[str]:
    said: list[str] = []
    message = _trouble(cls, item["config"])
    for _ in range(_ROUNDS):
        if message is None:
            return said
        if _REFUSED.search(message):  # on purpose, and no key is to blame
            return said
        missed = re.match(r"KeyError: '(\w+)'$", message.strip())
        if missed and missed.group(1) not in item["config"]:  # it is read without asking whether it is there
            item["config"][missed.group(1)] = None
            said.append("set {} of {} to null".format(missed.group(1), item["class_name"]))
            message = _trouble(cls, item["config"])
            continue
        taken = accepted(cls)
        keys = set(item["config"]) - (set(_ALWAYS) if taken is None else taken & set(_ALWAYS))
        named = _named(keys, message)
        gone = named or sorted(keys - (taken or keys))
        if not gone:
            return said
        before, config = len(said), dict(item["config"])
        said += [drop(item, key, neutral.get(key, ())) for key in gone]
        after = _trouble(cls, item["config"])
        if after == message:  # that was not it
            item["config"] = config
            del said[before:]
            return said
        message = after
    return said


def _named(keys: set[str], message: str) -> list[str]:
    """The keys that a complaint is about: those in quotes, or else those it names at all."""
    message = message.split("Allowed kwargs")[0]  # what follows is not complained about
    for pattern in ("['\"`]{}['\"`]", r"\b{}\b"):
        found = sorted(key for key in keys if re.search(pattern.format(re.escape(key)), message))
        if found:
            return found
    return []


def _trouble(cls: Any, config: Mapping[str, Any]) -> str | None:
    """What ``from_config`` says against a configuration; None where it takes it."""
    try:
        cls.from_config(copy.deepcopy(dict(config)))
    except Exception as error:
        # Before these words Keras repeats the whole configuration.
        return "{}: {}".format(type(error).__name__, str(error).split("Exception encountered:")[-1])
    return None


def _registered(stack: Stack, name: str) -> Any:
    for place in (getattr(stack.keras, "saving", None), stack.keras.utils):
        get = getattr(place, "get_registered_object", None)
        if get is not None:
            return get(name)
    return None
