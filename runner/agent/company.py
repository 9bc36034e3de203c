"""Cells that share a process for speed, and those that have one of their own to be certain.

A fresh process costs several times what a small cell itself does: its runtime starts, its pages are copied. So
cells that do the same thing to files of different origin share one, and so do the formats of one model. That a
file loads and agrees with its reference can be found out in company; that it does not is only said by a process of
its own.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, Iterator, List, Sequence, TypeVar

#: How many cells share a process. What it gains is gone after a dozen, and memory adds up.
MOST = 16
#: Checks that show a loaded model to be wrong.
WRONG = ("structure", "weights", "outputs", "loss", "reload")

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

    What is not ``well`` is tried once more in a process of its own, and that counts.
    """
    stream: Iterator[Found] | None = None
    for place, function in enumerate(functions):
        first = stream is None
        if stream is None:
            stream = together(functions[place:])
        found = next(stream)
        alive = found["status"] == "done"
        if not first and not (alive and well(found["value"])):
            found = alone(function)
        if not alive:
            stream = None
        yield found
