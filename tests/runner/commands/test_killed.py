"""A run is killed at moments of every phase: the next one finishes the work, and repeats nothing that was finished."""

import json
import os
import random
import resource
import signal
import sqlite3
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from environments.engines import Exit, Ready
from runner import journal, setup, store
from runner.__main__ import run
from runner.collect import collect
from runner.history import History
from runner.store import Store
from runner.told import read
from tests.runner.commands.conftest import MATRIX
from tests.runner.fakes import DONE, LOADED, Recorded, Say, cell, well

PHASES = (
    "provisioning",
    "saving",
    "loading",
    "remedies",
    "journals",
    "store",
    "collecting",
    "page",
    "history",
)
#: Kills in each phase: 27 in all.
KILLS = 3
LOSES = {**LOADED, "checks": {**LOADED["checks"], "loss": "failed"}}  # type: ignore[dict-item]

Tick = Callable[[str], None]


class Ticking(Recorded):
    """All goes well, but some lose their loss, and have remedies tried; each step may be the last one."""

    def __init__(self, tick: Tick) -> None:
        super().__init__()
        self.tick = tick

    def provision(self, *given: Any, **more: Any) -> Ready:
        self.tick("provisioning")
        ready = super().provision(*given, **more)
        self.tick("provisioning")
        return ready

    def script(self, key: str) -> Any:
        def ticked(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
            phases = {"save": "saving", "load": "loading", "remedy": "remedies"}

            def say_so(event: Any) -> None:
                self.tick(phases[task["phase"]])
                say(event)

            if task["phase"] == "save":
                return well(task, out, say_so)
            for item in task["cells"]:
                say_so({"event": "begin", "key": item["key"]})
                if task["phase"] == "load":
                    say_so(cell(item["key"], LOSES if item["format"] == "h5" else LOADED))
                else:
                    for remedy in item["remedies"]:
                        value = {**LOADED, "edits": []}
                        say_so({**cell(item["key"], value), "event": "remedy", "id": remedy["id"]})
                    say_so({"event": "tried", "key": item["key"]})
            return DONE

        return ticked


def around(tick: Tick, phase: str, function: Any) -> Any:
    """The function, which may be killed before it and after it."""

    def ticked(*given: Any, **more: Any) -> Any:
        tick(phase)
        found = function(*given, **more)
        tick(phase)
        return found

    return ticked


def write_half(tick: Tick) -> Any:
    """Events that are written as two halves."""

    def write(self: journal.Journal, event: Any) -> None:
        stream = self._stream

        class Halves:
            def write(self, line: bytes) -> int:
                tick("journals")
                half = stream.write(line[: len(line) // 2 + 1])
                tick("journals")
                return half

            def close(self) -> None:
                stream.close()

        self._stream = Halves()  # type: ignore[assignment]
        try:
            whole(self, event)
        finally:
            self._stream = stream

    whole = journal.Journal.write
    return write


def in_a_process(phase: str, at: int, asked: Path, *, longest: int = resource.RLIM_INFINITY) -> int:
    """Run in a process of its own, killed at the ``at``-th moment of the phase; gives how it ended.

    ``asked`` gets what the engine was asked to do, and how many moments there were. No file may get longer than
    ``longest`` bytes, which ends as a full disk does: a write gets less than it asked for, and the next one fails.
    """
    ours, its = os.pipe()  # not a file: that could not be written where the disk is full
    child = os.fork()
    if child:
        os.close(its)
        with os.fdopen(ours, "rb") as stream:
            asked.with_suffix(".said").write_bytes(stream.read())
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 99
    try:
        sys.stdout = sys.stderr = os.fdopen(its, "w", buffering=1)
        resource.setrlimit(resource.RLIMIT_FSIZE, (longest, resource.RLIM_INFINITY))
        code = _run(phase, at, asked)
    except BaseException:  # noqa: BLE001  told by the exit code
        traceback.print_exc(file=sys.stdout)
    finally:
        os._exit(code)


def _run(phase: str, at: int, asked: Path) -> int:
    moments: Counter[str] = Counter()

    def tick(now: str) -> None:
        moments[now] += 1
        if now == phase and moments[now] == at:
            os.kill(os.getpid(), signal.SIGKILL)

    class Said(Ticking):
        def script(self, key: str) -> Any:
            with asked.open("a") as file:
                file.write(json.dumps([key, self.jobs[-1][1]]) + "\n")
            return super().script(key)

    connect = sqlite3.connect

    def traced(*given: Any, **more: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*given, **more)
        connection.set_trace_callback(lambda statement: tick("history"))
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(setup, "engine_for", lambda *chosen, **how: (Said(tick), ()))
        patch.setattr(journal.Journal, "write", write_half(tick))
        patch.setattr(store.Store, "keep", around(tick, "store", store.Store.keep))
        patch.setattr("runner.commands.run.collect", around(tick, "collecting", collect))
        patch.setattr(sqlite3, "connect", traced)
        patch.setattr(Path, "replace", around(tick, "page", Path.replace))
        code = run(["run", "--jobs", "2"])
    asked.with_suffix(".moments").write_text(json.dumps(moments))
    return code


def finished(folder: Path) -> set[tuple[str, str]]:
    """What is finished by the journals: (task, artifact)."""
    choice = setup.Choice(matrix=folder / "matrix.yaml", state=folder / ".crossload")
    plan, kept = setup.planned(choice, cancel=None, say=print).plan, Store(choice.state)  # type: ignore[arg-type]
    found = set()
    for item in plan.environments:
        for key, event in read(plan, kept, item, "save").cells.items():
            if kept.has(event["value"]["sha256"]):
                found.add((f"save-{item.id}", str(key)))
        found |= {(f"load-{item.id}", str(key)) for key in read(plan, kept, item, "load").cells}
    return found


def loaded(path: Path) -> list[tuple[str, str]]:
    """What an engine was asked to save and to load, in order; a remedy is asked for by the same task again."""
    if not path.exists():
        return []
    return [(key, name) for key, names in map(json.loads, path.read_text().splitlines()) for name in names]


@pytest.mark.parametrize("phase", PHASES)
def test_whenever_a_run_is_killed_the_next_one_finishes_it(folder: Path, phase: str) -> None:
    assert in_a_process("", 0, folder / "whole") == 0, (folder / "whole.said").read_text()
    total = json.loads((folder / "whole.moments").read_text())[phase]
    verdicts = {name_of(item): item["verdict"] for item in results(folder)["cells"]}
    assert set(verdicts.values()) == {"identical", "degraded"}
    seed = random.randrange(10**6)
    for at in sorted(random.Random(seed).sample(range(1, total + 1), min(KILLS, total))):
        place = folder / f"killed-{at}"
        place.mkdir()
        (place / "matrix.yaml").write_text(MATRIX)
        (place / "environments").symlink_to(folder / "environments")
        os.chdir(place)
        why = f"{phase}, moment {at} of {total}, seed {seed}"
        assert in_a_process(phase, at, place / "first") == -signal.SIGKILL, why
        before = finished(place)
        whole_runs(place)
        if (place / "site" / "results.json").exists():
            results(place)
        assert in_a_process("", 0, place / "second") == 0, (why, (place / "second.said").read_text())
        again = before & set(loaded(place / "second"))
        remedied = {name for key, name in again if key.startswith("load") and name.endswith("/h5")}
        assert {name for _, name in again} <= remedied, (why, again)
        assert {name_of(item): item["verdict"] for item in results(place)["cells"]} == verdicts, why
        assert all(item["remedies"] for item in results(place)["cells"] if item["verdict"] == "degraded"), why
        assert results(place)["run"]["finished"]
        assert whole_runs(place) >= 1, why
        assert (place / "site" / "index.html").read_text().rstrip().endswith("</html>"), why
        assert not list((place / ".crossload" / "work").glob("*"))


@pytest.mark.parametrize("longest", [300, 1_500, 4_096, 12_000, 40_000])
def test_a_disk_that_fills_is_told_and_loses_nothing(folder: Path, longest: int) -> None:
    code = in_a_process("", 0, folder / "first", longest=longest)
    told = (folder / "first.said").read_text()
    assert code == 3, told
    assert "Traceback" not in told
    before = finished(folder)
    whole_runs(folder)
    assert in_a_process("", 0, folder / "second") == 0, (folder / "second.said").read_text()
    again = before & set(loaded(folder / "second"))
    assert {name for _, name in again} <= {name for _, name in again if name.endswith("/h5")}
    assert {item["verdict"] for item in results(folder)["cells"]} == {"identical", "degraded"}
    assert whole_runs(folder) >= 1


def test_a_clock_that_goes_back_changes_no_verdict(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as tomorrow:
        for name in ("runner.commands.run.now", "runner.provenance.now"):
            tomorrow.setattr(name, lambda: "2999-01-01T00:00:00+00:00")
        assert in_a_process("", 0, folder / "first") == 0
    verdicts = {name_of(item): item["verdict"] for item in results(folder)["cells"]}
    assert in_a_process("", 0, folder / "second") == 0
    assert loaded(folder / "second") == []
    assert {name_of(item): item["verdict"] for item in results(folder)["cells"]} == verdicts
    assert {item["cached"] for item in results(folder)["cells"]} == {True}
    assert (
        "8 hold from earlier runs; the oldest was run on 2999-01-01." in (folder / "second.said").read_text()
    )
    with History(folder / ".crossload") as history:
        first, second = reversed(history.runs())
        assert (second.before, second.changes) == (first.id, {})


def name_of(item: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(item[name] for name in ("producer", "consumer", "probe", "format"))


def results(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "site" / "results.json").read_text())
    return found


def whole_runs(folder: Path) -> int:
    """How many runs the history has; each has all of its cells."""
    if not History.exists(folder / ".crossload"):
        return 0
    with History(folder / ".crossload") as history:
        history.check()
        runs = history.runs()
        assert all(record.cells == len(history.cells(record)) == 8 for record in runs)
        return len(runs)
