"""What happens in a task, as JSON Lines: appended as it happens, readable after any kill."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from environments.errors import InfrastructureError

Event = Mapping[str, Any]


class Journal:
    """A new journal in ``path``; an old one is there until the first event is written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = path.with_suffix(".part").open("w", encoding="utf-8")
        self._moved = False

    def write(self, event: Event) -> None:
        """Append one event. Raises InfrastructureError when it cannot be kept."""
        try:
            self._stream.write(json.dumps(event, ensure_ascii=True) + "\n")
            self._stream.flush()
            if not self._moved:
                # The stream goes on writing to the same file under its new name.
                self._path.with_suffix(".part").replace(self._path)
                self._moved = True
        except OSError as error:
            raise InfrastructureError(
                f"{self._path} cannot be written: {error.strerror}. What was done until now is kept."
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()


def read(path: Path) -> Iterator[Event]:
    """The events of a journal; none when there is no such file. A last line that was cut off is left out."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return
    for line in text.split(b"\n"):
        try:
            event = json.loads(line)
        except ValueError:
            continue  # the line in which the writer was killed
        if isinstance(event, dict):
            yield event
