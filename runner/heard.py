"""One line of an agent's standard output to an event that can be relied on.

Model code runs beside the agent, and may print into the same pipe, or mean harm. What comes through here has the
shape that everything behind it counts on; the rest is left out, as if it had not been said.
"""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from runner import said

#: What the system says of a disk without room, in the errors of every library that meets it.
_FULL = ("No space left on device", "Disk quota exceeded")

_Always = said.Started | said.Finished | said.Ready | said.Broken | said.Output | said.Begin | said.Died
_EVENTS: Mapping[str, TypeAdapter[Any]] = {
    "save": TypeAdapter(_Always | said.SaveDone),
    "adopt": TypeAdapter(_Always | said.AdoptDone),
    "carry": TypeAdapter(_Always | said.CarryDone),
    "load": TypeAdapter(_Always | said.LoadDone),
    "remedy": TypeAdapter(_Always | said.Remedied | said.RemedyDied | said.Tried),
}


def understood(line: str, phase: str) -> dict[str, Any] | None:
    """The event that a line says; None for a line that says none of an agent's events."""
    try:
        event: dict[str, Any] = (
            _EVENTS[phase].validate_python(_whole(json.loads(line))).model_dump(mode="json")
        )
    except (ValueError, ValidationError, RecursionError):
        return None
    return event


def disk_was_full(event: Mapping[str, Any]) -> bool:
    """Whether a cell or a remedy came out as it did because there was no room on a disk. That says nothing of a model.

    What a model prints counts only where it died.
    """
    told = [event.get("value")] if event["status"] == "done" else [event["problem"], event["output"]]
    return any(words in json.dumps(told) for words in _FULL)


def _whole(value: Any) -> Any:
    """The value without halves of surrogate pairs: no file and no terminal takes them."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {_whole(name): _whole(item) for name, item in value.items()}
    return value
