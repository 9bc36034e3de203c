import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from reports.terminal import summary
from runner.results import Results
from tests.reports import sample


def printed(results: Results, width: int = 80, *, colour: bool = False) -> str:
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=colour, color_system="truecolor" if colour else None
    )
    console.print(summary(results))
    return out.getvalue()


@pytest.mark.parametrize(("environments", "width"), [(1, 80), (6, 80), (16, 80), (16, 200)])
def test_it_fits(environments: int, width: int) -> None:
    lines = printed(sample.results(environments=environments), width).splitlines()
    assert max(cell_len(line) for line in lines) <= width


def test_six_environments_fit_one_screen_with_their_numbers() -> None:
    text = printed(sample.results())
    assert len(text.splitlines()) <= 24
    assert "1 tf2.12.1 " in text
    assert "✓ 45/48" in text
    assert "✕ load failed 341" in text
    assert "911 of 1,728 cells are identical" in text
    assert "⚑ tf2.12.1-cpu was asked for m.keras" in text


def test_sixteen_environments_keep_every_symbol() -> None:
    lines = printed(sample.results(environments=16)).splitlines()
    first = next(line for line in lines if "tf2.12.1-cpu " in line and line.strip().startswith("1 "))
    assert len(first.split()) == 2 + 16


def test_a_wide_terminal_gets_the_sentences() -> None:
    assert "Loads without an error and is wrong" in printed(sample.results(), 140)


def test_it_reads_the_same_without_colour() -> None:
    plain, coloured = printed(sample.results()), printed(sample.results(), colour=True)
    assert coloured != plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_hostile_names_cannot_drive_the_terminal() -> None:
    results = sample.results(environments=1)
    name = "[bold]x[/] \x1b]0;\x07\u202e"
    environment = results.environments[0].model_copy(update={"id": name})
    text = printed(results.model_copy(update={"environments": (environment,), "cells": (), "artifacts": ()}))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[bold]x[/] ‹ESC›]0;‹BEL›" in text
