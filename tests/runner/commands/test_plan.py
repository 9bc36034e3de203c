import json
from pathlib import Path

import pytest

from tests.runner.commands.conftest import MATRIX, Crossload
from tests.runner.fakes import Recorded


def test_it_shows_what_would_run(crossload: Crossload) -> None:
    said = crossload("plan")
    assert said.code == 0
    assert said.out.splitlines()[0].rstrip() == "matrix.yaml: 8 cells"
    assert "tf2.15.1-cpu" in said.out
    assert "1 probes: dense" in said.out
    assert "crossload run" in said.out
    assert not Path(".crossload").exists()


def test_names_of_folders_are_no_markup(folder: Path, crossload: Crossload) -> None:
    place = folder / "a[" / "red]"
    place.mkdir(parents=True)
    for name in ("matrix.yaml", "environments"):
        (folder / name).rename(place / name)
    assert "a[/red]/matrix.yaml: " in crossload("plan", "--matrix", "a[/red]/matrix.yaml").out


def test_json_has_every_artifact_and_cell(crossload: Crossload) -> None:
    said = crossload("plan", "--json", "-s", "all", "-f", "savedmodel")
    data = json.loads(said.out)
    assert said.code == 0
    assert [item["id"] for item in data["environments"]] == ["tf2.15.1-cpu", "tf2.18.1-cpu", "company"]
    assert data["environments"][2]["base"] == "registry.example/serving:1"
    assert data["environments"][2]["lock_sha256"] is None
    assert len(data["artifacts"]) == 3
    assert len(data["cells"]) == 9
    assert data["artifacts"][0] == {
        "producer": "tf2.15.1-cpu",
        "probe": "dense",
        "format": "savedmodel",
        "supported": True,
        "in_store": False,
    }
    assert data["tasks"][0] == "save(tf2.15.1-cpu)"
    assert data["tasks"][-1] == "load(company)"


def test_github_gets_a_job_for_each_environment(crossload: Crossload) -> None:
    said = crossload("plan", "--github")
    assert json.loads(said.out) == {
        "include": [
            {"environment": "tf2.15.1-cpu", "device": "cpu"},
            {"environment": "tf2.18.1-cpu", "device": "cpu"},
        ]
    }
    assert said.out.count("\n") == 1


def test_a_shell_gets_an_environment_a_line(crossload: Crossload) -> None:
    assert crossload("plan", "--ids").out == "tf2.15.1-cpu\ntf2.18.1-cpu\n"


def test_more_jobs_than_github_runs_are_told(folder: Path, crossload: Crossload) -> None:
    images = "".join(f'    - {{id: image{i}, image: "registry.example/serving:{i}"}}\n' for i in range(257))
    (folder / "matrix.yaml").write_text(
        f"version: 1\nmatrix:\n  include:\n{images}probes: [dense]\nformats: [keras]\n"
    )
    said = crossload("plan", "--github")
    assert said.code == 2
    assert "256 jobs of a matrix at most, and 257 environments" in said.err


def test_an_unknown_environment_gets_a_proposal(crossload: Crossload) -> None:
    said = crossload("plan", "-s", "tf2.15.2-cpu")
    assert said.code == 2
    assert "(did you mean 'tf2.15.1-cpu'?)" in said.err
    assert "crossload envs list" in said.err


def test_a_missing_matrix_is_told(crossload: Crossload) -> None:
    said = crossload("plan", "-m", "other.yaml")
    assert (said.code, said.err) == (2, "There is no file other.yaml. Name the one you mean.\n")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (MATRIX.replace("formats:", "formates:"), "matrix.yaml:9:1: unknown key 'formates'"),
        (MATRIX.replace("version: 1", "version: 1\nversion: 1"), "matrix.yaml:2:1:"),
        ("{", "matrix.yaml:"),
        ("", "matrix.yaml:"),
        ("\x00", "matrix.yaml"),
    ],
)
def test_a_wrong_matrix_is_told_with_its_place(
    folder: Path, crossload: Crossload, text: str, told: str
) -> None:
    (folder / "matrix.yaml").write_text(text)
    said = crossload("plan")
    assert said.code == 2
    assert told in said.err


def test_a_missing_lock_says_what_to_type(folder: Path, crossload: Crossload) -> None:
    (folder / "environments" / "locks" / "tf2.15.1-cpu.txt").unlink()
    said = crossload("plan")
    assert said.code == 2
    assert said.err.endswith("Type: crossload envs lock tf2.15.1-cpu\n")
    assert crossload("plan", "-s", "tf2.18.1-cpu").code == 0


def test_a_lock_edited_by_one_byte_is_refused(folder: Path, crossload: Crossload) -> None:
    path = folder / "environments" / "locks" / "tf2.15.1-cpu.txt"
    text = bytearray(path.read_bytes())
    text[-2] ^= 1
    path.write_bytes(text)
    said = crossload("plan")
    assert said.code == 2
    assert "was edited after it was made. Type: crossload envs lock tf2.15.1-cpu" in said.err


@pytest.mark.parametrize(
    ("word", "text", "told"),
    [
        ("./none.py", None, "cannot be read: No such file or directory"),
        ("./bad.py", "def build_model(:", "is not Python"),
        ("./bad.py", "x = 1", "has no build_model() and no inputs()"),
        ("dence", None, "(did you mean 'dense'?)"),
        ("./dense.py", "def build_model(): ...\ndef inputs(): ...\n", "Two probes are called 'dense'"),
    ],
)
def test_a_probe_that_is_none_is_refused(
    folder: Path, crossload: Crossload, word: str, text: str | None, told: str
) -> None:
    if text is not None:
        (folder / word).write_text(text)
    said = crossload("plan", "-p", "dense", "-p", word)
    assert said.code == 2
    assert told in said.err


def test_a_probe_may_have_any_name_that_can_be_read(folder: Path, crossload: Crossload) -> None:
    (folder / "my größe 模.py").write_text("def build_model(): ...\ndef inputs(): ...\n")
    said = crossload("plan", "-p", "my größe 模.py", "--json")
    assert json.loads(said.out)["probes"][0]["name"] == "my größe 模"


def test_why_each_task_runs_is_told(crossload: Crossload, engine: Recorded) -> None:
    assert "save(tf2.15.1-cpu) runs 2, 0 hold; 2: it was not run before\n" in crossload("plan").out
    assert crossload("run").code == 0
    said = crossload("plan").out
    assert "Nothing has changed since it was last run" in said
    assert "It runs with" not in said
    said = crossload("plan", "--fresh").out
    assert "load(tf2.18.1-cpu) runs 4, 0 hold; 4: what it loads is going to be saved\n" in said
    data = json.loads(crossload("plan", "--json", "--engine", "venv").out)
    assert data["todo"][0] == {
        "task": "save(tf2.15.1-cpu)",
        "cells": 2,
        "known": 0,
        "reasons": {"it was run with the recorded engine before": 2},
    }


def test_without_a_matrix_the_shipped_one_is_taken(crossload: Crossload) -> None:
    Path("matrix.yaml").unlink()
    said = crossload("plan", "--ids", "--probe", "dense")
    assert said.code == 0
    assert "tf2.15.1-cpu" in said.out.split()
    assert len(said.out.split()) == 6
