"""Will this model file work in another TensorFlow? The questions of the command line, asked from Python.

>>> import crossload
>>> found = crossload.check("model.h5", to=["2.15", "2.21"])
>>> found.safe, str(found.answer.last_safe)

Nothing is printed. No model is loaded in the process that asks: files are read from outside, and loaded in
environments of their own. What cannot be done is raised as :class:`CrossloadError`, whose message says what happened
and what to do; it names options as the command line does (``--to`` is ``to``). More: docs/api.md
"""

import io
import os
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rich.console import Console

from environments import matrix as _matrices
from environments.errors import (
    ConfigurationError,
    CrossloadError,
    EnvironmentUnavailable,
    InfrastructureError,
    UsageError,
)
from reports import answer as _answers
from reports import site as _sites
from reports.answer import Answer
from reports.outputs import Context
from reports.terminal import answered
from runner import execute as _execute
from runner import setup as _setup
from runner.adopted import ModelFile
from runner.inspection import inspection as _inspection
from runner.inspection import stacks as _stacks
from runner.inspection.inspection import Inspection
from runner.results import Results
from runner.setup import Choice
from runner.upgrade import bisect as _bisect
from runner.upgrade import check as _check
from runner.upgrade import migrate_order as _orders
from runner.upgrade import opening as _opening
from runner.upgrade.bisect import Answer as Bisection
from runner.upgrade.looking import On
from runner.upgrade.migrate import Limits, Migration
from runner.upgrade.watching import Silent

__all__ = [
    "Bisection",
    "Check",
    "ConfigurationError",
    "CrossloadError",
    "EnvironmentUnavailable",
    "InfrastructureError",
    "Inspection",
    "Migrated",
    "Place",
    "UsageError",
    "bisect",
    "check",
    "inspect",
    "migrate",
]

