"""``crossload report``: results -> site, from what the tasks left."""

import threading
from typing import Any

import click
from pydantic import ValidationError
from rich.console import Console

from reports import site as sites
from runner import entries, setup
from runner.collect import collect
from runner.commands import options
from runner.commands.conclusion import conclude, tell
from runner.description import narrowed, put_together, selection
from runner.provenance import now
from runner.results import Run
from runner.store import Store
from runner.told import heads


@click.command()
@options.shared(*options.PLAN, options.SITE, options.ADDRESS)
def report(address: str, **given: Any) -> int:
    """Write the page from what runs and tasks have left; nothing is run.

    \b
    Example:
      crossload report --site public
    """
    choice = options.choice(**given)
    setup.writable(choice.site, "--site")
    store = Store(choice.state)
    planned = setup.planned(choice, cancel=threading.Event(), say=options.teller(Console(stderr=True)))
    entries.check(planned.matrix, (probe.name for probe in planned.plan.probes))
    run = _run(store, planned, choice)
    results = collect(planned.plan, store, run, unavailable=planned.unavailable)
    conclusion = conclude(results, planned.matrix, choice.state, address=address)
    page = sites.write(results, choice.site, conclusion.context)
    tell(results, conclusion, page)
    return conclusion.code


def _run(store: Store, planned: setup.Planned, choice: setup.Choice) -> Run:
    """The description that the last ``crossload run`` of these cells left; one made up of the tasks where none did."""
    less = narrowed(choice.probes, choice.formats)
    try:
        left = Run.model_validate_json((store.root / "run.json").read_bytes())
        if (left.selection, left.narrowed) == (selection(choice.select), less):
            return left
    except (OSError, ValidationError):
        pass
    found = heads(store, planned.plan.environments)
    times = sorted(str(head["started"]) for head in found) or [now()]
    return put_together(
        planned.matrix, choice.select, found, less, identifier=f"tasks-{times[-1]}", started=times[0]
    )
