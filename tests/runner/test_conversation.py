"""What is asked of an agent, and what is heard: with an engine that speaks recorded lines, and with a real process."""

import json
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from environments.engines import Exit, Ready
from environments.engines.venv import VenvEngine
from environments.errors import EnvironmentUnavailable, InfrastructureError, Interrupted
from environments.spec import Environment
from runner.conversation import Conversation
from runner.store import Store
from tests.runner.fakes import KILLED, Recorded, Say, artifact, saved, well

ENVIRONMENT = Environment(id="b", backend="jax", timeout=20.0)
READY = Ready(environment=ENVIRONMENT, engine="x", base="", base_digest="", python=sys.executable)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "state")
    yield store
    assert not any(store.scratch.iterdir())


def conversation(engine: Any, store: Store, cancel: threading.Event | None = None) -> Conversation:
    return Conversation(READY, engine, store, key="load-b", cancel=cancel or threading.Event())


def task(phase: str = "load", *formats: str) -> dict[str, Any]:
    keys = [vars(artifact("b", format=name)) for name in formats or ("keras",)]
    cells = [{"key": key, "probe": "dense", "format": key["format"]} for key in keys]
    return {"phase": phase, "probes": {}, "cells": cells}


def kinds(lines: list[str]) -> list[str]:
    return [json.loads(line)["event"] for line in lines]


def test_one_process_is_asked_again_and_introduces_itself_each_time(store: Store) -> None:
    engine, first, second = Recorded(), list[str](), list[str]()
    with conversation(engine, store) as agent:
        assert agent.ask(task(), {}, first.append) == Exit(status=0)
        assert agent.ask(task("remedy"), {}, second.append, last=True) == Exit(status=0)
    assert engine.started == ["load-b"]
    assert kinds(first) == ["started", "ready", "begin", "cell", "finished"]
    assert kinds(second) == ["started", "ready", *kinds(first)]


class Busy(Recorded):
    """A daemon that does not start anything the first times."""

    times = 2

    def start(self, *given: Any, **more: Any) -> Any:
        if self.times:
            self.times -= 1
            raise InfrastructureError("The daemon is busy.")
        return super().start(*given, **more)


def test_a_start_that_fails_is_tried_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runner.provisioning.WAITS", (0.01, 0.01))
    lines = list[str]()
    with conversation(Busy(), store) as agent:
        assert agent.ask(task(), {}, lines.append, last=True) == Exit(status=0)
    assert "cell" in kinds(lines)


def test_a_start_that_goes_on_failing_makes_the_environment_unavailable(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runner.provisioning.WAITS", (0.01,))
    with (
        pytest.raises(EnvironmentUnavailable, match=r"^The daemon is busy\. It was tried 2 times") as caught,
        conversation(Busy(), store) as agent,
    ):
        agent.ask(task(), {}, print)
    assert caught.value.lasting


def test_one_that_was_started_before_says_so_when_it_is_asked(store: Store) -> None:
    engine, lines = Recorded(), list[str]()
    with conversation(engine, store) as agent:
        agent.start()
        agent.start()
        assert (engine.started, engine.jobs) == (["load-b"], [])
        agent.ask(task(), {}, lines.append)
    assert kinds(lines)[-3:] == ["begin", "cell", "finished"]
    assert engine.started == ["load-b"]


def test_one_that_died_is_started_again(store: Store) -> None:
    engine = Recorded({"load-b": [lambda task, out, say: KILLED, well]})
    with conversation(engine, store) as agent:
        assert agent.ask(task(), {}, lambda line: None) == KILLED
        assert agent.ask(task(), {}, lambda line: None) == Exit(status=0)
    assert engine.started == ["load-b", "load-b"]


def test_files_come_in_once_and_what_was_saved_goes_out(store: Store, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    seen: list[list[str]] = []

    def save(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        for item in task["cells"]:
            say(saved(item["key"], out))
        return Exit(status=0)

    with conversation(Recorded({"load-b": [save]}), store) as agent:
        agent.ask(task("save", "keras"), {"x": tmp_path / "x"}, lambda line: None)
        for name in ("h5", "weights"):
            seen.append(sorted(path.name for path in (agent.collect() / "dense").iterdir()))
            agent.ask(task("save", name), {"x": tmp_path / "x"}, lambda line: None)
        seen.append(sorted(path.name for path in (agent.collect() / "dense").iterdir()))
    assert seen == [["keras"], ["h5"], ["weights"]]


def test_what_was_saved_by_one_that_then_died_is_there(store: Store) -> None:
    def save(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        say(saved(task["cells"][0]["key"], out))
        return KILLED

    with conversation(Recorded({"load-b": [save]}), store) as agent:
        assert agent.ask(task("save"), {}, lambda line: None) == KILLED
        assert (agent.collect() / "dense" / "keras" / "payload").is_dir()


def test_a_word_that_was_not_waited_for_ends_no_question(store: Store) -> None:
    lines: list[str] = []

    def forging(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        say({"event": "waiting", "after": 7})
        return well(task, out, say)

    with conversation(Recorded({"load-b": [forging]}), store) as agent:
        agent.ask(task(), {}, lines.append)
    assert kinds(lines)[-1] == "finished"


def test_interrupting_ends_it(store: Store) -> None:
    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        raise Interrupted("The run was interrupted.")

    engine = Recorded({"load-b": [script, well]})
    with conversation(engine, store) as agent:
        with pytest.raises(Interrupted):
            agent.ask(task(), {}, lambda line: None)
        agent.ask(task(), {}, lambda line: None)
    assert engine.started == ["load-b", "load-b"]


KERAS = """
import os
__version__ = "3.99.0"
class layers:
    class Dense: pass
class utils:
    @staticmethod
    def set_random_seed(seed): pass
class backend:
    @staticmethod
    def backend(): return "jax"
    @staticmethod
    def clear_session(): pass
open(os.environ["COUNT"], "a").write("imported\\n")
"""
PROBE = "def inputs():\n    return [1]\n\ndef build_model():\n    raise ValueError(repr(open(0).read()))\n"


def test_a_real_process_imports_once_and_its_models_do_not_hear_what_it_is_told(
    store: Store, tmp_path: Path
) -> None:
    (tmp_path / "keras.py").write_text(KERAS)
    (tmp_path / "late.py").write_text(PROBE)
    variables = (("PYTHONPATH", str(tmp_path)), ("COUNT", str(tmp_path / "count")))
    ready = Ready(
        environment=Environment(id="b", backend="jax", timeout=20.0, variables=variables),
        engine="venv",
        base="",
        base_digest="",
        python=sys.executable,
    )
    engine, cells = VenvEngine(state=tmp_path / "engine"), list[dict[str, Any]]()
    asked = {**task("save"), "probes": {"dense": "probes/dense.py"}, "tolerances": {}}
    with Conversation(ready, engine, store, key="save-b", cancel=threading.Event()) as agent:
        agent.start()
        for last in (False, False, True):
            lines: list[str] = []
            ended = agent.ask(asked, {"probes/dense.py": tmp_path / "late.py"}, lines.append, last=last)
            assert ended.status == 0
            assert kinds(lines) == ["started", "ready", "begin", "cell", "finished"]
            cells += [event for event in map(json.loads, lines) if event["event"] == "cell"]
    assert (tmp_path / "count").read_text() == "imported\n"
    assert [cell["value"]["error"]["message"] for cell in cells] == ["''"] * 3
