"""What a cell says besides its result: an exception as text, warnings and logged lines."""

from __future__ import annotations

import logging
import re
import traceback
import warnings
from typing import Any

#: Characters of a traceback, message or warning that are kept.
KEPT = 8000
#: Warnings of a cell that are kept.
_MOST = 50

#: What makes text bold on a terminal; Keras 3 writes it into messages.
_STYLE = re.compile("\x1b\\[[0-9;]*m")
#: How a message begins that TensorFlow's AutoGraph puts around another one.
_AUTOGRAPH = "in user code:"


def failure(error: BaseException) -> dict[str, str]:
    """An exception as text."""
    return {
        "type": type(error).__name__,
        "message": str(error)[:KEPT],
        "traceback": "".join(traceback.format_exception(type(error), error, error.__traceback__))[-KEPT:],
    }


def first_line(error: BaseException, most: int = 300) -> str:
    """An exception's type and the first line of its message, at most so many characters."""
    lines = _STYLE.sub("", str(error)).strip().splitlines() or [""]
    line = _in_user_code(lines) if lines[0].strip() == _AUTOGRAPH else lines[0]
    name = type(error).__name__
    return (line if line.startswith(name + ": ") else "{}: {}".format(name, line))[:most]


def _in_user_code(lines: list[str]) -> str:
    """What AutoGraph says after the places in the code: two lines for each place, then the message."""
    told, place = [], False
    for line in (line.strip() for line in lines[1:]):
        if line and not line.startswith("File ") and not place:
            told.append(line)
        place = line.startswith("File ")
    return " ".join(told[:2])


class Caught(logging.Handler):
    """Collects Python warnings and what loggers say at WARNING and above: loaders use either for what they lose."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []
        self._warnings = warnings.catch_warnings(record=True)

    def emit(self, record: logging.LogRecord) -> None:
        """A logger's message."""
        self._add(record.getMessage())

    def __enter__(self) -> Caught:
        self._recorded = self._warnings.__enter__()
        warnings.simplefilter("default")
        self._loggers = [logging.getLogger(name) for name in (None, "absl", "tensorflow")]
        for logger in self._loggers:
            logger.addHandler(self)
        return self

    def __exit__(self, *raised: Any) -> None:
        for logger in self._loggers:
            logger.removeHandler(self)
        self._warnings.__exit__(*raised)
        for warning in self._recorded:
            if not issubclass(warning.category, (DeprecationWarning, PendingDeprecationWarning)):
                self._add("{}: {}".format(warning.category.__name__, warning.message))

    def _add(self, line: str) -> None:
        if line[:KEPT] not in self.lines and len(self.lines) < _MOST:
            self.lines.append(line[:KEPT])
