"""The search for the first that is bad in a row that begins good and ends bad, by halving. Pure: others look.

search = halving(5, {})
position = next(search)          # look there
position = search.send(True)     # it was good; None where it could not be known
…                                # StopIteration carries what was found
"""

import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Found:
    """Two neighbours: the last good and the first bad of the row, as far as was looked."""

    good: int
    bad: int
    #: What lies between them because it could not be known; empty where they are next to each other.
    between: tuple[int, ...]
    #: What is good again after the first bad: the row is not one change from good to bad.
    again: tuple[int, ...]


def halving(
    count: int, known: Mapping[int, bool | None], likely: Sequence[int] = ()
) -> Generator[int, bool | None, Found]:
    """Positions to look at, those nearest to the middle of what is open first; ends with what was found.

    The first position of the row is good and the last is bad. ``known`` is what is known of others beforehand: True
    for good, False for bad, None where it cannot be known. ``likely`` are looked at before any other, as long as they
    can still tell: the two sides of a likely change. Of a row that changes more than once, a first change as far
    as it was seen is found.
    """
    seen = {**known, 0: True, count - 1: False}
    while True:
        bad = min(position for position, good in seen.items() if good is False)
        good = max(position for position, good in seen.items() if good and position < bad)
        open_ = [position for position in range(good + 1, bad) if position not in seen]
        if not open_:
            return Found(
                good=good,
                bad=bad,
                between=tuple(range(good + 1, bad)),
                again=tuple(sorted(position for position, good in seen.items() if good and position > bad)),
            )
        middle = (good + bad) / 2
        guess = next((place for place in likely if place in open_), None)
        position = min(open_, key=lambda place: (abs(place - middle), place)) if guess is None else guess
        seen[position] = yield position


def looks(count: int) -> int:
    """How many looks a row of this length takes, where every one of them tells."""
    return math.ceil(math.log2(count - 1)) if count > 2 else 0
