"""What a user sees while a question about a model file is worked on: what is being done, and for how long already."""

import time
from collections.abc import Callable
from threading import Lock

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

#: Things under way that are named before the rest is counted.
_NAMED = 3


class Watching:
    """On a terminal one live line; elsewhere a line for each thing as it ends. Use it as a context manager."""

    def __init__(self, console: Console) -> None:
        self._console, self._lock = console, Lock()
        self._started = time.monotonic()
        self._under_way: dict[str, None] = {}
        self._spinner = Spinner("dots", text=Text(""))
        self._live = Live(self._spinner, console=console, transient=True, refresh_per_second=8)

    def __enter__(self) -> "Watching":
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *raised: object) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def begins(self, what: str) -> None:
        """Something is under way, such as ``installing tf2.9.3-cpu``."""
        with self._lock:
            self._under_way[what] = None
            self._draw()

    def ends(self, what: str) -> None:
        """It has ended, well or not."""
        with self._lock:
            self._under_way.pop(what, None)
            self._draw()
            if not self._console.is_terminal:
                self._console.print(Text(f"{time.monotonic() - self._started:5.0f} s  {what}: done"))

    def say(self, sentence: str) -> None:
        """Something to keep on the screen."""
        self._console.print(Text(sentence), soft_wrap=True)

    def _draw(self) -> None:
        names = list(self._under_way)
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        elapsed = int(time.monotonic() - self._started)
        told = f"{', '.join(names[:_NAMED])}{more}" if names else "…"
        self._spinner.update(
            text=Text(f"{elapsed // 60}:{elapsed % 60:02d}  {told}", overflow="ellipsis", no_wrap=True)
        )


class Silent:
    """Tells a function what a user should read, and nobody the rest: how Python asks, where nothing is printed."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def begins(self, what: str) -> None:
        """It is seen when it is over."""

    def ends(self, what: str) -> None:
        """The result says so."""

    def say(self, sentence: str) -> None:
        """Something that the user should read."""
        self._say(sentence)
