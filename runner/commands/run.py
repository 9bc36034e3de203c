"""``crossload run``: the whole plan, then the report."""

import threading
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Console

from environments.errors import InfrastructureError, Interrupted
from environments.matrix import Matrix
from reports import site as sites
from reports.terminal import summary
from runner import execute, gate, setup
from runner.collect import collect
from runner.commands import options
from runner.commands.description import describe
from runner.progress import Progress
from runner.provenance import now
from runner.results import Results
from runner.store import Store, replace_text


@click.command()
@options.shared(*options.PLAN, options.SITE, options.ENGINE, options.MIRROR)
@click.option(
    "--jobs", type=click.IntRange(1, 256), default=None, help="Tasks at one time. [default: processors]"
)
def run(jobs: int | None, **given: Any) -> int:
    """Save every probe in every environment, load it in every other, and write the page.

    \b
    Example:
      crossload run
      crossload run --select nightly --probe dense --probe ./my_model.py
    """
    choice = options.choice(**given)
    console = Console(stderr=True)
    say = options.teller(console)
    cancel = threading.Event()
    setup.writable(choice.state, "--state")
    setup.writable(choice.site, "--site")
    store = Store(choice.state)
    with store.claimed("run"):
        planned = setup.planned(choice, cancel=cancel, say=say, afresh=True)
        store.sweep()
        engine, notes = setup.engine_for(choice, store, planned.plan.environments, cancel=cancel, say=say)
        workers = jobs or execute.jobs()
        started = describe(planned.matrix, choice.select, engine, notes)
        replace_text(store.root / "run.json", started.model_dump_json(indent=1))
        execute.forget(planned.plan, store)
        say(
            f"{len(planned.plan.environments)} environments, {len(planned.plan.probes)} probes, "
            f"{len(planned.plan.formats)} formats: {len(planned.plan.cells())} cells, engine {engine.name}, "
            f"{workers} at a time."
        )
        trouble: Exception | None = None
        try:
            with Progress(planned.plan, console, workers=workers) as progress:
                execute.execute(
                    planned.plan,
                    engine,
                    store,
                    progress,
                    cancel=cancel,
                    unavailable=planned.unavailable,
                    workers=workers,
                )
        except (KeyboardInterrupt, Interrupted):
            trouble = Interrupted("Interrupted. What was done until now is kept and is on the page.")
        except (InfrastructureError, OSError) as error:  # a full disk: what fitted is still worth a page
            trouble = error
        finally:
            cancel.set()
            engine.close()
        finished = started.model_copy(
            update={"finished": now(), "interrupted": isinstance(trouble, Interrupted)}
        )
        replace_text(store.root / "run.json", finished.model_dump_json(indent=1))
        results = collect(planned.plan, store, finished, unavailable=planned.unavailable)
        page = sites.write(results, choice.site)
    Console().print(summary(results))
    code = conclude(results, planned.matrix)
    click.echo(f"\nThe page: {page.absolute()}")
    if trouble is not None:
        raise trouble
    return code


def conclude(results: Results, matrix: Matrix) -> int:
    """Say what the gate found, passing rules too; gives the exit code. Lost cells win over a failed gate."""
    today = datetime.now(UTC).date()
    outcomes = gate.evaluate(results, matrix.fail_on, expected=matrix.expected, today=today)
    lost = gate.lost(results, expected=matrix.expected, today=today)
    click.echo()
    for outcome in outcomes:
        click.echo(f"Gate, {gate.sentence(outcome)}")
    if not lost.holds:
        click.echo(f"Infrastructure, {gate.sentence(lost)}")
    for line in gate.lapsed(results, expected=matrix.expected, today=today):
        click.echo(f"Expected, {line}")
    if not lost.holds:
        return 3
    return 0 if all(outcome.holds for outcome in outcomes) else 1
