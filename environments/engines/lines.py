"""What a process writes, as it comes in pieces: joined into lines, or its end alone."""

from collections.abc import Callable

#: A line of standard output is one message; no message is longer.
LONGEST_LINE = 16 * 1024**2


class Lines:
    """Joins pieces of bytes into lines of text; what is not UTF-8 is replaced."""

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self._on_line = on_line
        self._parts: list[bytes] = []
        self._length = 0
        self._whole = True

    def feed(self, piece: bytes) -> bool:
        """Hand out the lines that ``piece`` completes. False from the first line on that is too long."""
        *complete, rest = piece.split(b"\n")
        for last in complete:
            self._whole = self._whole and self._length + len(last) <= LONGEST_LINE
            if self._whole:
                self._emit(last)
        self._whole = self._whole and self._length + len(rest) <= LONGEST_LINE
        if self._whole:
            self._parts.append(rest)
            self._length += len(rest)
        return self._whole

    def end(self) -> None:
        """Hand out the last line when no line feed ended it."""
        if self._whole and self._length:
            self._emit(b"")

    def _emit(self, last: bytes) -> None:
        line = b"".join((*self._parts, last)).decode("utf-8", "replace")
        self._parts, self._length = [], 0
        self._on_line(line.removesuffix("\r"))


class Tail:
    """The last bytes of a stream."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept = b""

    def feed(self, piece: bytes) -> None:
        """Keep ``piece``, and forget what is too long ago."""
        self._kept = (self._kept + piece)[-self._most :]

    def text(self) -> str:
        """What is kept; what is not UTF-8 is replaced."""
        return self._kept.decode("utf-8", "replace")
