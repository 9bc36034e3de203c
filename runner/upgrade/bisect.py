"""``bisect``: the first TensorFlow and the first Keras that break a model file, between one that works and one that
does not.

First over the releases of TensorFlow, each with the Keras of its day. Where the two neighbours differ in Keras as
well, the TensorFlow of the bad one is tried with the Keras of the good one: that tells which of the two it is, and
where it is Keras, its releases are searched on that one TensorFlow.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from packaging.version import Version

from environments import facts, releases
from environments.errors import EnvironmentUnavailable, InfrastructureError, UsageError
from environments.spec import LEGACY, NIGHTLY, Environment
from runner.adopted import Adopted, ModelFile, results_of
from runner.plan import keras_version
from runner.results import CellResult, Verdict
from runner.upgrade import words
from runner.upgrade.halving import Found, halving
from runner.upgrade.workshop import Workshop

#: What counts as broken: it does not load; or it loads and predicts something else; or it is not identical.
On = Literal["load", "outputs", "anything"]
Blame = Literal["tensorflow", "keras", "together", "unknown"]

_ENDED = frozenset((Verdict.LOAD_FAILED, Verdict.CRASHED, Verdict.TIMED_OUT))


@dataclass(frozen=True, kw_only=True)
class Point:
    """A place in a row: a TensorFlow, with one Keras or the one of its day."""

    tensorflow: str
    #: An exact version, ``"legacy"``, or empty for the one of its day.
    keras: str = ""
    #: Where it was named, or is known already.
    environment: Environment | None = None


@dataclass(frozen=True, kw_only=True)
class Step:
    """What was looked at, and what came of it."""

    tensorflow: str
    keras: str
    environment: str
    #: None where it could not be known.
    good: bool | None
    #: A verdict; empty where the environment was not there.
    verdict: str = ""
    cause: str = ""
    #: The line that says most about what went wrong, or why it was skipped. A stranger's text.
    telling: str = ""
    #: True where an earlier question has answered it.
    cached: bool = False


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


def good_enough(cell: CellResult, on: On) -> bool | None:
    """Whether a cell is good in the sense of ``on``; None where it cannot be known."""
    if cell.verdict in _ENDED:
        return False
    if cell.verdict is Verdict.NOT_RUN and on == "load" and cell.checks and cell.error is None:
        return True  # It loads; that nothing could be compared is no matter here.
    if cell.verdict not in (Verdict.IDENTICAL, Verdict.DEGRADED, Verdict.DIVERGENT):
        return None
    if on == "load":
        return True
    if on == "anything":
        return cell.verdict is Verdict.IDENTICAL
    predicts = cell.checks.get("outputs", "not_run")
    return {"same": True, "differs": False, "lost": False, "failed": False}.get(predicts)


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
        self._good, self._bad, self._workshop, self._on, self._told = good, bad, workshop, on, told
        self._steps: dict[str, Step] = {}
        self._adopted: Adopted = workshop.adopt(model, good, ())

    def run(self) -> Answer:
        good, bad = self._look(_point(self._good)), self._look(_point(self._bad))
        self._check_ends(good, bad)
        if (good.tensorflow, good.keras) == (bad.tensorflow, bad.keras):
            raise UsageError(
                f"{good.environment} and {bad.environment} have the same TensorFlow and the same Keras, so no release"
                " made the difference. Compare the two: crossload check"
            )
        tensorflow: Change | None = None
        if self._good.tensorflow != self._bad.tensorflow:
            between = tensorflows_between(good.tensorflow, bad.tensorflow, releases.tensorflows())
            row = [_point(self._good), *(Point(tensorflow=item) for item in between), _point(self._bad)]
            tensorflow = self._change(row, _switch([takes_keras_3(point.tensorflow) for point in row]))
            good, bad = tensorflow.last_good, tensorflow.first_bad
        keras, blame, why = self._keras(good, bad)
        return Answer(
            tensorflow=tensorflow, keras=keras, blame=blame, why=why, steps=tuple(self._steps.values())
        )

    def _check_ends(self, good: Step, bad: Step) -> None:
        for step, name in ((good, "--good"), (bad, "--bad")):
            if step.good is None:
                raise InfrastructureError(
                    f"What {name} {step.environment} does with it could not be known: {step.telling or step.verdict}"
                )
        if not good.good:
            said = f": {step_said}" if (step_said := good.telling or good.cause) else ""
            raise UsageError(
                f"--good {good.environment} is bad already ({good.verdict}){said}. Name an older or newer version"
                " in which it works, or give what it needs with --custom-objects."
            )
        if bad.good:
            wider = {
                "load": " Ask for more: --on outputs, or --on anything.",
                "outputs": " Or: --on anything.",
            }
            raise UsageError(
                f"--bad {bad.environment} is good ({bad.verdict}) as far as {_ASKED[self._on]} goes, so there is"
                f" nothing to search. Name a version that breaks it.{wider.get(self._on, '')}"
            )

    def _keras(self, good: Step, bad: Step) -> tuple[Change | None, Blame, str]:
        """Whether it is Keras, and which, between two steps that are neighbours as far as TensorFlow goes."""
        before, after = Version(good.keras), Version(bad.keras)
        if good.tensorflow == bad.tensorflow:
            change = self._keras_row(
                bad.tensorflow, self._point(good), self._point(bad), good.keras, bad.keras
            )
            return change, "keras", f"TensorFlow {bad.tensorflow} is the same on both sides."
        if before == after:
            return None, "tensorflow", f"Keras {good.keras} is the same on both sides."
        if before.major < 3 and after.major < 3:
            return None, "together", "Keras 2 is part of TensorFlow, so the two changed together."
        return self._apart(good, bad)

    def _apart(self, good: Step, bad: Step) -> tuple[Change | None, Blame, str]:
        """Try the TensorFlow of one with the Keras of the other."""
        if takes_keras_3(bad.tensorflow):
            pivot = self._look(Point(tensorflow=bad.tensorflow, keras=_named(good.keras)))
            said = f"TensorFlow {bad.tensorflow} with Keras {pivot.keras}"
            if pivot.good:
                row = self._keras_row(
                    bad.tensorflow, self._point(pivot), self._point(bad), pivot.keras, bad.keras
                )
                return row, "keras", f"{said} works."
            if pivot.good is False:
                return None, "tensorflow", f"{said} does not work either."
        if takes_keras_3(good.tensorflow):
            pivot = self._look(Point(tensorflow=good.tensorflow, keras=_named(bad.keras)))
            said = f"TensorFlow {good.tensorflow} with Keras {pivot.keras}"
            if pivot.good:
                return None, "tensorflow", f"{said} works."
            if pivot.good is False:
                row = self._keras_row(
                    good.tensorflow, self._point(good), self._point(pivot), good.keras, pivot.keras
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
        known = self._known(row)
        search = halving(len(row), {place: step.good for place, step in known.items()}, likely)
        steps = {**known, 0: self._look(row[0]), len(row) - 1: self._look(row[-1])}
        try:
            position = next(search)
            while True:
                steps[position] = self._look(row[position])
                position = search.send(steps[position].good)
        except StopIteration as stop:
            found: Found = stop.value
        for place in sorted({found.good, found.bad, *found.again}):
            if steps[place].environment not in self._steps:
                self._ended(steps[place])
        return Change(
            last_good=steps[found.good],
            first_bad=steps[found.bad],
            skipped=tuple(_label(row[place], row) for place in found.between),
            good_again=tuple(_label(row[place], row) for place in found.again),
        )

    def _known(self, row: Sequence[Point]) -> Mapping[int, Step]:
        """What an earlier question has answered of this very file, where what it rests on has not changed since."""
        places: dict[str, int] = {}
        there: list[Environment] = []
        for place, point in enumerate(row):
            try:
                environment = point.environment or _environment(point, self._workshop)
            except EnvironmentUnavailable:
                continue  # It is said when it is looked at.
            places[environment.id] = place
            there.append(environment)
        locked = self._workshop.stacks(there)
        there = [item for item in there if item.id in locked]
        plan = self._extended(there)
        results = results_of(plan, self._workshop.store, self._workshop.run, there)
        environments = {item.id: item for item in there}
        steps = {
            places[cell.consumer]: self._steps.get(cell.consumer)
            or self._step(environments[cell.consumer], cell, cached=True)
            for cell in results.cells
        }
        return {place: step for place, step in steps.items() if step.good is not None}

    def _point(self, step: Step) -> Point:
        environment = self._environments[step.environment]
        return replace(_point(environment), environment=environment)

    @property
    def _environments(self) -> dict[str, Environment]:
        return {item.id: item for item in self._adopted.plan.environments}

    def _look(self, point: Point) -> Step:
        """Load the model there, once."""
        try:
            environment = point.environment or _environment(point, self._workshop)
        except EnvironmentUnavailable as error:
            return self._skipped(point, f"tf{point.tensorflow}+keras{point.keras}", str(error))
        if environment.id in self._steps:
            return self._steps[environment.id]
        try:
            self._adopted = self._extended([environment])
        except EnvironmentUnavailable as error:
            return self._skipped(point, environment.id, str(error))
        results = self._workshop.load(self._adopted, (environment,))
        why = self._workshop.unavailable.get(environment.id, "")
        if why or not results.cells:
            return self._skipped(point, environment.id, why or "What came of it was lost.")
        return self._ended(self._step(environment, results.cells[0]))

    def _extended(self, environments: Sequence[Environment]) -> Adopted:
        """What was adopted, with a plan that has these environments too. Raises EnvironmentUnavailable."""
        plan = self._adopted.plan
        names = {item.id for item in environments}
        others = tuple(item for item in plan.environments if item.id not in names)
        locks = {item.id: self._workshop.lock(item) for item in environments if item.locked}
        plan = replace(
            plan, environments=(*others, *environments), locks={**plan.locks, **locks}, remedies=False
        )
        return replace(self._adopted, plan=plan)

    def _step(self, environment: Environment, cell: CellResult, *, cached: bool = False) -> Step:
        lock = self._workshop.lock(environment) if environment.locked else None
        return Step(
            tensorflow=str(environment.tensorflow),
            keras=keras_version(environment, lock),
            environment=environment.id,
            good=good_enough(cell, self._on),
            verdict=cell.verdict.value,
            cause=cell.cause,
            telling=cell.telling or (cell.error.message if cell.error else ""),
            cached=cached,
        )

    def _skipped(self, point: Point, name: str, reason: str) -> Step:
        return self._steps.get(name) or self._ended(
            Step(tensorflow=point.tensorflow, keras=point.keras, environment=name, good=None, telling=reason)
        )

    def _ended(self, step: Step) -> Step:
        self._steps[step.environment] = step
        self._told(step)
        return step


_ASKED: Mapping[On, str] = {
    "load": "loading",
    "outputs": "what it predicts",
    "anything": "all that is checked",
}


def takes_keras_3(tensorflow: str) -> bool:
    """Whether Keras is a package of its own there, of which several versions can be installed."""
    return Version(tensorflow) >= facts.FIRST_KERAS_3


def _switch(new: Sequence[bool]) -> tuple[int, ...]:
    """The two sides of the step from Keras 2 to Keras 3 in a row, where it has one: most of what breaks, breaks there."""
    place = next((place for place in range(1, len(new)) if new[place] != new[place - 1]), 0)
    return (place - 1, place) if place else ()


def _named(keras: str) -> str:
    """How a Keras is asked for beside a TensorFlow that has Keras 3."""
    return keras if Version(keras).major >= 3 else LEGACY


def _point(environment: Environment) -> Point:
    return Point(tensorflow=str(environment.tensorflow), keras=environment.keras, environment=environment)


def _environment(point: Point, workshop: Workshop) -> Environment:
    if point.keras:
        return words.exactly(point.tensorflow, point.keras, workshop.matrix)
    return words.of_its_day(point.tensorflow, workshop.matrix)


def _label(point: Point, row: Sequence[Point]) -> str:
    """The version that makes the difference in a row."""
    return point.keras if len({item.tensorflow for item in row}) == 1 else point.tensorflow
