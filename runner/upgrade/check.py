"""``check``: one model file in the environments that its user may move to, held against what it does at home."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from environments import matrix as matrices
from environments.errors import DiskFull, EnvironmentUnavailable, InfrastructureError, UsageError
from environments.explain import did_you_mean
from environments.matrix import Matrix
from environments.spec import Environment
from runner.adopted import Adopted, ModelFile
from runner.agent.probe import UNUSABLE
from runner.inspection.inspection import Inspection
from runner.inspection.known import certain
from runner.plan import in_order
from runner.results import CellResult, Question, Results
from runner.upgrade import home as homes
from runner.upgrade.workshop import Workshop
from runner.verdicts import LOSSES
from runner.wording import raised, shown

#: The selection that is meant where no environment is named; ``default`` where the matrix has none of that name.
SELECTION = "upgrade"
#: Environments that look at the file before the answer is that none has a reference.
_HOMES = 5
#: Homes that may not be made for a reason that passes (a network that is away) before no more are tried.
_AROUND = 2
_NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the user wants to know."""

    model: ModelFile
    found: Inspection
    #: Where the model is used today; None where the file is to tell.
    home: Environment | None = None
    #: Where it should work; empty for all from its home to the newest.
    targets: tuple[Environment, ...] = ()


@dataclass(frozen=True, kw_only=True)
class At:
    """The model file as an artifact of the environment that it is at home in."""

    home: Environment
    adopted: Adopted
    #: Why not another, in sentences.
    notes: tuple[str, ...] = ()

    @property
    def reference(self) -> bool:
        """Whether the model predicts there."""
        record = self.adopted.record
        return bool(record["loaded"]) and record["predict"] is None and bool(record["batches"])

    @property
    def obstacle(self) -> str:
        """What stood against predicting there, or against loading it before that, in a line; empty for nothing."""
        record = self.adopted.record
        failure = record["predict"] or next((item for item in record["ways"].values() if item), None)
        return raised(failure["type"], failure["message"]) if failure else ""


def usual(matrix: Matrix) -> tuple[Environment, ...]:
    """The environments that are chosen from where none is named: those that stand for a step on the way."""
    words = [SELECTION] if SELECTION in matrix.selections else []
    return in_order(item for item in matrices.select(matrix, words) if item.locked)


def acceptable(may_lose: Sequence[str]) -> tuple[str, ...]:
    """The losses that are accepted; ``nothing`` stands for none. Raises UsageError for a word that names no loss."""
    for word in may_lose:
        if word not in (*LOSSES, _NOTHING):
            proposal = did_you_mean(word, [*LOSSES, _NOTHING])
            raise UsageError(f"--may-lose {word}: nothing of that name can be lost{proposal}.")
    return tuple(word for word in may_lose if word != _NOTHING)


def check(asked: Asked, workshop: Workshop, *, workers: int) -> Results:
    """Adopt the file where it is at home, load it in every target, and say what is known of the question.

    Raises InfrastructureError when no environment could look at the file, UsageError when it cannot be read.
    """
    choice = usual(workshop.matrix)
    likely = _nearest(asked, workshop, choice)[0]
    # While one processor is at its home, another imports what is asked first: the furthest.
    targets = in_order(asked.targets or _onwards(likely, choice))
    others = [item for item in targets if item.id != likely.id]
    with workshop.importing(others[::-1]):
        at = settle(asked, workshop, choice)
    # Where the file does not work in what wrote it, that is part of the answer.
    start = in_order([likely, at.home])[0]
    targets = asked.targets or _onwards(start, choice)
    results = workshop.load(at.adopted, targets, workers=workers)
    code_is_of_use(asked, at, [_trouble(cell) for cell in results.cells])
    return results.model_copy(update={"question": _question(asked, at)})


