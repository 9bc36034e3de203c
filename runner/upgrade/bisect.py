"""``bisect``: the first TensorFlow and the first Keras that break a model file, between one that works and one that
does not.

First over the releases of TensorFlow, each with the Keras of its day. Where the two neighbours differ in Keras as
well, the TensorFlow of the bad one is tried with the Keras of the good one: that tells which of the two it is, and
where it is Keras, its releases are searched on that one TensorFlow.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from packaging.version import Version

from environments import releases
from environments.errors import InfrastructureError, UsageError
from environments.spec import LEGACY, NIGHTLY, Environment
from runner.adopted import ModelFile
from runner.upgrade.halving import Found, halving
from runner.upgrade.looking import Looking, On, Point, Step, called, takes_keras_3
from runner.upgrade.workshop import Workshop

Blame = Literal["tensorflow", "keras", "together", "unknown"]


@dataclass(frozen=True, kw_only=True)
class Change:
    """Two neighbours in a row, and what could not be known between them."""

    last_good: Step
    first_bad: Step
    #: Versions that lie between, because they could not be installed or looked at.
    skipped: tuple[str, ...] = ()
    #: Versions that are good again after the bad one.
    good_again: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What broke the model."""

    #: In the row of TensorFlow releases; None where both ends have the same TensorFlow.
    tensorflow: Change | None
    #: In the row of Keras releases on one TensorFlow; None where Keras was not searched.
    keras: Change | None
    blame: Blame
    #: Why, in a sentence.
    why: str
    steps: tuple[Step, ...]

    @property
    def last(self) -> Change:
        """The change that says most."""
        return [change for change in (self.tensorflow, self.keras) if change][-1]


def bisect(
    model: ModelFile,
    good: Environment,
    bad: Environment,
    workshop: Workshop,
    *,
    on: On = "load",
    told: Callable[[Step], None] = lambda step: None,
) -> Answer:
    """Search; ``told`` gets each step as it ends.

    Raises UsageError where the good one is bad or the bad one good, InfrastructureError where either could not be
    known, and EnvironmentUnavailable where the good one cannot be made.
    """
    for environment in (good, bad):
        if environment.tensorflow in (None, NIGHTLY):
            raise UsageError(
                f"{environment.id} has no exact version of TensorFlow, and versions are what is searched;"
                " name a TensorFlow such as 2.18.1."
            )
    if good.id == bad.id:
        raise UsageError(f"--good and --bad are the same environment, {good.id}; name two.")
    return _Search(model, good, bad, workshop, on, told).run()


def tensorflows_between(good: str, bad: str, known: Sequence[releases.Release]) -> tuple[str, ...]:
    """The final releases between two versions, from the good one to the bad one. Pure."""
    low, high = sorted((Version(good), Version(bad)))
    between = [item.version for item in known if item.final and low < Version(item.version) < high]
    # A post-release differs in what it asks other packages for, not in what it does.
    between = [version for version in between if not Version(version).is_postrelease]
    return tuple(between if Version(good) < Version(bad) else reversed(between))


