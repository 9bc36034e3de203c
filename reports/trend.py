"""Pictures of how runs went over time, as SVG that is part of the page: verdicts of each run, and what took how long.

They are for the eye alone; the numbers stand in the table of runs beside them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from reports.xml_text import attribute
from runner.results import Verdict
from runner.transitions import Kind

#: Runs that a picture has room for.
SHOWN = 60

#: Phases of an environment, in the order in which they happen, each with a class of the style sheet.
PHASES = ("provision", "import", "save", "load")

_HEIGHT, _STEP, _WIDTH = 72, 12, 9


@dataclass(frozen=True, kw_only=True)
class Past:
    """One run as the history remembers it."""

    id: str
    #: Matrix, selection and what it was narrowed to: runs of one series can be compared.
    series: str
    #: ISO 8601, UTC.
    started: str
    finished: str = ""
    #: The id of the run that it was compared with; empty where there was none.
    before: str = ""
    interrupted: bool = False
    #: The exit code that the gate gave; None where it has not spoken.
    gate: int | None = None
    tally: Mapping[Verdict, int] = field(default_factory=dict)
    changes: Mapping[Kind, int] = field(default_factory=dict)
    #: Environment -> phase -> seconds.
    seconds: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def cells(self) -> int:
        """How many cells it had."""
        return sum(self.tally.values())

    @property
    def spent(self) -> Mapping[str, float]:
        """Phase -> seconds of all environments together."""
        return {phase: sum(of.get(phase, 0.0) for of in self.seconds.values()) for phase in PHASES}

    @property
    def total(self) -> float:
        """Seconds of all environments and phases together."""
        return sum(self.spent.values())


def verdicts(runs: Sequence[Past]) -> Markup:
    """A column for each run, the oldest left: its cells by verdict, the good ones at the bottom."""
    most = max((run.cells for run in runs), default=0)
    columns = [[(f"f-{verdict}", run.tally.get(verdict, 0)) for verdict in Verdict] for run in runs[-SHOWN:]]
    return _columns(columns, most, f"Verdicts of the last {len(columns)} runs, the newest on the right")


def durations(runs: Sequence[Past]) -> Markup:
    """A column for each run, the oldest left: its seconds by phase, the first phase at the bottom."""
    most = max((run.total for run in runs), default=0.0)
    columns = [[(f"p-{phase}", seconds) for phase, seconds in run.spent.items()] for run in runs[-SHOWN:]]
    return _columns(
        columns, most, f"Seconds of the last {len(columns)} runs by phase, the newest on the right"
    )


def line(values: Sequence[float], said: str) -> Markup:
    """A small line without axes, for a row of a table; ``said`` is what it shows, in words."""
    shown = values[-SHOWN:]
    most = max(shown, default=0.0) or 1.0
    points = " ".join(f"{at * 4},{20 - value / most * 18:.1f}" for at, value in enumerate(shown))
    width = max(4 * (len(shown) - 1), 4)
    last = points.rpartition(" ")[2].split(",") if points else ["0", "20"]
    return Markup(
        f'<svg class="spark" viewBox="-2 0 {width + 4} 22" width="{width + 4}" height="22" role="img" '
        f'aria-label="{attribute(said)}"><polyline points="{points}"/>'
        f'<circle cx="{last[0]}" cy="{last[1]}" r="2"/></svg>'
    )


def _columns(columns: Sequence[Sequence[tuple[str, float]]], most: float, said: str) -> Markup:
    parts = []
    for at, column in enumerate(columns):
        below = float(_HEIGHT)
        for name, amount in column:
            if amount:
                height = amount / most * _HEIGHT
                below -= height
                parts.append(
                    f'<rect class="{name}" x="{at * _STEP}" y="{below:.2f}" width="{_WIDTH}" height="{height:.2f}"/>'
                )
    width = max(len(columns) * _STEP, _STEP)
    return Markup(
        f'<svg class="trend" viewBox="0 0 {width} {_HEIGHT + 1}" width="{width}" height="{_HEIGHT + 1}" role="img" '
        f'aria-label="{attribute(said)}"><path class="axis" d="M0 {_HEIGHT}.5h{width}"/>{"".join(parts)}</svg>'
    )
