"""The shape of a matrix file, for reading it and for editors.

``python -m environments.schema`` writes the JSON Schema of the same models beside this file.
"""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from environments import scalars
from environments.spec import BUNDLED, Backend, Device

PATH = Path(__file__).with_name("matrix.schema.json")


class Section(BaseModel):
    """A map in the file. A key that is not listed is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Exclude(Section):
    """Takes combinations of the axes away; every key that is given must match. Globs are allowed."""

    tensorflow: scalars.VersionGlob | None = None
    keras: scalars.VersionGlob | None = None
    backend: Backend | None = None
    device: Device | None = None
    python: scalars.VersionGlob | None = None


class Include(Section):
    """One environment besides the axes' product, with whatever is special about it."""

    id: scalars.Identifier | None = Field(default=None, description="A name of your own for the environment.")
    tensorflow: scalars.TensorFlow | None = Field(default=None, description="Exact version, or nightly.")
    keras: scalars.Keras | None = Field(
        default=None, description="bundled (the default), legacy (tf-keras), nightly, or an exact version."
    )
    backend: Backend = Field(default="tensorflow", description="Backends but tensorflow need an exact keras.")
    device: Device = Field(default="cpu")
    python: scalars.Python | None = Field(
        default=None, description="Wins over the default, and over what is known."
    )
    as_of: scalars.Day | None = Field(
        default=None, description="Resolve as the package registry was on this day."
    )
    image: scalars.Image | None = Field(
        default=None, description="A ready-made image that is used as it is: nothing is installed."
    )
    base: scalars.Identifier | None = Field(default=None, description="A name under bases.")
    packages: tuple[scalars.Package, ...] = Field(default=(), description="Further requirements.")
    env: dict[scalars.Variable, scalars.VariableValue] = Field(default_factory=dict)
    timeout: scalars.Seconds | None = Field(default=None, description="Seconds that one cell may take.")
    memory: scalars.Memory | None = Field(default=None, description="Memory that one cell may take.")


class Axes(Section):
    """The environments: the product of the axes, less ``exclude``, plus ``include``."""

    tensorflow: tuple[scalars.TensorFlow, ...] = ()
    keras: Annotated[tuple[scalars.Keras, ...], Field(min_length=1)] = (BUNDLED,)
    backend: Annotated[tuple[Backend, ...], Field(min_length=1)] = ("tensorflow",)
    device: Annotated[tuple[Device, ...], Field(min_length=1)] = ("cpu",)
    python: tuple[scalars.Python, ...] = Field(
        default=(), description="Empty: the default, or the newest that the TensorFlow has wheels for."
    )
    exclude: tuple[Exclude, ...] = ()
    include: tuple[Include, ...] = ()


class Defaults(Section):
    """What holds where an environment says nothing else."""

    python: scalars.Python = "3.11"
    timeout: scalars.Seconds = Field(default=60.0, description="Seconds that one cell may take.")
    memory: scalars.Memory = Field(
        default=2 * 1024**3, description="Memory that one cell may take: 2g, 512m."
    )
    env: dict[scalars.Variable, scalars.VariableValue] = Field(default_factory=dict)


class Base(Section):
    """A container image that packages are installed on; ``{python}`` stands for the environment's Python."""

    image: scalars.BaseImage
    gpus: Literal["all", "none"] = "none"


class Expected(Section):
    """A known outcome: these cells have this verdict, for this reason, until this day."""

    cell: scalars.Cell = Field(description="producer/consumer/probe/format, a glob in each part.")
    verdict: scalars.VerdictWord
    reason: scalars.Glob = Field(description="Why this is known, and accepted until then.")
    expires: scalars.Day = Field(description="The last day on which it is accepted.")
    cause: scalars.Glob | None = Field(
        default=None, description="Id of the cause; with another one the outcome is not the known one."
    )
    owner: scalars.Glob | None = Field(default=None, description="Whoever looks after it.")


