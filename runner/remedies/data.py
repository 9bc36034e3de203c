"""The remedies and the repair rules as they stand in the data files of this package, checked."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version
from pydantic import BaseModel, ConfigDict, field_validator

from runner.results import RemedyMeaning, Verdict

HERE = Path(__file__).parent


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Applies(_Data):
    """Where a remedy can make a difference; what is empty does not matter."""

    verdicts: tuple[Verdict, ...] = ()
    formats: tuple[str, ...] = ()
    actual: tuple[str, ...] = ()
    producer: str = ""
    consumer: str = ""
    lost: tuple[str, ...] = ()
    misnamed: bool = False
    needs: tuple[str, ...] = ()

    @field_validator("producer", "consumer")
    @classmethod
    def _specifier(cls, value: str) -> str:
        return _checked(value)


class RemedyData(_Data):
    """One remedy. ``do`` is what the agent is told; a derived one is read off another cell instead."""

    id: str
    title: str
    sentence: str
    do: dict[str, Any] = {}
    applies: Applies = Applies()
    derived: bool = False
    code: str = ""


@cache
def remedies() -> tuple[RemedyData, ...]:
    """Every remedy, the cheapest first."""
    return tuple(RemedyData.model_validate(item) for item in _read("remedies.yaml"))


def remedy(identifier: str) -> RemedyData | None:
    """The remedy of that id."""
    return next((item for item in remedies() if item.id == identifier), None)


def meanings() -> tuple[RemedyMeaning, ...]:
    """How every remedy is explained."""
    return tuple(
        RemedyMeaning(id=item.id, title=item.title, sentence=item.sentence, code=item.code)
        for item in remedies()
    )


def fits(version: str, specifier: str) -> bool:
    """Whether a version is meant. One that cannot be read (a nightly's, none) may always be."""
    try:
        return SpecifierSet(specifier).contains(Version(version), prereleases=True)
    except InvalidVersion:
        return True


def _checked(specifier: str) -> str:
    try:
        SpecifierSet(specifier)
    except InvalidSpecifier as error:
        raise ValueError(f"{specifier!r} is no version specifier") from error
    return specifier


def _read(name: str) -> list[Any]:
    found = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
    return list(found)
