"""Standard output and error as a command needs them: the reader may leave, and may not know every character."""

import io
import os
import sys
from typing import TextIO


class _Patient(io.TextIOWrapper):
    """Goes on quietly when its reader has gone (``crossload plan | head``), so that the exit code stays true."""

    def write(self, text: str, /) -> int:
        """Write, or drop."""
        try:
            return super().write(text)
        except BrokenPipeError:
            self._to_nowhere()
            return len(text)

    def flush(self) -> None:
        """Flush, or drop."""
        try:
            super().flush()
        except BrokenPipeError:
            self._to_nowhere()
            super().flush()

    def _to_nowhere(self) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


def prepare() -> None:
    """Make both streams of this process patient."""
    sys.stdout, sys.stderr = _patient(sys.stdout), _patient(sys.stderr)


def _patient(stream: TextIO) -> TextIO:
    if not isinstance(stream, io.TextIOWrapper):  # closed by whoever started this, or somebody's own
        return stream
    lines, encoding = stream.line_buffering, stream.encoding
    return _Patient(stream.detach(), encoding=encoding, errors="backslashreplace", line_buffering=lines)
