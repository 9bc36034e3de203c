"""Changes that are one: cells that changed in the same way, counted together.

One new release can change hundreds of cells; what it did to them is often a single sentence.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from runner.transitions import Kind, Transition

#: Ways to change that are told before the cells themselves are listed.
LIMIT = 12


@dataclass(frozen=True, kw_only=True)
class Together:
    """Several cells with one kind of change and one sentence."""

    kind: Kind
    sentence: str
    cells: int


def together(transitions: Iterable[Transition]) -> tuple[Together, ...]:
    """What happened to more than one cell: what matters most first, then what happened to most."""
    counted = Counter((one.kind, one.sentence) for one in transitions)
    found = [
        Together(kind=kind, sentence=sentence, cells=cells)
        for (kind, sentence), cells in counted.items()
        if cells > 1
    ]
    order = list(Kind)
    return tuple(sorted(found, key=lambda one: (order.index(one.kind), -one.cells))[:LIMIT])
