"""``crossload task save|load ENV``: exactly one task of the plan, on any machine."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import click
from rich.console import Console

from environments import matrix as matrices
from environments.errors import EnvironmentUnavailable, InfrastructureError, Interrupted, UsageError
from environments.spec import Environment
from runner import cleaning, setup
from runner.collect import collect
from runner.commands import options
from runner.commands.group import Group
from runner.plan import ArtifactKey, Phase, Task
from runner.progress import Progress
from runner.provenance import now
from runner.provisioning import provision
from runner.results import Run
from runner.reuse import todo
from runner.store import Store
from runner.tasks import record_unavailable, run_task
from runner.told import read, saved_values


@click.group(cls=Group)
def task() -> None:
    """One task of the plan: one environment, saving or loading.

    Carry the folder .crossload/artifacts from machine to machine, and the cells are those of one run.
    """


@task.command()
@click.argument("environment")
@options.shared(*options.PLAN, options.ENGINE, options.MIRROR)
def save(environment: str, **given: Any) -> int:
    """Save every probe in every format in ENVIRONMENT.

    \b
    Example:
      crossload task save tf2.15.1-cpu
    """
    return _run("save", environment, given)


@task.command()
@click.argument("environment")
@options.shared(*options.PLAN, options.ENGINE, options.MIRROR)
def load(environment: str, **given: Any) -> int:
    """Load in ENVIRONMENT what is in the artifacts folder.

    \b
    Example:
      crossload task load tf2.21.0-cpu
    """
    return _run("load", environment, given)


def _run(phase: Phase, identifier: str, given: dict[str, Any]) -> int:
    choice = options.choice(**given)
    console = Console(stderr=True)
    setup.writable(choice.state, "--state")
    store = Store(choice.state)
    matrix = setup.matrix_of(choice)
    environment = one(matrix, identifier)
    with store.claimed("run", shared=True):  # tasks run side by side, but not under a run of the whole plan
        # What this reads is no waste for that, though nothing may be left to do, or nothing can be done.
        cleaning.asked(store, identifier, phase)
        for name in store.producers() if phase == "load" else ():
            cleaning.asked(store, name, "save")
        return _work(phase, choice, matrix, environment, store, console)


def _work(
    phase: Phase,
    choice: setup.Choice,
    matrix: matrices.Matrix,
    environment: Environment,
    store: Store,
    console: Console,
) -> int:
    identifier = environment.id
    words = [identifier]
    if phase == "load":
        known = {item.id for item in matrix.environments}
        words += choice.select or [name for name in store.producers() if name in known]
    say = options.teller(console)
    cancel = threading.Event()
    planned = setup.planned(choice, cancel=cancel, say=say, environments=words, afresh=phase == "save")
    if identifier in planned.unavailable:
        raise InfrastructureError(planned.unavailable[identifier])
    saved = saved_values(planned.plan, store, planned.plan.artifacts())
    work: Task = (
        planned.plan.save_task(identifier)
        if phase == "save"
        else planned.plan.load_task(identifier, tuple(saved))
    )
    if phase == "load" and not saved:
        raise UsageError(
            f"There is nothing to load in {store.artifacts}. {_why_nothing(planned, store)}Save first "
            "(crossload task save ENV), or carry that folder here from where it was saved."
        )
    engine, _ = setup.engine_for(choice, store, [environment], cancel=cancel, say=say)
    here = saved if phase == "load" else {}
    if work.artifacts and todo(planned.plan, work, store, here, engine=engine.name).nothing:
        engine.close()
        say(f"{identifier}: {phase}: all of it was run before and holds.")
        return _tell(planned, store, work, engine.name, say)
    say(f"{identifier}: {phase} {len(work.artifacts)}, engine {engine.name}.")
    try:
        with Progress(planned.plan, console, workers=1) as progress:
            progress.provisioning(identifier)
            try:
                ready = provision(
                    engine,
                    environment,
                    planned.plan.locks.get(identifier),
                    log=store.log(identifier),
                    cancel=cancel,
                )
            except EnvironmentUnavailable as error:
                record_unavailable(planned.plan, work, store, engine.name, error)
                raise
            progress.provisioned(identifier, "")
            progress.planned(work)
            run_task(planned.plan, work, ready, engine, store, listener=progress.event, cancel=cancel)
    except KeyboardInterrupt:
        cancel.set()
        raise Interrupted("Interrupted. What was done until now is kept.") from None
    finally:
        engine.close()
    return _tell(planned, store, work, engine.name, say)


def _why_nothing(planned: setup.Planned, store: Store) -> str:
    """Why what was saved earlier is nothing now, in sentences; empty where nothing was."""
    sentences = []
    for item in planned.plan.environments:
        told = read(planned.plan, store, item, "save")
        gone = any((event.get("value") or {}).get("status") == "saved" for event in told.cells.values())
        reason = told.stale or told.unavailable or (gone and "its files are not there any more")
        if reason:
            sentences.append(f"What {item.id} saved does not count: {str(reason).rstrip('.')}. ")
    return "".join(sentences[:3])


def one(matrix: matrices.Matrix, identifier: str) -> Environment:
    """The one environment of that id. Raises UsageError when there is none, or when it is a glob over several."""
    found = matrices.select(matrix, [identifier])
    if len(found) != 1 or found[0].id != identifier:
        names = ", ".join(item.id for item in found)
        raise UsageError(f"One environment is wanted, and {identifier!r} names {len(found)}: {names}.")
    return found[0]


def _tell(planned: setup.Planned, store: Store, work: Task, engine: str, say: Callable[[str], None]) -> int:
    """Say what became of the task; 3 when any of its cells was not run."""
    run = Run(id="task", started=now(), engine=engine, matrix_sha256=planned.matrix.sha256, version="")
    results = collect(planned.plan, store, run, unavailable=planned.unavailable)
    asked = set(work.artifacts)
    words = [
        str(item.status)
        for item in results.artifacts
        if work.phase == "save"
        and ArtifactKey(producer=item.producer, probe=item.probe, format=item.format) in asked
    ] + [
        str(cell.verdict)
        for cell in results.cells
        if work.phase == "load"
        and cell.consumer == work.environment
        and ArtifactKey(producer=cell.producer, probe=cell.probe, format=cell.format) in asked
    ]
    counts = Counter(words)
    told = ", ".join(f"{count} {word.replace('_', ' ')}" for word, count in counts.items())
    say(f"{work.environment}: {told or 'nothing to do'}")
    reasons = {item.id: item.error for item in results.environments}
    if reasons.get(work.environment):
        say(f"{work.environment}: {reasons[work.environment]}")
    return 3 if counts["not_run"] or counts["unavailable"] else 0
