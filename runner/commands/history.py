"""``crossload history``: the runs that there were, and the story of a cell."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from environments.errors import UsageError
from reports.text import line, visible
from runner.commands import options
from runner.history import History, Record, Step
from runner.results import Verdict
from runner.transitions import Kind

_GATE = {None: "-", 0: "holds", 1: "FAILS", 3: "lost cells"}


@click.command()
@click.option(
    "--cell",
    metavar="GLOB",
    default="",
    help="The story of these cells instead: producer/consumer/probe/format, a glob in each part.",
)
@click.option("--limit", type=options.COUNT, default=30, show_default=True, help="Runs to show.")
@click.option(
    "--keep",
    type=options.COUNT,
    default=None,
    help="Remove all but the newest N of each selection; the last with which the gate held stays too.",
)
@click.option("--days", type=options.DAYS, default=None, help="Remove what began more days ago.")
@options.shared(options.STATE, options.JSON)
def history(
    cell: str, limit: int, keep: int | None, days: int | None, state: Path, as_json: bool, **given: Any
) -> int:
    """Show the runs that there were, newest first, or what became of a cell over time.

    \b
    Example:
      crossload history
      crossload history --cell 'tf2.15.1-*/tf2.21*/dense/keras'
      crossload history --keep 100 --days 365
    """
    if cell and (keep or days):
        raise UsageError("--cell shows, --keep and --days remove: type one of them.")
    with opened(state) as found:
        if keep or days:
            removed = found.prune(keep=keep or 2**31, days=days, now=datetime.now(UTC))
            runs = "1 run" if len(removed) == 1 else f"{len(removed)} runs"
            click.echo(json.dumps(list(removed)) if as_json else f"Removed: {runs}.")
            return 0
        if cell:
            steps = found.story(cell)
            if as_json:
                click.echo(json.dumps([_step(step) for step in steps], indent=1))
            else:
                options.for_tables().print(_story(steps))
            return 0
        runs_found = found.runs(limit=limit)
    if not runs_found and not as_json:
        click.echo("The history has no runs yet. Make one: crossload run")
        return 0
    if as_json:
        click.echo(json.dumps([_run(record) for record in runs_found], indent=1))
    else:
        options.for_tables().print(_runs(runs_found))
    return 0


def opened(state: Path) -> History:
    """The history of a state folder, which must have one. Raises UsageError where it has none."""
    if not History.exists(state):
        raise UsageError(
            f"There is no history in {state} yet. Make a run: crossload run, or name its folder: --state DIR"
        )
    return History(state)


def _runs(records: tuple[Record, ...]) -> Table:
    table = Table(box=None)
    for name in ("run", "started", "selection", "cells", "identical", "changed", "gate"):
        table.add_column(name, overflow="fold", justify="right" if name in ("cells", "identical") else "left")
    table.columns[0].no_wrap = table.columns[1].no_wrap = True
    for record in records:
        identical = record.tally.get(Verdict.IDENTICAL, 0)
        gate = _GATE.get(record.gate, f"exit code {record.gate}")
        row = (
            record.id,
            _minute(record),
            str(record.series),
            f"{record.cells:,}",
            f"{identical:,}",
            changed(record),
            f"{gate}, interrupted" if record.interrupted else gate,
        )
        table.add_row(*(Text(line(visible(word))) for word in row))
    return table


def _minute(record: Record) -> str:
    """When it began, as it is told everywhere: UTC."""
    return record.started[:16].replace("T", " ")


def changed(record: Record) -> str:
    """What changed in a run, counted."""
    if not record.before:
        return "first of its kind"
    return ", ".join(f"{count:,} {kind}" for kind, count in record.changes.items()) or "nothing"


def _story(steps: tuple[Step, ...]) -> Table:
    table = Table(box=None)
    for name in ("run", "cell", "", "what"):
        table.add_column(name, overflow="fold")
    table.columns[0].no_wrap = table.columns[2].no_wrap = True
    for step in steps:
        found = step.transition
        # A first run is where the story begins, not where something was added.
        kind = "" if found.kind is Kind.ADDED and not step.run.before else str(found.kind)
        row = (step.run.id, str(found.cell), kind, found.sentence)
        table.add_row(*(Text(line(visible(word))) for word in row))
    return table


def _run(record: Record) -> dict[str, Any]:
    return {
        "id": record.id,
        "sequence": record.sequence,
        "matrix": record.series.matrix,
        "selection": record.series.selection,
        "narrowed": record.series.narrowed,
        "started": record.started,
        "finished": record.finished,
        "engine": record.engine,
        "version": record.version,
        "interrupted": record.interrupted,
        "gate": record.gate,
        "before": record.before or None,
        "cells": record.cells,
        "verdicts": dict(record.tally),
        "retried": record.retried,
        "changes": dict(record.changes),
        "seconds": record.seconds,
    }


def _step(step: Step) -> dict[str, Any]:
    found = step.transition
    return {
        "run": step.run.id,
        "started": step.run.started,
        "selection": step.run.series.selection,
        **found.cell._asdict(),
        "kind": str(found.kind),
        "before": found.before and str(found.before.verdict),
        "after": found.after and str(found.after.verdict),
        "sentence": found.sentence,
    }
