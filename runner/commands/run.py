"""``crossload run``: the whole plan, then the report."""

import threading
import time
from typing import Any

import click
from rich.console import Console

from environments.errors import InfrastructureError, Interrupted
from reports import site as sites
from runner import cleaning, entries, execute, setup
from runner.collect import collect
from runner.commands import options
from runner.commands.conclusion import conclude, tell
from runner.description import describe, narrowed
from runner.history import History
from runner.progress import Progress
from runner.provenance import now
from runner.store import Store, replace_text


@click.command()
@options.shared(*options.PLAN, options.SITE, options.ADDRESS, options.ENGINE, options.MIRROR)
@click.option(
    "--jobs", type=click.IntRange(1, 256), default=None, help="Tasks at one time. [default: processors]"
)
@click.option(
    "--fresh", is_flag=True, help="Run everything, also what nothing has changed for since the last run."
)
def run(jobs: int | None, fresh: bool, address: str, **given: Any) -> int:
    """Save every probe in every environment, load it in every other, and write the page.

    What was run before is not run again while nothing changes that it depends on.

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
        with History(choice.state) as history:  # trouble with it is told before hours of work
            history.check()
        planned = setup.planned(choice, cancel=cancel, say=say, afresh=True)
        entries.check(planned.matrix, (probe.name for probe in planned.plan.probes))
        store.sweep()
        engine, notes = setup.engine_for(choice, store, planned.plan.environments, cancel=cancel, say=say)
        workers = jobs or execute.jobs()
        started = describe(
            planned.matrix, choice.select, engine, notes, narrowed(choice.probes, choice.formats)
        )
        found = cleaning.before(store)
        replace_text(store.root / "run.json", started.model_dump_json(indent=1))
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
                    fresh=fresh,
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
        conclusion = conclude(results, planned.matrix, choice.state, address=address)
        page = sites.write(results, choice.site, conclusion.context)
        try:
            cleaning.gently(store, planned.plan, now=time.time(), found=found)
        except OSError as error:  # the results are there, and that is what matters
            say(f"The state folder was not tidied: {error}. Type: crossload clean")
    tell(results, conclusion, page)
    if trouble is not None:
        raise trouble
    return conclusion.code
