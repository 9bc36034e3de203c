"""What the history gives: plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from runner.results import Verdict
from runner.transitions import CellName, Comparison, Kind, Seen, Transition


@dataclass(frozen=True, kw_only=True)
class Series:
    """Runs that are compared with each other: the same matrix, the same selection, narrowed in the same way."""

    matrix: str
    selection: str
    #: The options by which less was run than the selection says; empty where all was.
    narrowed: str = ""

    def __str__(self) -> str:
        return " ".join(word for word in (self.matrix, self.selection, self.narrowed) if word)


@dataclass(frozen=True, kw_only=True)
class Record:
    """One run as the history has it."""

    #: The order of runs. Clocks go back, this does not.
    sequence: int
    id: str
    series: Series
    #: ISO 8601, UTC, as the run stated them.
    started: str
    finished: str
    engine: str
    version: str
    matrix_sha256: str
    interrupted: bool
    #: The exit code that the gate gave; None where it has not spoken.
    gate: int | None
    #: The id of the run that it was compared with; empty where there was none.
    before: str = ""
    #: How many cells had each verdict.
    tally: Mapping[Verdict, int] = field(default_factory=dict)
    #: How many cells needed more than one attempt.
    retried: int = 0
    #: How many cells changed, by kind, against the run before it of the same series.
    changes: Mapping[Kind, int] = field(default_factory=dict)
    #: Environment -> phase -> seconds.
    seconds: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def green(self) -> bool:
        """Whether the gate held."""
        return self.gate == 0

    @property
    def cells(self) -> int:
        """How many cells it had."""
        return sum(self.tally.values())


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What came of recording a run: ``previous`` is None where it is the first of its series."""

    #: Of the run that was recorded.
    sequence: int
    #: False where the history has the run already, with more than these results.
    kept: bool = True
    previous: Record | None
    comparison: Comparison


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step in the story of a cell: what changed, in which run."""

    run: Record
    transition: Transition


Cells = Mapping[CellName, Seen]
