"""Whether a run passes: the matrix's ``gate`` and ``expected``, held against results. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from environments.matrix import Expected
from runner.results import CellResult, Results, Verdict

#: The rule that compares with an earlier run; all others are verdicts.
REGRESSION = "regression"
#: Verdicts that say nothing about a model: something around it failed.
_LOST = (Verdict.UNAVAILABLE, Verdict.NOT_RUN)
#: Cells that a sentence names before it only counts.
_NAMED = 3


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One rule of the gate and the cells that it is about."""

    rule: str
    #: Cells that fail it.
    failing: tuple[CellResult, ...] = ()
    #: Cells that would, had the matrix not expected them.
    excused: tuple[CellResult, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the rule lets the run pass."""
        return not self.failing


def evaluate(
    results: Results, fail_on: Sequence[str], *, expected: Sequence[Expected], today: date
) -> tuple[Outcome, ...]:
    """Every rule of ``fail_on``, those that hold too."""
    return tuple(_outcome(results, rule, expected, today) for rule in fail_on)


def lost(results: Results, *, expected: Sequence[Expected], today: date) -> Outcome:
    """The cells that infrastructure cost, as a rule that every run has."""
    return _gathered("lost", results, _LOST, expected, today)


def sentence(outcome: Outcome) -> str:
    """What a reader is told about one rule."""
    if outcome.rule == REGRESSION:
        return "regression: holds, there is no earlier run to compare with."
    excused = f" {_count(outcome.excused)} excused by the matrix." if outcome.excused else ""
    if outcome.holds:
        return f"{outcome.rule}: holds, no cell{' beside those' if excused else ''}.{excused}"
    named = ", ".join(
        f"{cell.producer}/{cell.consumer}/{cell.probe}/{cell.format}" for cell in outcome.failing[:_NAMED]
    )
    more = f" and {len(outcome.failing) - _NAMED} more" if len(outcome.failing) > _NAMED else ""
    return f"{outcome.rule}: FAILS, {_count(outcome.failing)}: {named}{more}.{excused}"


def lapsed(results: Results, *, expected: Sequence[Expected], today: date) -> tuple[str, ...]:
    """A sentence for each entry of ``expected`` that excuses nothing any more, though its cells were run."""
    told = []
    for entry in expected:
        matching = [cell for cell in results.cells if _is_about(entry, cell)]
        if not matching:
            continue
        if today > entry.expires:
            told.append(f"{entry.where}: expired on {entry.expires}, so it excuses nothing any more.")
        elif all(cell.verdict not in (entry.verdict, *_LOST) for cell in matching):
            told.append(f"{entry.where}: none of its cells is {entry.verdict} any more; take it out.")
    return tuple(told)


def _outcome(results: Results, rule: str, expected: Sequence[Expected], today: date) -> Outcome:
    if rule == REGRESSION:  # a history to compare with does not exist yet
        return Outcome(rule=rule)
    return _gathered(rule, results, (Verdict(rule),), expected, today)


def _gathered(
    rule: str, results: Results, verdicts: Sequence[Verdict], expected: Sequence[Expected], today: date
) -> Outcome:
    failing: list[CellResult] = []
    excused: list[CellResult] = []
    for cell in results.cells:
        if cell.verdict in verdicts:
            known = any(_excuses(entry, cell, today) for entry in expected)
            (excused if known else failing).append(cell)
    return Outcome(rule=rule, failing=tuple(failing), excused=tuple(excused))


def _excuses(entry: Expected, cell: CellResult, today: date) -> bool:
    return today <= entry.expires and cell.verdict == entry.verdict and _is_about(entry, cell)


def _is_about(entry: Expected, cell: CellResult) -> bool:
    return entry.matches(producer=cell.producer, consumer=cell.consumer, probe=cell.probe, format=cell.format)


def _count(cells: Sequence[CellResult]) -> str:
    return f"{len(cells)} cell{'s' if len(cells) != 1 else ''}"
