"""What the matrix expects of cells, held against what was seen in them. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date

from environments.matrix import Expected, covers
from runner.results import CellResult, Results, Verdict
from runner.transitions import INFRASTRUCTURE, PASSES, RANK, CellName, Seen, name_of


class _Entries:
    """Entries of ``expected``, by the cells that they are about. Cells are many, pairs of environments few."""

    def __init__(self, entries: Iterable[Expected]) -> None:
        self._entries = tuple(entries)
        self._by_pair: dict[tuple[str, str], list[Expected]] = {}

    def about(self, name: CellName) -> list[Expected]:
        """Those that match a cell."""
        pair = name.producer, name.consumer
        if pair not in self._by_pair:
            self._by_pair[pair] = [
                entry
                for entry in self._entries
                if covers("/".join([*entry.cell.split("/")[:2], "*", "*"]), (*pair, "", ""))
            ]
        return [entry for entry in self._by_pair[pair] if covers(entry.cell, name)]


class Expectations:
    """The matrix's ``expected`` on one day: what each cell is known for. Entries that have expired say nothing."""

    def __init__(self, entries: Sequence[Expected], today: date) -> None:
        self._live = _Entries(entry for entry in entries if today <= entry.expires)

    def met(self, name: CellName, seen: Seen | CellResult) -> Expected | None:
        """The entry that is just what was seen in a cell."""
        return next((entry for entry in self._live.about(name) if _is_met(entry, seen)), None)

    def excuse(self, cell: CellResult) -> Expected | None:
        """The entry that a cell is just as."""
        return self.met(name_of(cell), cell)

    def surpassed(self, cell: CellResult) -> Expected | None:
        """The entry that a cell passes though it says otherwise; None where another says just this."""
        if cell.verdict not in PASSES or self.excuse(cell):
            return None
        better = (
            entry
            for entry in self._live.about(name_of(cell))
            if RANK[cell.verdict] < RANK[Verdict(entry.verdict)]
        )
        return next(better, None)


def known(
    results: Results, *, expected: Sequence[Expected], today: date
) -> dict[tuple[str, str, str, str], str]:
    """The cells that are just as the matrix expects, with its reason."""
    expectations = Expectations(expected, today)
    return {name_of(cell): entry.reason for cell in results.cells if (entry := expectations.excuse(cell))}


def lapsed(results: Results, *, expected: Sequence[Expected], today: date) -> tuple[str, ...]:
    """A sentence for each entry of ``expected`` that must go: expired, or true of none of its cells any more.

    Each fails the run. An entry is judged where its cells were run, and where not all of them were lost.
    """
    all_of_them = _Entries(expected)
    run: set[str] = set()
    met: set[str] = set()
    for cell in results.cells:
        if cell.verdict in INFRASTRUCTURE:
            continue
        for entry in all_of_them.about(name_of(cell)):
            run.add(entry.where)
            if _is_met(entry, cell):
                met.add(entry.where)
    told = []
    for entry in expected:
        if entry.where not in run:
            continue
        if today > entry.expires:
            whose = f" (owner: {entry.owner})" if entry.owner else ""
            told.append(
                f"{entry.where}: expired on {entry.expires}, so it excuses nothing any more{whose}. "
                "Look at it again: move the day, or take it out."
            )
        elif entry.where not in met:
            what = f"{entry.verdict} for {entry.cause}" if entry.cause else entry.verdict
            told.append(f"{entry.where}: none of its cells is {what} any more; take it out.")
    return tuple(told)


def _is_met(entry: Expected, seen: Seen | CellResult) -> bool:
    return seen.verdict == entry.verdict and entry.cause in ("", seen.cause)
