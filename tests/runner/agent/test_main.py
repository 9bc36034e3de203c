"""Started as engines start it: the folder, by its path, in a process of its own."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

AGENT = Path(__file__).parents[3] / "runner" / "agent"
TASK = {
    "phase": "save",
    "environment": "tf2.15.1-cpu",
    "backend": "tensorflow",
    "timeout": 20,
    "memory": 1 << 31,
    "tolerances": {},
    "probes": {},
    "cells": [],
}


def start(folder: Path, *command: str, task: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    (folder / "task.json").write_text(json.dumps(task))
    return subprocess.run(
        [sys.executable, "-I", *command, "task.json", "out"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def agent(tmp_path: Path) -> str:
    """A copy of the agent, with nothing else of the project near it."""
    ignored = shutil.ignore_patterns("__pycache__")
    return str(shutil.copytree(AGENT, tmp_path / "in" / "agent", ignore=ignored).relative_to(tmp_path))


def test_a_framework_that_cannot_be_imported_is_told(tmp_path: Path, agent: str) -> None:
    ended = start(tmp_path, agent, task=TASK)
    events = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [event["event"] for event in events] == ["started", "broken"]
    assert events[0] == {"event": "started", "phase": "save", "environment": "tf2.15.1-cpu"}
    assert events[1]["error"]["type"] == "ModuleNotFoundError"
    assert "tensorflow" in events[1]["error"]["message"]
    assert ended.returncode == 3
    assert ended.stderr == ""


def test_its_modules_take_no_names_away_from_a_models_code(tmp_path: Path, agent: str) -> None:
    """A framework named ``tensorflow`` that looks for modules called like the agent's own."""
    (tmp_path / "in" / "tensorflow.py").write_text(
        "import importlib.util, sys\n"
        "names = ('arrays', 'cells', 'channel', 'compare', 'formats', 'isolate', 'observe', 'probe', 'stack', 'work')\n"
        "raise ImportError(repr([name for name in names if importlib.util.find_spec(name) or name in sys.modules]))\n"
    )
    ended = start(tmp_path, agent, task=TASK)
    broken = json.loads(ended.stdout.splitlines()[-1])
    assert broken["error"]["message"] == "[]"


def test_a_task_file_that_is_not_there_is_an_error_of_ours(tmp_path: Path, agent: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-I", agent, "nothing.json", "out"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert "nothing.json" in ended.stderr
