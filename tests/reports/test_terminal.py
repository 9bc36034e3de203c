import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from reports.answer import answer
from reports.terminal import answered, summary
from runner.results import Results, Verdict
from tests.reports import asked, sample


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
    grid, _, reasons = text.partition("\ncells  why")
    assert reasons
    assert len(grid.splitlines()) <= 24
    assert len(reasons.splitlines()) <= 12
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


def test_it_tells_why_and_what_helps() -> None:
    text = printed(sample.results(), 100)
    share = "Of 529 cells that fail or differ, 303 (57 %) have a remedy that was run and works."
    assert share in text
    assert re.search(r"147  The optimizer's state does not come back +Compile again +117", text)
    assert re.search(r"36  The kernels of a recurrent layer are laid .*– +0", text)
    assert "and 3 more reasons, on the page" in text
    assert "29 artifacts that were broken on purpose load without complaint and are wrong" in text


def test_a_run_without_trouble_has_no_reasons() -> None:
    results = sample.results()
    good = tuple(cell for cell in results.cells if cell.verdict == Verdict.IDENTICAL)
    text = printed(results.model_copy(update={"cells": good, "artifacts": (), "probes": results.probes[:8]}))
    assert "remedy" not in text
    assert "why" not in text


def shown(results: Results, width: int = 80) -> str:
    out = io.StringIO()
    Console(file=out, width=width).print(answered(answer(results)), crop=False)
    return out.getvalue()


def test_an_answer_fits_one_screen_of_eighty_columns() -> None:
    text = shown(asked.typical())
    lines = text.splitlines()
    assert len(lines) <= 24
    assert max(cell_len(line) for line in lines) <= 80
    assert lines[0].startswith(
        "model.h5 works up to TensorFlow 2.15.1 and breaks in 2.16.2 with Keras 3.4.1."
    )
    assert "Last safe version: 2.15.1." in lines
    assert re.search(r"^2\.15\.1 +✓ identical *$", text, re.MULTILINE)
    assert re.search(r"^2\.21\.0 +✕ load failed +as above *$", text, re.MULTILINE)
    assert 'model = keras.models.load_model("model.h5", compile=False)' in lines


def test_code_to_type_is_never_wrapped() -> None:
    name = f"{'long/' * 30}model.h5"
    text = shown(asked.checked({"tf2.21.0-cpu": asked.STUCK}, file=name))
    assert f"\ncrossload migrate {name} --to tf2.21.0-cpu\n" in text


def test_an_answer_cannot_drive_the_terminal() -> None:
    hostile = {**asked.STUCK, "telling": sample.HOSTILE, "signature": "x"}
    results = asked.checked(
        {"tf2.12.1-cpu": asked.IDENTICAL, "tf2.21.0-cpu": hostile},
        file=f"[bold]{sample.HOSTILE}",
        writer=sample.HOSTILE,
        notes=("\x1b]0;owned\x07",),
    )
    text = shown(results)
    for invisible in ("\x00", "\x1b", "\x07", "\u202e"):
        assert invisible not in text
    assert "[bold]" in text
    assert "‹ESC›]0;owned‹BEL›" in text
