"""What happens in a task, as JSON Lines: appended as it happens, readable after any kill."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from environments.errors import InfrastructureError

Event = Mapping[str, Any]


class Journal:
    """A journal in ``path``: a new one, where an old one is there until the first event is written, or the old one
    goes on (``onwards``).
    """

    def __init__(self, path: Path, *, onwards: bool = False) -> None:
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        self._moved = onwards and path.exists()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Unbuffered: after an error nothing is left that closing would try to write again.
            self._stream = path.open("ab", buffering=0) if self._moved else self._part.open("wb", buffering=0)
        except OSError as error:
            raise self._trouble(error) from error
        #: Whoever wrote last may have been killed in the middle of a line.
        self._mend = self._moved

    def write(self, event: Event) -> None:
        """Append one event. Raises InfrastructureError when it cannot be kept."""
        text = (b"\n" if self._mend else b"") + line(event)
        self._mend = False
        try:
            while text:
                text = text[self._stream.write(text) :]
            if not self._moved:
                # The stream goes on writing to the same file under its new name.
                self._part.replace(self._path)
                self._moved = True
        except OSError as error:
            raise self._trouble(error) from error

    def _trouble(self, error: OSError) -> InfrastructureError:
        return InfrastructureError(
            f"{self._path} cannot be written: {error.strerror}. What was done until now is kept. "
            "Free some space, or name another folder with --state."
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()


def line(event: Event) -> bytes:
    """An event as a journal has it."""
    return json.dumps(event, ensure_ascii=True).encode() + b"\n"


def read(path: Path) -> Iterator[Event]:
    """The events of a journal; none when there is no such file. A last line that was cut off is left out."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return
    for words in text.split(b"\n"):
        try:
            event = json.loads(words)
        except (ValueError, RecursionError):
            continue  # the line in which the writer was killed
        if isinstance(event, dict):
            yield event
