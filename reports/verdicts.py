"""How verdicts are shown: a symbol each, and which one stands for many.

Symbols differ in shape, so that the page and the terminal can be read without colour.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from runner.results import Verdict

#: From what needs a reader's eye most to what needs it least. It is not the order of good and bad:
#:
#: - ``divergent`` comes first. It is the one outcome that nothing else announces: no exception, no exit status.
#: - Then what broke in this pair, loudest first: a crash cannot be caught by the program that loads, an
#:   exception can, and a time limit may be the machine's fault. Then what was lost.
#: - ``not_run`` and ``unavailable`` come after every real finding, so that infrastructure never hides one,
#:   but before ``identical``, so that a hole never reads as a success.
#: - ``save_failed`` and ``unsupported`` come after ``identical``: they say nothing about the pair. A failed save
#:   is charged to the producer, at the head of its row; here it would paint every consumer's cell.
ATTENTION: tuple[Verdict, ...] = (
    Verdict.DIVERGENT,
    Verdict.CRASHED,
    Verdict.LOAD_FAILED,
    Verdict.TIMED_OUT,
    Verdict.DEGRADED,
    Verdict.NOT_RUN,
    Verdict.UNAVAILABLE,
    Verdict.IDENTICAL,
    Verdict.SAVE_FAILED,
    Verdict.UNSUPPORTED,
)

#: Verdicts of cells that were run and are not as they should be. A failed save is the producer's.
TROUBLE: tuple[Verdict, ...] = (
    Verdict.DEGRADED,
    Verdict.DIVERGENT,
    Verdict.LOAD_FAILED,
    Verdict.CRASHED,
    Verdict.TIMED_OUT,
)

#: One character for each verdict, for the terminal; the page draws the same shapes.
SYMBOLS: Mapping[Verdict, str] = {
    Verdict.IDENTICAL: "✓",
    Verdict.DEGRADED: "◐",
    Verdict.DIVERGENT: "≠",
    Verdict.LOAD_FAILED: "✕",
    Verdict.CRASHED: "!",
    Verdict.TIMED_OUT: "⧗",
    Verdict.SAVE_FAILED: "⊘",
    Verdict.UNSUPPORTED: "–",
    Verdict.UNAVAILABLE: "?",
    Verdict.NOT_RUN: "…",
}


#: What each check compares, for the legend.
CHECK_MEANINGS: Mapping[str, str] = {
    "structure": "The nest of the outputs, their dtypes and shapes, and the trainable flags are those of the model.",
    "config": "The configuration that comes back has the keys and values of the one that was saved. For information: it"
    " alone never makes a cell degraded, since versions rename and add keys without changing what a model does.",
    "weights": "Every weight, by order and by name, and the state of layers that is no weight.",
    "outputs": "What the model predicts for the probe's inputs.",
    "loss": "What evaluate() gives with the loss and metrics that came back.",
    "optimizer": "The optimizer's variables and its count of iterations.",
    "training": "The weights after one more step of training.",
    "resave": "It can be saved again.",
    "reload": "What was saved again, or the same file loaded twice, still predicts the same.",
}


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How often each verdict occurs in a set of cells; only those that do, in the order of ``Verdict``."""

    counts: tuple[tuple[Verdict, int], ...]

    @property
    def total(self) -> int:
        """The number of cells."""
        return sum(number for _, number in self.counts)

    @property
    def worst(self) -> Verdict:
        """The verdict that stands for them all; ``not_run`` for no cells."""
        present = {verdict for verdict, _ in self.counts}
        return next((verdict for verdict in ATTENTION if verdict in present), Verdict.NOT_RUN)

    @property
    def rare(self) -> bool:
        """Whether the one that stands for them all does so for few: it is a finding, and two thirds are identical."""
        charged = self.total - self.of(Verdict.SAVE_FAILED) - self.of(Verdict.UNSUPPORTED)
        return self.worst in TROUBLE and 3 * self.of(Verdict.IDENTICAL) >= 2 * charged

    def of(self, verdict: Verdict) -> int:
        """The number of cells with this verdict."""
        return dict(self.counts).get(verdict, 0)

    def __str__(self) -> str:
        return ", ".join(f"{number:,} {verdict.replace('_', ' ')}" for verdict, number in self.counts)


def tally(verdicts: Iterable[Verdict]) -> Tally:
    """Count verdicts."""
    counted = Counter(verdicts)
    return Tally(counts=tuple((verdict, counted[verdict]) for verdict in Verdict if counted[verdict]))


def answer(tally: Tally) -> str:
    """The run in one sentence."""
    identical, divergent = tally.of(Verdict.IDENTICAL), tally.of(Verdict.DIVERGENT)
    silent = {0: "none loads without an error and is wrong", 1: "1 loads without an error and is wrong"}
    wrong = silent.get(divergent, f"{divergent:,} load without an error and are wrong")
    return f"{identical:,} of {tally.total:,} cells are identical; {wrong}."