#: A path, as the standard library takes it.
PathLike = str | os.PathLike[str]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where environments are made. As it stands, it is what the command line does without options."""

    #: None for ``matrix.yaml`` here, else the one that comes with crossload.
    matrix: PathLike | None = None
    #: Folder for environments, artifacts and logs.
    state: PathLike = ".crossload"
    engine: Literal["auto", "docker", "venv"] = "auto"
    #: Goes before images that name no registry of their own; with docker.
    registry_mirror: str = ""
    #: Gets a line for each thing that is worth knowing while it goes on; from several threads.
    say: Callable[[str], None] = lambda line: None


@dataclass(frozen=True, kw_only=True)
class Check:
    """What becomes of a model file in other versions. As text, it is the answer of one screen."""

    answer: Answer = field(repr=False)
    #: Everything that was seen, as in ``results.json``.
    results: Results = field(repr=False)

    @property
    def safe(self) -> bool:
        """Whether it works in every target: identical, or degraded as allowed."""
        return _answers.exit_code(self.answer) == 0

    @property
    def known(self) -> bool:
        """Whether it could be seen in every target; a target that breaks it is known."""
        return not self.answer.unknown

    def __str__(self) -> str:
        text = io.StringIO()
        Console(file=text, width=100, color_system=None).print(answered(self.answer), crop=False)
        return "\n".join(line.rstrip() for line in text.getvalue().splitlines())


@dataclass(frozen=True, kw_only=True)
class Migrated:
    """How a model file was carried over, or why it was not."""

    migration: Migration
    #: What was written; None where there is no path, or nothing to do.
    written: Path | None

    @property
    def works(self) -> bool:
        """Whether it works in the target now: the file itself, or what was written."""
        return self.migration.found.stop is not None


def inspect(model: PathLike, *, matrix: PathLike | None = None) -> Inspection:
    """What a model file is, who wrote it, what it needs, and where it cannot load, without loading it.

    Raises UsageError where there is nothing to look at. A damaged file is an answer: ``found.loadable`` is False.
    """
    return _inspection.inspect(Path(model), _stacks.of_matrix(_matrices.nearest(_path(matrix))))


def check(
    model: PathLike,
    *,
    to: Sequence[str] = (),
    home: str = "",
    may_lose: Sequence[str] | None = None,
    custom_objects: PathLike | None = None,
    architecture: PathLike | None = None,
    inputs: PathLike | None = None,
    site: PathLike | None = None,
    place: Place = Place(),
) -> Check:
    """Load a model file at its home and in every target, and hold what it does there against home.

    ``to`` are TensorFlow versions or environments, all from its home to the newest where there are none; ``home`` is
    where it is used today (``--from``). ``may_lose`` are losses that do not matter; None for all. ``custom_objects``
    is Python with what the model needs, or a probe. With ``site``, the page is written there.

    Raises UsageError and ConfigurationError for what has to be changed first, and InfrastructureError where nothing
    could be seen. An environment that cannot be made is an answer: ``found.known`` is False.
    """
    _several(to)
    accepted = None if may_lose is None else _check.acceptable(may_lose)
    given = _given(model, custom_objects, architecture, inputs)
    file = _look(given, tuple(to), place)
    asked = file.asked(home, file.several(to))
    if site is not None:
        _setup.writable(Path(site), "--site")
    words = [*_typed("--to", *to), *_typed("--from", *([home] if home else []))]
    if accepted is not None:
        words += _typed("--may-lose", *(accepted or ["nothing"]))
    with _opening.workshop(file, Silent(place.say), command=_command("check", given, words)) as shop:
        results = _check.check(asked, shop, workers=_execute.jobs())
    said = _answers.answer(results, may_lose=accepted, asked=[target.id for target in asked.targets])
    if site is not None:
        _sites.write(results, Path(site), Context(answer=said))
    return Check(answer=said, results=results)


def bisect(
    model: PathLike,
    *,
    good: str,
    bad: str,
    on: On = "load",
    custom_objects: PathLike | None = None,
    architecture: PathLike | None = None,
    inputs: PathLike | None = None,
    place: Place = Place(),
) -> Bisection:
    """The first TensorFlow and the first Keras that break a model file, between two versions.

    Raises UsageError where the good one is bad or the bad one good, and InfrastructureError where it could not be
    known.
    """
    given = _given(model, custom_objects, architecture, inputs)
    file = _look(given, (good, bad), place)
    file.whole()
    ends = file.one(good), file.one(bad)
    words = [*_typed("--good", good), *_typed("--bad", bad), *_typed("--on", on)]
    with _opening.workshop(file, Silent(place.say), command=_command("bisect", given, words)) as shop:
        return _bisect.bisect(file.model, *ends, shop, on=on)


def migrate(
    model: PathLike,
    *,
    to: str,
    out: PathLike | None = None,
    home: str = "",
    format: str = "",  # noqa: A002  the name of the option
    force: bool = False,
    hops: int = 3,
    minutes: float = 20.0,
    custom_objects: PathLike | None = None,
    architecture: PathLike | None = None,
    inputs: PathLike | None = None,
    place: Place = Place(),
) -> Migrated:
    """Carry a model file over into another version; the file itself is never changed.

    ``out`` is written only when what stands there then was loaded in the target and predicts what the model predicts
    at home. Raises UsageError where ``out`` may not be written, and InfrastructureError where nothing is known that
    the result could be held against.
    """
    order = _orders.order(Path(model), _path(out), format, force=force)
    given = _given(model, custom_objects, architecture, inputs)
    file = _look(given, (to,), place)
    asked = order.asked(file, to, home)
    words = [*_typed("--to", to), *_typed("--from", *([home] if home else []))]
    words += _typed("--out", *([str(order.out)] if order.out else []))
    words += _typed("--format", *([format] if format else []))
    with _opening.workshop(file, Silent(place.say), command=_command("migrate", given, words)) as shop:
        found, written = order.carry(asked, shop, Limits(hops=hops, minutes=minutes))
    return Migrated(migration=found, written=written)


def _given(
    model: PathLike, code: PathLike | None, architecture: PathLike | None, inputs: PathLike | None
) -> ModelFile:
    return ModelFile(
        path=Path(model), code=_path(code), architecture=_path(architecture), inputs=_path(inputs)
    )


def _look(given: ModelFile, words: tuple[str, ...], place: Place) -> _opening.Looked:
    choice = Choice(
        matrix=_matrices.nearest(_path(place.matrix)),
        select=words,
        state=Path(place.state),
        engine=place.engine,
        registry_mirror=place.registry_mirror,
    )
    return _opening.look(given, choice)


def _several(words: Sequence[str]) -> None:
    if isinstance(words, str):
        raise UsageError(f"Several versions are wanted: write to=[{words!r}].")


def _path(given: PathLike | None) -> Path | None:
    return None if given is None else Path(given)


def _typed(option: str, *words: str) -> list[str]:
    return [item for word in words for item in (option, word)]


def _command(name: str, given: ModelFile, words: list[str]) -> str:
    """What asks the same on the command line."""
    beside = {"--custom-objects": given.code, "--architecture": given.architecture, "--inputs": given.inputs}
    options = [str(item) for option, path in beside.items() if path is not None for item in (option, path)]
    return shlex.join(["crossload", name, str(given.path), *words, *options])
