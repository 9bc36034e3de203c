"""Cells that share a process for speed, and those that have one of their own to be certain.

A fresh process costs several times what a small cell itself does: its runtime starts, its pages are copied. So
cells that do the same thing to files of different origin share one, and so do the formats of one model. That a
file loads and agrees with its reference can be found out in company; that it does not is only said by a process of
its own, or where such a process has just said the very same of a file like it.
"""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, Iterable, Iterator, List, Sequence, Tuple, TypeVar

#: How many cells share a process. What it gains is gone after a dozen, and memory adds up.
MOST = 16
#: Checks that show a loaded model to be wrong.
WRONG = ("structure", "weights", "outputs", "loss", "reload")

#: What artifacts are called.
_DIGEST = re.compile(r"[0-9a-f]{64}")

Function = Callable[[str], Any]
Found = Dict[str, Any]
Item = TypeVar("Item")


def groups(items: Iterable[Item], key: Callable[[Item], Any], most: int = MOST) -> List[List[Item]]:
    """The items with an equal key together, in order of first appearance, at most ``most`` in a group."""
    found: dict[Any, list[Item]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return [same[place : place + most] for same in found.values() for place in range(0, len(same), most)]


def agrees(value: dict[str, Any]) -> bool:
    """Whether the record of a load says that the model is there and is not wrong."""
    checks = value.get("checks") or {}
    return value.get("error") is None and all(checks.get(name) != "differs" for name in WRONG)


def in_turn(
    functions: Sequence[Function],
    together: Callable[[Sequence[Function]], Iterator[Found]],
    alone: Callable[[Function], Found],
    well: Callable[[Dict[str, Any]], bool] = agrees,
) -> Iterator[Found]:
    """What became of each function. A child that dies takes nobody with it: the others get a new one.

    What is not ``well`` is tried once more in a process of its own, and that counts; once for each exception, word for
    word, that loading raises.
    """
    stream: Iterator[Found] | None = None
    confirmed: set[Tuple[str, str]] = set()
    for place, function in enumerate(functions):
        first = stream is None
        if stream is None:
            stream = together(functions[place:])
        found = next(stream)
        alive = found["status"] == "done"
        raised = _raised(found)
        if not first and not (alive and well(found["value"])) and raised not in confirmed:
            in_company, found = raised, alone(function)
            raised = _raised(found) if _raised(found) == in_company else None
        if raised is not None:
            confirmed.add(raised)
        if not alive:
            stream = None
        yield found


def _raised(found: Found) -> Tuple[str, str] | None:
    """The exception that ended a load before there was a model, without the file's own path; None where none did."""
    value = found.get("value") or {}
    error = value.get("error")
    if found["status"] != "done" or not isinstance(error, dict) or value.get("checks"):
        return None
    return error["type"], _DIGEST.sub("", error["message"])
