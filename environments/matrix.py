"""The matrix: which environments there are, what is tried in them, and what is known to fail."""

import fnmatch
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from environments import crosscheck, explain, yaml_nodes
from environments.errors import UsageError
from environments.expand import expand
from environments.explain import did_you_mean
from environments.schema import Extent, MatrixFile, Rule
from environments.spec import Environment
from environments.yaml_nodes import Document, Location, Problem

#: The selection that is meant when none is named.
DEFAULT = "default"
_OWN = Path("matrix.yaml")
#: Sections that decide which environments there are.
_FOUNDATIONS = {"version", "matrix", "defaults", "bases", "as_of", "registry_mirror"}


@dataclass(frozen=True, kw_only=True)
class Expected:
    """A known outcome of some cells. Whether it still holds, or has expired, is for the gate to say."""

    #: ``producer/consumer/probe/format``, a glob in each part.
    cell: str
    verdict: str
    reason: str
    expires: date
    cause: str = ""
    owner: str = ""
    #: ``matrix.yaml:12:5``, for messages.
    where: str = ""


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """A matrix file that was read and found right."""

    path: Path
    #: Of the file's bytes.
    sha256: str
    #: In the order of the file: the axes' product first, then the includes.
    environments: tuple[Environment, ...]
    #: Selection -> ids of its environments, in the order of ``environments``.
    selections: Mapping[str, tuple[str, ...]]
    #: Names or globs of built-in probes, or paths of a user's own, relative to the matrix file.
    probes: tuple[str, ...]
    formats: tuple[str, ...]
    expected: tuple[Expected, ...]
    #: What fails the gate.
    fail_on: tuple[Rule, ...]
    #: Glob over probes -> names or globs of what is broken on purpose in them.
    faults: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: Whether work-arounds are tried in cells that are not identical.
    remedies: bool = True
    #: Selection -> what it runs; what it does not say is as above.
    runs: Mapping[str, Extent] = field(default_factory=dict)
    #: The file as it was read: what holds for environments that are made on the fly.
    file: MatrixFile


def load(path: Path, *, mirrored: bool = True) -> Matrix:
    """Read a matrix file. Raises ConfigurationError with one line for each mistake (``matrix.yaml:5:7: …``).

    Without ``mirrored``, base images are as they are written: the file's registry mirror is not put before them.
    """
    text = yaml_nodes.read_bytes(path)
    document = yaml_nodes.read(text, str(path))
    file, problems = _validated(document)
    environments: tuple[Environment, ...] = ()
    selections: Mapping[str, tuple[str, ...]] = {}

    def report(location: Location, message: str) -> None:
        # What has a name of the user's is shown at its name.
        named = len(location) == 2 and location[0] in {"bases", "selections", "runs"}
        problems.append(Problem(position=document.where(location, key=named), message=message))

    if file is not None:
        file = file if mirrored else file.model_copy(update={"registry_mirror": None})
        expansion = expand(file, report)
        environments = expansion.environments
        selections = crosscheck.selections(file, expansion, report)
        crosscheck.check(file, expansion, report)
    if problems or file is None:
        raise yaml_nodes.complaint(document.name, problems)
    return Matrix(
        path=path,
        sha256=hashlib.sha256(text).hexdigest(),
        environments=environments,
        selections=selections,
        probes=file.probes,
        formats=file.formats,
        expected=tuple(
            Expected(
                cell=expected.cell,
                verdict=expected.verdict,
                reason=expected.reason,
                expires=expected.expires,
                cause=expected.cause or "",
                owner=expected.owner or "",
                where=_where(document, ("expected", index)),
            )
            for index, expected in enumerate(file.expected)
        ),
        fail_on=file.gate.fail_on,
        faults=file.faults,
        remedies=file.remedies,
        runs=file.runs,
        file=file,
    )


def nearest(given: Path | None) -> Path:
    """The matrix file of a question that needs none: the one that was named, the folder's own, or the shipped one."""
    if given is not None or _OWN.exists():
        return given or _OWN
    installed = Path(__file__).with_name(_OWN.name)
    return installed if installed.exists() else Path(__file__).parent.parent / _OWN.name


def covers(glob: str, names: tuple[str, str, str, str]) -> bool:
    """True where a glob over cells matches the names of one, part by part."""
    return all(fnmatch.fnmatchcase(name, part) for name, part in zip(names, glob.split("/"), strict=True))


def extent(matrix: Matrix, words: Sequence[str]) -> Extent:
    """What is run where these words choose the environments: what their selections say, together; else the matrix."""
    named = [matrix.runs[word] for word in words or [DEFAULT] if word in matrix.runs]
    own = Extent(
        probes=matrix.probes, formats=matrix.formats, faults=dict(matrix.faults), remedies=matrix.remedies
    )
    if not named:
        return own
    return Extent(
        probes=tuple(dict.fromkeys(probe for item in named for probe in item.probes or matrix.probes)),
        formats=tuple(dict.fromkeys(name for item in named for name in item.formats or matrix.formats)),
        faults={
            glob: globs
            for item in named
            for glob, globs in (matrix.faults if item.faults is None else item.faults).items()
        },
        remedies=any(matrix.remedies if item.remedies is None else item.remedies for item in named),
    )


def select(matrix: Matrix, words: Sequence[str]) -> tuple[Environment, ...]:
    """The environments that words name: selections, ids, or globs over ids; in the order of the matrix.

    Without words, the selection ``default``, or every environment where there is none. Raises UsageError
    for a word that names nothing.
    """
    if not words:
        words = [DEFAULT] if DEFAULT in matrix.selections else ["*"]
    ids = [environment.id for environment in matrix.environments]
    wanted: set[str] = set()
    for word in words:
        found = set(matrix.selections.get(word, ())) or set(fnmatch.filter(ids, word))
        if not found:
            known = [*matrix.selections, *ids]
            raise UsageError(
                f"{word!r} is no selection and no environment of {matrix.path}{did_you_mean(word, known)}."
                " See them all: crossload envs list"
            )
        wanted |= found
    return tuple(environment for environment in matrix.environments if environment.id in wanted)


def _validated(document: Document) -> tuple[MatrixFile | None, list[Problem]]:
    """The file's model and what is wrong with its shape.

    Where a section is wrong on which no other depends, the model is made without it, so that mistakes in the
    rest are still found in the same go; else there is no model.
    """
    problems = [*document.problems, *explain.empty_values(document)]
    try:
        return MatrixFile.model_validate(document.value), problems
    except ValidationError as error:
        problems += explain.problems(error, document, MatrixFile)
        wrong = {detail["loc"][0] if detail["loc"] else "matrix" for detail in error.errors()}
    if not isinstance(document.value, dict) or wrong & _FOUNDATIONS:
        return None, problems
    if "formats" in wrong:
        wrong |= {"expected"}
    rest = {key: value for key, value in document.value.items() if key not in wrong}
    return MatrixFile.model_validate(rest), problems


def _where(document: Document, location: Location) -> str:
    position = document.where(location)
    return f"{document.name}:{position.line}:{position.column}"
