"""From the matrix file's axes to environments: product, then exclude, then include. Pure.

Mistakes are reported, not raised, so that a file's mistakes can be told all at once.
"""

import fnmatch
import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from environments import facts, requirements
from environments.errors import ConfigurationError
from environments.feasible import Candidate, bases, troubles
from environments.schema import Include, MatrixFile
from environments.spec import BUNDLED, LEGACY, NIGHTLY, Environment
from environments.yaml_nodes import Location

#: More environments than this is a mistake in the axes, not a plan.
MAX_ENVIRONMENTS = 500

Report = Callable[[Location, str], None]


@dataclass(frozen=True, kw_only=True)
class Expansion:
    """The environments of a matrix file, in its order."""

    environments: tuple[Environment, ...]
    #: False where some could not be built, so that what names them only looks dead.
    whole: bool


def expand(file: MatrixFile, report: Report) -> Expansion:
    """The environments of a matrix file; ``report`` is told each mistake with its location."""
    axes = file.matrix
    count = math.prod(len(axis) or 1 for axis in (axes.tensorflow, axes.keras, axes.device, axes.python))
    if count > MAX_ENVIRONMENTS:
        report(("matrix",), f"the axes make {count} environments; keep it at or below {MAX_ENVIRONMENTS}")
        return Expansion(environments=(), whole=False)
    candidates = _without_excluded(file, list(_product(file, report)), report)
    candidates += [
        Candidate(entry=entry, location=("matrix", "include", index))
        for index, entry in enumerate(axes.include)
    ]
    if not candidates:
        report(("matrix",), "there is no environment; list versions under tensorflow, or add an include")
    environments: list[Environment] = []
    whole = True
    for candidate in candidates:
        trouble = list(troubles(file, candidate))
        for where, said in trouble:
            report((*candidate.location, *where), said)
        if trouble:
            whole = False
        else:
            built = _build(file, candidate)
            same = next((other for other in environments if _same(other, built)), None)
            if same is not None:
                report(candidate.location, _already(same, built))
            else:
                environments.append(built)
    _report_unused_bases(file, [candidate.entry for candidate in candidates], report)
    return Expansion(environments=tuple(environments), whole=whole)


def one(file: MatrixFile, entry: Include) -> Environment:
    """The environment of an entry that does not stand in the file. Raises ConfigurationError for an impossible one."""
    candidate = Candidate(entry=entry, location=("matrix", "include", 0))
    said = [sentence for _, sentence in troubles(file, candidate)]
    if said:
        raise ConfigurationError("\n".join(f"{sentence}." for sentence in said))
    return _build(file, candidate)


def _product(file: MatrixFile, report: Report) -> Iterator[Candidate]:
    axes = file.matrix
    for name in ("tensorflow", "keras", "backend", "device", "python"):
        values: tuple[str, ...] = getattr(axes, name)
        for index, value in enumerate(values):
            if value in values[:index]:
                report(("matrix", name, index), f"{value!r} is listed twice under {name!r}; keep one")
    pythons: tuple[str | None, ...] = tuple(dict.fromkeys(axes.python)) or (None,)
    for backend in dict.fromkeys(axes.backend):
        kerases = tuple(dict.fromkeys(axes.keras))
        tensorflows: tuple[str | None, ...] = tuple(dict.fromkeys(axes.tensorflow))
        if backend != "tensorflow":
            # Keras stands alone here: nothing of TensorFlow's axis applies, nor what only it can carry.
            tensorflows = (None,)
            kerases = tuple(keras for keras in kerases if keras not in (BUNDLED, LEGACY))
            if not kerases:
                said = f"the backend {backend!r} needs an exact version under keras, such as '3.8.0'"
                report(("matrix", "backend"), said)
        for tensorflow, keras, device, python in itertools.product(
            tensorflows, kerases, dict.fromkeys(axes.device), pythons
        ):
            entry = Include(tensorflow=tensorflow, keras=keras, backend=backend, device=device, python=python)
            axis, value = ("tensorflow", tensorflow) if tensorflow else ("keras", keras)
            location = ("matrix", axis, getattr(axes, axis).index(value))
            yield Candidate(entry=entry, location=location, python_axis=len(pythons) > 1)


