"""Which entries of the matrix file can be environments at all, known without asking a registry. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from packaging.version import Version

from environments import facts
from environments.explain import did_you_mean
from environments.schema import Base, Include, MatrixFile
from environments.spec import BUNDLED, LEGACY, NIGHTLY
from environments.yaml_nodes import Location

#: Bases for those who name none. A name of the device is the base of that device's environments.
DEFAULT_BASES = {
    "cpu": Base(image="python:{python}-slim"),
    "cuda": Base(image="python:{python}-slim", gpus="all"),
}


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An environment before it is checked and built, and the place in the file that asked for it."""

    entry: Include
    location: Location
    #: From the product: its Python is checked against what is known, and named in the id.
    python_axis: bool = False


def bases(file: MatrixFile) -> Mapping[str, Base]:
    """The bases by name: the file's own, and those that it need not spell out."""
    return {**DEFAULT_BASES, **file.bases}


def troubles(file: MatrixFile, candidate: Candidate) -> Iterator[tuple[Location, str]]:
    """What makes an entry impossible: (place below the entry, sentence)."""
    entry = candidate.entry
    known = bases(file)
    if entry.base is not None and entry.base not in known:
        yield _key(candidate, "base"), f"unknown base {entry.base!r}{did_you_mean(entry.base, known)}"
    if entry.image is not None:
        if entry.id is None:
            yield (), "an entry with an image needs an id of its own; add id: a-name"
        for key in ("as_of", "base", "packages"):
            if getattr(entry, key):
                said = f"{key!r} has no effect with 'image': nothing is installed into a ready-made image"
                yield _key(candidate, key), f"{said}; remove one"
        return
    if entry.as_of is not None and NIGHTLY in (entry.tensorflow, entry.keras):
        said = "a nightly is resolved anew at each run; remove 'as_of', or write an exact version"
        yield _key(candidate, "as_of"), said
    if entry.backend == "tensorflow":
        yield from _tensorflow_troubles(candidate)
    else:
        yield from _other_backend_troubles(candidate)


def _tensorflow_troubles(candidate: Candidate) -> Iterator[tuple[Location, str]]:
    entry = candidate.entry
    if entry.tensorflow is None:
        yield (), "this entry has no tensorflow; add a version, an image, or another backend"
        return
    if entry.tensorflow == NIGHTLY:
        return
    if entry.keras == LEGACY and Version(entry.tensorflow) < facts.FIRST_KERAS_3:
        said = f"TensorFlow {entry.tensorflow} has Keras 2 inside already; write keras: bundled"
        yield _key(candidate, "keras"), said
    known = facts.pythons(entry.tensorflow)
    if candidate.python_axis and known and entry.python not in known:
        yield (
            (),
            f"TensorFlow {entry.tensorflow} has no wheels for Python {entry.python} (it has for"
            f" {', '.join(known)}); exclude the combination: {{tensorflow: {entry.tensorflow!r},"
            f" python: {entry.python!r}}}",
        )


def _other_backend_troubles(candidate: Candidate) -> Iterator[tuple[Location, str]]:
    entry = candidate.entry
    if entry.tensorflow is not None:
        said = f"with backend {entry.backend!r} Keras runs without TensorFlow; remove 'tensorflow'"
        yield _key(candidate, "tensorflow"), said
    if entry.keras in (None, BUNDLED, LEGACY):
        said = f"the backend {entry.backend!r} needs an exact version of Keras, such as keras: '3.8.0'"
        yield _key(candidate, "keras"), said
    elif entry.keras != NIGHTLY and Version(str(entry.keras)).major < 3:
        said = (
            f"Keras {entry.keras} runs on TensorFlow only; the backend {entry.backend!r} needs 3.0.0 or later"
        )
        yield _key(candidate, "keras"), said


def _key(candidate: Candidate, key: str) -> Location:
    """Where a key of an entry stands; a combination of the axes has one place only."""
    return (key,) if candidate.location[1] == "include" else ()
