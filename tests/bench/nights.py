"""``python -m tests.bench.nights``: what a night costs in which little or nothing has changed, and a very large one.

Nothing is loaded for real: an engine of recorded lines answers at once, so that all that is timed is this program. As
many cells go wrong as in a real night, in words of real runs.
"""

import math
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import click
from rich.table import Table

from reports import outputs
from runner import execute, setup
from runner.collect import collect
from runner.commands import options
from runner.history import History
from runner.plan import Plan
from runner.results import Results, Run, to_json
from runner.store import Store
from tests.bench.typical import typical
from tests.runner.fakes import Recorded, make_plan

PROBES, FORMATS = 60, ("keras", "h5", "savedmodel", "weights", "checkpoint", "json")


@dataclass(frozen=True, kw_only=True)
class Line:
    """What one thing took."""

    what: str
    seconds: float
    #: Beside what it is held against, where it is.
    ratio: float | None = None
    #: Cells that were run, or bytes that were written, in words.
    much: str = ""


class Quiet:
    """An observer that says nothing."""

    def provisioning(self, environment: str) -> None:
        """Nothing."""

    def provisioned(self, environment: str, problem: str) -> None:
        """Nothing."""

    def planned(self, task: object) -> None:
        """Nothing."""

    def event(self, task: object, event: object) -> None:
        """Nothing."""


def timed(work: Callable[[], object]) -> float:
    """Seconds that it takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def carry_out(plan: Plan, store: Store) -> int:
    """Run what is left of a plan; how many cells that were, artifacts included."""
    engine = Recorded({f"load-{item.id}": [typical] for item in plan.environments})
    engine.name = "venv"  # as the command will be told
    execute.execute(plan, engine, store, Quiet(), cancel=threading.Event(), unavailable={}, workers=1)
    return sum(len(cells) for _, cells in engine.jobs)


def nights(matrix: Path, folder: Path) -> list[Line]:
    """The default matrix: all of it, nothing changed, and one environment more."""
    state, site = folder / "state", folder / "site"
    choice = setup.Choice(matrix=matrix, state=state)
    plan = setup.planned(choice, cancel=threading.Event(), say=print).plan
    cells: list[int] = []
    whole = timed(lambda: cells.append(carry_out(plan, Store(state))))
    lines = [Line(what="all of the default matrix, recorded", seconds=whole, much=f"{cells[-1]:,} cells run")]
    unchanged = timed(lambda: cells.append(carry_out(plan, Store(state))))
    lines.append(
        Line(
            what="the same again", seconds=unchanged, ratio=unchanged / whole, much=f"{cells[-1]:,} cells run"
        )
    )
    fewer = replace(plan, environments=plan.environments[:-1])
    carry_out(fewer, Store(folder / "fewer"))
    more = timed(lambda: cells.append(carry_out(plan, Store(folder / "fewer"))))
    lines.append(
        Line(what="one environment more", seconds=more, ratio=more / whole, much=f"{cells[-1]:,} cells run")
    )
    program = [sys.executable, "-m", "runner"]
    command = [
        *program,
        "run",
        "--matrix",
        str(matrix),
        "--engine",
        "venv",
        "--state",
        str(state),
        "--site",
        str(site),
    ]
    floor = min(timed(lambda: _ended(program, "--version")) for _ in range(3))
    _ended(command)
    again = min(timed(lambda: _ended(command)) for _ in range(3))
    lines.append(Line(what="crossload --version", seconds=floor))
    lines.append(
        Line(
            what="crossload run, nothing changed, page included",
            seconds=again,
            ratio=again / floor,
            much="0 cells run",
        )
    )
    return lines


def large(cells: int, folder: Path) -> list[Line]:
    """So many cells: read from their journals, judged, written and remembered."""
    count = max(2, round(math.sqrt(cells / PROBES / len(FORMATS))))
    plan = make_plan(
        folder,
        *(f"tf{number}" for number in range(count)),
        probes=tuple(f"p{number}" for number in range(PROBES)),
        formats=FORMATS,
    )
    store = Store(folder / "large")
    carry_out(plan, store)
    run = Run(id="r1", started="2026-11-01T00:00:00+00:00", engine="venv", matrix_sha256="", version="")
    found: list[Results] = []
    lines = [
        Line(
            what=f"collect {len(plan.cells()):,} cells",
            seconds=timed(lambda: found.append(collect(plan, store, run))),
            much=f"{_megabytes(folder / 'large')} of journals and artifacts, {_peak()}",
        )
    ]
    results = found[0]
    path = folder / "results.json"
    seconds = timed(lambda: path.write_text(to_json(results)))
    lines.append(Line(what="results.json", seconds=seconds, much=f"{_megabytes(path)}, {_peak()}"))
    for number in (1, 2):
        of_night = results.model_copy(update={"run": run.model_copy(update={"id": f"r{number}"})})

        def record(of_night: Results = of_night) -> None:
            with History(folder) as history:
                history.record(of_night)

        seconds = timed(record)
        much = f"{_megabytes(folder / 'history.sqlite')}, {_peak()}"
        lines.append(Line(what=f"history, night {number}", seconds=seconds, much=much))
    site = folder / "outputs"
    site.mkdir()
    seconds = timed(lambda: outputs.write(results, site, outputs.Context()))
    lines.append(Line(what="the other outputs", seconds=seconds, much=f"{_megabytes(site)}, {_peak()}"))
    return lines


def table(lines: list[Line]) -> Table:
    """All of it."""
    found = Table(box=None)
    for name in ("what", "seconds", "ratio", "how much"):
        found.add_column(name, justify="left" if name in ("what", "how much") else "right")
    for line in lines:
        ratio = f"{line.ratio:.3f}" if line.ratio is not None else ""
        found.add_row(line.what, f"{line.seconds:.2f}", ratio, line.much)
    return found


def _ended(program: list[str], *words: str) -> None:
    # It ends at once; were the agent edited meanwhile, it would begin to make environments.
    subprocess.run([*program, *words], check=True, capture_output=True, timeout=60)


def _megabytes(path: Path) -> str:
    size = sum(file.lstat().st_size for file in path.rglob("*")) if path.is_dir() else path.stat().st_size
    return f"{size / 1e6:,.1f} MB"


def _peak() -> str:
    return f"at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:,.2f} GB of memory until now"


@click.command()
@options.shared(options.MATRIX)
@click.option(
    "--cells", type=click.IntRange(1), default=1_000_000, show_default=True, help="Cells of the large one."
)
def main(matrix: Path, cells: int) -> None:
    """Time a night in which nothing has changed, one with an environment more, and the report of a very large one."""
    with tempfile.TemporaryDirectory() as name:
        lines = nights(matrix, Path(name))
        options.for_tables().print(table(lines))
        options.for_tables().print(table(large(cells, Path(name))))


if __name__ == "__main__":
    main()
