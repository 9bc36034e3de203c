import io
from types import SimpleNamespace

import pytest
from rich.console import Console
from rich.text import Text

from runner import screen
from runner.screen import Screen


def console(*, terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=60, height=10, color_system=None)


def text(of: Console) -> str:
    assert isinstance(of.file, io.StringIO)
    return of.file.getvalue()


def test_on_a_terminal_it_is_drawn_and_what_ends_is_seen_there() -> None:
    out = console(terminal=True)
    with Screen(out, lambda: Text("going on")) as shown:
        shown.ended("a task")
        shown.print(Text("worth [bold]knowing[/bold]"))
    assert "going on" in text(out)
    assert "worth [bold]knowing[/bold]" in text(out)
    assert "a task" not in text(out)


def test_elsewhere_nothing_is_drawn_and_what_ends_has_a_line() -> None:
    out = console(terminal=False)
    with Screen(out, lambda: Text("going on")) as shown:
        shown.print(Text("worth knowing"))
        shown.ended("a task")
    assert text(out) == "worth knowing\n    0 s  a task\n"


def test_the_clock_goes_on_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(screen, "time", SimpleNamespace(monotonic=lambda: now[0]))
    shown = Screen(console(terminal=True), lambda: Text(""))
    assert shown.clock() == "0:00"
    now[0] += 605.9
    assert shown.clock() == "10:05"
