"""Why models do not survive, as data: the YAML files of this folder, read once and checked.

A cause is a title and a sentence for a person, and the evidence by which it is recognised. ``when`` lists
alternatives; within one alternative everything must hold. Causes are tried by ``order``, lowest first, so what
knows most is heard first and what is true of every failure comes last.
"""

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from packaging.specifiers import SpecifierSet
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from runner import results
from runner.results import CheckValue, Verdict

FOLDER = Path(__file__).parent
#: What no cause explains.
UNCLASSIFIED = "unclassified"


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _versions(value: str) -> str:
    SpecifierSet(value)
    return value


Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]
#: Not compiled here: that takes a tenth of a second, of which no command needs more than a part. Tests compile all.
Pattern = str
Versions = Annotated[str, AfterValidator(_versions)]
Side = dict[Literal["keras", "tensorflow", "python"], Versions]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Evidence(_Model):
    """One way to recognise a cause: everything that is given must hold. Patterns are searched for."""

    verdict: Annotated[tuple[Verdict, ...], BeforeValidator(_listed)] = ()
    format: Words = ()
    actual_format: Words = ()
    stage: Words = ()
    backend: Words = Field(default=(), description="The consumer's backend; of a save, the producer's.")
    producer: Side = {}
    consumer: Side = {}
    age: Words = Field(
        default=(), description="The producer's Keras held against the consumer's: older, same, newer."
    )
    differs: Words = Field(
        default=(), description="What the two sides have not in common: keras_major, python_minor, backend, …"
    )
    type: Pattern = Field(default="", description="The exception's type.")
    message: Pattern = Field(
        default="", description="What the exception says: every layer of it, without dumps of configurations."
    )
    raw: Pattern = Field(default="", description="The exception's message as it is, dumps included.")
    traceback: Pattern = ""
    warning: Pattern = ""
    output: Pattern = ""
    checks: dict[str, Annotated[tuple[CheckValue, ...], BeforeValidator(_listed)]] = {}
    detail: dict[str, Pattern] = {}
    lost: Words = Field(default=(), description="All of these were lost.")
    facts: dict[str, Pattern] = Field(default={}, description="Read from the file; its value as text.")
    tags: Words = ()
    fault: Words = Field(default=(), description="Globs over what was broken on purpose.")


class Cause(_Model):
    """A reason, and how to see that it is this one."""

    id: Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]
    title: str = Field(max_length=90)
    sentence: str
    kind: Literal["model", "environment", "probe", "fault"] = "model"
    order: int = 100
    when: tuple[Evidence, ...] = Field(min_length=1)
    telling: str = Field(default="", description="A sentence with {names} of the groups of the patterns.")
    advice: str = Field(
        default="", description="What to put into a file for --custom-objects where no remedy works."
    )
    remedies: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    file: str = Field(default="", description="The file it is from, without its ending.")

    @model_validator(mode="after")
    def _links_are_addresses(self) -> "Cause":
        for link in self.links:
            if not link.startswith("https://"):
                raise ValueError(f"{self.id}: {link!r} is no address")
        return self

    def meaning(self) -> results.Cause:
        """What a report shows of it."""
        return results.Cause(
            id=self.id,
            title=self.title,
            sentence=self.sentence,
            advice=self.advice,
            remedies=self.remedies,
            links=self.links,
        )


@cache
def load() -> tuple[Cause, ...]:
    """Every cause, in the order in which they are tried. Raises ValueError when a file is not as it should be."""
    causes = [
        Cause.model_validate({"file": path.stem, **entry})
        for path in sorted(FOLDER.glob("*.yaml"))
        for entry in yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    ]
    names = [cause.id for cause in causes]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"There are two causes named {', '.join(twice)}.")
    return tuple(sorted(causes, key=lambda cause: cause.order))


@cache
def meaning(identifier: str) -> results.Cause:
    """What a report shows of the cause of that id; KeyError when there is none."""
    if identifier == UNCLASSIFIED:
        return results.Cause(
            id=UNCLASSIFIED,
            title="Not classified",
            sentence="No known cause fits. Cells with the same signature went wrong in the same words.",
        )
    return {cause.id: cause for cause in load()}[identifier].meaning()
