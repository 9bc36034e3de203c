"""The ways to run the cells of one consumer, each timed.

They share the artifacts. Each has journals of its own below ``bench/`` in the state folder, so that nothing that a
run left there is changed.
"""

import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag
from typing import Any

from environments.engines import Engine, Job, Ready
from environments.errors import InfrastructureError
from runner.collect import collect
from runner.plan import CellKey, Plan, Task
from runner.provenance import AGENT
from runner.results import CellResult, Run, Verdict
from runner.store import Store
from runner.tasks import run_task
from runner.told import saved_artifacts
from tests.bench.figures import Timing, raised
from tests.bench.sample import name_of

#: Runs the cells of one consumer; gives what they took.
Way = Callable[[str, Sequence[CellKey]], Timing]

_FLOOR = Path(__file__).with_name("floor.py")
#: Seconds that the warm process may be silent, and its bytes of memory: it has no limits for a cell.
_STALL, _MEMORY = 600.0, 8 * 1024**3
_RUN = Run(id="bench", started="", engine="", matrix_sha256="", version="")


class Ways:
    """Runs cells; ``outcomes`` has what became of them, by the name of the way."""

    def __init__(
        self, plan: Plan, engine: Engine, state: Path, ready: Mapping[str, Ready], cancel: Flag
    ) -> None:
        self._plan, self._engine, self._state, self._ready, self._cancel = plan, engine, state, ready, cancel
        self._saved = Store(state, journals="bench/saved")
        for name in ("fresh", "forked", "whole"):
            shutil.rmtree(self._saved.root / "bench" / name, ignore_errors=True)
        self.outcomes: dict[str, dict[CellKey, CellResult]] = {"fresh": {}, "forked": {}, "whole": {}}
        #: In the order in which they are run.
        self.all: Mapping[str, Way] = {
            "fresh": self._fresh,
            "forked": lambda consumer, keys: self._shared("forked", consumer, keys),
            "warm": self._warm,
            "whole": lambda consumer, keys: self._shared("whole", consumer, keys),
        }

    def save(self, producer: str) -> bool:
        """Have the producer's artifacts in the store; False when those of an earlier run still hold."""
        for earlier in (Store(self._state), self._saved):
            if self._holds(earlier, producer):
                _copy_save(earlier, self._saved, producer)
                return False
        self._run(self._plan, self._plan.save_task(producer), self._saved)
        if not self._holds(self._saved, producer):
            raise InfrastructureError(f"Saving in {producer} did not come to its end. Type: crossload doctor")
        return True

    def cells(self) -> tuple[CellKey, ...]:
        """Every cell in which there is something to run."""
        saved = tuple(saved_artifacts(self._plan, self._saved, self._plan.artifacts()))
        return tuple(
            CellKey(producer=key.producer, consumer=item.id, probe=key.probe, format=key.format)
            for item in self._plan.environments
            for key in self._plan.load_task(item.id, saved).artifacts
        )

    def warm_up(self, consumer: str) -> None:
        """Import once, untimed: the first one also reads the disk."""
        self._floor(consumer, ())

    def _fresh(self, consumer: str, keys: Sequence[CellKey]) -> Timing:
        """The agent once for each cell: Python, the import, the cell in that very process, as a script would."""
        seconds = 0.0
        found: dict[CellKey, CellResult] = {}
        for number, key in enumerate(keys):
            plan = _narrow(self._plan, key)
            store = self._branch(f"fresh/{consumer}/{number}", (key.producer,))
            task = Task(environment=consumer, phase="load", artifacts=(key.artifact,))
            seconds += self._run(plan, task, store, fork=False)
            found |= _outcomes(plan, store, (key,))
        self.outcomes["fresh"] |= found
        return Timing(cells=len(keys), seconds=seconds, failed=raised(found))

    def _shared(self, name: str, consumer: str, keys: Sequence[CellKey]) -> Timing:
        """The agent once for all cells: one import, and a forked child for each."""
        store = self._branch(f"{name}/{consumer}", [item.id for item in self._plan.environments])
        task = Task(environment=consumer, phase="load", artifacts=tuple(key.artifact for key in keys))
        seconds = self._run(self._plan, task, store)
        found = _outcomes(self._plan, store, keys)
        self.outcomes[name] |= found
        return Timing(cells=len(keys), seconds=seconds, failed=raised(found))

    def _warm(self, consumer: str, keys: Sequence[CellKey]) -> Timing:
        """One process for all cells, nothing isolated, nothing checked; the import is not counted."""
        events = self._floor(consumer, keys)
        return Timing(
            cells=len(events),
            seconds=sum(event["seconds"] for event in events),
            failed=sum(bool(event["error"]) for event in events),
        )

    def _floor(self, consumer: str, keys: Sequence[CellKey]) -> list[dict[str, Any]]:
        shas = saved_artifacts(self._plan, self._saved, tuple(key.artifact for key in keys))
        events: list[dict[str, Any]] = []
        with self._saved.folder(f"floor-{consumer}-") as folder:
            cells = [
                {**vars(key), "key": vars(key.artifact), "artifact": f"artifacts/{shas[key.artifact]}"}
                for key in keys
            ]
            instructions = {"backend": self._plan.environment(consumer).backend, "cells": cells}
            (folder / "task.json").write_text(json.dumps(instructions))
            inputs = {"floor.py": _FLOOR, "runner/agent": AGENT, "task.json": folder / "task.json"}
            inputs |= {f"probes/{probe.name}.py": probe.path for probe in self._plan.probes}
            inputs |= {f"artifacts/{sha}": self._saved.object(sha) for sha in shas.values()}
            job = Job(
                key=f"floor-{consumer}",
                script="floor.py",
                arguments=("task.json",),
                inputs=inputs,
                outputs=folder / "out",
                stall=_STALL,
                memory=_MEMORY,
            )
            ended = self._engine.execute(
                self._ready[consumer],
                job,
                on_line=lambda line: events.append(json.loads(line)),
                cancel=self._cancel,
            )
        done = [event for event in events if event["event"] == "cell"]
        if ended.problem or len(done) != len(keys):
            raise InfrastructureError(
                f"The warm process in {consumer} came to {len(done)} of {len(keys)} cells. "
                f"{ended.problem} {ended.stderr[-2000:]}"
            )
        return done

    def _run(self, plan: Plan, task: Task, store: Store, *, fork: bool = True) -> float:
        started = time.perf_counter()
        ready, cancel = self._ready[task.environment], self._cancel
        run_task(
            plan, task, ready, self._engine, store, listener=lambda *said: None, cancel=cancel, fork=fork
        )
        return time.perf_counter() - started

    def _holds(self, store: Store, producer: str) -> bool:
        """Whether a store has all that the plan's producer saves, saved by these probes, checks and locks."""
        found = [item for item in collect(self._plan, store, _RUN).artifacts if item.producer == producer]
        return all(
            store.has(item.sha256)
            if item.status == "saved"
            else item.status in ("save_failed", "unsupported")
            for item in found
        )

    def _branch(self, name: str, producers: Sequence[str]) -> Store:
        """Journals of their own, that know what was saved. No two workers may have the same: they are written here."""
        store = Store(self._state, journals=f"bench/{name}")
        for producer in producers:
            _copy_save(self._saved, store, producer)
        return store


def _copy_save(source: Store, target: Store, producer: str) -> None:
    one, other = (store.journal_path(producer, "save") for store in (source, target))
    if one != other:
        other.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(one, other)


def _narrow(plan: Plan, key: CellKey) -> Plan:
    """A plan around one cell: a small one is quickly collected."""
    return replace(
        plan,
        environments=tuple(item for item in plan.environments if item.id in (key.producer, key.consumer)),
        formats=(key.format,),
    )


def _outcomes(plan: Plan, store: Store, keys: Sequence[CellKey]) -> dict[CellKey, CellResult]:
    """What became of cells. Raises InfrastructureError for one that was not run: it has no verdict to compare."""
    wanted = {name_of(key): key for key in keys}
    found: dict[CellKey, CellResult] = {}
    for cell in collect(plan, store, _RUN).cells:
        key = wanted.get("/".join((cell.producer, cell.consumer, cell.probe, cell.format)))
        if key is None:
            continue
        if cell.verdict in (Verdict.NOT_RUN, Verdict.UNAVAILABLE):
            reason = cell.error.message if cell.error else "Type: crossload doctor"
            raise InfrastructureError(f"{name_of(key)} was not run. {reason}")
        found[key] = cell
    return found
