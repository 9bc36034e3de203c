"""``crossload merge``: what tasks left on several machines, put together."""

import threading
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from runner import setup
from runner.commands import options
from runner.merge import gaps
from runner.merge import merge as merged
from runner.store import Store


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@options.shared(*options.PLAN)
@click.option(
    "--newest", is_flag=True, help="Where a task was run twice, keep the one that was started last."
)
def merge(folders: tuple[Path, ...], newest: bool, **given: Any) -> int:
    """Put together what tasks left in FOLDERS, and say what conflicts and what is missing.

    A folder is a state folder, its artifacts folder, or one that holds several, as CI systems download them. Nothing
    that is in the state folder is overwritten. Exit code 3 when something conflicts or is missing; the page can be
    made all the same, and shows the holes.

    \b
    Example:
      crossload merge downloaded/ && crossload report
    """
    choice = options.choice(**given)
    console = Console(stderr=True)
    say = options.teller(console)
    setup.writable(choice.state, "--state")
    store = Store(choice.state)
    with store.claimed("run"):
        found = merged(folders, store, newest=newest)
        if found.taken:
            _set_aside(store, say)
        planned = setup.planned(choice, cancel=threading.Event(), say=say)
        missing = gaps(planned.plan, store, planned.unavailable)
    click.echo(
        f"{len(found.taken)} tasks and {found.objects} artifacts taken into {store.root}; {found.same} were here."
    )
    for kind, sentences in (("Note", found.notes), ("Conflict", found.conflicts), ("Gap", missing)):
        for sentence in sentences:
            click.echo(f"{kind}, {sentence}")
    if not missing:
        click.echo(f"Every task of the {len(planned.plan.environments)} environments is here.")
    click.echo(f"Make the page: crossload report --state {choice.state}")
    return 3 if found.conflicts or missing else 0


def _set_aside(store: Store, say: Any) -> None:
    """What is here now is no longer the run that ``run.json`` describes; the report would put its name on it."""
    described = store.root / "run.json"
    if described.exists():
        aside = described.with_name("run.before-merge.json")
        described.replace(aside)
        say(f"The description of the run that was here is now {aside.name}: what it ran was added to.")
