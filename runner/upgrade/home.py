"""Which environment a model file is at home in: the one most like what the file says wrote it, nearest first."""

from collections.abc import Mapping

from runner.agent.capabilities import numbers
from runner.inspection.inspection import Inspection
from runner.inspection.known import certain
from runner.symptoms import Stack

#: What a file that does not say who wrote it most probably comes from: the last Keras 2.
_USUAL = (2, 15)
#: A version that is older than the writer counts as this much further away: files go forward more often than back.
_OLDER = 0.5


def candidates(found: Inspection, stacks: Mapping[str, Stack]) -> tuple[str, ...]:
    """Environments, the one that is most like the writer first.

    Those that cannot load the file for a reason known in advance come last: they may be wrong about it, hardly ever.
    ``stacks`` are the environments to choose from; those with another backend than the file's are further away.
    """
    return tuple(sorted(stacks, key=lambda name: _distance(found, name, stacks[name])))


def why(found: Inspection) -> str:
    """That the choice is a guess, in a sentence; empty where it rests on what the file says of its writer."""
    if writer(found):
        return ""
    return (
        "The file does not say which version wrote it, so that a usual one was taken; name yours with --from."
    )


def writer(found: Inspection) -> str:
    """What wrote the file, as it says; empty where it does not."""
    parts = [f"Keras {found.keras_version}"] if found.keras_version else []
    parts += [f"TensorFlow {found.tensorflow_version}"] if found.tensorflow_version else []
    return " and ".join(parts)


def _distance(
    found: Inspection, name: str, stack: Stack
) -> tuple[bool, bool, bool, float, float, float, tuple[int, ...]]:
    backend = found.backend or "tensorflow"
    keras = _apart(_wanted_keras(found), numbers(stack.keras))
    tensorflow = _apart(numbers(found.tensorflow_version), numbers(stack.tensorflow))
    return (
        certain(found.environments.get(name, ())),
        backend != stack.backend,
        stack.device != "cpu",
        keras[0] + tensorflow[0],
        keras[1] + tensorflow[1],
        keras[2] + tensorflow[2],
        tuple(-number for number in numbers(stack.tensorflow)),  # of equals, the newest
    )


def _wanted_keras(found: Inspection) -> tuple[int, ...]:
    if found.keras_version:
        return numbers(found.keras_version)
    return () if found.tensorflow_version else _USUAL


def _apart(wanted: tuple[int, ...], there: tuple[int, ...]) -> tuple[float, float, float]:
    """How far two versions are apart in major, minor and patch; nothing where one is not known."""
    if not wanted or not there:
        return 0, 0, 0
    one, two = ((*version, 0, 0, 0)[:3] for version in (wanted, there))
    older = _OLDER if two < one else 0
    minor = abs(one[1] - two[1]) + older if one[1] != two[1] else 0
    patch = abs(one[2] - two[2]) + older if one[2] != two[2] else 0
    return abs(one[0] - two[0]), minor, patch
