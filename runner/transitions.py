"""What changed between two runs, cell by cell. Pure: two times what was seen in, transitions out.

A cell is known by its names, so order, position and number of cells mean nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from runner.results import CellResult, Results, Verdict

#: Verdicts that say nothing about a model: something around it failed.
INFRASTRUCTURE = frozenset({Verdict.UNAVAILABLE, Verdict.NOT_RUN})
#: Verdicts with which the model is there and predicts the same.
PASSES = frozenset({Verdict.IDENTICAL, Verdict.DEGRADED})
#: Verdicts that are a failure of saving or loading; what is known beforehand, or was lost, is none.
FAILURES = frozenset(
    {
        Verdict.DIVERGENT,
        Verdict.LOAD_FAILED,
        Verdict.CRASHED,
        Verdict.TIMED_OUT,
        Verdict.SAVE_FAILED,
    }
)
#: Place of a verdict in the order from good to bad.
RANK: Mapping[Verdict, int] = {verdict: rank for rank, verdict in enumerate(Verdict)}


class Kind(StrEnum):
    """What became of a cell from one run to the next, declared from what matters most."""

    WORSE = "worse"
    REMOVED = "removed"
    LOST = "lost"
    CHANGED = "changed"
    BETTER = "better"
    FOUND = "found"
    ADDED = "added"
    UNCHANGED = "unchanged"

    @property
    def meaning(self) -> str:
        """The sentence of the legend."""
        return _MEANINGS[self]


_MEANINGS: Mapping[Kind, str] = {
    Kind.WORSE: "The verdict is worse than it was.",
    Kind.REMOVED: "It was there and is missing now; that counts as worse.",
    Kind.LOST: "Infrastructure cost it this time: nothing is known of the model, and it does not count as worse.",
    Kind.CHANGED: "The verdict is the same, but not its cause, what was lost, or what a check says.",
    Kind.BETTER: "The verdict is better than it was.",
    Kind.FOUND: "Infrastructure had cost it before; there is a verdict again.",
    Kind.ADDED: "It was not there before.",
    Kind.UNCHANGED: "As it was.",
}


class CellName(NamedTuple):
    """The names that a cell is known by, in every run."""

    producer: str
    consumer: str
    probe: str
    format: str

    def __str__(self) -> str:
        return "/".join(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What a run saw in a cell, as far as two runs are compared by it."""

    verdict: Verdict
    cause: str = ""
    #: Sorted, so that order means nothing.
    lost: tuple[str, ...] = ()
    #: Check and value, sorted by check.
    checks: tuple[tuple[str, str], ...] = ()

    @property
    def infrastructure(self) -> bool:
        """Whether it says nothing about the model."""
        return self.verdict in INFRASTRUCTURE


