"""An existing model file becomes an artifact of its home environment; the rest works on it as on any other.

The home environment's journal says afterwards that it saved the file, so that load tasks, causes, remedies and the
results need to know nothing of where it came from.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event as Flag
from typing import Any

from environments.engines import Engine, Ready
from environments.errors import DiskFull, InfrastructureError, Interrupted, UsageError
from environments.lock import Lock
from environments.spec import Environment
from runner.asking import Listener
from runner.collect import collect
from runner.conversation import Conversation
from runner.heard import disk_was_full, understood
from runner.journal import Event
from runner.plan import ArtifactKey, Plan, Task, in_order, keras_version
from runner.probe_files import BUILT_IN, ProbeFile
from runner.provenance import header
from runner.remedies.choice import generation
from runner.remedies.data import rules
from runner.results import Results, Run
from runner.store import Store
from runner.tasks import run_task

#: Adopting tries several ways of loading and many inputs, so it may take this many times as long as a cell.
PATIENCE = 4
#: A Keras from before TensorFlow 2, the last of TensorFlow 1.
_BEFORE = "2.2.4"


@dataclass(frozen=True, kw_only=True)
class ModelFile:
    """A model file or folder, and what its user has beside it."""

    path: Path
    #: Python with ``build_model()``, ``CUSTOM_OBJECTS``, or just the classes and functions that the model needs.
    code: Path | None = None
    #: The architecture (JSON) that goes with a file of weights.
    architecture: Path | None = None
    #: Inputs (npz) to predict with, by the names of the model's inputs or in their order.
    inputs: Path | None = None

    @property
    def name(self) -> str:
        """What it is called in results: the file's name, in letters that every path may have."""
        return re.sub(r"[^\w.-]", "_", self.path.absolute().name).lstrip(".-") or "model"


@dataclass(frozen=True, kw_only=True)
class Adopted:
    """The artifact, and a plan that loads it in other environments."""

    plan: Plan
    key: ArtifactKey
    #: How it was loaded at home, what every way raised, what the first prediction raised, and notes.
    record: Mapping[str, Any]


def adopt(
    model: ModelFile,
    home: str,
    environments: Sequence[Environment],
    locks: Mapping[str, Lock],
    ready: Ready,
    store: Store,
    agent: Conversation,
) -> Adopted:
    """Load the file in the environment ``home``, observe it, and keep it in the store.

    ``environments`` are all that are going to load it, ``home`` among them; ``ready`` is the home environment, and
    ``agent`` its agent, of which no other asks meanwhile.
    Raises UsageError when the file cannot be read, and InfrastructureError when looking at it ended the process or
    took too long, with the reason.
    """
    _readable(model)
    probe = _probe(model)
    plan = Plan(environments=in_order(environments), locks=locks, probes=(probe,), formats=())
    events: list[dict[str, Any]] = []

    def hear(line: str) -> None:
        event = understood(line, "adopt")
        if event is not None:
            events.append(event)

    environment = plan.environment(home)
    old = _of_old_files(keras_version(environment, locks.get(home)))
    task, inputs = _instructions(model, probe, home, environment, old)
    ended = agent.ask(task, inputs, hear)
    cell = next((event for event in events if event["event"] == "cell"), None)
    if cell is not None and disk_was_full(cell):
        raise DiskFull(
            f"There was no room on the disk when {model.path} was looked at in {home}. Free some space, or name "
            "another folder with --state, and type the same again."
        )
    if cell is None or cell["status"] != "done":
        problem = cell["problem"] if cell else _broken(events) or ended.problem or "The agent said nothing."
        raise InfrastructureError(f"{model.path} could not be looked at in {home}. {problem}")
    record = cell["value"]
    if not store.keep(agent.collect() / probe.name / "adopted", record["sha256"]):
        raise InfrastructureError(f"What {home} made of {model.path} did not come back whole. Run it again.")
    plan = replace(plan, formats=(record["format"],))
    key = ArtifactKey(producer=home, probe=probe.name, format=record["format"])
    told = next((event for event in events if event["event"] == "ready"), None)
    _write_journal(plan, key, ready, store, cell, told)
    return Adopted(plan=plan, key=key, record=record)


