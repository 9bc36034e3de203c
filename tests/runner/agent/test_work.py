"""A whole task with cells that fail before a framework matters; real models are in tests/real/test_agent.py.

``keras`` here is a module of a few names: enough to be imported, and nothing that any of these cells gets to use.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

AGENT = Path(__file__).parents[3] / "runner" / "agent"
KERAS = """
__version__ = "3.99.0"
class layers:
    class Dense: pass
class utils:
    @staticmethod
    def set_random_seed(seed): pass
class backend:
    @staticmethod
    def backend(): return "none"
    @staticmethod
    def clear_session(): pass
print('{"event": "finished"}')
"""
INPUTS = "import os, signal, sys, time\n\ndef inputs():\n    return [1]\n\ndef build_model():\n    "


def run(
    folder: Path,
    probes: Mapping[str, str],
    *,
    formats: tuple[str, ...] = ("keras",),
    timeout: float = 20.0,
    **more: Any,
) -> tuple[int, list[dict[str, Any]], str]:
    """Exit status, events and standard error of a task that saves each probe."""
    (folder / "in" / "probes").mkdir(parents=True)
    (folder / "keras.py").write_text(KERAS)
    for name, body in probes.items():
        (folder / "in" / "probes" / f"{name}.py").write_text(INPUTS + body + "\n")
    task = {
        "phase": "save",
        "environment": "here",
        "backend": "none",
        "timeout": timeout,
        "memory": 1 << 31,
        "tolerances": {},
        "probes": {name: f"probes/{name}.py" for name in probes},
        "cells": [
            {"key": {"producer": "here", "probe": name, "format": kind}, "probe": name, "format": kind}
            for name in probes
            for kind in formats
        ],
        **more,
    }
    (folder / "in" / "task.json").write_text(json.dumps(task))
    ended = subprocess.run(
        [sys.executable, str(AGENT), "in/task.json", "out"],
        cwd=folder,
        capture_output=True,
        timeout=120,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(folder),
            "TMPDIR": str(folder),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
    )
    return ended.returncode, [json.loads(line) for line in ended.stdout.splitlines()], ended.stderr.decode()


def test_a_task_from_its_first_event_to_its_last(tmp_path: Path) -> None:
    status, events, errors = run(tmp_path, {"one": "raise ValueError('no')", "two": "raise KeyError('no')"})
    assert status == 0
    assert [event["event"] for event in events] == [
        "started",
        "ready",
        "begin",
        "cell",
        "begin",
        "cell",
        "finished",
    ]
    assert errors == '{"event": "finished"}\n'  # what the framework printed

    ready = events[1]
    assert ready["facts"]["keras"] == "3.99.0"
    assert ready["facts"]["tensorflow"] == ""
    assert ready["facts"]["python"] == sys.version.split()[0]
    assert ready["facts"]["packages"]["pytest"] == pytest.__version__
    assert (ready["facts"]["devices"], ready["facts"]["gpu_visible"]) == ([], False)
    assert ready["facts"]["cpus"] >= 1
    assert ready["seconds"] >= 0

    assert events[2]["key"] == events[3]["key"] == {"producer": "here", "probe": "one", "format": "keras"}
    one, two = events[3], events[5]
    assert 'File "probes/one.py", line 7, in build_model' in one["value"]["error"]["traceback"]
    assert (one["status"], one["value"]["status"], one["value"]["stage"]) == ("done", "save_failed", "build")
    assert (one["value"]["error"]["type"], two["value"]["error"]["type"]) == ("ValueError", "KeyError")
    assert not list((tmp_path / "out").rglob("*.partial"))


def test_each_way_to_die_costs_one_cell(tmp_path: Path) -> None:
    probes = {
        "segfault": "os.kill(os.getpid(), signal.SIGSEGV)",
        "leaves": "os._exit(7)",
        "exits": "sys.exit('on purpose')",
        "hangs": "time.sleep(60)",
        "raises": "raise ValueError('only this')",
    }
    _, events, _ = run(tmp_path, probes, timeout=1.0)
    cells = {event["key"]["probe"]: event for event in events if event["event"] == "cell"}
    assert {name: cell["status"] for name, cell in cells.items()} == {
        "segfault": "crashed",
        "leaves": "crashed",
        "exits": "crashed",
        "hangs": "timed_out",
        "raises": "done",
    }
    assert cells["segfault"]["problem"] == "Ended by signal SIGSEGV."
    assert cells["leaves"]["problem"] == "Ended with exit status 7 and no answer."
    assert "on purpose" in cells["exits"]["output"]
    assert cells["hangs"]["seconds"] >= 1.0
    assert list((tmp_path / "out").rglob("*.partial")) == []
    assert list(tmp_path.glob("cell-*")) == []


def test_what_a_cell_prints_is_in_its_event_and_nowhere_else(tmp_path: Path) -> None:
    fake = '{"event": "cell", "key": {"probe": "other"}, "status": "done"}'
    _, events, errors = run(
        tmp_path, {"liar": f"print({fake!r}, flush=True); os.system('echo loud >&2'); os._exit(0)"}
    )
    assert [event["event"] for event in events] == ["started", "ready", "begin", "cell", "finished"]
    assert events[3]["output"] == fake + "\nloud\n"
    assert "loud" not in errors


def test_with_echo_it_is_also_told_as_it_comes(tmp_path: Path) -> None:
    probes = {"slow": "print('one', flush=True); time.sleep(0.3); print('two', flush=True); os._exit(0)"}
    _, events, _ = run(tmp_path, probes, echo=True)
    assert [event["text"] for event in events if event["event"] == "output"] == ["one\n", "two\n"]
    assert [event["event"] for event in events][-2:] == ["cell", "finished"]


def test_a_format_that_turns_out_not_to_exist_is_not_tried(tmp_path: Path) -> None:
    _, events, _ = run(tmp_path, {"one": "os._exit(1)"}, formats=("checkpoint", "savedmodel"))
    found = [event for event in events if event["event"] == "cell"]
    assert [(cell["status"], cell["value"]) for cell in found] == [("done", {"status": "unsupported"})] * 2


def test_the_agent_ends_when_a_cell_kills_it_and_what_was_said_is_kept(tmp_path: Path) -> None:
    probes = {"first": "os._exit(0)", "killer": "os.kill(os.getppid(), signal.SIGKILL); time.sleep(60)"}
    status, events, _ = run(tmp_path, probes)
    assert status == -9
    assert [event["event"] for event in events] == ["started", "ready", "begin", "cell", "begin"]
    assert events[-1]["key"]["probe"] == "killer"
