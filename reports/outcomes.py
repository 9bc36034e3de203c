"""Cells that ended in the same way, told once.

Most cells of a run share their story with others: the same exception, the same loss. A page that repeats it for
each cell grows to tens of megabytes and hides that there are only a few dozen stories.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from reports.grid import Entry
from reports.text import line
from runner.results import CHECKS, ArtifactResult, CellResult, Failure, Verdict

#: Values of checks that need no words.
_QUIET = ("same", "not_applicable", "not_run")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One story and all cells that share it."""

    number: int
    #: The first of them. Its verdict, checks and remedies hold for all; its words are an example of theirs.
    cell: CellResult
    #: The exception of the cell, or of the save where that failed.
    error: Failure | None
    #: What was printed, where it is the same for all; else each cell has its own.
    output: str
    #: What the diagnosis found; each may be empty.
    cause: str
    signature: str
    telling: str
    entries: tuple[Entry, ...]

    @property
    def artifacts(self) -> tuple[ArtifactResult, ...]:
        """What its cells were to load."""
        return tuple(entry.artifact for entry in self.entries if entry.artifact)


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check as it is shown."""

    name: str
    value: str
    sentence: str


def group(entries: Iterable[Entry], start: int = 1) -> tuple[Outcome, ...]:
    """Group cells that ended in the same way; in order of first appearance, numbered from ``start``.

    Where a diagnosis gave a cell a signature, that stands for its words: a traceback differs in a line number
    from one environment to the next. Where there is none, every word counts. Never compared are names, times,
    attempts, what was printed (log lines carry the time of day), and ``max_abs_diff``, which differs in the eighth
    digit where nothing else does.
    """
    groups: dict[object, list[Entry]] = {}
    for entry in entries:
        cell = entry.cell
        signature = _signature(entry)
        words = (tuple(cell.details.items()), cell.warnings, _error(entry))
        key = (
            cell.verdict,
            tuple(cell.checks.items()),
            cell.lost,
            cause(entry),
            signature or words,
            tuple((one.id, one.verdict, one.lost, one.environment) for one in cell.remedies),
        )
        groups.setdefault(key, []).append(entry)
    return tuple(_outcome(number, tuple(same)) for number, same in enumerate(groups.values(), start))


def cause(entry: Entry) -> str:
    """The id of the cause: the cell's, or that of the save which failed before it; empty where there is none."""
    return entry.cell.cause or (entry.artifact.cause if _inherits(entry) and entry.artifact else "")


def telling(entry: Entry) -> str:
    """The line that says most about what went wrong; empty where nobody looked for it."""
    return entry.cell.telling or (entry.artifact.telling if _inherits(entry) and entry.artifact else "")


def _signature(entry: Entry) -> str:
    return entry.cell.signature or (entry.artifact.signature if _inherits(entry) and entry.artifact else "")


def _inherits(entry: Entry) -> bool:
    return entry.cell.verdict is Verdict.SAVE_FAILED


def _outcome(number: int, same: tuple[Entry, ...]) -> Outcome:
    printed = {entry.cell.output for entry in same}
    return Outcome(
        number=number,
        cell=same[0].cell,
        error=_error(same[0]),
        output=printed.pop() if len(printed) == 1 else "",
        cause=cause(same[0]),
        signature=_signature(same[0]),
        telling=telling(same[0]),
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
    if len(order) < len(cell.checks):
        order += [name for name in cell.checks if name not in CHECKS]
    return tuple(
        Check(name=name, value=cell.checks[name], sentence=cell.details.get(name, "")) for name in order
    )


def brief(entry: Entry) -> str:
    """Why a cell has its verdict, in one line; empty where the verdict says it all."""
    cell = entry.cell
    if said := telling(entry):
        return line(said)
    error = _error(entry)
    if error is not None:
        return line(f"{error.type}: {error.message.strip()}")
    different = (
        [check for check in checks(cell) if check.value not in _QUIET and check.name != "config"]
        if any(value not in _QUIET for value in cell.checks.values())
        else ()
    )
    seen = "; ".join(line(check.sentence) or f"{check.name} {check.value}" for check in different[:2])
    if cell.lost:
        return f"lost: {', '.join(cell.lost)}" + (f" ({seen})" if seen else "")
    return seen or "; ".join(line(sentence) for sentence in beside(cell))


def beside(cell: CellResult) -> tuple[str, ...]:
    """Sentences that belong to no check, such as why nothing was run."""
    return tuple(sentence for name, sentence in cell.details.items() if name not in cell.checks)
