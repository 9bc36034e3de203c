import io
from pathlib import Path

import pytest
from rich.console import Console

from runner.plan import Plan
from runner.progress import Progress
from tests.runner.fakes import LOADED, cell, make_plan, ready_event

KEY = {"producer": "a", "probe": "dense", "format": "keras"}


def console(*, terminal: bool, width: int = 80) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=width, height=30, color_system=None)


def text(of: Console) -> str:
    assert isinstance(of.file, io.StringIO)
    return of.file.getvalue()


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return make_plan(tmp_path, "a", "b")


def go(plan: Plan, progress: Progress) -> None:
    save, load = plan.save_task("a"), plan.load_task("b", plan.artifacts())
    progress.provisioning("a")
    progress.provisioned("a", "")
    progress.provisioned("b", "There is no [bold]Python[/bold] here.")
    progress.planned(save)
    progress.event(save, ready_event())
    progress.event(save, {"event": "begin", "key": KEY})
    progress.event(save, cell(KEY, {"status": "saved"}))
    progress.event(save, {"event": "finished"})
    progress.planned(load)
    progress.event(load, ready_event())
    progress.event(load, cell(KEY, LOADED))
    progress.event(load, {**cell(KEY, {}), "status": "timed_out"})
    progress.event(load, {"event": "finished"})
    progress.event(load, {"event": "ended", "problem": ""})


def test_without_a_terminal_there_is_a_line_for_each_task_and_trouble(plan: Plan) -> None:
    out = console(terminal=False)
    with Progress(plan, out, workers=2) as progress:
        go(plan, progress)
    lines = text(out).splitlines()
    assert lines[0] == "b is unavailable: There is no [bold]Python[/bold] here."
    assert [line.split("s  ")[1] for line in lines[1:]] == ["a: saved 1", "b: loaded 2"]


def test_on_a_terminal_it_shows_states_bars_verdicts_and_time(plan: Plan) -> None:
    out = console(terminal=True)
    progress = Progress(plan, out, workers=1)
    go(plan, progress)
    out.print(progress._draw())
    shown = text(out)
    assert "saved      a" in shown
    assert "done       b" in shown
    assert "1/2" in shown
    assert "2/2" in shown
    assert "1 identical  1 timed out  1 saved" in shown
    assert "0:00  about 0:01 left" in shown


def test_it_fits_a_narrow_terminal(plan: Plan) -> None:
    out = console(terminal=True, width=40)
    progress = Progress(plan, out, workers=2)
    go(plan, progress)
    out.print(progress._draw())
    assert max(len(line) for line in text(out).splitlines()) <= 40


def test_a_long_plan_shows_those_that_something_happens_in(tmp_path: Path) -> None:
    plan = make_plan(tmp_path, *(f"e{number:02d}" for number in range(30)))
    out = console(terminal=True)
    progress = Progress(plan, out, workers=2)
    progress.provisioning("e17")
    out.print(progress._draw())
    assert "installing e17" in text(out)
    assert "e03" not in text(out)


def test_nothing_to_do_can_be_shown(tmp_path: Path) -> None:
    out = console(terminal=True)
    with Progress(make_plan(tmp_path), out, workers=1):
        pass
    assert "0/0" in text(out)


def test_a_failed_save_and_a_broken_framework_are_told(plan: Plan) -> None:
    out = console(terminal=False)
    save = plan.save_task("a")
    with Progress(plan, out, workers=1) as progress:
        progress.event(save, {"event": "broken", "error": {"type": "ImportError", "message": "no"}})
        progress.event(save, {**cell(KEY, {}), "status": "crashed"})
        out.print(progress._draw())
    assert "a is unavailable: its framework cannot be imported." in text(out)
    assert "1 save failed" in text(out)


def test_work_arounds_have_a_bar_and_a_line_of_their_own(plan: Plan) -> None:
    for terminal in (False, True):
        out = console(terminal=terminal)
        progress = Progress(plan, out, workers=1)
        go(plan, progress)
        load = plan.load_task("b", plan.artifacts())
        progress.event(load, {"event": "remedies", "cells": 7})
        progress.event(load, ready_event())
        progress.event(load, {**cell(KEY, LOADED), "event": "remedy", "id": "rename"})
        progress.event(load, {"event": "tried", "key": KEY})
        if terminal:
            out.print(progress._draw())
            assert "remedies   b" in text(out)
            assert "1/7" in text(out)
        else:
            progress.event(load, {"event": "finished"})
            assert text(out).splitlines()[-1].endswith("b: tried remedies in 7 cells")
