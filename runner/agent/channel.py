"""The agent's one way to speak and to listen, on what were its standard output and input.

It speaks JSON Lines, each written whole and at once, and is told lines.
"""

from __future__ import annotations

import json
import os
import select
import time
from typing import Any


class Channel:
    """Takes standard output for itself and sends everything else that is printed to standard error.

    Standard input is taken too: a model that reads from it finds it at its end.

    ``hidden`` are folders that paths in messages are told relative to: what a machine calls them is nobody's
    business on a published page, and would make the same outcome look like another one in the next run.
    """

    def __init__(self) -> None:
        self.descriptor = os.dup(1)
        os.dup2(2, 1)
        self.ear = os.dup(0)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        self._heard = b""
        self.hidden: list[str] = []

    def send(self, **event: Any) -> None:
        """Write one event."""
        text = json.dumps(event, ensure_ascii=True, default=str)
        for folder in self.hidden:
            text = text.replace(json.dumps(os.path.join(folder, ""))[1:-1], "")
        line = text.encode() + b"\n"
        while line:
            line = line[os.write(self.descriptor, line) :]

    def listen(self, seconds: float) -> str:
        """The next line that comes within so many seconds; empty when none does, or whoever would speak is gone."""
        until = time.monotonic() + seconds
        while b"\n" not in self._heard:
            ready, _, _ = select.select([self.ear], [], [], max(0.0, until - time.monotonic()))
            block = os.read(self.ear, 4096) if ready else b""
            if not block:
                return ""
            self._heard += block
        line, _, self._heard = self._heard.partition(b"\n")
        return line.decode()
