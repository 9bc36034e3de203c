"""What ``--from``, ``--to``, ``--good`` and ``--bad`` say, as environments: of the matrix, or made for the question.

A word is an id, a glob or a selection of the matrix; a TensorFlow (``2.18``, ``2.18.1``, ``tf2.18.1``), with a Keras
where one is meant (``2.18.1+keras3.8.0``, ``2.18+legacy``); or a Keras alone (``keras3.4.1``). What the matrix does not
have is made from what the package registry has.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from packaging.version import Version

from environments import facts, releases
from environments import matrix as matrices
from environments.errors import UsageError
from environments.explain import did_you_mean
from environments.matrix import Matrix
from environments.releases import Release
from environments.spec import BUNDLED, LEGACY, NIGHTLY, Environment

_NUMBER = r"[0-9]{1,4}\.[0-9]{1,4}(?:\.[0-9]{1,4})?(?:(?:\.post|a|b|rc)[0-9]{1,3})?"
_WORD = re.compile(
    rf"(?:(?:tensorflow|tf)?[ =]{{0,2}}(?P<tensorflow>{_NUMBER}))?"
    rf"(?:[+-]?(?:(?P<legacy>legacy|tf-keras)|keras[ =]{{0,2}}(?P<keras>{_NUMBER})))?(?:-cpu)?",
    re.IGNORECASE,
)
#: Keras before this was a package that TensorFlow did not use, with numbers of its own.
#: Source: TensorFlow 2.6 release notes; tf.keras of TensorFlow 2.4 and 2.5 says the same numbers.
_FIRST_WITH_TENSORFLOW = Version("2.4")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The versions that a word names: whole ones, or a minor of which any patch will do."""

    tensorflow: str = ""
    #: Also ``"legacy"``; empty where the word does not say.
    keras: str = ""


def read(word: str) -> Asked | None:
    """The versions that a word names; None for any other word."""
    found = _WORD.fullmatch(word.strip())
    if found is None or not (found["tensorflow"] or found["keras"]):
        return None
    return Asked(
        tensorflow=(found["tensorflow"] or "").lower(),
        keras=LEGACY if found["legacy"] else (found["keras"] or "").lower(),
    )


def several(words: Sequence[str], matrix: Matrix) -> tuple[Environment, ...]:
    """The environments that words name, each once, in the order of the words.

    Raises UsageError for a word that names nothing, EnvironmentUnavailable where no Python has what was named,
    InfrastructureError when the registry is needed and cannot be read.
    """
    found: dict[str, Environment] = {}
    for word in words:
        for environment in _of_matrix(word, matrix) or _of_version(word, matrix):
            found.setdefault(environment.id, environment)
    return tuple(found.values())


def one(word: str, matrix: Matrix) -> Environment:
    """The one environment that a word names; for a TensorFlow version, the one with the Keras of its day.

    Raises what :func:`several` does, and UsageError for a word that names several.
    """
    named = _of_matrix(word, matrix)
    if len(named) > 1:
        ids = ", ".join(item.id for item in named[:6]) + (" …" if len(named) > 6 else "")
        raise UsageError(f"{word!r} names {len(named)} environments, and one is needed: {ids}.")
    if named:
        return named[0]
    asked = _asked(word, matrix)
    if not asked.tensorflow or asked.keras:
        return _of_version(word, matrix)[0]
    if _is_minor(asked.tensorflow):
        fitting = [item for item in matrix.environments if _is_of(item, asked) and _of_day(item)]
        if fitting:
            return fitting[-1]
    return of_its_day(_newest(asked.tensorflow, releases.tensorflows(), "TensorFlow"), matrix)


def of_its_day(tensorflow: str, matrix: Matrix) -> Environment:
    """The environment with exactly this TensorFlow and the Keras of its day: the matrix's, else made.

    Raises EnvironmentUnavailable when there is no such release, InfrastructureError when the registry cannot be read.
    """
    asked = Asked(tensorflow=tensorflow)
    there = [item for item in matrix.environments if _is_of(item, asked) and _of_day(item)]
    return there[0] if there else releases.made(tensorflow, file=matrix.file)


def exactly(tensorflow: str, keras: str, matrix: Matrix) -> Environment:
    """The environment with exactly these two (``keras`` may be ``"legacy"``): the matrix's, else made.

    Raises EnvironmentUnavailable when there is no such release, InfrastructureError when the registry cannot be read.
    """
    there = [item for item in matrix.environments if _is_of(item, Asked(tensorflow=tensorflow, keras=keras))]
    return there[0] if there else releases.made(tensorflow, keras, file=matrix.file)


def _of_matrix(word: str, matrix: Matrix) -> tuple[Environment, ...]:
    """What a word names as an id, a glob or a selection; nothing where it is neither."""
    try:
        return matrices.select(matrix, [word])
    except UsageError:
        return ()


