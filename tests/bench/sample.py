"""Which cells are timed, where all of them would take an hour."""

import hashlib
from collections.abc import Sequence

from runner.plan import CellKey


def name_of(key: CellKey) -> str:
    """A cell as ``crossload reproduce`` takes it."""
    return f"{key.producer}/{key.consumer}/{key.probe}/{key.format}"


def spread(cells: Sequence[CellKey], count: int) -> tuple[CellKey, ...]:
    """``count`` of the cells, or all where there are fewer; the same ones each time.

    Each consumer and each format in it has its share, so that a mean over the sample stands for a mean over all.
    """
    # By digest where nothing else decides: names in order, taken at even steps, would favour some probes.
    ordered = sorted(cells, key=lambda key: (key.consumer, key.format, _digest(key)))
    count = min(count, len(ordered))
    return tuple(ordered[index * len(ordered) // count] for index in range(count))


def _digest(key: CellKey) -> str:
    return hashlib.sha256(name_of(key).encode()).hexdigest()
