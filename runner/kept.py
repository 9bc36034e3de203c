"""One line of a journal, held against the shape that a task gave it: disks err, and journals are carried."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field, TypeAdapter, ValidationError

from runner import said


class _Task(said.Said):
    engine: str
    started: str
    probes: Mapping[str, str]


class _Provisioned(said.Said):
    base: str
    base_digest: str
    seconds: said.Seconds


class _Unavailable(said.Said):
    message: str


class _Ended(said.Said):
    problem: str


class _Lost(said.Said):
    key: said.Key
    problem: str


class _Noted(said.Said):
    """What a task adds to an agent's words."""

    sha256: str = ""
    attempts: int = Field(default=1, ge=1, strict=True)
    asked: str = ""
    judged: str = ""


_KEPT: Mapping[str, TypeAdapter[Any]] = {
    "task": TypeAdapter(_Task),
    "ready": TypeAdapter(said.Ready),
    "provisioned": TypeAdapter(_Provisioned),
    "unavailable": TypeAdapter(_Unavailable),
    "broken": TypeAdapter(said.Broken),
    "ended": TypeAdapter(_Ended),
    "lost": TypeAdapter(_Lost),
    "remedy": TypeAdapter(said.Remedied | said.RemedyDied),
    "tried": TypeAdapter(said.Tried),
}
_KEPT_CELLS: Mapping[str, TypeAdapter[Any]] = {
    "save": TypeAdapter(said.Died | said.SaveDone),
    "load": TypeAdapter(said.Died | said.LoadDone),
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