@dataclass(frozen=True, kw_only=True, slots=True)
class Transition:
    """What became of one cell. ``before`` is None where it is new, ``after`` where it is missing."""

    cell: CellName
    kind: Kind
    before: Seen | None = None
    after: Seen | None = None

    @property
    def worse(self) -> bool:
        """Whether it counts as worse: a worse verdict, or missing now."""
        return self.kind in (Kind.WORSE, Kind.REMOVED)

    @property
    def fails_anew(self) -> bool:
        """Whether it is a failure now and was none before, or was not there."""
        return (
            self.after is not None
            and self.after.verdict in FAILURES
            and (self.before is None or self.before.verdict not in FAILURES)
        )

    @property
    def sentence(self) -> str:
        """What changed, in words: ``identical -> degraded; lost: optimizer``. Plain text, not escaped."""
        if self.before is None or self.after is None:
            return _alone("was ", self.before) if self.after is None else _alone("", self.after)
        said = []
        if self.before.verdict != self.after.verdict:
            said.append(f"{self.before.verdict} -> {self.after.verdict}")
        else:
            said.append(f"still {self.after.verdict}")
        if self.after.infrastructure:
            return said[0]
        if self.before.cause != self.after.cause:
            said.append(f"cause: {_or_none(self.before.cause)} -> {_or_none(self.after.cause)}")
        gone, come = (
            set(self.before.lost) - set(self.after.lost),
            set(self.after.lost) - set(self.before.lost),
        )
        if come:
            said.append(f"lost: {', '.join(sorted(come))}")
        if gone and self.after.verdict not in FAILURES:  # of what fails nobody knows what it would have kept
            said.append(f"no longer lost: {', '.join(sorted(gone))}")
        if self.kind is Kind.CHANGED:
            old, new = dict(self.before.checks), dict(self.after.checks)
            said += [
                f"{check}: {_or_none(old.get(check, ''))} -> {_or_none(new.get(check, ''))}"
                for check in sorted(old.keys() | new.keys())
                if old.get(check) != new.get(check)
            ]
        return "; ".join(said)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two runs, held against each other."""

    #: Ids of the runs (or what they were called by).
    old: str
    new: str
    #: All but the unchanged, what matters most first, then by name.
    transitions: tuple[Transition, ...]
    unchanged: int

    @property
    def counts(self) -> Mapping[Kind, int]:
        """How many there are of each kind, in the order of Kind, those of which there is none too."""
        counted = Counter(item.kind for item in self.transitions)
        return {kind: self.unchanged if kind is Kind.UNCHANGED else counted[kind] for kind in Kind}

    @property
    def worse(self) -> bool:
        """Whether anything counts as worse."""
        return any(item.worse for item in self.transitions)

    def of(self, kind: Kind) -> tuple[Transition, ...]:
        """The transitions of a kind."""
        return tuple(item for item in self.transitions if item.kind is kind)


def compare(
    old: Mapping[CellName, Seen],
    new: Mapping[CellName, Seen],
    *,
    named: tuple[str, str] = ("old", "new"),
    last_known: Mapping[CellName, Seen] | None = None,
) -> Comparison:
    """Hold what was seen in two runs against each other; ``named`` are the ids of the runs.

    ``last_known`` is for cells that infrastructure had cost in the old run: what was seen in them before that. They
    are held against it, so that a night without a machine hides nothing.
    """
    known = last_known or {}
    found = []
    unchanged = 0
    for cell, after in new.items():
        before = old.get(cell)
        kind = _kind(before, after)
        if kind is Kind.FOUND and known.get(cell, after) != after:
            before = known[cell]
            kind = _kind(before, after)
        if kind is Kind.UNCHANGED:
            unchanged += 1
        else:
            found.append(Transition(cell=cell, kind=kind, before=before, after=after))
    found += [Transition(cell=cell, kind=Kind.REMOVED, before=old[cell]) for cell in old.keys() - new.keys()]
    order = {kind: place for place, kind in enumerate(Kind)}
    found.sort(key=lambda item: (order[item.kind], item.cell))
    return Comparison(old=named[0], new=named[1], transitions=tuple(found), unchanged=unchanged)


def step(cell: CellName, before: Seen | None, after: Seen | None) -> Transition | None:
    """What became of one cell; None where it is as it was."""
    if after is None:
        return None if before is None else Transition(cell=cell, kind=Kind.REMOVED, before=before)
    kind = _kind(before, after)
    return None if kind is Kind.UNCHANGED else Transition(cell=cell, kind=kind, before=before, after=after)


def between(old: Results, new: Results) -> Comparison:
    """Hold two results against each other."""
    return compare(seen(old.cells), seen(new.cells), named=(old.run.id, new.run.id))


def seen(cells: Iterable[CellResult]) -> dict[CellName, Seen]:
    """What was seen in cells, by their names."""
    return {name_of(cell): seen_in(cell) for cell in cells}


def name_of(cell: CellResult) -> CellName:
    """The names of a cell."""
    return CellName(cell.producer, cell.consumer, cell.probe, cell.format)


def seen_in(cell: CellResult) -> Seen:
    """What was seen in one cell. Of a lost one nothing is kept but that: no cause can be known."""
    if cell.verdict in INFRASTRUCTURE:
        return Seen(verdict=cell.verdict)
    return Seen(
        verdict=cell.verdict,
        cause=cell.cause,
        lost=tuple(sorted(cell.lost)),
        checks=tuple(sorted(cell.checks.items())),
    )


def _kind(before: Seen | None, after: Seen) -> Kind:
    if before is None:
        return Kind.ADDED
    if before == after:
        return Kind.UNCHANGED
    if before.infrastructure != after.infrastructure:
        return Kind.LOST if after.infrastructure else Kind.FOUND
    if before.verdict == after.verdict or after.infrastructure:
        return Kind.CHANGED
    return Kind.WORSE if RANK[after.verdict] > RANK[before.verdict] else Kind.BETTER


def _alone(before: str, seen: Seen | None) -> str:
    """What was seen on the one side that there is."""
    if seen is None:
        return ""
    cause = f"; cause: {seen.cause}" if seen.cause else ""
    lost = f"; lost: {', '.join(seen.lost)}" if seen.lost else ""
    return f"{before}{seen.verdict}{cause}{lost}"


def _or_none(word: str) -> str:
    return word or "none"
