"""``python -m tests.bench``: time a cell each way on the same artifacts, and compare every verdict."""

import json
import signal
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from environments.engines import Ready
from environments.engines.venv import VenvEngine
from environments.errors import CrossloadError, InfrastructureError, Interrupted
from runner import execute, setup
from runner.commands import options
from runner.plan import CellKey
from runner.store import Store, replace_text
from tests.bench.figures import Figures, Timing, differences, machine
from tests.bench.sample import spread
from tests.bench.ways import Ways


@click.command()
@options.shared(*options.PLAN)
@click.option(
    "--cells", "count", type=click.IntRange(1), default=120, show_default=True, help="Cells in the sample."
)
@click.option(
    "--json",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Also write the figures to this file.",
)
def bench(count: int, path: Path | None, **given: Any) -> int:
    """Time a cell three ways, side by side on the same artifacts, and compare every verdict.

    (a) is a fresh process for each cell, (b) is this runner, (c) is the floor: load and predict in one warm process.
    Ends with 1 when any verdict of (a) and (b) differs. No time is ever too long.

    \b
    Example:
      python -m tests.bench --cells 12 --select tf2.15.1-cpu --select tf2.21.0-cpu
    """
    choice = options.choice(**given)
    say = options.teller(Console(stderr=True))
    cancel = threading.Event()
    setup.writable(choice.state, "--state")
    store = Store(choice.state)
    with store.claimed("run"), ThreadPoolExecutor(execute.jobs()) as pool:
        try:
            figures = _work(choice, count, pool, say, cancel)
        except BaseException:
            cancel.set()
            raise
    if path is not None:
        replace_text(path, json.dumps(figures.data(), indent=1) + "\n")
    return tell(figures)


def _work(
    choice: setup.Choice,
    count: int,
    pool: ThreadPoolExecutor,
    say: Callable[[str], None],
    cancel: threading.Event,
) -> Figures:
    planned = setup.planned(choice, cancel=cancel, say=say)
    for name, reason in planned.unavailable.items():
        raise InfrastructureError(f"{name} is unavailable: {reason}")
    plan = planned.plan
    names = [item.id for item in plan.environments]
    engine = VenvEngine(state=choice.state.absolute())

    def make(name: str) -> Ready:
        log = choice.state / "logs" / f"provision-{name}.log"
        return engine.provision(plan.environment(name), plan.locks.get(name), log=log, cancel=cancel)

    ways = Ways(plan, engine, choice.state, dict(zip(names, pool.map(make, names), strict=True)), cancel)
    for name, anew in zip(names, pool.map(ways.save, names), strict=True):
        say(f"{name}: {'saved' if anew else 'was saved before'}")
    everything = ways.cells()
    timings = measure(ways, names, spread(everything, count), everything, pool, execute.jobs(), say)
    differing, other_checks = differences(ways.outcomes)
    return Figures(
        machine=machine(),
        workers=execute.jobs(),
        environments=tuple(names),
        timings=timings,
        differing=differing,
        other_checks=other_checks,
    )


def measure(
    ways: Ways,
    consumers: Sequence[str],
    sample: Sequence[CellKey],
    everything: Sequence[CellKey],
    pool: ThreadPoolExecutor,
    workers: int,
    say: Callable[[str], None],
) -> dict[str, Timing]:
    """Run the sample each way, and all cells by this runner.

    Consumers are taken as many at a time as there are workers, and go through all ways before the next ones start:
    a machine that gets slower or faster meanwhile does so for each way.
    """
    timings: defaultdict[str, Timing] = defaultdict(Timing)
    for start in range(0, len(consumers), workers):
        group = consumers[start : start + workers]
        list(pool.map(ways.warm_up, group))
        for name, way in ways.all.items():
            keys = everything if name == "whole" else sample
            of_each = [[key for key in keys if key.consumer == consumer] for consumer in group]
            for consumer, timing in zip(group, pool.map(way, group, of_each), strict=True):
                timings[name] += timing
                say(f"{consumer}: {name}, {timing.cells} cells, {timing.seconds:.1f} s")
    return dict(timings)


def tell(figures: Figures) -> int:
    """Print all that was found; gives the exit code."""
    console = options.for_tables()
    console.print(figures.table())
    console.print(
        f"{len(figures.environments)} environments, {figures.workers} workers at a time: seconds are those of one of "
        "them. Starting and importing count in (a) and (b), not in (c)."
    )
    cells = figures.timings["fresh"].cells
    if figures.differing:
        console.print(f"{len(figures.differing)} of {cells} cells have not the same verdict each way:")
    else:
        console.print(f"Every verdict of (a) and (b) is the same, in {cells} cells.")
    for line in figures.differing:
        console.print(Text(f"  {line}"))
    if figures.other_checks:
        console.print(f"{len(figures.other_checks)} cells have the same verdict, for other checks:")
    for line in figures.other_checks:
        console.print(Text(f"  {line}"))
    return 1 if figures.differing else 0


def main() -> int:
    """Run the command; gives its exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return int(bench.main(prog_name="python -m tests.bench", standalone_mode=False) or 0)
    except CrossloadError as error:
        Console(stderr=True).print(Text(str(error)), style="red", soft_wrap=True)
        return error.exit_code
    except click.Abort:
        click.echo("Interrupted.", err=True)
        return Interrupted.exit_code
    except click.ClickException as error:
        error.show()
        return 2


if __name__ == "__main__":
    sys.exit(main())
