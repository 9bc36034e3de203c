"""The remedies and the repair rules as they stand in the data files of this package, checked."""

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from pydantic import BaseModel, ConfigDict, field_validator

from runner.remedies.snippets import Place, fill
from runner.results import RemedyMeaning, Verdict
from runner.versions import within

HERE = Path(__file__).parent
#: Kinds of files that code is for, and how it is told which one is meant.
_KINDS = ("keras", "h5", "savedmodel", "weights", "checkpoint", "json")
_HEADINGS = {
    "keras": "`.keras` archive",
    "h5": "HDF5 file with layers",
    "keras_by_weight": "`.keras` archive with its optimizer",
    "h5_by_weight": "HDF5 file with its optimizer, slots listed by weight",
    "h5_by_slot": "HDF5 file with its optimizer, slots listed by kind",
    "h5_with_state": "HDF5 file of Keras 3 in Keras 3",
    "savedmodel": "SavedModel",
    "weights": "Weights as a tree of objects",
    "tree": "Weights as a tree of objects",
    "checkpoint": "Checkpoint",
    "checkpoint_of_keras_3": "Checkpoint of Keras 3",
    "json": "Architecture and weights in two files",
    "in_keras_2": "Keras 2",
    "in_keras_3": "Keras 3",
}
#: An edit as repair tells it, the most frequent one between releases of Keras 3.
_FOR_EXAMPLE = ("dropped quantization_config = null of Dense",)


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Applies(_Data):
    """Where a remedy can make a difference; what is empty does not matter."""

    verdicts: tuple[Verdict, ...] = ()
    #: Further verdicts, only where the cause names the remedy.
    if_named: tuple[Verdict, ...] = ()
    formats: tuple[str, ...] = ()
    actual: tuple[str, ...] = ()
    producer: str = ""
    consumer: str = ""
    lost: tuple[str, ...] = ()
    #: Only where the name does not say what the file is.
    misnamed: bool = False
    #: Only where producer and consumer lay out arrays and objects alike, so that a copy can be loaded.
    same_layout: bool = False
    #: Only where producer and consumer are of different generations of Keras.
    other_generation: bool = False
    needs: tuple[str, ...] = ()
    #: Only where the file has one of these facts, or the probe one of these tags; or a cause names the remedy.
    facts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

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
    #: How to do it by hand (see ``snippets.py``): one template, or one for each kind of file.
    code: str | Mapping[str, str]


class Rule(_Data):
    """One repair rule, with the versions between which it holds; the rest is for the agent."""

    why: str
    producer: str = ""
    consumer: str = ""
    do: Literal[
        "add_package",
        "drop",
        "move_module",
        "name_module",
        "name_to_policy",
        "policy_to_name",
        "rename_class",
        "rename_key",
        "replace",
        "set",
        "strip_package",
        "to_keras_2",
        "to_keras_3",
        "unwrap",
        "without_slashes",
        "wrap",
    ]
    model_config = ConfigDict(frozen=True, extra="allow")

    @field_validator("producer", "consumer")
    @classmethod
    def _specifier(cls, value: str) -> str:
        return _checked(value)


class Repairs(_Data):
    """All that repairs go by."""

    rules: tuple[Rule, ...]
    neutral: Mapping[str, Literal["any"] | list[Any]]


@cache
def repairs() -> Repairs:
    """The repair rules and what they take for neutral."""
    return Repairs.model_validate(_read("repairs.yaml"))


def rules(producer: str, consumer: str) -> list[dict[str, Any]]:
    """The rules between two versions of Keras, as plain JSON for the agent."""
    return list(_rules(producer, consumer))


@lru_cache(maxsize=1024)  # a run asks for each cell that is not identical
def _rules(producer: str, consumer: str) -> tuple[dict[str, Any], ...]:
    return tuple(
        rule.model_dump(exclude={"why", "producer", "consumer"})
        for rule in repairs().rules
        if fits(producer, rule.producer) and fits(consumer, rule.consumer)
    )


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
        RemedyMeaning(id=item.id, title=item.title, sentence=item.sentence, code=plain(item))
        for item in remedies()
    )


def plain(item: RemedyData) -> str:
    """The snippet that explains a remedy where no one cell is meant: for a ``.keras`` file and Keras 3."""
    return fill(item.code, Place(), _FOR_EXAMPLE)


def snippets(item: RemedyData) -> dict[str, str]:
    """What a remedy's code is for each kind of file, under a heading; one without a heading where it is one for all."""
    if isinstance(item.code, str):
        return {"": plain(item)}
    found: dict[str, list[str]] = {}
    for key in item.code:
        place = Place(
            kind=key if key in _KINDS else "weights", variant=key, generation=2 if key == "in_keras_2" else 3
        )
        found.setdefault(fill(item.code, place, _FOR_EXAMPLE), []).append(_HEADINGS[key])
    return {", ".join(dict.fromkeys(headings)): code for code, headings in found.items()}


def fits(version: str, ranges: str) -> bool:
    """Whether a remedy or a rule is for that version. One that cannot be read (a nightly's, none) may always be."""
    return within(version, ranges, unreadable=True)


def _checked(specifier: str) -> str:
    try:
        SpecifierSet(specifier)
    except InvalidSpecifier as error:
        raise ValueError(f"{specifier!r} is no version specifier") from error
    return specifier


def _read(name: str) -> Any:
    return yaml.load((HERE / name).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