def load_everywhere(
    adopted: Adopted,
    readies: dict[str, Ready],
    engine: Engine,
    store: Store,
    *,
    listener: Listener,
    cancel: Flag,
    workers: int,
    agent: Callable[[str], AbstractContextManager[Conversation]],
) -> None:
    """Load the artifact in every environment that is ready, ``workers`` at a time; remedies are tried as well.

    ``readies`` come oldest first.
    Where it ran out of time or died it is loaded once more: a busy machine does that too, and this is an answer.
    ``agent`` lends the agent of an environment. Raises Interrupted when ``cancel`` is set; what was done is kept.
    """

    def one(name: str) -> None:
        task = adopted.plan.load_task(name, (adopted.key,))
        if cancel.is_set():
            return
        with agent(name) as asked:
            run_task(
                adopted.plan,
                task,
                readies[name],
                engine,
                store,
                listener=listener,
                cancel=cancel,
                agent=asked,
                again=True,
            )

    with ThreadPoolExecutor(workers) as runners:
        # The furthest first: remedies are tried there, and whoever begins last should not take longest.
        for _ in runners.map(one, reversed(readies)):
            pass
    if cancel.is_set():
        raise Interrupted("Interrupted. What was done until now is kept.")


def results_of(
    adopted: Adopted,
    store: Store,
    run: Run,
    environments: Sequence[Environment],
    *,
    unavailable: Mapping[str, str] | None = None,
) -> Results:
    """What became of it: one artifact, and a cell for each of these environments, oldest first."""
    whole = collect(adopted.plan, store, run, unavailable=unavailable)
    home, asked = adopted.key.producer, {item.id for item in environments}
    return whole.model_copy(
        update={
            "environments": tuple(item for item in whole.environments if item.id in asked | {home}),
            "artifacts": tuple(item for item in whole.artifacts if item.producer == home),
            "cells": tuple(cell for cell in whole.cells if cell.producer == home and cell.consumer in asked),
        }
    )


def _instructions(
    model: ModelFile,
    probe: ProbeFile,
    home: str,
    environment: Environment,
    rules_for: Sequence[Mapping[str, Any]],
) -> tuple[dict[str, Any], dict[str, Path]]:
    """The task for the agent, and the files that it needs."""
    key = {"producer": home, "probe": probe.name, "format": ""}
    cell: dict[str, Any] = {"key": key, "probe": probe.name, "format": ""}
    if rules_for:
        cell["rules"] = rules_for
    files = {f"probes/{probe.name}.py": probe.path}
    for name, path in (("model", model.path), ("architecture", model.architecture), ("inputs", model.inputs)):
        if path is not None:
            cell[name] = f"{name}/{path.absolute().name}"
            files[cell[name]] = path
    task = {
        "phase": "adopt",
        "timeout": PATIENCE * environment.timeout,
        "probes": {probe.name: f"probes/{probe.name}.py"},
        "cells": [cell],
    }
    return task, files


def _of_old_files(keras: str) -> list[dict[str, Any]]:
    """How a file of Keras before TensorFlow 2 is rewritten for this Keras 2: its own environment may not be had."""
    return rules(_BEFORE, keras) if generation(keras) == 2 else []


def _write_journal(
    plan: Plan,
    key: ArtifactKey,
    ready: Ready,
    store: Store,
    cell: Event,
    told: Event | None,
) -> None:
    task = Task(environment=key.producer, phase="save", artifacts=(key,))
    with store.journal(task) as journal:
        journal.write(header(plan, task, ready.engine))
        journal.write(
            {"event": "provisioned", "base": ready.base, "base_digest": ready.base_digest, "seconds": 0.0}
        )
        if told is not None:
            journal.write(told)
        journal.write({**cell, "key": vars(key), "attempts": 1, "sha256": cell["value"]["sha256"]})


def _probe(model: ModelFile) -> ProbeFile:
    code = model.code or BUILT_IN / "_no_code.py"
    return ProbeFile(
        name=model.name,
        path=code.resolve(),
        why="A model file that was there already.",
        sha256=hashlib.sha256(code.read_bytes()).hexdigest(),
        source=str(model.path),
        # What is typed by hand has the user's own classes in it, then.
        tags=("custom",) if model.code else (),
        adopted=True,
    )


def _readable(model: ModelFile) -> None:
    for path in (model.path, model.code, model.architecture, model.inputs):
        if path is None:
            continue
        try:
            if path.is_dir():
                next(path.iterdir(), None)
            else:
                with path.open("rb") as stream:
                    stream.read(1)
        except (OSError, RuntimeError) as error:  # a loop of links is either, by version
            reason = (isinstance(error, OSError) and error.strerror) or str(error)
            raise UsageError(f"{path} cannot be read: {reason}. Name a file that can.") from error


def _broken(events: Sequence[Event]) -> str:
    error = next((event["error"] for event in events if event["event"] == "broken"), None)
    return f"The framework cannot be imported: {error['type']}: {error['message']}" if error else ""
