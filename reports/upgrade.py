"""A run read as upgrades: who saved is where you are, who loads is where you go; what survives, and what changes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reports.grid import Entry, Grid
from reports.remedies import Tried, best, tried
from reports.verdicts import Tally, tally
from reports.why import Reason
from runner.results import RemedyMeaning, Verdict

_SURVIVES = (Verdict.IDENTICAL, Verdict.DEGRADED)
_STOPS = (Verdict.LOAD_FAILED, Verdict.CRASHED, Verdict.TIMED_OUT)
_UNKNOWN = (Verdict.UNAVAILABLE, Verdict.NOT_RUN)


@dataclass(frozen=True, kw_only=True)
class Change:
    """One cause between two environments."""

    reason: Reason
    tally: Tally
    #: Names with their number of files, the most frequent first.
    formats: tuple[tuple[str, int], ...]
    #: The remedy that helps most of these files; None where none does.
    best: Tried | None


@dataclass(frozen=True, kw_only=True)
class Upgrade:
    """Every file that one environment saved, in another; files that could not be saved are no part of it."""

    producer: str
    consumer: str
    tally: Tally
    #: Files that do not survive as they are and for which any remedy was run, and those that have one which works.
    tried: int
    helped: int
    #: Format -> verdicts.
    formats: tuple[tuple[str, Tally], ...]
    #: The cause of most files first.
    changes: tuple[Change, ...]

    @property
    def survive(self) -> int:
        """Files that load and predict the same."""
        return _sum(self.tally, _SURVIVES)

    @property
    def breaks(self) -> int:
        """Files that are there and do not load, or load and are wrong."""
        return _sum(self.tally, (Verdict.DIVERGENT, *_STOPS))

    @property
    def share(self) -> str:
        """How many of them that are, of those of which it is known: ``93 %``; empty where it is known of none."""
        known = self.tally.total - _sum(self.tally, _UNKNOWN)
        return f"{self.survive * 100 // known} %" if known else ""

    @property
    def level(self) -> str:
        """``all``, ``most`` or ``few`` survive, of those of which it is known; ``none`` where it is known of none."""
        known = self.tally.total - _sum(self.tally, _UNKNOWN)
        if not known:
            return "none"
        return "all" if self.survive == known else "most" if 2 * self.survive >= known else "few"

    @property
    def sentence(self) -> str:
        """What becomes of them."""
        counts, total = self.tally, self.tally.total
        if not total:
            return "Nothing could be saved there."
        lost = counts.of(Verdict.DEGRADED)
        verbs = "loads and predicts" if total == 1 else "load and predict"
        said = [f"{self.survive:,} of {_files(total)} {verbs} the same"]
        several = "all of them " if lost == self.survive else f"{lost:,} of them "
        said[0] += f", {several if self.survive > 1 else ''}with a loss." if lost else "."
        wrong, stopped = counts.of(Verdict.DIVERGENT), _sum(counts, _STOPS)
        gone, unknown = counts.of(Verdict.UNSUPPORTED), _sum(counts, _UNKNOWN)
        if wrong:
            said.append(f"{_files(wrong)} {'loads' if wrong == 1 else 'load'} without an error and")
            said[-1] += " is wrong." if wrong == 1 else " are wrong."
        if stopped:
            said.append(f"{_files(stopped)} {'does' if stopped == 1 else 'do'} not load.")
        if gone:
            said.append(
                f"{_files(gone)} {'has' if gone == 1 else 'have'} a format that does not exist there."
            )
        if unknown:
            said.append(f"Of {_files(unknown)} nothing could be known.")
        if self.breaks and self.tried:
            some = f"A remedy that was run helps {self.helped:,} of the {self.breaks:,} that break."
            every = "For all that break there is a remedy that was run and works."
            none = "No remedy that was run helps."
            said.append(none if not self.helped else every if self.helped == self.breaks else some)
        return " ".join(said)


def upgrades(
    grid: Grid, reasons: Iterable[Reason], meanings: Mapping[str, RemedyMeaning]
) -> Mapping[str, Sequence[Upgrade]]:
    """Producer -> what becomes of its files in each environment, in the order of the grid."""
    entries: dict[tuple[str, str], list[Entry]] = {}
    for entry in grid.entries:
        if _saved(entry):
            entries.setdefault((entry.cell.producer, entry.cell.consumer), []).append(entry)
    changes: dict[tuple[str, str], list[Change]] = {}
    for reason in reasons:
        found: dict[tuple[str, str], list[Entry]] = {}
        for story in reason.stories:
            for entry in story.entries:
                found.setdefault((entry.cell.producer, entry.cell.consumer), []).append(entry)
        for pair, same in found.items():
            changes.setdefault(pair, []).append(_change(reason, same, meanings))
    return {
        producer: [
            _upgrade(
                producer,
                consumer,
                entries.get((producer, consumer), ()),
                changes.get((producer, consumer), ()),
            )
            for consumer in grid.environments
        ]
        for producer in grid.environments
    }


def _upgrade(producer: str, consumer: str, entries: Sequence[Entry], changes: Iterable[Change]) -> Upgrade:
    formats: dict[str, list[Verdict]] = {}
    for entry in entries:
        formats.setdefault(entry.cell.format, []).append(entry.cell.verdict)
    return Upgrade(
        producer=producer,
        consumer=consumer,
        tally=tally(entry.cell.verdict for entry in entries),
        tried=sum(entry.cell.verdict not in _SURVIVES and bool(entry.cell.remedies) for entry in entries),
        helped=sum(entry.cell.verdict not in _SURVIVES and best(entry.cell) is not None for entry in entries),
        formats=tuple((name, tally(verdicts)) for name, verdicts in formats.items()),
        changes=tuple(sorted(changes, key=lambda change: -change.tally.total)),
    )


def _change(reason: Reason, entries: Sequence[Entry], meanings: Mapping[str, RemedyMeaning]) -> Change:
    cells = [entry.cell for entry in entries]
    return Change(
        reason=reason,
        tally=tally(cell.verdict for cell in cells),
        formats=tuple(Counter(cell.format for cell in cells).most_common()),
        best=next((one for one in tried(cells, meanings) if one.helped), None),
    )


def _saved(entry: Entry) -> bool:
    """Whether there is a file at all: what its producer could not save is no question of an upgrade."""
    if entry.artifact is not None:
        return entry.artifact.status == "saved"
    return entry.cell.verdict not in (Verdict.SAVE_FAILED, Verdict.UNSUPPORTED, Verdict.NOT_RUN)


def _sum(counts: Tally, verdicts: Iterable[Verdict]) -> int:
    return sum(counts.of(verdict) for verdict in verdicts)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"
