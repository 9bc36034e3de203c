"""Which releases of TensorFlow and Keras there are, when they came, and an environment for any of them.

An environment that is made here is of its day: it is resolved as the registry was some weeks after the release, since
today's NumPy and protobuf break most old releases, and a TensorFlow whose Keras comes as a package of its own gets
the Keras of that day, by its exact version.
"""

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from environments import facts, registry
from environments.errors import EnvironmentUnavailable
from environments.expand import one
from environments.explain import did_you_mean
from environments.schema import Include, MatrixFile
from environments.spec import BUNDLED, LEGACY, Environment

#: How long after a release its surroundings had caught up. Fixes of what it asks for come in days; the packages that
#: break it come in months. The shipped matrix has the same distance, found by hand.
AFTERWARDS = timedelta(days=28)
#: The Pythons that the agent runs on.
_PYTHONS = tuple(f"3.{minor}" for minor in range(7, 31))
_PLATFORM = re.compile(r"(many)?linux.*_x86_64")


@dataclass(frozen=True, kw_only=True)
class Release:
    """One version of a package that can be installed from wheels on Linux."""

    version: str
    #: The day on which its first file came; None where the registry does not say.
    uploaded: date | None
    #: The Pythons that it has wheels for, oldest first; of those, the ones that the agent runs on.
    pythons: tuple[str, ...]

    @property
    def final(self) -> bool:
        """False for an alpha, a beta or a release candidate."""
        return not Version(self.version).is_prerelease


def releases(package: str) -> tuple[Release, ...]:
    """The releases of a package that the registry has, oldest version first; withdrawn ones left out.

    Raises InfrastructureError when the registry cannot be read.
    """
    return of_files(registry.files(package))


@functools.cache
def tensorflows() -> tuple[Release, ...]:
    """The releases of TensorFlow for processors, by whatever name they are installed."""
    before = [item for item in releases("tensorflow") if not _for_processors(item.version)]
    return (*before, *(item for item in releases("tensorflow-cpu") if _for_processors(item.version)))


@functools.cache
def kerases() -> tuple[Release, ...]:
    """The releases of Keras."""
    return releases("keras")


def of_files(files: Iterable[registry.File]) -> tuple[Release, ...]:
    """The releases that these files are of, oldest version first. Pure."""
    days: dict[Version, date | None] = {}
    pythons: dict[Version, set[str]] = {}
    for file in files:
        if file.yanked:
            continue
        try:
            _, version, _, tags = parse_wheel_filename(file.name)
            asked = SpecifierSet(file.requires_python)
        except (InvalidWheelFilename, InvalidVersion, InvalidSpecifier):
            continue  # An archive of sources, or older than these rules.
        fitting = {
            python
            for tag in tags
            if tag.platform == "any" or _PLATFORM.fullmatch(tag.platform)
            for python in _of_interpreter(tag.interpreter)
            if asked.contains(f"{python}.99")
        }
        if fitting:
            pythons.setdefault(version, set()).update(fitting)
            day = file.uploaded.date() if file.uploaded else None
            known = days.setdefault(version, day)
            days[version] = min(known, day) if known and day else known or day
    return tuple(
        Release(
            version=str(version),
            uploaded=days[version],
            pythons=tuple(python for python in _PYTHONS if python in pythons[version]),
        )
        for version in sorted(pythons)
    )


def find(version: str, known: Iterable[Release], what: str) -> Release:
    """The release of that version. Raises EnvironmentUnavailable with the nearest name where there is none."""
    listed = list(known)
    same = [item for item in listed if Version(item.version) == Version(version)]
    if not same:
        finals = [item.version for item in listed if item.final]
        raise EnvironmentUnavailable(
            f"The package registry has no {what} {version} for Linux{did_you_mean(version, finals)}."
        )
    return same[0]


def of_its_day(release: Release, known: Iterable[Release]) -> Release | None:
    """The newest Keras 3 when a TensorFlow that takes it as a package had settled; None where no day is known."""
    if release.uploaded is None:
        return None
    until = release.uploaded + AFTERWARDS
    there = [
        item
        for item in known
        if item.final and item.uploaded and item.uploaded <= until and Version(item.version).major >= 3
    ]
    return there[-1] if there else None


def made(tensorflow: str, keras: str | None = None, *, file: MatrixFile) -> Environment:
    """An environment for processors with this TensorFlow: of its day, on the newest Python that fits.

    ``keras`` is an exact version, ``"legacy"``, or None for the one of its day. ``file`` says what holds for every
    environment (default Python, limits, bases). Raises EnvironmentUnavailable when there is no such release, or
    no Python that both have wheels for; InfrastructureError when the registry cannot be read;
    ConfigurationError when the two cannot go together.
    """
    release = find(tensorflow, tensorflows(), "TensorFlow")
    days = [release.uploaded]
    pythons = release.pythons
    if keras is None and Version(tensorflow) >= facts.FIRST_KERAS_3:
        fitting = of_its_day(release, kerases())
        keras = fitting.version if fitting else None
    if keras not in (None, BUNDLED, LEGACY):
        with_it = find(keras, kerases(), "Keras")
        days.append(with_it.uploaded)
        pythons = tuple(python for python in pythons if python in with_it.pythons)
    if not pythons:
        beside = f" with Keras {keras}" if keras else ""
        raise EnvironmentUnavailable(
            f"TensorFlow {tensorflow}{beside} has no Python, from 3.7 on, that there are wheels for."
        )
    default = file.defaults.python
    known = [day for day in days if day is not None]
    # Without days, the registry cannot answer for a day of the past either.
    as_of = max(known) + AFTERWARDS if len(known) == len(days) else None
    entry = {"tensorflow": release.version, "keras": keras, "as_of": as_of.isoformat() if as_of else None}
    python = default if default in pythons else pythons[-1]
    return one(file, Include.model_validate({**entry, "python": python}))


def _for_processors(version: str) -> bool:
    """Whether a release has a package of its own for processors."""
    return Version(version) >= facts.FIRST_TENSORFLOW_CPU


def _of_interpreter(tag: str) -> Iterable[str]:
    """The Pythons of a wheel's tag: ``cp311`` is 3.11; ``py3`` is every one."""
    if tag in ("py3", "py2.py3"):
        return _PYTHONS
    digits = tag.removeprefix("cp") if tag.startswith("cp") else ""
    return (f"{digits[0]}.{digits[1:]}",) if digits.isdigit() and len(digits) > 1 else ()
