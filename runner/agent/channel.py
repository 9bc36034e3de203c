"""The agent's one way to speak: JSON Lines on what was its standard output, each written whole and at once."""

from __future__ import annotations

import json
import os
from typing import Any


class Channel:
    """Takes standard output for itself and sends everything else that is printed to standard error.

    ``hidden`` are folders that paths in messages are told relative to: what a machine calls them is nobody's
    business on a published page, and would make the same outcome look like another one in the next run.
    """

    def __init__(self) -> None:
        self.descriptor = os.dup(1)
        os.dup2(2, 1)
        self.hidden: list[str] = []

    def send(self, **event: Any) -> None:
        """Write one event."""
        text = json.dumps(event, ensure_ascii=True, default=str)
        for folder in self.hidden:
            text = text.replace(json.dumps(os.path.join(folder, ""))[1:-1], "")
        line = text.encode() + b"\n"
        while line:
            line = line[os.write(self.descriptor, line) :]
