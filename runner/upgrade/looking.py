"""Looking at one model file in one environment after another, each made when it is its turn."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from packaging.version import Version

from environments import facts
from environments.errors import EnvironmentUnavailable
from environments.spec import BUNDLED, LEGACY, Environment
from runner.adopted import Adopted, ModelFile, results_of
from runner.plan import keras_version
from runner.results import CellResult, Verdict
from runner.upgrade import words
from runner.upgrade.workshop import Workshop

#: What counts as broken: it does not load; or it loads and predicts something else; or it is not identical.
On = Literal["load", "outputs", "anything"]

_ENDED = frozenset((Verdict.LOAD_FAILED, Verdict.CRASHED, Verdict.TIMED_OUT))


@dataclass(frozen=True, kw_only=True)
class Point:
    """A place in a row: a TensorFlow, with one Keras or the one of its day."""

    tensorflow: str
    #: An exact version, ``"legacy"``, or empty for the one of its day.
    keras: str = ""
    #: Where it was named, or is known already.
    environment: Environment | None = None

    @classmethod
    def at(cls, environment: Environment) -> "Point":
        """The place of an environment."""
        return cls(tensorflow=str(environment.tensorflow), keras=environment.keras, environment=environment)


@dataclass(frozen=True, kw_only=True)
class Step:
    """What was looked at, and what came of it."""

    tensorflow: str
    #: An exact version; of what was skipped, what was asked for, which may be empty.
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


def takes_keras_3(tensorflow: str) -> bool:
    """Whether Keras is a package of its own there, of which several versions can be installed."""
    return Version(tensorflow) >= facts.FIRST_KERAS_3


def called(step: Step) -> str:
    """The version of a Keras, and what it is where TensorFlow would have another."""
    if step.keras == LEGACY:
        return "2 (tf-keras)"
    legacy = takes_keras_3(step.tensorflow) and Version(step.keras).major < 3
    return f"{step.keras} (tf-keras)" if legacy else step.keras


class Looking:
    """A model file, adopted in the environment that it works in, and all that was seen of it elsewhere."""

    def __init__(
        self,
        model: ModelFile,
        home: Environment,
        workshop: Workshop,
        on: On,
        told: Callable[[Step], None],
    ) -> None:
        self._workshop, self._on, self._told = workshop, on, told
        self._steps: dict[str, Step] = {}
        self._adopted: Adopted = workshop.adopt(model, home, ())

    @property
    def steps(self) -> tuple[Step, ...]:
        """What was looked at, in order."""
        return tuple(self._steps.values())

    def point(self, step: Step) -> Point:
        """The place of a step that was looked at."""
        return Point.at(self._adopted.plan.environment(step.environment))

    def tell(self, steps: Iterable[Step]) -> None:
        """Say those that were known from before, and that the answer rests on."""
        for step in steps:
            if step.environment not in self._steps:
                self._ended(step)

    def known(self, row: Sequence[Point]) -> Mapping[int, Step]:
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

    def look(self, point: Point) -> Step:
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
            Step(
                tensorflow=point.tensorflow,
                keras="" if point.keras == BUNDLED else point.keras,
                environment=name,
                good=None,
                telling=reason,
            )
        )

    def _ended(self, step: Step) -> Step:
        self._steps[step.environment] = step
        self._told(step)
        return step


def _environment(point: Point, workshop: Workshop) -> Environment:
    if point.keras:
        return words.exactly(point.tensorflow, point.keras, workshop.matrix)
    return words.of_its_day(point.tensorflow, workshop.matrix)
