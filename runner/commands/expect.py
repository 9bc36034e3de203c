"""``crossload expect``: proposes entries of ``expected`` from what a run saw."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from environments import matrix as matrices
from runner import causes, proposals
from runner.commands import options
from runner.commands.diff import cells_of
from runner.expectations import Expectations
from runner.results import Verdict
from runner.transitions import FAILURES, CellName, Seen

#: How long what is proposed holds: long enough to look into it, too short to be forgotten.
_DAYS = 90


@click.command()
@click.option(
    "--from", "run", required=True, metavar="RUN", help="A run: an id, latest, previous, or a results.json."
)
@click.option(
    "--verdict",
    "verdicts",
    multiple=True,
    type=click.Choice([str(word) for word in Verdict]),
    help="Only these outcomes. Repeatable. [default: all that fail]",
)
@click.option("--days", type=options.DAYS, default=_DAYS, show_default=True, help="When they expire.")
@click.option("--owner", default="", help="Who looks after them.")
@options.shared(options.MATRIX, options.STATE, options.JSON)
def expect(
    run: str,
    verdicts: tuple[str, ...],
    days: int,
    owner: str,
    matrix: Path,
    state: Path,
    as_json: bool,
    **given: Any,
) -> int:
    """Propose entries of expected for what failed in a run, as YAML to paste into the matrix.

    What the matrix expects already is left out. No entry covers a cell of the run that came out otherwise. Write down
    the reason where it is not known, and see that every day in it is one on which somebody will look.

    \b
    Example:
      crossload expect --from latest
    """
    name, cells = cells_of(run, state)
    wanted = [Verdict(word) for word in verdicts] or sorted(FAILURES)
    found = proposals.propose(cells, wanted, known=_known(cells, matrix))
    expires = datetime.now(UTC).date() + timedelta(days=days)
    plain = name if re.fullmatch(r"[\w.:+-]+", name) else "which this is from"
    titles = {cause.id: cause.title for cause in causes.load()}
    if as_json:
        data = [
            {
                "cell": item.glob,
                "verdict": str(item.verdict),
                "cause": item.cause,
                "cells": item.cells,
                "expires": expires.isoformat(),
            }
            for item in found
        ]
        click.echo(json.dumps(data, indent=1))
    else:
        click.echo(proposals.text(found, titles, run=plain, expires=expires, owner=owner), nl=False)
    return 0


def _known(cells: dict[CellName, Seen], path: Path) -> set[CellName]:
    """Cells that an entry of the matrix says this of already; expired entries say nothing."""
    if not path.exists():
        return set()
    known = Expectations(matrices.load(path).expected, datetime.now(UTC).date())
    return {name for name, seen in cells.items() if known.met(name, seen)}
