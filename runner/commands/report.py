"""``crossload report``: results -> site, from what the tasks left."""

import threading
from typing import Any

import click
from pydantic import ValidationError
from rich.console import Console

from environments import matrix as matrices
from reports import site as sites
from reports.terminal import summary
from runner import setup, version
from runner.collect import collect
from runner.commands import options
from runner.commands.run import conclude
from runner.provenance import now
from runner.results import Run
from runner.store import Store


@click.command()
@options.shared(*options.PLAN, options.SITE)
def report(**given: Any) -> int:
    """Write the page from what runs and tasks have left; nothing is run.

    \b
    Example:
      crossload report --site public
    """
    choice = options.choice(**given)
    setup.writable(choice.site, "--site")
    store = Store(choice.state)
    planned = setup.planned(choice, cancel=threading.Event(), say=options.teller(Console(stderr=True)))
    results = collect(planned.plan, store, _run(store, planned), unavailable=planned.unavailable)
    page = sites.write(results, choice.site)
    Console().print(summary(results))
    code = conclude(results, planned.matrix)
    click.echo(f"\nThe page: {page.absolute()}")
    return code


def _run(store: Store, planned: setup.Planned) -> Run:
    """The description that the last ``crossload run`` left; one made up of the tasks where there was none."""
    try:
        return Run.model_validate_json((store.root / "run.json").read_bytes())
    except (OSError, ValidationError):
        pass
    heads = [
        event
        for item in planned.plan.environments
        for phase in ("save", "load")
        for event in store.events(item.id, phase)
        if event.get("event") == "task"
    ]
    times = sorted(str(head["started"]) for head in heads) or [now()]
    return Run(
        id=f"tasks-{times[-1]}",
        started=times[0],
        finished=now(),
        engine=", ".join(sorted({str(head["engine"]) for head in heads})) or "none",
        matrix_sha256=planned.matrix.sha256,
        version=version.text(),
        matrix=planned.matrix.path.name,
        selection=matrices.DEFAULT,
        notes=("Put together from single tasks.",),
    )
