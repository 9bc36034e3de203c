"""``crossload merge``: what tasks left on several machines, put together."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from reports.text import visible
from runner import setup
from runner.commands import options
from runner.description import begun, narrowed, new_id, put_together
from runner.history import History
from runner.merge import gaps
from runner.merge import merge as merged
from runner.store import Store, replace_text
from runner.told import heads


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
        planned = setup.planned(choice, cancel=threading.Event(), say=say)
        if found.taken or not (store.root / "run.json").exists():
            _described(store, planned, choice, say)
        missing = gaps(planned.plan, store, planned.unavailable)
    tasks, artifacts = _counted(len(found.taken), "task"), _counted(found.objects, "artifact")
    here = f"; {_counted(found.same, 'task')} here already" if found.same else ""
    click.echo(f"{tasks} and {artifacts} taken into {store.root}{here}.")
    for kind, sentences in (("Note", found.notes), ("Conflict", found.conflicts), ("Gap", missing)):
        for sentence in sentences:
            click.echo(visible(f"{kind}, {sentence}"))
    if not missing:
        click.echo(f"Every task of the {len(planned.plan.environments)} environments is here.")
    click.echo(f"Make the page: crossload report --state {choice.state}")
    return 3 if found.conflicts or missing else 0


def _described(
    store: Store, planned: setup.Planned, choice: setup.Choice, say: Callable[[str], None]
) -> None:
    """What is put together is a run of its own, with a name that the history knows it by."""
    last = _last_end(choice.state)
    path = store.root / "run.json"
    if path.exists():
        aside = path.with_name("run.before-merge.json")
        path.replace(aside)
        say(f"The description of the run that was here is now {aside.name}: what it ran was added to.")
    found = heads(store, planned.plan.environments)
    run = put_together(
        planned.matrix,
        choice.select,
        found,
        narrowed(choice.probes, choice.formats),
        identifier=new_id(datetime.now(UTC)),
        started=begun(found, after=last),
    )
    replace_text(path, run.model_dump_json(indent=1))


def _last_end(state: Path) -> str:
    """When the last run that the history knows ended: what tasks told before that, they told to it."""
    if not History.exists(state):
        return ""
    with History(state) as history:
        return max((record.finished for record in history.runs(limit=1)), default="")


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
