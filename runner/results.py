"""The results of a run: the one thing that reports, diffs and gates read (schema ``crossload/results/1``).

Fields are only ever added. ``json_schema()`` is what is published beside every ``results.json``.
"""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA: Literal["crossload/results/1"] = "crossload/results/1"

#: From so many cells on, ``results.json`` is written without line breaks.
_LONG = 5_000


class Verdict(StrEnum):
    """One word for a cell, declared from good to bad."""

    IDENTICAL = "identical"
    DEGRADED = "degraded"
    DIVERGENT = "divergent"
    LOAD_FAILED = "load_failed"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    SAVE_FAILED = "save_failed"
    UNSUPPORTED = "unsupported"
    UNAVAILABLE = "unavailable"
    NOT_RUN = "not_run"

    @property
    def meaning(self) -> str:
        """The sentence of the legend."""
        return _MEANINGS[self]


_MEANINGS: Mapping[Verdict, str] = {
    Verdict.IDENTICAL: "Loads, and every check equals what the producer saw, within the stated tolerance.",
    Verdict.DEGRADED: "Loads and predicts the same, but something was lost; the cell names it.",
    Verdict.DIVERGENT: "Loads without an error and is wrong: structure, weights, outputs or loss differ.",
    Verdict.LOAD_FAILED: "Loading, or the first use of what was loaded, raised an exception.",
    Verdict.CRASHED: "The process died while loading or checking: a signal, or out of memory.",
    Verdict.TIMED_OUT: "Loading or checking ran past its time limit.",
    Verdict.SAVE_FAILED: "The producer could not save it; charged to the producer alone.",
    Verdict.UNSUPPORTED: "This format does not exist there, or the model is not about it: known beforehand.",
    Verdict.UNAVAILABLE: "The environment could not be made or started: infrastructure, not incompatibility.",
    Verdict.NOT_RUN: "Planned but not run: cancelled, or the task was lost.",
}

#: The checks of a cell, in the order in which they run.
CHECKS = (
    "structure",
    "config",
    "weights",
    "outputs",
    "loss",
    "optimizer",
    "training",
    "resave",
    "reload",
)

