"""Through which environments and formats a model may be carried, the likeliest first. Pure.

Keras reads what the versions next to it wrote best, so the way leads over neighbours: the last Keras 2 and the first
Keras 3 where generations change, and what lies between where they do not.
"""

from collections.abc import Mapping

from runner.agent.capabilities import can_save, numbers
from runner.symptoms import Stack
from runner.upgrade.migrate_search import Route

#: Environments between home and target that are tried.
MOST = 5
#: The first Keras whose ``model.save("m.keras")`` writes an archive. Source: its release notes; 2.12 writes a
#: SavedModel folder of that name.
_ARCHIVES = (2, 13)
#: The first TensorFlow whose Keras is Keras 3. Source: its release notes.
_KERAS_3 = (2, 16)


def route(
    home: str, target: str, stacks: Mapping[str, Stack], *, asked: str = "", came_as: str = "", hops: int = 3
) -> Route:
    """The route from home to target over some of ``stacks``, in which both are.

    ``asked`` is the format that the user wants, ``came_as`` the one that the file has. Where the target has not what
    was asked for, there is nowhere to land.
    """
    between = {name: _onward(stacks[name]) for name in _between(home, target, stacks)}
    # Home has saved it as it came already.
    between[home] = tuple(name for name in between.get(home, ()) if name != came_as)
    return Route(
        target=target,
        land=_landing(stacks[target], came_as, asked),
        between={name: formats for name, formats in between.items() if formats},
        hops=hops,
    )


def archives(stack: Stack) -> bool:
    """Whether saving as ``.keras`` writes an archive there."""
    return numbers(stack.keras) >= _ARCHIVES or not stack.keras


def _landing(stack: Stack, came_as: str, asked: str) -> tuple[str, ...]:
    """What the target itself would save, then what it can save besides; what was asked for is the only one."""
    first = "keras" if _generation(stack) == 3 or came_as == "keras" else "h5"
    names = [came_as] if came_as == "savedmodel" else []
    names += [first, "weights", "h5"] if came_as in ("weights", "checkpoint") else [first, "h5"]
    names = [asked] if asked else list(dict.fromkeys(names))
    return tuple(
        name
        for name in names
        if can_save(name, stack.backend, stack.keras) and (name != "keras" or archives(stack))
    )


def _onward(stack: Stack) -> tuple[str, ...]:
    """Formats to go on in: HDF5 has changed least in Keras 2, the archive in Keras 3."""
    if _generation(stack) == 3:
        return ("keras", "h5")
    return ("h5", "keras") if archives(stack) else ("h5",)


def _between(home: str, target: str, stacks: Mapping[str, Stack]) -> list[str]:
    one, other = stacks[home], stacks[target]
    others = {name: stack for name, stack in stacks.items() if name not in (home, target)}
    usable = {name: stack for name, stack in others.items() if stack.device == "cpu" and numbers(stack.keras)}
    low, high = sorted((numbers(one.keras), numbers(other.keras)))
    inside = [name for name in usable if low < numbers(usable[name].keras) < high]
    ordered = sorted(inside, key=lambda name: (_apart(usable[name], other), name))
    ends: list[str] = []
    if _generation(one) != _generation(other):
        twos = [_last_2(usable), _last_2(usable, beside=True)]
        threes = [_first_3(usable)]
        ends = [name for name in (twos + threes if _generation(one) == 2 else threes + twos) if name]
    return [name for name in dict.fromkeys([home, *ends, *ordered]) if name != target][:MOST]


def _last_2(stacks: Mapping[str, Stack], *, beside: bool = False) -> str:
    """The newest Keras 2: in a TensorFlow that has no other, or as tf-keras ``beside`` a Keras 3."""
    found = [
        name
        for name, stack in stacks.items()
        if _generation(stack) == 2 and (numbers(stack.tensorflow) >= _KERAS_3) == beside
    ]
    return max(found, key=lambda name: (numbers(stacks[name].keras), name), default="")


def _first_3(stacks: Mapping[str, Stack]) -> str:
    found = [name for name, stack in stacks.items() if _generation(stack) == 3]
    return min(found, key=lambda name: (numbers(stacks[name].keras), name), default="")


def _generation(stack: Stack) -> int:
    return 3 if not stack.keras or numbers(stack.keras)[:1] >= (3,) else 2


def _apart(one: Stack, other: Stack) -> tuple[int, int, int]:
    here, there = ((*numbers(stack.keras), 0, 0, 0)[:3] for stack in (one, other))
    return abs(here[0] - there[0]), abs(here[1] - there[1]), abs(here[2] - there[2])