class Rule(Section):
    """One thing that makes a run fail, in these cells."""

    rule: scalars.GateWord
    cells: scalars.Cell | None = Field(
        default=None, description="producer/consumer/probe/format, a glob in each part; left out: all cells."
    )

    def __str__(self) -> str:
        return f"{self.rule} in {self.cells}" if self.cells else self.rule


def _rule(given: Any) -> Any:
    """A rule for all cells may be written as its word alone."""
    return {"rule": given} if isinstance(given, str) else given


class Gate(Section):
    """What makes a run fail."""

    fail_on: tuple[
        Annotated[Rule, BeforeValidator(_rule, json_schema_input_type=scalars.GateWord | Rule)], ...
    ] = Field(
        default=(Rule(rule="regression"),),
        examples=[["regression", {"rule": "divergent", "cells": "*/tf2.21*/*/*"}]],
    )


class Extent(Section):
    """What a selection runs, where that is not what the file says for all."""

    probes: Annotated[tuple[scalars.Glob, ...], Field(min_length=1)] | None = None
    formats: Annotated[tuple[scalars.Format, ...], Field(min_length=1)] | None = None
    faults: dict[scalars.Glob, Annotated[tuple[scalars.Glob, ...], Field(min_length=1)]] | None = None
    remedies: bool | None = None


class MatrixFile(Section):
    """A matrix file of crossload."""

    version: scalars.SchemaVersion
    matrix: Axes
    as_of: scalars.Day | None = Field(
        default=None, description="Resolve every environment that says nothing else as of this day."
    )
    registry_mirror: scalars.Mirror | None = Field(
        default=None, description="Put before every base image: host[:port][/path]."
    )
    defaults: Defaults = Defaults()
    bases: dict[scalars.Identifier, Base] = Field(default_factory=dict)
    selections: dict[scalars.Identifier, Annotated[tuple[scalars.Glob, ...], Field(min_length=1)]] = Field(
        default_factory=dict, description="Name -> globs over environment ids."
    )
    probes: Annotated[tuple[scalars.Glob, ...], Field(min_length=1)] = Field(
        default=("*",),
        description="Names or globs of built-in probes, tag:NAME for those that have a tag, or paths of your own.",
    )
    formats: Annotated[tuple[scalars.Format, ...], Field(min_length=1)] = Field(
        default=("keras", "h5", "savedmodel", "export", "weights", "checkpoint")
    )
    faults: dict[scalars.Glob, Annotated[tuple[scalars.Glob, ...], Field(min_length=1)]] = Field(
        default_factory=dict,
        description="What is broken on purpose: glob over probes -> names or globs of faults.",
        examples=[{"dense": list(scalars.FAULTS)}],
    )
    remedies: bool = Field(
        default=True,
        description="Try work-arounds in cells that are not identical, and record what they give.",
    )
    runs: dict[scalars.Identifier, Extent] = Field(
        default_factory=dict,
        description="Selection -> what it runs, where that is not what stands above.",
        examples=[{"nightly": {"probes": ["*"]}}],
    )
    expected: tuple[Expected, ...] = ()
    gate: Gate = Gate()


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a matrix file, as an editor sees the file (plain YAML types)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "crossload/matrix/1",
        **_for_editors(MatrixFile.model_json_schema()),
    }


def _for_editors(schema: Any) -> Any:
    """Two things that pydantic does not put into words as the file means them.

    An optional key may be left out, but not left empty; and a name that does not match is a mistake.
    """
    if isinstance(schema, list):
        return [_for_editors(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("anyOf", [])[1:] == [{"type": "null"}]:
        rest = {key: value for key, value in schema.items() if key not in {"anyOf", "default"}}
        schema = {**schema["anyOf"][0], **rest}
    if "patternProperties" in schema:
        schema = {"additionalProperties": False, **schema}
    return {key: _for_editors(value) for key, value in schema.items()}


def schema_text() -> str:
    """The text of ``matrix.schema.json``."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(schema_text(), encoding="utf-8")
