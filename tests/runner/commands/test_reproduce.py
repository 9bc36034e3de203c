import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from environments.engines import Exit
from runner import setup
from tests.runner.commands.conftest import Crossload
from tests.runner.fakes import LOADED, Recorded, cell, trying

A, B = "tf2.15.1-cpu", "tf2.18.1-cpu"


@pytest.mark.parametrize("cell", [[A, B, "dense"], [f"{A}/{B}/dense"], [f"{A}/{B}/dense/keras/x"], ["x"]])
def test_a_cell_has_four_parts(crossload: Crossload, cell: list[str]) -> None:
    said = crossload("reproduce", *cell)
    assert said.code == 2
    assert said.err == "A cell has four parts: crossload reproduce PRODUCER CONSUMER PROBE FORMAT\n"


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ([A, "tf2.18.2-cpu", "dense", "keras"], "(did you mean 'tf2.18.1-cpu'?)"),
        (["*", B, "dense", "keras"], "One environment is wanted, and '*' names 3"),
        (["default", B, "dense", "keras"], "One environment is wanted, and 'default' names 2"),
        ([A, B, "dence", "keras"], "(did you mean 'dense'?)"),
        ([A, B, "[dr]e[nc][su]*", "keras"], "One probe is wanted, and '[dr]e[nc][su]*' names 2"),
        ([A, B, "./none.py", "keras"], "cannot be read"),
        ([A, B, "dense", "kears"], "(did you mean 'keras'?)"),
    ],
)
def test_each_part_names_one_thing(
    crossload: Crossload, engine: Recorded, cell: list[str], told: str
) -> None:
    said = crossload("reproduce", *cell)
    assert said.code == 2
    assert told in said.err
    assert engine.jobs == []


def test_one_cell_is_saved_and_loaded_and_shown(crossload: Crossload, engine: Recorded) -> None:
    said = crossload("reproduce", A, B, "dense", "keras")
    assert said.code == 0
    assert engine.jobs == [(f"save-{A}", [f"{A}/dense/keras"]), (f"load-{B}", [f"{A}/dense/keras"])]
    assert said.out.startswith("identical\n")
    assert "  optimizer  same" in said.out


def test_what_a_run_saved_is_loaded_and_what_it_left_is_not_changed(
    folder: Path, crossload: Crossload, engine: Recorded
) -> None:
    crossload("run")
    before = {path: path.read_bytes() for path in (folder / ".crossload" / "artifacts").rglob("*.jsonl")}
    engine.jobs.clear()
    said = crossload("reproduce", f"{A}/{B}/dense/h5", "--json")
    assert engine.jobs == [(f"load-{B}", [f"{A}/dense/h5"])]
    assert json.loads(said.out)["verdict"] == "identical"
    assert before == {path: path.read_bytes() for path in before}


def test_a_probe_of_ones_own_is_named_by_its_path(
    folder: Path, crossload: Crossload, engine: Recorded
) -> None:
    (folder / "my model.py").write_text("def build_model(): ...\ndef inputs(): ...\n")
    said = crossload("reproduce", A, A, "./my model.py", "keras", "--json")
    assert json.loads(said.out)["probe"] == "my model"


def test_what_fails_is_explained_with_what_was_tried_and_the_code_of_what_works(
    crossload: Crossload, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = {
        **LOADED,
        "checks": {},
        "error": {"type": "ValueError", "message": "Unknown loss function: 'mine'.", "traceback": ""},
    }
    kept = {**LOADED["checks"], "optimizer": "lost"}  # type: ignore[dict-item]

    fixed = {**LOADED, "checks": kept, "edits": ["a \u202ehidden edit"]}
    engine = Recorded({f"load-{B}": [trying(broken, lambda remedy: fixed)]})
    monkeypatch.setattr(setup, "engine_for", lambda *chosen, **how: (engine, ()))
    said = crossload("reproduce", A, B, "dense", "keras")
    assert "\nWhy: " in said.out
    assert "identical except optimizer" in said.out
    assert "a ‹U+202E›hidden edit" in said.out
    assert "\nThis works: " in said.out
    assert "load_model" in said.out.rpartition("This works: ")[2]


def test_what_a_model_says_does_nothing_to_a_terminal(
    crossload: Crossload, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = "\x1b[2J\u202e"
    value = {
        **LOADED,
        "checks": {},
        "details": {"outputs": hostile},
        "warnings": [hostile],
        "error": {"type": "ValueError", "message": hostile, "traceback": hostile},
    }

    def script(task: Mapping[str, Any], out: Path, say: Callable[[dict[str, Any]], None]) -> Exit:
        for item in task["cells"]:
            say({"event": "output", "text": f"1 of 2\b\b\r2 of 2\r\n{hostile}"})
            say(cell(item["key"], value))
        return Exit(status=0)

    engine = Recorded({f"load-{B}": [script]})
    monkeypatch.setattr(setup, "engine_for", lambda *chosen, **how: (engine, ()))
    said = crossload("reproduce", A, B, "dense", "keras")
    assert "1 of 2\n2 of 2\n‹ESC›[2J‹U+202E›" in said.err
    assert "  warning: ‹ESC›[2J‹U+202E›\nValueError: ‹ESC›[2J‹U+202E›\n‹ESC›[2J‹U+202E›\n" in said.out
    assert not set("\x1b\u202e") & {*said.out, *said.err}
