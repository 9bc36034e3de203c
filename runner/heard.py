"""One line of an agent's standard output to an event that can be relied on.

Model code runs beside the agent, and may print into the same pipe, or mean harm. What comes through here has the
shape that everything behind it counts on; the rest is left out, as if it had not been said.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from runner.results import CheckValue, Failure

Seconds = Annotated[float, Field(ge=0, le=10**7, allow_inf_nan=False, strict=True)]
#: What the system says of a disk without room, in the errors of every library that meets it.
_FULL = ("No space left on device", "Disk quota exceeded")
#: It becomes part of a path.
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class _Said(BaseModel):
    """What an agent of ours does not say is dropped on the way."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Facts(_Said):
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


class _Key(_Said):
    producer: str
    probe: str
    format: str


class _Saved(_Said):
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


class _Adopted(_Saved):
    """What became of a file that exists already; see :func:`runner.agent.adopt.adopt_cell`."""

    format: Literal["keras", "h5", "savedmodel", "export", "weights", "json", "checkpoint"]
    loaded: str
    ways: Mapping[str, Failure | None]
    predict: Failure | None
    notes: tuple[str, ...]
    batches: tuple[str, ...] = ()


class _NotSaved(_Said):
    status: Literal["save_failed", "unsupported"]
    name: str = ""
    stage: str = ""
    error: Failure | None = None
    warnings: tuple[str, ...] = ()
    fault: str = ""


class _Loaded(_Said):
    checks: Mapping[str, CheckValue]
    details: Mapping[str, str]
    max_abs_diff: Annotated[float, Field(strict=True)] | None
    warnings: tuple[str, ...]
    error: Failure | None


class _LoadedAnyway(_Loaded):
    edits: tuple[str, ...]


class _Worked(_LoadedAnyway):
    """What a remedy did; see :func:`runner.agent.remedies.remedy_cell`."""

    compiled: Mapping[str, Any] | None = None
    state_order: str = ""


class _Carried(_Saved):
    """What became of a hop; see :func:`runner.agent.carry.carry_cell`."""

    seen: _LoadedAnyway


class _NotCarried(_NotSaved):
    status: Literal["save_failed"]
    seen: _LoadedAnyway


class _Started(_Said):
    event: Literal["started"]


class _Finished(_Said):
    event: Literal["finished"]


class _Ready(_Said):
    event: Literal["ready"]
    facts: _Facts
    seconds: Seconds


class _Broken(_Said):
    event: Literal["broken"]
    error: Failure


class _Output(_Said):
    event: Literal["output"]
    text: str


class _Begin(_Said):
    event: Literal["begin"]
    key: _Key


class _Cell(_Said):
    event: Literal["cell"]
    key: _Key
    output: str
    seconds: Seconds


class _Died(_Cell):
    status: Literal["crashed", "timed_out"]
    problem: str


class _SaveDone(_Cell):
    status: Literal["done"]
    value: Annotated[_Saved | _NotSaved, Field(discriminator="status")]


class _AdoptDone(_Cell):
    status: Literal["done"]
    value: _Adopted


class _CarryDone(_Cell):
    status: Literal["done"]
    value: Annotated[_Carried | _NotCarried, Field(discriminator="status")]


class _LoadDone(_Cell):
    status: Literal["done"]
    value: _Loaded


class _Remedied(_Cell):
    """A remedy that came to its end."""

    event: Literal["remedy"]  # type: ignore[assignment]
    id: str
    status: Literal["done"]
    value: _Worked


class _RemedyDied(_Cell):
    event: Literal["remedy"]  # type: ignore[assignment]
    id: str
    status: Literal["crashed", "timed_out"]
    problem: str


class _Tried(_Said):
    """All remedies of a cell that are worth it have been tried."""

    event: Literal["tried"]
    key: _Key


_Always = _Started | _Finished | _Ready | _Broken | _Output | _Begin | _Died
_EVENTS: Mapping[str, TypeAdapter[Any]] = {
    "save": TypeAdapter(_Always | _SaveDone),
    "adopt": TypeAdapter(_Always | _AdoptDone),
    "carry": TypeAdapter(_Always | _CarryDone),
    "load": TypeAdapter(_Always | _LoadDone),
    "remedy": TypeAdapter(_Always | _Remedied | _RemedyDied | _Tried),
}


def understood(line: str, phase: str) -> dict[str, Any] | None:
    """The event that a line says; None for a line that says none of an agent's events."""
    try:
        said = _whole(json.loads(line))
        event: dict[str, Any] = _EVENTS[phase].validate_python(said).model_dump(mode="json")
    except (ValueError, ValidationError, RecursionError):
        return None
    return event


def disk_was_full(event: Mapping[str, Any]) -> bool:
    """Whether a cell or a remedy came out as it did because there was no room on a disk. That says nothing of a model.

    What a model prints counts only where it died.
    """
    told = [event.get("value")] if event["status"] == "done" else [event["problem"], event["output"]]
    return any(words in json.dumps(told) for words in _FULL)


class _Task(_Said):
    engine: str
    started: str
    probes: Mapping[str, str]


class _Provisioned(_Said):
    base: str
    base_digest: str
    seconds: Seconds


class _Unavailable(_Said):
    message: str


class _Ended(_Said):
    problem: str


class _Lost(_Said):
    key: _Key
    problem: str


class _Noted(_Said):
    """What a task adds to an agent's words."""

    sha256: str = ""
    attempts: int = Field(default=1, ge=1, strict=True)
    asked: str = ""


_KEPT: Mapping[str, TypeAdapter[Any]] = {
    "task": TypeAdapter(_Task),
    "ready": TypeAdapter(_Ready),
    "provisioned": TypeAdapter(_Provisioned),
    "unavailable": TypeAdapter(_Unavailable),
    "broken": TypeAdapter(_Broken),
    "ended": TypeAdapter(_Ended),
    "lost": TypeAdapter(_Lost),
    "remedy": TypeAdapter(_Remedied | _RemedyDied),
    "tried": TypeAdapter(_Tried),
}
_KEPT_CELLS: Mapping[str, TypeAdapter[Any]] = {
    "save": TypeAdapter(_Died | _SaveDone),
    "load": TypeAdapter(_Died | _LoadDone),
}
_NOTED = TypeAdapter(_Noted)


def sound(event: Mapping[str, Any], phase: str) -> bool:
    """Whether an event of a journal has the shape that a task gave it: disks err, and journals are carried."""
    kind = event.get("event")
    adapter = _KEPT_CELLS.get(phase) if kind == "cell" else _KEPT.get(str(kind))
    if adapter is None:
        return False
    try:
        adapter.validate_python(event)
        if kind in ("cell", "remedy", "tried"):
            _NOTED.validate_python(event)
    except ValidationError:
        return False
    return True


def _whole(value: Any) -> Any:
    """The value without halves of surrogate pairs: no file and no terminal takes them."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {_whole(name): _whole(item) for name, item in value.items()}
    return value
