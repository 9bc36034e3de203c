"""Artifacts that were broken on purpose: which environment notices, and which loads them without a word.

A probe with a fault is compared with the same probe without it, for the same producer, consumer and format: where
that pair fails anyway, an exception proves nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from reports.grid import Entry, Grid
from runner.results import Verdict


class Reaction(StrEnum):
    """What an environment did with a broken artifact, declared from loud to quiet for a reader's eye."""

    UNDETECTED = "undetected"
    CRASHED = "crashed"
    SILENT_LOSS = "silent loss"
    DETECTED = "detected"
    HARMLESS = "harmless"
    NOT_SAVED = "not saved"
    NO_ANSWER = "no answer"

    @property
    def meaning(self) -> str:
        """The sentence of the legend."""
        return _MEANINGS[self]

    @property
    def verdict(self) -> Verdict:
        """The verdict whose colour and shape it is shown with."""
        return _SHOWN[self]


_MEANINGS: Mapping[Reaction, str] = {
    Reaction.UNDETECTED: "It loads without complaint and is wrong.",
    Reaction.CRASHED: "The process died or hung: nothing that a program could catch.",
    Reaction.SILENT_LOSS: "It loads without complaint and predicts the same, but something is gone.",
    Reaction.DETECTED: "Loading it raises an exception.",
    Reaction.HARMLESS: "It loads as well as the artifact that was not broken.",
    Reaction.NOT_SAVED: "The save itself failed aloud, so that there was nothing to load.",
    Reaction.NO_ANSWER: "Nothing was run, or the artifact that was not broken does not load there either.",
}

_SHOWN: Mapping[Reaction, Verdict] = {
    Reaction.UNDETECTED: Verdict.DIVERGENT,
    Reaction.CRASHED: Verdict.CRASHED,
    Reaction.SILENT_LOSS: Verdict.DEGRADED,
    Reaction.DETECTED: Verdict.IDENTICAL,
    Reaction.HARMLESS: Verdict.UNSUPPORTED,
    Reaction.NOT_SAVED: Verdict.SAVE_FAILED,
    Reaction.NO_ANSWER: Verdict.NOT_RUN,
}


@dataclass(frozen=True, kw_only=True)
class Square:
    """One fault in one format in one consumer: what it did with the artifacts of all producers and probes."""

    counts: tuple[tuple[Reaction, int], ...]

    @property
    def total(self) -> int:
        """The number of cells that give an answer."""
        return sum(count for kind, count in self.counts if kind is not Reaction.NO_ANSWER)

    @property
    def worst(self) -> Reaction:
        """The reaction that stands for them all."""
        return next((reaction for reaction, _ in self.counts), Reaction.NO_ANSWER)

    def __str__(self) -> str:
        return ", ".join(f"{count:,} {reaction}" for reaction, count in self.counts)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One fault in one format across the consumers, in the grid's order."""

    format: str
    squares: tuple[Square, ...]
    #: Its cells by reaction, loudest first; those that give no answer are left out.
    cells: tuple[tuple[Reaction, tuple[Entry, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One way of breaking an artifact."""

    name: str
    #: What was done to it, in the words of the first artifact that has any.
    sentence: str
    rows: tuple[Row, ...]
    undetected: int


def faults(grid: Grid, names: Mapping[str, str]) -> tuple[Fault, ...]:
    """Every fault of the run; ``names`` maps a faulted probe to its fault. Formats that give no answer are left out."""
    sound = {_key(entry): entry.cell.verdict for entry in grid.entries}
    found: dict[str, list[Entry]] = {}
    for entry in grid.faulted:
        found.setdefault(names.get(entry.cell.probe, ""), []).append(entry)
    return tuple(_fault(name, entries, grid, sound) for name, entries in found.items())


_Key = tuple[str, str, str, str]


def _key(entry: Entry) -> _Key:
    cell = entry.cell
    return (cell.producer, cell.consumer, cell.probe.rpartition("+")[0] or cell.probe, cell.format)


def reaction(verdict: Verdict, sound: Verdict | None) -> Reaction:
    """What a verdict means, where the artifact that was not broken has the verdict ``sound`` (None: not known)."""
    if verdict is Verdict.SAVE_FAILED:
        return Reaction.NOT_SAVED if sound is not Verdict.SAVE_FAILED else Reaction.NO_ANSWER
    if verdict in (Verdict.UNSUPPORTED, Verdict.UNAVAILABLE, Verdict.NOT_RUN):
        return Reaction.NO_ANSWER
    if verdict is sound and verdict in (
        Verdict.DIVERGENT,
        Verdict.LOAD_FAILED,
        Verdict.CRASHED,
        Verdict.TIMED_OUT,
    ):
        return Reaction.NO_ANSWER
    if verdict is Verdict.DEGRADED:
        return Reaction.HARMLESS if sound is Verdict.DEGRADED else Reaction.SILENT_LOSS
    return {
        Verdict.IDENTICAL: Reaction.HARMLESS,
        Verdict.DIVERGENT: Reaction.UNDETECTED,
        Verdict.LOAD_FAILED: Reaction.DETECTED,
    }.get(verdict, Reaction.CRASHED)


def _fault(name: str, entries: list[Entry], grid: Grid, sound: Mapping[_Key, Verdict]) -> Fault:
    told: dict[str, list[tuple[Reaction, Entry]]] = {}
    for entry in entries:
        seen = reaction(entry.cell.verdict, sound.get(_key(entry)))
        told.setdefault(entry.cell.format, []).append((seen, entry))
    answered = {
        form: seen for form, seen in told.items() if {what for what, _ in seen} != {Reaction.NO_ANSWER}
    }
    return Fault(
        name=name,
        sentence=next((e.artifact.fault for e in entries if e.artifact and e.artifact.fault), ""),
        rows=tuple(_row(form, seen, grid.environments) for form, seen in answered.items()),
        undetected=sum(what is Reaction.UNDETECTED for seen in told.values() for what, _ in seen),
    )


def _row(form: str, seen: list[tuple[Reaction, Entry]], consumers: Iterable[str]) -> Row:
    return Row(
        format=form,
        squares=tuple(
            _square(what for what, entry in seen if entry.cell.consumer == consumer) for consumer in consumers
        ),
        cells=tuple(
            (kind, cells)
            for kind in Reaction
            if kind is not Reaction.NO_ANSWER
            and (cells := tuple(entry for what, entry in seen if what is kind))
        ),
    )


def _square(seen: Iterable[Reaction]) -> Square:
    counted = Counter(seen)
    return Square(counts=tuple((kind, counted[kind]) for kind in Reaction if counted[kind]))
