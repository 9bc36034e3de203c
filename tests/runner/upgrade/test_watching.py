"""What is under way is seen, for how long already too, whether anything happens or not."""

import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from runner import screen
from runner.upgrade.watching import Silent, Watching


def console(*, terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=70, height=10, color_system=None)


def text(of: Console) -> str:
    assert isinstance(of.file, io.StringIO)
    return of.file.getvalue()


def test_the_line_names_what_is_under_way_and_its_clock_needs_no_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    monkeypatch.setattr(screen, "time", SimpleNamespace(monotonic=lambda: now[0]))
    out = console(terminal=True)
    watching = Watching(out)
    watching.begins("making tf2.9.3-cpu")
    now[0] = 75.0
    out.print(watching.draw())
    assert "1:15  making tf2.9.3-cpu" in text(out)


def test_what_is_more_is_counted_and_what_has_ended_is_gone() -> None:
    out = console(terminal=True)
    watching = Watching(out)
    for name in "abcde":
        watching.begins(name)
    watching.ends("a")
    watching.ends("of which nobody knew")
    out.print(watching.draw())
    assert "0:00  b, c, d and 1 more" in text(out)


def test_without_a_terminal_there_is_a_line_for_each_thing() -> None:
    out = console(terminal=False)
    with Watching(out) as watching:
        watching.begins("looking at it")
        watching.say("A sentence with [brackets].")
        watching.ends("looking at it")
    assert text(out) == "A sentence with [brackets].\n    0 s  looking at it: done\n"


def test_python_is_told_sentences_alone(capsys: pytest.CaptureFixture[str]) -> None:
    said: list[str] = []
    silent = Silent(said.append)
    silent.begins("a")
    silent.say("A sentence.")
    silent.ends("a")
    assert said == ["A sentence."]
    assert capsys.readouterr() == ("", "")
