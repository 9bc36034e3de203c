"""Rewrites a configuration by rules, so that another version of Keras understands it. Pure, and total on any JSON.

A rule is plain JSON: ``do`` names what is done, ``classes`` (globs, all where there are none) to which objects. An
object is a dictionary with ``class_name`` and ``config``. Rules are data: see ``runner/remedies/repairs.yaml``.
"""

from __future__ import annotations

import copy
import fnmatch
import json
from collections import Counter
from typing import Any, Callable, Dict, Mapping, Sequence

from . import generations, slashes
from .configuration import walk

#: Values that say nothing, whatever the key.
NEUTRAL: tuple[Any, ...] = (None, False, [], {})
#: Sentences that are kept; equal ones are counted and kept once.
_MOST = 60
#: What stands before an edit that may change what the model computes.
MEANING = "changes meaning: "

#: Does one rule to one object and gives a sentence for what it changed, or nothing.
_Step = Callable[[Dict[str, Any], Mapping[str, Any]], str]


def repair(config: Any, rules: Sequence[Mapping[str, Any]]) -> tuple[Any, list[str]]:
    """A changed copy of ``config``, and a sentence for each kind of change. Done twice, it changes nothing more."""
    config = copy.deepcopy(config)
    said: list[str] = []
    for rule in rules:
        name = rule.get("do")
        if name in _WHOLE:
            said += _WHOLE[str(name)](config, rule)
            continue
        step = _STEPS.get(str(name))
        if step is None:
            continue
        for item in list(walk(config)):
            if is_object(item) and matches(item["class_name"], rule.get("classes")):
                sentence = step(item, rule)
                if sentence:
                    said.append(sentence)
    return config, tally(said)


def tally(said: Sequence[str]) -> list[str]:
    """Each sentence once, with how often it was said."""
    counted = Counter(said)
    kept = [
        sentence if times == 1 else "{} ({} times)".format(sentence, times)
        for sentence, times in counted.items()
    ]
    rest = len(kept) - _MOST
    return kept if rest <= 0 else kept[:_MOST] + ["and {} other kinds of edits".format(rest)]


def is_object(item: Any) -> bool:
    """Whether it is a serialised object of Keras."""
    return (
        isinstance(item, dict)
        and isinstance(item.get("class_name"), str)
        and isinstance(item.get("config"), dict)
    )


def matches(name: str, globs: Any) -> bool:
    """Whether a class name, with or without its package, is meant."""
    if not isinstance(globs, (list, tuple)) or not globs:
        return True
    return any(
        fnmatch.fnmatchcase(short, str(glob)) for glob in globs for short in (name, name.split(">")[-1])
    )


def shown(value: Any) -> str:
    """A value as it is told: short, and on one line."""
    text = json.dumps(value, default=str)
    return text if len(text) <= 80 else text[:77] + "..."


def neutral(value: Any, more: Any = ()) -> bool:
    """Whether a value says no more than its absence."""
    said = list(NEUTRAL) + (list(more) if isinstance(more, (list, tuple)) else [])
    return any(type(value) is type(one) and value == one for one in said)


def drop(item: dict[str, Any], key: str, why_neutral: Any = ()) -> str:
    """Take a key out of an object's configuration, and say so."""
    value = item["config"].pop(key)
    known = why_neutral == "any" or neutral(value, why_neutral)
    sentence = "dropped {} = {} of {}".format(key, shown(value), item["class_name"])
    return sentence if known else MEANING + sentence


def _drop(item: dict[str, Any], rule: Mapping[str, Any]) -> str:
    key = str(rule.get("key", ""))
    return drop(item, key, rule.get("neutral", ())) if key in item["config"] else ""


def _rename_key(item: dict[str, Any], rule: Mapping[str, Any]) -> str:
    config, key, to = item["config"], str(rule.get("key", "")), str(rule.get("to", ""))
    if key not in config or key == to or to in config:
        return ""
    config[to] = config.pop(key)
    return "renamed {} to {} in {}".format(key, to, item["class_name"])


def _set(item: dict[str, Any], rule: Mapping[str, Any]) -> str:
    config, key, value = item["config"], str(rule.get("key", "")), rule.get("value")
    if key in config:
        return ""
    config[key] = copy.deepcopy(value)
    return "set {} of {} to {}".format(key, item["class_name"], shown(value))


def _replace(item: dict[str, Any], rule: Mapping[str, Any]) -> str:
    """A value by another one, wherever the rule's key holds it."""
    config, key, old, new = item["config"], str(rule.get("key", "")), rule.get("from"), rule.get("to")
    if key not in config or type(config[key]) is not type(old) or config[key] != old or old == new:
        return ""
    config[key] = copy.deepcopy(new)
    return "{} of {} is {} instead of {}".format(key, item["class_name"], shown(new), shown(old))