def settle(asked: Asked, workshop: Workshop, choice: Sequence[Environment]) -> At:
    """Find the home: the nearest environment in which the file loads and predicts; else the nearest that has looked.

    ``choice`` are environments to look in beside the named ones. Raises InfrastructureError when none can look.
    """
    nearest = _nearest(asked, workshop, choice)
    everyone = in_order({item.id: item for item in [*choice, *asked.targets]}.values())
    most = _most(asked)
    first: At | None = None
    notes: list[str] = []
    trouble: list[str] = []
    looked = passing = 0
    for home in nearest:
        if looked == most or (passing == _AROUND and first is None):
            break
        if why := workshop.unavailable.get(home.id):  # it was made ahead, or tried to be
            trouble.append(why)
            continue
        if (
            first is not None
            and asked.model.code is None
            and certain(asked.found.environments.get(home.id, ()))
        ):
            continue  # these come last, and one that is known not to load has been seen not to
        try:
            at = At(home=home, adopted=workshop.adopt(asked.model, home, everyone), notes=tuple(notes))
        except EnvironmentUnavailable as error:  # it has not looked
            trouble.append(str(error))
            notes.append(str(error))
            # Lasting is also what was tried in vain for as long as a passing trouble is waited for.
            passing += not error.lasting or isinstance(error.__cause__, EnvironmentUnavailable)
            continue
        except DiskFull:
            raise
        except InfrastructureError as error:
            if asked.model.code is not None:  # what ends or hangs here does so everywhere, for minutes each
                raise InfrastructureError(
                    f"{error} It may be the code in {asked.model.code}: try without it, or name another --from."
                ) from error
            looked += 1
            trouble.append(str(error))
            notes.append(str(error))
            workshop.watcher.say(notes[-1])
            continue
        looked += 1
        if at.reference:
            return at
        if asked.model.inputs is not None and first is not None and _refused(at) and _refused(first):
            raise UsageError(
                f"The model does not take what is in {asked.model.inputs}. {first.home.id} says: "
                f"{first.obstacle.rstrip('.')}. Put that right, or leave out --inputs."
            )
        first = first or at
        notes.append(
            f"It does not work in {home.id}: {at.obstacle or 'what it takes as input is not known.'}"
        )
        workshop.watcher.say(shown(notes[-1]))
    if first is None:
        raise InfrastructureError("\n".join(trouble) or "There is no environment to look at the file in.")
    if _refused(first):
        return replace(first, notes=(*first.notes, f"Its first use there raised {first.obstacle}"))
    return first


def _nearest(asked: Asked, workshop: Workshop, choice: Sequence[Environment]) -> list[Environment]:
    """Where to look for the home, in order."""
    known = {item.id: item for item in [*choice, *asked.targets]}
    found = [known[name] for name in homes.candidates(asked.found, workshop.stacks(list(known.values())))]
    if asked.home is None:
        return found
    return [asked.home, *(item for item in found if item.id != asked.home.id)]


def _most(asked: Asked) -> int:
    """How many environments are asked for a reference: what is not whole, or needs code, fails alike everywhere."""
    if asked.found.damage:
        return 1
    lacking = any(not need.compile_only for need in asked.found.needs)
    alone = asked.found.weights_only and asked.model.architecture is None
    return 1 if asked.model.code is None and (lacking or alone) else _HOMES


def _refused(at: At) -> bool:
    """Whether the model was loaded there and then took none of its inputs."""
    return bool(at.adopted.record["loaded"]) and at.adopted.record["predict"] is not None


def _trouble(cell: CellResult) -> str:
    """Why the user's code could not be imported there, or else why the model could not be loaded."""
    for warning in cell.warnings:
        if UNUSABLE in warning:
            return warning.split(UNUSABLE, 1)[1]
    return f"{cell.error.type}: {cell.error.message}" if cell.error else ""


def code_is_of_use(asked: Asked, at: At, failures: Sequence[str]) -> None:
    """Raises UsageError where the user's own code failed at home and all that followed failed in the same way.

    Where it only fails at home, it was written for the targets, and that is fine.
    """
    note = next((item for item in at.adopted.record["notes"] if item.startswith(UNUSABLE)), "")
    said = note.removeprefix(UNUSABLE)
    if said and failures and all(failure.startswith(said) for failure in failures):
        raise UsageError(
            f"{asked.model.code} cannot be used: {said}. It is imported where only TensorFlow and what comes with it "
            "is installed. Put that right, or leave it out."
        )


def _onwards(home: Environment, choice: Sequence[Environment]) -> tuple[Environment, ...]:
    """From home to the newest."""
    order = in_order({item.id: item for item in [home, *choice]}.values())
    return order[[item.id for item in order].index(home.id) :]


def _question(asked: Asked, at: At) -> Question:
    found, record = asked.found, at.adopted.record
    return Question(
        file=str(asked.model.path),
        sha256=found.sha256,
        bytes=found.bytes,
        what=found.what,
        writer=homes.writer(found),
        damage=found.damage,
        home=at.home.id,
        asked=asked.home.id if asked.home else "",
        why_home="It was named with --from."
        if asked.home is not None and asked.home.id == at.home.id
        else homes.why(found),
        loaded=record["loaded"],
        reference=at.reference,
        needs=tuple(need.name for need in found.needs if not need.compile_only)
        if asked.model.code is None
        else (),
        notes=(*at.notes, *record["notes"]),
        batches=tuple(record["batches"]),
    )
