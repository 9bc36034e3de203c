"""Cells that ended in the same way, told once.

Most cells of a run share their story word for word with others: the same traceback, the same loss. A page that
repeats it for each cell grows to tens of megabytes and hides that there are only a few dozen stories.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from reports.grid import Entry
from reports.text import line
from runner.results import CHECKS, CellResult, Failure, Verdict


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One story and all cells that share it, word for word."""

    number: int
    #: The first of them; what it says of verdict, checks, warnings and cause holds for all.
    cell: CellResult
    #: The exception of the cell, or of the save where that failed.
    error: Failure | None
    #: What was printed, where it is the same for all; else each cell has its own.
    output: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check as it is shown."""

    name: str
    value: str
    sentence: str


def group(entries: Iterable[Entry]) -> tuple[Outcome, ...]:
    """Group cells by everything but their names, times and attempts; in order of first appearance.

    What was printed is left out as well, since log lines carry the time of day, and so is ``max_abs_diff``, which
    differs in the eighth digit where nothing else does.
    """
    groups: dict[object, list[Entry]] = {}
    for entry in entries:
        cell = entry.cell
        key = (
            cell.verdict,
            tuple(cell.checks.items()),
            tuple(cell.details.items()),
            cell.lost,
            cell.warnings,
            _error(entry),
            cell.cause,
            cell.remedies,
        )
        groups.setdefault(key, []).append(entry)
    return tuple(_outcome(number, tuple(same)) for number, same in enumerate(groups.values(), start=1))


def _outcome(number: int, same: tuple[Entry, ...]) -> Outcome:
    printed = {entry.cell.output for entry in same}
    return Outcome(
        number=number,
        cell=same[0].cell,
        error=_error(same[0]),
        output=printed.pop() if len(printed) == 1 else "",
        entries=same,
    )


def _error(entry: Entry) -> Failure | None:
    if entry.cell.error is None and entry.cell.verdict is Verdict.SAVE_FAILED and entry.artifact:
        return entry.artifact.error
    return entry.cell.error


def checks(cell: CellResult) -> tuple[Check, ...]:
    """The checks in the order in which they ran; those this module does not know come last.

    Empty where none was run, as in a cell that could not be loaded.
    """
    if set(cell.checks.values()) <= {"not_run"}:
        return ()
    order = [name for name in CHECKS if name in cell.checks]
    order += [name for name in cell.checks if name not in CHECKS]
    return tuple(
        Check(name=name, value=cell.checks[name], sentence=cell.details.get(name, "")) for name in order
    )


def brief(entry: Entry) -> str:
    """Why a cell has its verdict, in one line; empty where the verdict says it all."""
    cell = entry.cell
    error = _error(entry)
    if error is not None:
        return line(f"{error.type}: {error.message.strip()}")
    different = [check for check in checks(cell) if check.value not in ("same", "not_applicable", "not_run")]
    seen = "; ".join(line(check.sentence) or f"{check.name} {check.value}" for check in different[:2])
    if cell.lost:
        return f"lost: {', '.join(cell.lost)}" + (f" ({seen})" if seen else "")
    return seen


def where(outcome: Outcome) -> str:
    """Which formats, producers and consumers an outcome was seen with, in one line."""
    cells = [entry.cell for entry in outcome.entries]
    formats = ", ".join(dict.fromkeys(cell.format for cell in cells))
    producers = _names(cell.producer for cell in cells)
    return f"{formats}: saved by {producers}; loaded by {_names(cell.consumer for cell in cells)}"


def _names(names: Iterable[str]) -> str:
    different = list(dict.fromkeys(names))
    return ", ".join(different) if len(different) <= 2 else f"{len(different)} environments"