CheckValue = Literal["same", "differs", "lost", "failed", "not_applicable", "not_run"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Failure(_Model):
    """An exception as it was raised inside an environment, or what ended a process."""

    type: str
    message: str
    traceback: str = ""


class Tolerance(_Model):
    """How far two arrays of one dtype may lie apart and still count as the same."""

    dtype: str
    relative: float
    absolute: float
    reason: str


class Probe(_Model):
    """A probe of the run."""

    name: str
    why: str
    source: str = Field(description="Path of the probe's file as the user knows it.")
    sha256: str
    tags: tuple[str, ...] = Field(default=(), description="What it exercises; its group comes first.")
    fault: str = Field(default="", description="What is broken on purpose; the name ends in +fault.")


class Format(_Model):
    """A way of saving."""

    name: str
    meaning: str


class EnvironmentResult(_Model):
    """An environment as it was found when it ran."""

    id: str
    status: Literal["ready", "unavailable"]
    error: str | None = None
    engine: str = ""
    base: str = ""
    base_digest: str = ""
    python: str = ""
    tensorflow: str = ""
    keras: str = ""
    backend: str = ""
    device: Literal["cpu", "cuda"] = "cpu"
    gpu_visible: bool = False
    devices: tuple[str, ...] = Field(default=(), description="Devices as the backend names them.")
    lock_sha256: str = ""
    packages: Mapping[str, str] = Field(default_factory=dict)
    seconds: Mapping[str, float] = Field(
        default_factory=dict, description="Seconds by phase: provision, import, save, load."
    )
    reused: Mapping[str, float] = Field(
        default_factory=dict, description="What earlier runs spent of those seconds, by phase."
    )

    @property
    def spent(self) -> dict[str, float]:
        """The seconds that this run itself took, by phase."""
        return {phase: round(of - self.reused.get(phase, 0.0), 2) for phase, of in self.seconds.items()}


class Cause(_Model):
    """Why cells are not identical, as far as it is known; only those that occur are in the results."""

    id: str
    title: str
    sentence: str = Field(description="The cause explained to a person, in one sentence or two.")
    advice: str = Field(
        default="",
        description="What a person can write themselves where no remedy works; ends with what to do next.",
    )
    remedies: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


class RemedyMeaning(_Model):
    """A work-around as it is explained; only those that were tried are in the results."""

    id: str
    title: str
    sentence: str
    code: str = Field(default="", description="How to do it by hand, in about three lines of Python.")


class ArtifactResult(_Model):
    """What one environment saved for one probe and format."""

    producer: str
    probe: str
    format: str
    status: Literal["saved", "save_failed", "unsupported", "unavailable", "not_run"]
    sha256: str = ""
    bytes: int = 0
    name: str = Field(default="", description="The path it was asked to save, as a user would type it.")
    actual_format: str = Field(
        default="", description="Read from the bytes: zip, hdf5, savedmodel, checkpoint, empty, unknown."
    )
    files: tuple[str, ...] = ()
    stage: str = Field(
        default="", description="Where a failed save stopped: import, build, train, save, observe."
    )
    error: Failure | None = None
    warnings: tuple[str, ...] = ()
    output: str = Field(default="", description="The end of what was printed while saving.")
    seconds: float = 0.0
    facts: Mapping[str, Any] = Field(
        default_factory=dict,
        description="Read from the file: keras_version, backend, modules, classes.",
    )
    fault: str = Field(
        default="", description="What the fault did to it, and what the save said, in a sentence."
    )
    cause: str = ""
    signature: str = ""
    telling: str = ""


class Remedy(_Model):
    """A work-around that was run in the cell."""

    id: str
    verdict: Verdict
    lost: tuple[str, ...] = ()
    environment: str = Field(
        default="", description="Where it was run, when that is not the consumer itself."
    )
    edits: tuple[str, ...] = Field(default=(), description="What it changed in a copy of the file.")
    telling: str = Field(default="", description="What still went wrong, in a line.")
    error: Failure | None = None
    code: str = Field(default="", description="The code for this cell, where it is not the remedy's own.")
    seconds: float = 0.0

    @property
    def verified(self) -> bool:
        """Whether it was run and the model then predicts the same."""
        return self.verdict in (Verdict.IDENTICAL, Verdict.DEGRADED)


class CellResult(_Model):
    """What became of one artifact in one consumer."""

    producer: str
    consumer: str
    probe: str
    format: str
    verdict: Verdict
    checks: Mapping[str, CheckValue] = Field(default_factory=dict)
    details: Mapping[str, str] = Field(
        default_factory=dict, description="Check -> one sentence on what was seen, where it was not the same."
    )
    lost: tuple[str, ...] = ()
    max_abs_diff: float | None = None
    warnings: tuple[str, ...] = ()
    output: str = Field(default="", description="The end of what was printed while loading and checking.")
    seconds: float = 0.0
    attempts: int = 1
    cached: bool = Field(default=False, description="Whether it was run for an earlier run and still holds.")
    ran: str = Field(
        default="", description="When it was run, where that was for an earlier run. ISO 8601, UTC."
    )
    error: Failure | None = None
    cause: str = Field(default="", description="Id of the cause; unclassified where none is known.")
    signature: str = Field(
        default="",
        description="The most telling line without names, numbers and paths: equal for cells of a kind.",
    )
    telling: str = Field(default="", description="The line that says most about what went wrong.")
    remedies: tuple[Remedy, ...] = Field(default=(), description="Those that were tried, cheapest first.")


class Run(_Model):
    """Where and when the results were made."""

    id: str
    started: str = Field(description="ISO 8601, UTC.")
    finished: str = Field(default="", description="ISO 8601, UTC; empty while the run goes on.")
    engine: str
    matrix_sha256: str
    version: str
    matrix: str = Field(default="", description="The matrix file's name.")
    selection: str = ""
    narrowed: str = Field(
        default="",
        description="The options by which less was run than the selection says; empty where all was.",
    )
    command: str = Field(default="", description="The command that made these results.")
    host: str = ""
    isolation: str = Field(default="", description="How far the engine isolates model code, in a sentence.")
    notes: tuple[str, ...] = Field(default=(), description="What a reader must know of this run.")
    interrupted: bool = False


class Question(_Model):
    """The one model file that results of ``crossload check`` are about. Text in it is a stranger's."""

    file: str = Field(description="The path as it was typed.")
    sha256: str = ""
    bytes: int = 0
    what: str = Field(default="", description="What the file is, by its bytes.")
    writer: str = Field(default="", description="What it says wrote it, such as Keras 2.4.0; may be empty.")
    damage: tuple[str, ...] = Field(default=(), description="Why it is not whole; empty where it is.")
    home: str = Field(description="The environment whose answers are the reference.")
    asked: str = Field(default="", description="The environment named with --from; empty where none was.")
    why_home: str = Field(
        default="",
        description="Why that one is the home, where the file does not say it; a sentence.",
    )
    loaded: str = Field(
        default="",
        description="How it was loaded at home: plain, custom_objects, compile_false, unsafe, saved_model_load, "
        "code; "
        "empty where it was not.",
    )
    reference: bool = Field(
        default=False, description="Whether it predicts at home, so that others can be held against that."
    )
    needs: tuple[str, ...] = Field(
        default=(), description="Classes and functions that no Keras has, where no code was given."
    )
    notes: tuple[str, ...] = Field(default=(), description="What a reader has to know, in sentences.")
    batches: tuple[str, ...] = Field(default=(), description="What it was given to predict, in words.")


class Results(_Model):
    """Everything that one run found out."""

    schema_: Literal["crossload/results/1"] = Field(default=SCHEMA, alias="schema")
    run: Run
    environments: tuple[EnvironmentResult, ...]
    probes: tuple[Probe, ...] = ()
    formats: tuple[Format, ...] = ()
    tolerances: tuple[Tolerance, ...] = ()
    artifacts: tuple[ArtifactResult, ...]
    cells: tuple[CellResult, ...]
    causes: tuple[Cause, ...] = ()
    remedies: tuple[RemedyMeaning, ...] = ()
    question: Question | None = None

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of ``results.json``."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        **Results.model_json_schema(by_alias=True),
    }


def read(path: Path) -> Results:
    """Read a ``results.json``. Raises OSError, or pydantic.ValidationError when it is not one."""
    return Results.model_validate_json(path.read_bytes())


def to_json(results: Results) -> str:
    """The text of ``results.json``, for people to read as long as it is short: 70,000 cells are 76 MB with indents."""
    indent = 1 if len(results.cells) < _LONG else None
    return results.model_dump_json(by_alias=True, indent=indent) + "\n"