def _unwrap(item: dict[str, Any], rule: Mapping[str, Any]) -> str:
    """A list of one number as that number."""
    config, key = item["config"], str(rule.get("key", ""))
    value = config.get(key)
    if not isinstance(value, list) or len(value) != 1 or not isinstance(value[0], (int, float)):
        return ""
    config[key] = value[0]
    return "{} of {} is {} instead of {}".format(key, item["class_name"], shown(value[0]), shown(value))


def _wrap(item: dict[str, Any], rule: Mapping[str, Any]) -> str:
    config, key = item["config"], str(rule.get("key", ""))
    value = config.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        return ""
    config[key] = [value]
    return "{} of {} is {} instead of {}".format(key, item["class_name"], [value], shown(value))


def _rename_class(item: dict[str, Any], rule: Mapping[str, Any]) -> str:
    name, to = item["class_name"], str(rule.get("to", ""))
    if name == to or not to:
        return ""
    item["class_name"] = to
    if item.get("registered_name") == name:
        item["registered_name"] = to
    return "class {} instead of {}".format(to, name)


def _strip_package(item: dict[str, Any], rule: Mapping[str, Any]) -> str:
    """``Custom>Adam`` -> ``Adam``, for the packages that the rule names."""
    name = item["class_name"]
    package, _, rest = name.partition(">")
    if not rest or package not in (rule.get("packages") or ()):
        return ""
    item["class_name"] = rest
    return "class {} instead of {}".format(rest, name)


def _add_package(item: dict[str, Any], rule: Mapping[str, Any]) -> str:
    """``Adam`` -> ``Custom>Adam``."""
    name, package = item["class_name"], rule.get("package")
    if ">" in name or not package:
        return ""
    item["class_name"] = "{}>{}".format(package, name)
    return "class {} instead of {}".format(item["class_name"], name)


def _move_module(item: dict[str, Any], rule: Mapping[str, Any]) -> str:
    module, to = item.get("module"), str(rule.get("to", ""))
    if not isinstance(module, str) or module == to or not matches(module, [rule.get("module", "")]):
        return ""
    item["module"] = to
    return "{} is looked for in {} instead of {}".format(item["class_name"], to, module)


def _name_module(item: dict[str, Any], rule: Mapping[str, Any]) -> str:
    """A class of Keras by its place; with a key only where an older reader would spoil what stands under it.

    That is a list or a word; with ``numbers`` it is a number.
    """
    value = item["config"].get(str(rule.get("key", "")))
    number = isinstance(value, int) and not isinstance(value, bool) and value != -1
    listed = isinstance(value, str) or (isinstance(value, list) and len(value) > 1)
    spoilt = "key" not in rule or (number if rule.get("numbers") else listed)
    if not spoilt or item.get("module") or ">" in item["class_name"]:
        return ""
    item.update(module=str(rule.get("module", "")), registered_name=None)
    return "{} is named as one of {}".format(item["class_name"], item["module"])


def _policy_to_name(item: dict[str, Any], rule: Mapping[str, Any]) -> str:
    """A dtype policy that is an object, as its name."""
    value = item["config"].get("dtype")
    if not is_object(value) or not matches(value["class_name"], ["*Policy*"]):
        return ""
    name = value["config"].get("name")
    if not isinstance(name, str):
        return ""
    item["config"]["dtype"] = name
    return "dtype policy {} is given by its name".format(name)


def _name_to_policy(item: dict[str, Any], rule: Mapping[str, Any]) -> str:
    """A dtype policy that is a name, as an object."""
    value = item["config"].get("dtype")
    if not isinstance(value, str) or item["class_name"] == "InputLayer":
        return ""
    policy: dict[str, Any] = {
        "class_name": str(rule.get("class") or "DTypePolicy"),
        "config": {"name": value},
    }
    item["config"]["dtype"] = policy
    return "dtype policy {} is given as an object".format(value)


_STEPS: Mapping[str, _Step] = {
    "add_package": _add_package,
    "drop": _drop,
    "rename_key": _rename_key,
    "set": _set,
    "replace": _replace,
    "unwrap": _unwrap,
    "wrap": _wrap,
    "rename_class": _rename_class,
    "strip_package": _strip_package,
    "move_module": _move_module,
    "name_module": _name_module,
    "policy_to_name": _policy_to_name,
    "name_to_policy": _name_to_policy,
}
_WHOLE: Mapping[str, Callable[[Any, Mapping[str, Any]], list[str]]] = {
    "to_keras_2": generations.to_keras_2,
    "to_keras_3": generations.to_keras_3,
    "without_slashes": slashes.without,
}