def _of_version(word: str, matrix: Matrix) -> tuple[Environment, ...]:
    asked = _asked(word, matrix)
    there = tuple(item for item in matrix.environments if _is_of(item, asked))
    if there:
        return there
    tensorflow = asked.tensorflow
    keras = asked.keras
    if keras and keras != LEGACY:
        keras = _newest(keras, releases.kerases(), "Keras")
        tensorflow = tensorflow or _carrying(keras)
    tensorflow = _newest(tensorflow, releases.tensorflows(), "TensorFlow")
    if keras == LEGACY and Version(tensorflow) < facts.FIRST_KERAS_3:
        raise UsageError(
            f"TensorFlow {tensorflow} has Keras 2 inside already, so there is nothing legacy; write {tensorflow}"
        )
    if not keras:
        return (of_its_day(tensorflow, matrix),)
    return (exactly(tensorflow, keras, matrix),)


def _asked(word: str, matrix: Matrix) -> Asked:
    asked = read(word)
    if asked is None:
        ids = [item.id for item in matrix.environments]
        known = [
            *matrix.selections,
            *ids,
            *(item.tensorflow for item in matrix.environments if item.tensorflow),
        ]
        raise UsageError(
            f"{word!r} is no environment, selection or version{did_you_mean(word, known)}."
            " Write a TensorFlow such as 2.18 or 2.18.1, one with its Keras such as 2.18.1+keras3.8.0, or an id;"
            " see them all: crossload envs list"
        )
    if asked.keras and asked.keras != LEGACY and not asked.tensorflow and Version(asked.keras).major < 3:
        return _keras_2(word, asked.keras)
    if asked.tensorflow and asked.keras not in ("", LEGACY) and Version(asked.keras).major < 3:
        raise UsageError(
            f"{word!r}: Keras 2 is part of TensorFlow up to 2.15 and comes with its number, and later TensorFlows"
            f" have it as legacy; write {asked.tensorflow}"
            + ("+legacy" if Version(asked.tensorflow) >= facts.FIRST_KERAS_3 else "")
        )
    return asked


def _keras_2(word: str, keras: str) -> Asked:
    """Keras 2 alone: it comes with the TensorFlow of the same minor."""
    if Version(keras) < _FIRST_WITH_TENSORFLOW:
        raise UsageError(
            f"{word!r} is older than the Keras inside TensorFlow, and no environment is made for it;"
            " write the nearest TensorFlow, such as 1.15.5"
        )
    return Asked(tensorflow=facts.minor(keras))


def _is_of(environment: Environment, asked: Asked) -> bool:
    """Whether an environment of the matrix is what was asked for: plain, for processors, with these versions."""
    if environment.device != "cpu" or environment.image or environment.backend != "tensorflow":
        return False
    if environment.tensorflow in (None, NIGHTLY) or environment.keras == NIGHTLY:
        return False
    if asked.tensorflow and not _fits(str(environment.tensorflow), asked.tensorflow):
        return False
    if asked.keras in ("", LEGACY):
        return (environment.keras == LEGACY) == (asked.keras == LEGACY)
    return environment.keras not in (BUNDLED, LEGACY) and _fits(environment.keras, asked.keras)


def _of_day(environment: Environment) -> bool:
    """Whether the Keras in it is the one of its TensorFlow's day: part of it, or chosen by its version."""
    before = Version(str(environment.tensorflow)) < facts.FIRST_KERAS_3
    return before if environment.keras == BUNDLED else not before


def _fits(version: str, asked: str) -> bool:
    if _is_minor(asked):
        return Version(version).release[:2] == Version(asked).release[:2]
    return Version(version) == Version(asked)


def _is_minor(asked: str) -> bool:
    return len(Version(asked).release) == 2


def _newest(asked: str, known: Iterable[Release], what: str) -> str:
    """A whole version that there is; of a minor, the newest final patch. Raises UsageError where there is none."""
    listed = [item for item in known if item.final or not _is_minor(asked)]
    fitting = [item.version for item in listed if _fits(item.version, asked)]
    if not fitting:
        there = [facts.minor(item.version) if _is_minor(asked) else item.version for item in listed]
        raise UsageError(
            f"The package registry has no {what} {asked} for Linux{did_you_mean(asked, dict.fromkeys(there))};"
            f" the newest is {[item.version for item in listed if item.final][-1]}."
        )
    return fitting[-1]


def _carrying(keras: str) -> str:
    """The TensorFlow that a release of Keras 3 was used with when it came out."""
    day = releases.find(keras, releases.kerases(), "Keras").uploaded
    takes = [
        item for item in releases.tensorflows() if item.final and Version(item.version) >= facts.FIRST_KERAS_3
    ]
    before = [item for item in takes if day and item.uploaded and item.uploaded <= day]
    # Keras 3 came before the first TensorFlow that takes it.
    return (before[-1] if before else takes[0]).version