class _Search:
    def __init__(
        self,
        model: ModelFile,
        good: Environment,
        bad: Environment,
        workshop: Workshop,
        on: On,
        told: Callable[[Step], None],
    ) -> None:
        self._good, self._bad, self._on = good, bad, on
        self._place = Looking(model, good, workshop, on, told)

    def run(self) -> Answer:
        good = self._place.look(Point.at(self._good))
        self._check_good(good)
        bad = self._place.look(Point.at(self._bad))
        self._check_bad(bad)
        if (good.tensorflow, good.keras) == (bad.tensorflow, bad.keras):
            raise UsageError(
                f"{good.environment} and {bad.environment} have the same TensorFlow and the same Keras, so no release"
                " made the difference. Compare the two: crossload check"
            )
        tensorflow: Change | None = None
        if self._good.tensorflow != self._bad.tensorflow:
            between = tensorflows_between(good.tensorflow, bad.tensorflow, releases.tensorflows())
            row = [Point.at(self._good), *(Point(tensorflow=item) for item in between), Point.at(self._bad)]
            tensorflow = self._change(row, _switch([takes_keras_3(point.tensorflow) for point in row]))
            good, bad = tensorflow.last_good, tensorflow.first_bad
        keras, blame, why = self._keras(good, bad)
        return Answer(tensorflow=tensorflow, keras=keras, blame=blame, why=why, steps=self._place.steps)

    def _check_good(self, step: Step) -> None:
        _must_be_known(step, "--good")
        if not step.good:
            said = f": {step.telling or step.cause}" if step.telling or step.cause else ""
            raise UsageError(
                f"--good {step.environment} is bad already ({step.verdict}){said.rstrip('.')}. Name another version in"
                " which it works, or give what it needs with --custom-objects."
            )

    def _check_bad(self, step: Step) -> None:
        _must_be_known(step, "--bad")
        if step.good:
            wider = {
                "load": " Ask for more: --on outputs, or --on anything.",
                "outputs": " Or: --on anything.",
            }
            raise UsageError(
                f"--bad {step.environment} is good ({step.verdict}) as far as {_ASKED[self._on]} goes, so there is"
                f" nothing to search. Name a version that breaks it.{wider.get(self._on, '')}"
            )

    def _keras(self, good: Step, bad: Step) -> tuple[Change | None, Blame, str]:
        """Whether it is Keras, and which, between two steps that are neighbours as far as TensorFlow goes."""
        before, after = Version(good.keras), Version(bad.keras)
        if good.tensorflow == bad.tensorflow:
            change = self._keras_row(
                bad.tensorflow, self._place.point(good), self._place.point(bad), good.keras, bad.keras
            )
            return change, "keras", f"TensorFlow {bad.tensorflow} is the same on both sides."
        if before == after:
            return None, "tensorflow", f"Keras {called(good)} is the same on both sides."
        if before.major < 3 and after.major < 3:
            return None, "together", "Keras 2 is part of TensorFlow, so the two changed together."
        return self._apart(good, bad)

    def _apart(self, good: Step, bad: Step) -> tuple[Change | None, Blame, str]:
        """Try the TensorFlow of one with the Keras of the other."""
        if takes_keras_3(bad.tensorflow):
            pivot = self._place.look(Point(tensorflow=bad.tensorflow, keras=_named(good.keras)))
            said = f"TensorFlow {bad.tensorflow} with Keras {called(pivot)}"
            if pivot.good:
                row = self._keras_row(
                    bad.tensorflow, self._place.point(pivot), self._place.point(bad), pivot.keras, bad.keras
                )
                return row, "keras", f"{said} works."
            if pivot.good is False:
                return None, "tensorflow", f"{said} does not work either."
        if takes_keras_3(good.tensorflow):
            pivot = self._place.look(Point(tensorflow=good.tensorflow, keras=_named(bad.keras)))
            said = f"TensorFlow {good.tensorflow} with Keras {called(pivot)}"
            if pivot.good:
                return None, "tensorflow", f"{said} works."
            if pivot.good is False:
                row = self._keras_row(
                    good.tensorflow,
                    self._place.point(good),
                    self._place.point(pivot),
                    good.keras,
                    pivot.keras,
                )
                return row, "keras", f"{said} does not work either."
        return None, "unknown", "Neither TensorFlow could be tried with the Keras of the other."

    def _keras_row(self, tensorflow: str, good: Point, bad: Point, good_keras: str, bad_keras: str) -> Change:
        low, high = sorted((Version(good_keras), Version(bad_keras)))
        between = [
            item.version
            for item in releases.kerases()
            if item.final and max(low, Version("2.999")) < Version(item.version) < high
        ]
        ordered = between if Version(good_keras) < Version(bad_keras) else between[::-1]
        row = [good, *(Point(tensorflow=tensorflow, keras=item) for item in ordered), bad]
        majors = [Version(version).major for version in (good_keras, *ordered, bad_keras)]
        return self._change(row, _switch([major >= 3 for major in majors]))

    def _change(self, row: Sequence[Point], likely: Sequence[int]) -> Change:
        """The two neighbours in a row whose ends were looked at."""
        known = self._place.known(row)
        search = halving(len(row), {place: step.good for place, step in known.items()}, likely)
        steps = {**known, 0: self._place.look(row[0]), len(row) - 1: self._place.look(row[-1])}
        try:
            position = next(search)
            while True:
                steps[position] = self._place.look(row[position])
                position = search.send(steps[position].good)
        except StopIteration as stop:
            found: Found = stop.value
        self._place.tell(steps[place] for place in sorted({found.good, found.bad, *found.again}))
        return Change(
            last_good=steps[found.good],
            first_bad=steps[found.bad],
            skipped=tuple(_label(row[place], row) for place in found.between),
            good_again=tuple(_label(row[place], row) for place in found.again),
        )


_ASKED: Mapping[On, str] = {
    "load": "loading",
    "outputs": "what it predicts",
    "anything": "all that is checked",
}


def _must_be_known(step: Step, name: str) -> None:
    if step.good is None:
        raise InfrastructureError(
            f"What {name} {step.environment} does with it could not be known: {step.telling or step.verdict}"
        )


def _switch(new: Sequence[bool]) -> tuple[int, ...]:
    """The two sides of the step between Keras 2 and 3 in a row that has one: most of what breaks, breaks there."""
    place = next((place for place in range(1, len(new)) if new[place] != new[place - 1]), 0)
    return (place - 1, place) if place else ()


def _named(keras: str) -> str:
    """How a Keras is asked for beside a TensorFlow that has Keras 3."""
    return keras if Version(keras).major >= 3 else LEGACY


def _label(point: Point, row: Sequence[Point]) -> str:
    """The version that makes the difference in a row."""
    return point.keras if len({item.tensorflow for item in row}) == 1 else point.tensorflow