def _without_excluded(file: MatrixFile, candidates: list[Candidate], report: Report) -> list[Candidate]:
    hit: set[int] = set()
    for index, exclude in enumerate(file.matrix.exclude):
        location: Location = ("matrix", "exclude", index)
        patterns = exclude.model_dump(exclude_none=True)
        if not patterns:
            report(location, "this entry names nothing and would exclude everything; remove it")
            continue
        found = {
            number
            for number, candidate in enumerate(candidates)
            if all(
                fnmatch.fnmatchcase(str(_attribute(file, candidate.entry, key)), pattern)
                for key, pattern in patterns.items()
            )
        }
        if not found:
            said = "this exclude matches no combination of the axes (include entries are not excluded); remove it"
            report(location, said)
        hit |= found
    return [candidate for number, candidate in enumerate(candidates) if number not in hit]


def _attribute(file: MatrixFile, entry: Include, key: str) -> str | None:
    value: str | None = _python(file, entry) if key == "python" else getattr(entry, key)
    return value


def _build(file: MatrixFile, candidate: Candidate) -> Environment:
    entry, defaults = candidate.entry, file.defaults
    base = bases(file)[entry.base or entry.device]
    python = _python(file, entry)
    mirror = f"{file.registry_mirror}/" if file.registry_mirror else ""
    floating = NIGHTLY in (entry.tensorflow, entry.keras)
    environment = Environment(
        id=entry.id or _id(entry, python if candidate.python_axis else None),
        tensorflow=entry.tensorflow,
        keras=entry.keras or BUNDLED,
        backend=entry.backend,
        device=entry.device,
        python=python,
        as_of=None if floating or entry.image else entry.as_of or file.as_of,
        base_image="" if entry.image else mirror + base.image.replace("{python}", python),
        gpus=entry.device == "cuda" if entry.image else base.gpus == "all",
        image=entry.image,
        packages=entry.packages,
        timeout=entry.timeout or defaults.timeout,
        memory=entry.memory or defaults.memory,
    )
    variables = {**requirements.variables(environment), **defaults.env, **entry.env}
    return replace(environment, variables=tuple(sorted(variables.items())))


def _python(file: MatrixFile, entry: Include) -> str:
    """What is written; else the default; else the newest Python that the TensorFlow has wheels for."""
    if entry.python is not None:
        return entry.python
    default = file.defaults.python
    exact = entry.tensorflow not in (None, NIGHTLY)
    known = facts.pythons(str(entry.tensorflow)) if exact else ()
    return default if not known or default in known else known[-1]


def _id(entry: Include, python: str | None) -> str:
    if entry.tensorflow is None:
        parts = [f"keras{entry.keras}", entry.backend]
    else:
        tensorflow = f"tf{entry.tensorflow}"
        keras = {None: "", BUNDLED: "", LEGACY: LEGACY}.get(entry.keras, f"keras{entry.keras}")
        parts = [tensorflow, keras]
    parts += [f"py{python}" if python else "", entry.device]
    return "-".join(part for part in parts if part)


def _same(one: Environment, other: Environment) -> bool:
    return one.id == other.id or replace(one, id="") == replace(other, id="")


def _already(one: Environment, other: Environment) -> str:
    if replace(one, id="") == replace(other, id=""):
        return f"this environment is in the matrix already, as {one.id!r}; remove one of the two"
    return f"two environments have the id {one.id!r}; give this one an id of its own (id: a-name)"


def _report_unused_bases(file: MatrixFile, entries: list[Include], report: Report) -> None:
    used = {entry.base or entry.device for entry in entries if entry.image is None}
    for name in file.bases:
        if name not in used:
            report(("bases", name), f"no environment stands on the base {name!r}; use it or remove it")
