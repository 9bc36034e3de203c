"""``crossload reproduce CELL``: one cell alone, its output streamed."""

import shutil
import threading
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from environments.engines import Engine
from environments.errors import InfrastructureError, Interrupted, UsageError
from reports.remedies import best, filled, outcome
from reports.text import visible
from runner import setup
from runner.collect import collect
from runner.commands import options
from runner.commands.task import one
from runner.journal import Event
from runner.plan import CellKey, Plan, Task
from runner.provenance import now
from runner.provisioning import provision
from runner.results import CellResult, Results, Run, Verdict
from runner.store import Store
from runner.tasks import run_task
from runner.told import saved_artifacts


@click.command()
@click.argument("cell", nargs=-1, required=True, metavar="PRODUCER CONSUMER PROBE FORMAT")
@options.shared(options.MATRIX, options.STATE, options.ENGINE, options.MIRROR, options.JSON)
def reproduce(cell: tuple[str, ...], as_json: bool, **given: Any) -> int:
    """Run one cell alone, the way a run does, and show all that it says.

    The artifact of the last run is loaded where there is one; otherwise it is saved first. Nothing that a run
    left is changed. A probe of your own is named by its path.

    \b
    Example:
      crossload reproduce tf2.15.1-cpu tf2.21.0-cpu dense keras
      crossload reproduce tf2.15.1-cpu/tf2.21.0-cpu/dense/keras
    """
    parts = cell if len(cell) > 1 else tuple(cell[0].split("/"))
    if len(parts) != 4:
        raise UsageError("A cell has four parts: crossload reproduce PRODUCER CONSUMER PROBE FORMAT")
    producer, consumer, probe, format_name = parts
    choice = options.choice(**given, select=(producer, consumer), formats=(format_name,))
    console = Console(stderr=True)
    say = options.teller(console)
    cancel = threading.Event()
    setup.writable(choice.state, "--state")
    matrix = setup.matrix_of(choice)
    for name in (producer, consumer):
        one(matrix, name)
    choice = setup.with_probe(choice, matrix, probe)
    planned = setup.planned(choice, cancel=cancel, say=say)
    for name in (producer, consumer):
        if name in planned.unavailable:
            raise InfrastructureError(planned.unavailable[name])
    if len(planned.plan.probes) != 1:
        raise UsageError(f"One probe is wanted, and {probe!r} names {len(planned.plan.probes)}.")
    key = CellKey(producer=producer, consumer=consumer, probe=planned.plan.probes[0].name, format=format_name)
    store = Store(choice.state, journals="reproduce")
    with store.claimed("reproduce"):
        _copy_save(Store(choice.state), store, producer)
        engine, _ = setup.engine_for(choice, store, planned.plan.environments, cancel=cancel, say=say)
        try:
            _run(planned.plan, key, engine, store, console, cancel)
        except KeyboardInterrupt:
            cancel.set()
            raise Interrupted("Interrupted.") from None
        finally:
            engine.close()
        run = Run(id="reproduce", started=now(), engine=engine.name, matrix_sha256=matrix.sha256, version="")
        results = collect(planned.plan, store, run)
    names = (key.producer, key.consumer, key.probe, key.format)
    found = next(
        item for item in results.cells if (item.producer, item.consumer, item.probe, item.format) == names
    )
    if as_json:
        click.echo(found.model_dump_json(indent=1))
    else:
        _print(found)
        _explain(found, results)
    return 3 if found.verdict in (Verdict.NOT_RUN, Verdict.UNAVAILABLE) else 0


def _copy_save(main: Store, own: Store, producer: str) -> None:
    """Know what the last run saved, without writing where a run writes."""
    source = main.journal_path(producer, "save")
    target = own.journal_path(producer, "save")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    if source.exists():
        shutil.copyfile(source, target)


def _run(
    plan: Plan, key: CellKey, engine: Engine, store: Store, console: Console, cancel: threading.Event
) -> None:
    def listen(task: Task, event: Event) -> None:
        if event["event"] == "output":
            console.print(Text(_shown(event["text"])), end="", soft_wrap=True)

    def carry_out(task: Task) -> None:
        console.print(Text(f"{task.environment}: {task.phase} {key.probe} as {key.format}"), style="bold")
        with console.status("at work …"):
            ready = provision(
                engine,
                plan.environment(task.environment),
                plan.locks.get(task.environment),
                log=store.log(task.environment),
                cancel=cancel,
            )
            run_task(plan, task, ready, engine, store, listener=listen, cancel=cancel, echo=True)

    if not saved_artifacts(plan, store, (key.artifact,)):
        carry_out(Task(environment=key.producer, phase="save", artifacts=(key.artifact,)))
    if saved_artifacts(plan, store, (key.artifact,)):
        carry_out(Task(environment=key.consumer, phase="load", artifacts=(key.artifact,)))


def _shown(printed: str) -> str:
    """What a model prints, without doing anything to the terminal; a bar that goes over its line gets one each time."""
    return visible(printed.replace("\b", "").replace("\r\n", "\n").replace("\r", "\n"))


def _print(cell: CellResult) -> None:
    console = Console(highlight=False)
    lost = f", lost: {', '.join(cell.lost)}" if cell.lost else ""
    console.print(Text(f"{cell.verdict}{lost}", style="bold"))
    console.print(Text(cell.verdict.meaning, style="dim"))
    for check, value in cell.checks.items():
        detail = cell.details.get(check, "")
        console.print(Text(f"  {check:<10} {value.replace('_', ' '):<15} {visible(detail)}"))
    for name in ("save", "load"):
        if name in cell.details:
            console.print(Text(f"  {visible(cell.details[name])}"))
    if cell.max_abs_diff is not None:
        console.print(Text(f"  outputs lie up to {cell.max_abs_diff:.3g} apart"))
    for warning in cell.warnings:
        console.print(Text(f"  warning: {visible(warning)}"))
    if cell.error is not None:
        console.print(Text(visible(f"{cell.error.type}: {cell.error.message}"), style="red"))
        console.print(Text(visible(cell.error.traceback)))


def _explain(cell: CellResult, results: Results) -> None:
    """Why it is so, what was tried, and the code of what works."""
    console = Console(highlight=False)
    causes = {cause.id: cause for cause in results.causes}
    meanings = {meaning.id: meaning for meaning in results.remedies}
    if cell.cause in causes:
        cause = causes[cell.cause]
        console.print(Text(f"Why: {cause.title}. {cause.sentence}", style="bold"))
        if cell.telling:
            console.print(Text(f"  {visible(cell.telling)}"))
    for remedy in cell.remedies:
        console.print(Text(f"Tried {meanings[remedy.id].title!r}: {outcome(remedy)}"))
        for edit in remedy.edits:
            console.print(Text(f"  {visible(edit)}", style="dim"))
    works = best(cell)
    if works is not None:
        code = works.code or meanings[works.id].code
        made = [item for item in results.artifacts if item.producer == cell.producer and item.name]
        console.print(Text(f"This works: {meanings[works.id].title}", style="bold green"))
        console.print(Text(visible(filled(code, made))), soft_wrap=True)
