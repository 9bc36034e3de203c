"""The end of a command that has results: they go into the history, the gate speaks, and all of it is for the site."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from environments.errors import CrossloadError
from environments.matrix import Matrix
from reports.feed import Night
from reports.outputs import Context
from reports.terminal import summary
from reports.text import visible
from reports.trend import Past
from runner import expectations, gate, notify
from runner.commands import options
from runner.history import History, Recorded
from runner.history.history import series_of
from runner.history.records import Record
from runner.results import Results

#: Runs of a series that are kept; more than a year of nights.
KEEP = 400
#: Runs that the feed may tell of.
_TOLD = 50
_COMPARING = (gate.REGRESSION, gate.NEW_FAILURE)


@dataclass(frozen=True, kw_only=True)
class Conclusion:
    """What the gate found, passing rules too."""

    #: The exit code. Trouble with the history and lost cells win over a failed gate.
    code: int
    #: What is said, a line each.
    lines: tuple[str, ...]
    #: For the site: what changed, what the gate found, and what happened in the runs before.
    context: Context


def conclude(results: Results, matrix: Matrix, state: Path, *, address: str = "") -> Conclusion:
    """Keep results in the history of a state folder, and judge them against the run before.

    ``address`` is where the site will be published, if that is known.

    Trouble with the history is part of what is said: by then there are results, and they are worth a page.
    """
    try:
        with History(state) as history:
            recorded = history.record(results)
            found = judge(results, matrix, recorded)
            history.judged(recorded, found.code)
            dropped = history.prune(keep=KEEP, now=datetime.now(UTC))
            nights = tuple(
                Night(comparison=history.comparison(run), time=run.finished or run.started)
                for run in history.runs(series=series_of(results), limit=_TOLD)
            )
            runs = _pasts(history.runs(), results.run.id)
        context = replace(found.context, nights=nights, runs=runs, dropped=dropped, address=address)
        return replace(found, context=context)
    except CrossloadError as error:
        found = judge(results, matrix, None)
        lines = (*found.lines, f"History, {error}")
        return Conclusion(
            code=error.exit_code, lines=lines, context=replace(found.context, gate=lines, address=address)
        )


def tell(results: Results, conclusion: Conclusion, page: Path) -> None:
    """Say it all to the user, and what changed to the webhook, where there is one.

    For after the page is written: the webhook may take half a minute, and nothing waits for it but the end.
    """
    output = Console(highlight=False)
    output.print(summary(results))
    for said in ("", *conclusion.lines):
        options.prose(output, said)
    if said := announced(results, conclusion):
        options.prose(output, said)
    click.echo(f"\nThe page: {page.absolute()}")


def announced(results: Results, conclusion: Conclusion) -> str:
    """Tell the webhook of the environment what changed, where there is one; a sentence on how that went, or none."""
    context = conclusion.context
    if context.comparison is None or results.run.interrupted:
        return ""
    said = notify.announce(os.environ, results, context.comparison, page=context.address)
    return f"Webhook, {said}" if said else ""


def judge(results: Results, matrix: Matrix, recorded: Recorded | None) -> Conclusion:
    """What the gate says of results. Without a history, the rules that compare are not evaluated, which is said."""
    today = datetime.now(UTC).date()
    unanswered = [rule for rule in matrix.fail_on if recorded is None and rule.rule in _COMPARING]
    comparison = recorded.comparison if recorded and recorded.previous else None
    outcomes = gate.evaluate(
        results,
        [rule for rule in matrix.fail_on if rule not in unanswered],
        expected=matrix.expected,
        today=today,
        comparison=comparison,
    )
    lost = gate.lost(results, expected=matrix.expected, today=today)
    lapsed = expectations.lapsed(results, expected=matrix.expected, today=today)
    lines = [f"Gate, {gate.sentence(outcome)}" for outcome in outcomes]
    lines += [f"Gate, {rule}: not evaluated, there is no history to compare with." for rule in unanswered]
    why = visible(gate.why_lost(results)) if not lost.holds else ""
    lines.append(f"Infrastructure, {gate.sentence(lost)}{f' {why}' if why else ''}")
    lines += [f"Expected, FAILS, {line}" for line in lapsed]
    if matrix.expected and not lapsed:
        lines.append(f"Expected, holds: {_entries(len(matrix.expected))}, and none has to go.")
    flakes = gate.flakes(results)
    lines += [f"Flakes, {flakes}"] if flakes else []
    failed = bool(lapsed) or not all(outcome.holds for outcome in outcomes)
    known = expectations.known(results, expected=matrix.expected, today=today)
    return Conclusion(
        code=3 if not lost.holds else int(failed),
        lines=tuple(lines),
        context=Context(comparison=comparison, known=known, gate=lines),
    )


def _pasts(records: Sequence[Record], latest: str) -> tuple[Past, ...]:
    """The runs as pages tell of them, newest first; the one that is reported comes before all."""
    told = [
        Past(
            id=one.id,
            series=str(one.series),
            started=one.started,
            finished=one.finished,
            before=one.before,
            interrupted=one.interrupted,
            gate=one.gate,
            tally=one.tally,
            changes=one.changes,
            seconds=one.seconds,
        )
        for one in records
    ]
    return tuple(sorted(told, key=lambda past: past.id != latest))


def _entries(number: int) -> str:
    return "1 entry" if number == 1 else f"{number} entries"
