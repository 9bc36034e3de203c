"""What was measured: seconds, ratios, the machine, and which cells have not the same verdict every way."""

import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from runner.plan import CellKey
from runner.results import CellResult, Verdict
from tests.bench.sample import name_of

Outcomes = Mapping[CellKey, CellResult]

#: The ways, in the order of the table.
WAYS: Mapping[str, str] = {
    "fresh": "(a) a fresh process for each cell",
    "forked": "(b) this runner, the same sample",
    "whole": "(b) this runner, all cells: the cost in a real run",
    "warm": "(c) one warm process, load and predict: the floor",
}


@dataclass(frozen=True, kw_only=True)
class Timing:
    """What some cells took. Seconds are those of one worker, while the other workers do the same."""

    cells: int = 0
    seconds: float = 0.0
    #: Cells in which loading or the first use raised.
    failed: int = 0

    def __add__(self, other: "Timing") -> "Timing":
        return Timing(
            cells=self.cells + other.cells,
            seconds=self.seconds + other.seconds,
            failed=self.failed + other.failed,
        )

    @property
    def each(self) -> float:
        """Mean seconds of a cell; NaN where there was none."""
        return self.seconds / self.cells if self.cells else float("nan")


@dataclass(frozen=True, kw_only=True)
class Figures:
    """All that one bench found."""

    machine: str
    workers: int
    environments: tuple[str, ...]
    #: One for each of :data:`WAYS`.
    timings: Mapping[str, Timing]
    #: Sentences on cells that have not the same verdict every way.
    differing: tuple[str, ...]
    #: The same for cells whose verdicts agree and whose checks do not.
    other_checks: tuple[str, ...]

    def data(self) -> dict[str, Any]:
        """For ``--json``."""
        ways = {
            name: {**asdict(timing), "seconds_a_cell": round(timing.each, 4)}
            for name, timing in self.timings.items()
        }
        return {
            "machine": self.machine,
            "workers": self.workers,
            "environments": self.environments,
            "ways": ways,
            "ratios": {name: round(value, 2) for name, value in self.ratios().items()},
            "same_verdicts": not self.differing,
            "differing": self.differing,
            "other_checks": self.other_checks,
        }

    def ratios(self) -> dict[str, float]:
        """How many times longer a cell takes one way than another."""
        pairs = (("fresh", "forked"), ("fresh", "whole"), ("forked", "warm"), ("whole", "warm"))
        return {f"{one}/{other}": self._ratio(one, other) for one, other in pairs}

    def table(self) -> Table:
        """The table that is printed."""
        table = Table(title=self.machine, title_justify="left")
        for heading in ("way", "cells", "raised", "seconds a cell", "(a) / this", "this / (c)"):
            table.add_column(heading, justify="left" if heading == "way" else "right")
        for name, words in WAYS.items():
            timing = self.timings[name]
            table.add_row(
                words,
                str(timing.cells),
                str(timing.failed),
                f"{timing.each:.3f}",
                f"{self._ratio('fresh', name):.1f}" if name != "fresh" else "",
                f"{self._ratio(name, 'warm'):.1f}" if name != "warm" else "",
            )
        return table

    def _ratio(self, one: str, other: str) -> float:
        below = self.timings[other].each
        return self.timings[one].each / below if below else float("nan")


def raised(outcomes: Outcomes) -> int:
    """In how many cells loading or the first use raised."""
    return sum(cell.verdict == Verdict.LOAD_FAILED for cell in outcomes.values())


def differences(ways: Mapping[str, Outcomes]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Sentences on cells whose verdicts differ between ways, and on those where only the checks do.

    The cells are those of the first way; every other way has them too.
    """
    verdicts, checks = [], []
    for key in next(iter(ways.values())):
        cells = {name: outcomes[key] for name, outcomes in ways.items()}
        if len({cell.verdict for cell in cells.values()}) > 1:
            said = ", ".join(f"{name}: {cell.verdict}" for name, cell in cells.items())
            verdicts.append(f"{name_of(key)}  {said}")
        elif len({tuple(cell.checks.items()) for cell in cells.values()}) > 1:
            said = "; ".join(
                f"{name}: " + ", ".join(f"{check} {value}" for check, value in cell.checks.items())
                for name, cell in cells.items()
            )
            checks.append(f"{name_of(key)}  {said}")
    return tuple(verdicts), tuple(checks)


def machine() -> str:
    """This machine in a line."""
    try:
        processor = processor_of(Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace"))
    except OSError:
        processor = platform.processor() or platform.machine()
    gibibytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{len(os.sched_getaffinity(0))} processors ({processor}), {gibibytes:.1f} GiB of memory, "
        f"Python {platform.python_version()}, {platform.system()} {platform.release()} {platform.machine()}"
    )


def processor_of(cpuinfo: str) -> str:
    """The processor's name in the text of ``/proc/cpuinfo``; what kind of machine it is where there is none."""
    for line in cpuinfo.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name" and value.strip():
            return " ".join(value.split())
    return platform.machine()
