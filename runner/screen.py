"""The last lines of a terminal, drawn anew while something goes on; elsewhere a line for each thing as it ends."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Self

from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text


class Screen:
    """Use it as a context manager around what goes on. ``draw`` is called several times a second, by another thread.

    Whoever holds a lock that ``draw`` waits for must not print meanwhile: printing waits for the drawing.
    """

    def __init__(self, console: Console, draw: Callable[[], RenderableType]) -> None:
        self._console, self._draw = console, draw
        self._started = time.monotonic()
        self._drawing = ExitStack()

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._drawing.enter_context(
                Live(get_renderable=self._draw, console=self._console, transient=True, refresh_per_second=8)
            )
        return self

    def __exit__(self, *raised: object) -> None:
        self._drawing.close()

    def clock(self) -> str:
        """How long it has been going on: ``1:05``."""
        seconds = int(time.monotonic() - self._started)
        return f"{seconds // 60}:{seconds % 60:02d}"

    def print(self, text: Text) -> None:
        """A line that stays, above what is drawn; it is broken where a terminal ends, and in no log."""
        self._console.print(text, soft_wrap=not self._console.is_terminal)

    def ended(self, what: str) -> None:
        """Something has ended: said where nothing is drawn that shows it, so that a log shows that it goes on."""
        if not self._console.is_terminal:
            self.print(Text(f"{time.monotonic() - self._started:5.0f} s  {what}"))
