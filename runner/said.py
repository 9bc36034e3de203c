"""The shapes of what an agent says."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from runner.results import CheckValue, Failure

Seconds = Annotated[float, Field(ge=0, le=10**7, allow_inf_nan=False, strict=True)]
#: It becomes part of a path.
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Said(BaseModel):
    """What an agent of ours does not say is dropped on the way."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Facts(Said):
    """What an environment turned out to be."""

    python: str
    tensorflow: str
    keras: str
    backend: str
    packages: Mapping[str, str]
    devices: tuple[str, ...]
    gpu_visible: bool
    cpus: int = 0

    @field_validator("packages", mode="before")
    @classmethod
    def _with_versions(cls, packages: object) -> object:
        """Images hold remains of packages that have no version any more."""
        if not isinstance(packages, dict):
            return packages
        return {name: version for name, version in packages.items() if isinstance(version, str)}


class Key(Said):
    """The artifact that is spoken of."""

    producer: str
    probe: str
    format: str


class Saved(Said):
    """What became of a save."""

    status: Literal["saved"]
    sha256: Digest
    bytes: int = Field(ge=0)
    name: str
    actual_format: str
    files: tuple[str, ...]
    stage: str
    error: None = None
    warnings: tuple[str, ...]
    fault: str = ""
    facts: Mapping[str, Any] = Field(default_factory=dict)


class Adopted(Saved):
    """What became of a file that exists already; see :func:`runner.agent.adopt.adopt_cell`."""

    format: Literal["keras", "h5", "savedmodel", "export", "weights", "json", "checkpoint"]
    loaded: str
    ways: Mapping[str, Failure | None]
    predict: Failure | None
    notes: tuple[str, ...]
    batches: tuple[str, ...] = ()


class NotSaved(Said):
    """Why a save left nothing."""

    status: Literal["save_failed", "unsupported"]
    name: str = ""
    stage: str = ""
    error: Failure | None = None
    warnings: tuple[str, ...] = ()
    fault: str = ""


class Loaded(Said):
    """What became of a load."""

    checks: Mapping[str, CheckValue]
    details: Mapping[str, str]
    max_abs_diff: Annotated[float, Field(strict=True)] | None
    warnings: tuple[str, ...]
    error: Failure | None


class LoadedAnyway(Loaded):
    """What became of a load by a work-around."""

    edits: tuple[str, ...]


class Worked(LoadedAnyway):
    """What a remedy did; see :func:`runner.agent.remedies.remedy_cell`."""

    compiled: Mapping[str, Any] | None = None
    state_order: str = ""


class Carried(Saved):
    """What became of a hop; see :func:`runner.agent.carry.carry_cell`."""

    seen: LoadedAnyway


class NotCarried(NotSaved):
    """Why a hop left nothing."""

    status: Literal["save_failed"]
    seen: LoadedAnyway


class Started(Said):
    """The agent runs."""

    event: Literal["started"]


class Finished(Said):
    """The agent has done all that it was asked."""

    event: Literal["finished"]


class Ready(Said):
    """Its framework is imported."""

    event: Literal["ready"]
    facts: Facts
    seconds: Seconds


class Broken(Said):
    """Its framework cannot be imported."""

    event: Literal["broken"]
    error: Failure


class Output(Said):
    """What a cell prints, as it comes."""

    event: Literal["output"]
    text: str


class Begin(Said):
    """A cell begins."""

    event: Literal["begin"]
    key: Key


class About(Said):
    """One thing that was done in a cell."""

    key: Key
    output: str
    seconds: Seconds


class Cell(About):
    """What the cell is there for was done in it."""

    event: Literal["cell"]


class Died(Cell):
    """A cell whose process did not come to its end."""

    status: Literal["crashed", "timed_out"]
    problem: str
    #: True where it worked all the time: a busy machine was not the reason.
    looping: bool = False


class SaveDone(Cell):
    """A save that came to its end."""

    status: Literal["done"]
    value: Annotated[Saved | NotSaved, Field(discriminator="status")]


class AdoptDone(Cell):
    """A file that was looked at to the end."""

    status: Literal["done"]
    value: Adopted


class CarryDone(Cell):
    """A hop that came to its end."""

    status: Literal["done"]
    value: Annotated[Carried | NotCarried, Field(discriminator="status")]


class LoadDone(Cell):
    """A load that came to its end."""

    status: Literal["done"]
    value: Loaded


class Remedied(About):
    """A remedy that came to its end."""

    event: Literal["remedy"]
    id: str
    status: Literal["done"]
    value: Worked


class RemedyDied(About):
    """A remedy whose process did not come to its end."""

    event: Literal["remedy"]
    id: str
    status: Literal["crashed", "timed_out"]
    problem: str


class Tried(Said):
    """All remedies of a cell that are worth it have been tried."""

    event: Literal["tried"]
    key: Key
