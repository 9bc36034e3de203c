"""The agent's one way to speak: JSON Lines on what was its standard output, each written whole and at once."""

from __future__ import annotations

import json
import os
from typing import Any


class Channel:
    """Takes standard output for itself and sends everything else that is printed to standard error."""

    def __init__(self) -> None:
        self.descriptor = os.dup(1)
        os.dup2(2, 1)

    def send(self, **event: Any) -> None:
        """Write one event."""
        line = json.dumps(event, ensure_ascii=True, default=str).encode() + b"\n"
        while line:
            line = line[os.write(self.descriptor, line) :]
