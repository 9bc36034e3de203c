"""Whether a run passes: the matrix's ``gate`` and ``expected``, held against results. Pure."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from environments.matrix import Expected, covers
from environments.schema import Rule
from runner.expectations import Expectations
from runner.results import CellResult, Results, Verdict
from runner.transitions import (
    INFRASTRUCTURE,
    CellName,
    Comparison,
    Transition,
    name_of,
)

#: Rules that compare with the run before.
REGRESSION, NEW_FAILURE = "regression", "new_failure"
#: The rule about outcomes that are better than the matrix expects.
UNEXPECTED_PASS = "unexpected_pass"
#: The rule that every run has: cells that infrastructure cost.
LOST = "lost"
#: Cells that a sentence names before it only counts.
_NAMED = 3
#: Characters of a reason that has a line for itself.
_LINE = 300


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One cell that a rule is about."""

    cell: CellName
    #: What changed, or what was expected; empty where the rule says it all.
    said: str = ""

    def __str__(self) -> str:
        return f"{self.cell} ({self.said})" if self.said else str(self.cell)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One rule of the gate, and the cells that it is about."""

    rule: str
    #: The glob that limits it; empty where it is about all cells.
    cells: str = ""
    #: Cells that fail it.
    failing: tuple[Finding, ...] = ()
    #: Cells that would, had the matrix not expected them.
    excused: tuple[Finding, ...] = ()
    #: The run that was compared with; empty where there is none, or none is needed.
    earlier: str = ""

    @property
    def holds(self) -> bool:
        """Whether the rule lets the run pass."""
        return not self.failing


def evaluate(
    results: Results,
    rules: Sequence[Rule],
    *,
    expected: Sequence[Expected],
    today: date,
    comparison: Comparison | None = None,
) -> tuple[Outcome, ...]:
    """Every rule, those that hold too.

    Where the matrix expects anything, passes that it does not expect fail the run whether a rule says so or not.
    ``comparison`` is with the run before; None where there is none.
    """
    known = Expectations(expected, today)
    whole = list(rules)
    if expected and all(rule.rule != UNEXPECTED_PASS for rule in rules):
        whole.append(Rule(rule=UNEXPECTED_PASS))
    return tuple(_outcome(results, rule, known, comparison) for rule in whole)


def lost(results: Results, *, expected: Sequence[Expected], today: date) -> Outcome:
    """The cells that infrastructure cost, as a rule that every run has."""
    known = Expectations(expected, today)
    return _gathered(LOST, "", results, known, lambda cell: cell.verdict in INFRASTRUCTURE)


def why_lost(results: Results) -> str:
    """The commonest reason why infrastructure cost cells, in a line; empty where none is known."""
    said = Counter(
        cell.error.message.strip().partition("\n")[0][:_LINE]
        for cell in results.cells
        if cell.verdict in INFRASTRUCTURE and cell.error is not None
    )
    return next((f"{number} of them: {reason}" for reason, number in said.most_common(1)), "")


def sentence(outcome: Outcome) -> str:
    """What a reader is told about one rule."""
    name = f"{outcome.rule} in {outcome.cells}" if outcome.cells else outcome.rule
    compares = outcome.rule in (REGRESSION, NEW_FAILURE)
    if compares and not outcome.earlier:
        return f"{name}: holds, there is no earlier run to compare with."
    excused = f" {_count(outcome.excused)} excused by the matrix." if outcome.excused else ""
    against = f", compared with {outcome.earlier}" if compares else ""
    if outcome.holds:
        return f"{name}: holds, no cell{' beside those' if excused else ''}{against}.{excused}"
    named = ", ".join(str(finding) for finding in outcome.failing[:_NAMED])
    more = f" and {len(outcome.failing) - _NAMED} more" if len(outcome.failing) > _NAMED else ""
    return f"{name}: FAILS, {_count(outcome.failing)}{against}: {named}{more}.{excused}"


def flakes(results: Results) -> str:
    """A sentence on cells that came through only when they were tried again, with passes/attempts; empty for none.

    A cell that took its process down every time is no flake: that is its verdict.
    """
    found = [
        Finding(cell=name_of(cell), said=f"1/{cell.attempts}")
        for cell in results.cells
        if cell.attempts > 1 and cell.verdict not in (Verdict.CRASHED, *INFRASTRUCTURE)
    ]
    if not found:
        return ""
    named = ", ".join(str(finding) for finding in found[:_NAMED])
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return f"{_count(found)} came through only when tried again (passes/attempts): {named}{more}."


def _outcome(results: Results, rule: Rule, known: Expectations, comparison: Comparison | None) -> Outcome:
    cells = rule.cells or ""
    if rule.rule in (REGRESSION, NEW_FAILURE):
        wanted: Callable[[Transition], bool] = (
            (lambda item: item.worse) if rule.rule == REGRESSION else (lambda item: item.fails_anew)
        )
        return _compared(rule.rule, cells, results, known, comparison, wanted)
    if rule.rule == UNEXPECTED_PASS:
        surpassed = [
            Finding(cell=name_of(cell), said=f"{cell.verdict}, though {entry.where} says {entry.verdict}")
            for cell in results.cells
            if (not cells or covers(cells, name_of(cell))) and (entry := known.surpassed(cell))
        ]
        return Outcome(rule=rule.rule, cells=cells, failing=tuple(surpassed))
    verdict = Verdict(rule.rule)
    return _gathered(rule.rule, cells, results, known, lambda cell: cell.verdict is verdict)


def _compared(
    rule: str,
    cells: str,
    results: Results,
    known: Expectations,
    comparison: Comparison | None,
    wanted: Callable[[Transition], bool],
) -> Outcome:
    if comparison is None or not comparison.old:
        return Outcome(rule=rule, cells=cells)
    about = [
        item for item in comparison.transitions if wanted(item) and (not cells or covers(cells, item.cell))
    ]
    names = {item.cell for item in about}
    excuses = {
        name_of(cell) for cell in results.cells if name_of(cell) in names and known.excuse(cell) is not None
    }
    found = [(item.cell in excuses, Finding(cell=item.cell, said=item.sentence)) for item in about]
    return Outcome(
        rule=rule,
        cells=cells,
        failing=tuple(finding for excused, finding in found if not excused),
        excused=tuple(finding for excused, finding in found if excused),
        earlier=comparison.old,
    )


def _gathered(
    rule: str, cells: str, results: Results, known: Expectations, wanted: Callable[[CellResult], bool]
) -> Outcome:
    failing: list[Finding] = []
    excused: list[Finding] = []
    for cell in results.cells:
        if wanted(cell) and (not cells or covers(cells, name_of(cell))):
            (excused if known.excuse(cell) else failing).append(Finding(cell=name_of(cell)))
    return Outcome(rule=rule, cells=cells, failing=tuple(failing), excused=tuple(excused))


def _count(findings: Sequence[Finding]) -> str:
    return f"{len(findings)} cell{'s' if len(findings) != 1 else ''}"
