"""What happens in a task, as JSON Lines: appended as it happens, readable after any kill.

Each line ends with its checksum, so that a disk that errs cannot make one verdict into another. The checksum of a line
covers the first line of its section too (the event ``task``): where that one is damaged, what follows it does not
count as part of the section before.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from environments.errors import InfrastructureError

Event = Mapping[str, Any]
#: The end of a line: ``"sum": "0123abcd"}``, a CRC-32 of all before it.
_END = len('"sum": "00000000"}')


class Journal:
    """A journal in ``path``: a new one, where an old one is there until the first event is written, or the old one
    goes on (``onwards``), with a section of its own.
    """

    def __init__(self, path: Path, *, onwards: bool = False) -> None:
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        self._moved = onwards and path.exists()
        self._head = 0
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
        line, self._head = _line(event, self._head)
        text = (b"\n" if self._mend else b"") + line
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


def text(events: Iterable[Event]) -> bytes:
    """A whole journal of these events."""
    lines, head = [], 0
    for event in events:
        line, head = _line(event, head)
        lines.append(line)
    return b"".join(lines)


def read(path: Path) -> Iterator[Event]:
    """The events of a journal; none when there is no such file. A line that is not as it was written is left out."""
    return (event for event in _lines(path) if event is not None)


def damaged(path: Path) -> bool:
    """Whether a journal has lines that are not as they were written.

    One in which the writer was killed is no damage: it is the last of its section.
    """
    lines = [*_lines(path), {"event": "task"}]
    return any(
        one is None and (after is None or after.get("event") != "task") for one, after in pairwise(lines)
    )


def _line(event: Event, head: int) -> tuple[bytes, int]:
    """An event as a journal has it, and the checksum of its section's first line, which is ``head`` until now."""
    first = event.get("event") == "task"
    body = json.dumps(event, ensure_ascii=True).encode()[:-1] + (b", " if event else b"")
    own = zlib.crc32(body, 0 if first else head)
    return body + b'"sum": "%08x"}\n' % own, own if first else head


def _lines(path: Path) -> Iterator[Event | None]:
    """Each line as its event, or None where it is not as it was written."""
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return
    #: The checksum of the section's first line; None in sections of earlier versions, whose lines have none.
    head: int | None = None
    begun = lost = False
    for line in filter(None, lines):
        event, own = _event(line, head)
        if event is not None and event.get("event") == "task":
            head, begun, lost = own, True, False
        elif event is None:
            # It may have been the first line of the next section. Checksums tell; here there are none.
            lost = lost or (begun and head is None)
        elif lost:
            event = None
        yield event


def _event(line: bytes, head: int | None) -> tuple[Event | None, int | None]:
    """The event of a line, None where it does not hold, and its own checksum where it has one."""
    body, end = line[:-_END], line[-_END:]
    summed = end.startswith(b'"sum": "') and end.endswith(b'"}')
    try:
        event = json.loads(body.removesuffix(b", ") + b"}" if summed else line)
    except (ValueError, RecursionError):
        return None, None
    if not isinstance(event, dict):
        return None, None
    first = event.get("event") == "task"
    if not summed:
        return (event if (first or head is None) and not _nearly_summed(end) else None), None
    own = zlib.crc32(body, 0 if first or head is None else head)
    return (event if end[8:16] == b"%08x" % own else None), own


def _nearly_summed(end: bytes) -> bool:
    """Whether a line had a checksum whose name a disk has changed: one of earlier versions does not end so."""
    return sum(one == other for one, other in zip(end[:8] + end[16:], b'"sum": ""}', strict=False)) >= 9
