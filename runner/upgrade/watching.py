"""What a user sees while a question about a model file is worked on: what is being done, and for how long already."""

from collections.abc import Callable
from threading import Lock
from typing import Self

from rich.console import Console
from rich.spinner import Spinner
from rich.text import Text

from runner.screen import Screen

#: Things under way that are named before the rest is counted.
_NAMED = 3


class Watching:
    """On a terminal one live line; elsewhere a line for each thing as it ends. Use it as a context manager."""

    def __init__(self, console: Console) -> None:
        self._lock = Lock()
        self._under_way: dict[str, None] = {}
        self._spinner = Spinner("dots")
        self._screen = Screen(console, self.draw)

    def __enter__(self) -> Self:
        self._screen.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        self._screen.__exit__(*raised)

    def begins(self, what: str) -> None:
        """Something is under way, such as ``installing tf2.9.3-cpu``."""
        with self._lock:
            self._under_way[what] = None

    def ends(self, what: str) -> None:
        """It has ended, well or not."""
        with self._lock:
            self._under_way.pop(what, None)
        self._screen.ended(f"{what}: done")

    def say(self, sentence: str) -> None:
        """Something to keep on the screen."""
        self._screen.print(Text(sentence))

    def draw(self) -> Spinner:
        """The live line."""
        with self._lock:
            names = list(self._under_way)
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        told = f"{', '.join(names[:_NAMED])}{more}" if names else "…"
        line = Text(f"{self._screen.clock()}  {told}", overflow="ellipsis", no_wrap=True)
        self._spinner.update(text=line)
        return self._spinner


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
