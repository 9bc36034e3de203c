"""Hops for real: loads and re-saves in environments, held against what home saw."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from environments.errors import DiskFull
from environments.spec import Environment
from runner.adopted import Adopted
from runner.heard import disk_was_full, understood
from runner.journal import Event
from runner.plan import ArtifactKey, Plan, Task, in_order
from runner.provenance import header
from runner.remedies import by_hand
from runner.remedies.data import plain, remedy
from runner.remedies.snippets import fill
from runner.results import CellResult, Verdict
from runner.symptoms import Symptoms, of_load, stack_of
from runner.told import read
from runner.tolerances import BOUNDS
from runner.trying import worth_trying
from runner.upgrade.migrate_search import Carried, Hop, Looked, Stop, Way
from runner.upgrade.workshop import Workshop
from runner.verdicts import judge
from runner.wording import raised

#: A hop loads, saves and checks, so it may take this many times as long as a cell.
_PATIENCE = 2
#: Ways of loading after which there is nothing that could be saved. The agent has the same (``runner/agent/ways.py``).
OUTPUTS_ONLY = ("tfsm_layer", "saved_model")
_WELL = (Verdict.IDENTICAL, Verdict.DEGRADED)
_BY_THIS = "# crossload migrate loads a copy here, which it has edited as said above\n"
_PLAINLY = {
    "whole": '{keras}\nmodel = keras.models.load_model("{path}"{custom})\n',
    "json": '{keras}\nwith open("architecture.json") as file:\n'
    '    model = keras.models.model_from_json(file.read(){custom})\nmodel.load_weights("{path}")\n',
    "weights": 'model = my_model.build_model()\n{build}\nmodel.load_weights("{path}")\n',
    "checkpoint": "import tensorflow as tf\nmodel = my_model.build_model()\n"
    'tf.train.Checkpoint(model=model).restore(tf.train.latest_checkpoint("{path}"))\n',
    "export": 'import tensorflow as tf\nmodel = tf.saved_model.load("{path}").signatures["serving_default"]\n',
}


class HopLab:
    """Runs hops of one model in a workshop. ``seconds`` are for all of them together."""

    def __init__(
        self, workshop: Workshop, start: Adopted, environments: Sequence[Environment], *, seconds: float
    ) -> None:
        self._workshop, self._probe = workshop, start.plan.probes[0]
        self._environments = {item.id: item for item in environments}
        self._deadline, self._seconds = time.monotonic() + seconds, seconds
        self.start = Stop(sha256=start.record["sha256"], format=start.key.format)
        self._artifacts: dict[str, tuple[ArtifactKey, Mapping[str, Any]]] = {
            self.start.sha256: (start.key, start.record)
        }
        self._looked: dict[tuple[str, str, bool], Looked] = {}

    def spent(self) -> str:
        """Why nothing more may be tried."""
        if time.monotonic() < self._deadline:
            return ""
        return (
            f"It was looked for {self._seconds / 60:g} minutes long, and no longer; give it more: --minutes N"
        )

    def payload(self, stop: Stop) -> Path:
        """The file or folder that an artifact holds."""
        _, record = self._artifacts[stop.sha256]
        name = Path(
            str(record["name"])
        ).name  # it was said inside an environment, where the model's code runs too
        return self._workshop.store.object(stop.sha256) / "payload" / name

    def load(self, stop: Stop, environment: str, *, remedies: bool) -> Looked:
        """Load an artifact in a fresh process there, and hold it against home."""
        memo = (stop.sha256, environment, remedies)
        if memo not in self._looked:
            self._looked[memo] = self._load(stop, environment, remedies)
        return self._looked[memo]

    def carry(self, stop: Stop, environment: str, hops: Sequence[tuple[Way, str]]) -> Sequence[Carried]:
        """Load it there by each way, and save it anew."""
        names = ", ".join(dict.fromkeys(name for _, name in hops))
        with self._workshop.telling(f"saving it as {names} in {environment}"):
            return self._carry(stop, self._environments[environment], hops)

    def _load(self, stop: Stop, environment: str, remedies: bool) -> Looked:
        key, record = self._artifacts[stop.sha256]
        plan = self._plan(key, environment, remedies)
        adopted = Adopted(plan=plan, key=key, record=record)
        self._journal(adopted)
        results = self._workshop.load(adopted, [self._environments[environment]])
        (cell,) = results.cells
        why = _why(cell, {cause.id: cause.title for cause in results.causes})
        told = read(plan, self._workshop.store, self._environments[environment], "load")
        event = told.cells.get(key)
        if event is None:
            return Looked(verdict=cell.verdict, why=why)
        facts = told.ready.get("facts") or {}
        asked = worth_trying(plan, environment, facts, {key: record}, {key: event}).get(key, [])
        ends = stack_of(plan, key.producer), stack_of(plan, environment, facts)
        symptoms = of_load(plan, key, record, event, *ends, {key: event})
        ways = _ways(cell, {item["id"]: item for item in asked}, symptoms)
        bare = [way.id for way in ways if way.do.get("way") in OUTPUTS_ONLY]
        if bare:
            why += f" (What gives its outputs there, and is no model to save: {', '.join(bare)}.)"
        return Looked(
            verdict=cell.verdict, ways=tuple(way for way in ways if way.id not in bare), why=why.strip()
        )

    def _carry(
        self, stop: Stop, environment: Environment, hops: Sequence[tuple[Way, str]]
    ) -> Sequence[Carried]:
        key, _ = self._artifacts[stop.sha256]
        task = {
            "phase": "carry",
            "timeout": _PATIENCE * environment.timeout,
            "tolerances": BOUNDS,
            "probes": {key.probe: f"probes/{key.probe}.py"},
            "cells": [
                {
                    "key": {"producer": environment.id, "probe": key.probe, "format": str(place)},
                    "probe": key.probe,
                    "format": key.format,
                    "artifact": f"artifacts/{stop.sha256}",
                    "way": dict(way.do),
                    "save_as": save_as,
                }
                for place, (way, save_as) in enumerate(hops)
            ],
        }
        inputs = {
            f"probes/{key.probe}.py": self._probe.path,
            f"artifacts/{stop.sha256}": self._workshop.store.object(stop.sha256),
        }
        said: dict[str, Event] = {}

        def hear(line: str) -> None:
            event = understood(line, "carry")
            if event is not None and event["event"] == "cell":
                if disk_was_full(event):
                    raise DiskFull(
                        f"There was no room on the disk while {environment.id} carried the model on. Free some "
                        "space, or name another folder with --state, and type the same again."
                    )
                said[event["key"]["format"]] = event

        with self._workshop.agent(environment) as agent:
            ended = agent.ask(task, inputs, hear)
            out = agent.collect() / "carried"
            problem = ended.problem or "The agent said nothing of it."
            return [
                self._carried(
                    stop,
                    Hop(environment=environment.id, way=way, format=save_as),
                    said.get(str(place), {"status": "lost", "problem": problem}),
                    out / str(place),
                )
                for place, (way, save_as) in enumerate(hops)
            ]

    def _carried(self, stop: Stop, hop: Hop, event: Event, folder: Path) -> Carried:
        if event["status"] != "done":
            return Carried(hop=hop, why=event["problem"])
        value = event["value"]
        if value["status"] != "saved":
            error = value["error"] or {"type": "Error", "message": "nothing was said"}
            doing = "loading" if value["stage"] == "load" else f"saving as {hop.format}"
            return Carried(hop=hop, why=f"{doing} raised {raised(error['type'], error['message'])}")
        seen = value["seen"]
        verdict, lost = judge(checks=seen["checks"], failed=seen["error"] is not None)
        if verdict not in _WELL:
            said = next(iter(seen["details"].values()), "it is not what it was at home")
            return Carried(hop=hop, why=f"what was loaded to be saved is {verdict}: {said}")
        if not self._workshop.store.keep(folder, value["sha256"]):
            return Carried(hop=hop, why="what was saved did not come back whole")
        key = ArtifactKey(producer=hop.environment, probe=self._probe.name, format=hop.format)
        self._artifacts[value["sha256"]] = (key, self._of_the_file(value))
        done = replace(hop, way=replace(hop.way, lost=lost))
        return Carried(
            hop=done, stop=Stop(sha256=value["sha256"], format=hop.format, hops=(*stop.hops, done))
        )

    def _of_the_file(self, record: Mapping[str, Any]) -> Mapping[str, Any]:
        """A hop's record. It is still of a user's file: nothing may ask for code that did not come with it."""
        first = self._artifacts[self.start.sha256][1].get("facts", {})
        known = {name: first[name] for name in ("adopted", "code") if name in first}
        return {**record, "facts": {**record.get("facts", {}), **known}}

    def _plan(self, key: ArtifactKey, environment: str, remedies: bool) -> Plan:
        two = {name: self._environments[name] for name in (key.producer, environment)}
        return Plan(
            environments=in_order(two.values()),
            locks={name: self._workshop.lock(item) for name, item in two.items() if item.locked},
            probes=(self._probe,),
            formats=(key.format,),
            remedies=remedies,
        )

    def _journal(self, adopted: Adopted) -> None:
        """Let the producer's journal say that it saved this one. It is written anew for each, and holds one."""
        key, sha256 = adopted.key, adopted.record["sha256"]
        if any(event.get("sha256") == sha256 for event in self._workshop.store.events(key.producer, "save")):
            return
        task = Task(environment=key.producer, phase="save", artifacts=(key,))
        with self._workshop.store.journal(task) as journal:
            journal.write(header(adopted.plan, task, self._workshop.engine.name))
            told = {"event": "cell", "key": vars(key), "status": "done", "value": dict(adopted.record)}
            journal.write({**told, "output": "", "seconds": 0.0, "attempts": 1, "sha256": sha256})


def _ways(cell: CellResult, told: Mapping[str, Mapping[str, Any]], symptoms: Symptoms) -> tuple[Way, ...]:
    """What predicts the same there, the plain load first of those that lose as little."""
    found = []
    if cell.verdict in _WELL:
        place = replace(by_hand.place_of(symptoms), misnamed=False)
        found.append(Way(lost=cell.lost, code=fill(_PLAINLY.get(symptoms.format, _PLAINLY["whole"]), place)))
    for tried in cell.remedies:
        item = remedy(tried.id)
        if tried.verified and tried.id in told and not tried.environment and item is not None:
            code = _BY_THIS if by_hand.is_command(tried.code) else tried.code or plain(item)
            found.append(Way(id=tried.id, do=told[tried.id], lost=tried.lost, edits=tried.edits, code=code))
    return tuple(sorted(found, key=lambda way: len(way.lost)))


def _why(cell: CellResult, titles: Mapping[str, str]) -> str:
    """Why a cell is not identical, in a line."""
    if cell.verdict is Verdict.IDENTICAL:
        return ""
    if cell.verdict is Verdict.DEGRADED:
        return f"lost: {', '.join(cell.lost)}"
    said = raised(cell.error.type, cell.error.message) if cell.error else ""
    title = titles.get(cell.cause, "") if cell.cause != "unclassified" else ""
    told = cell.telling or said or next(iter(cell.details.values()), "")
    return f"{title}: {told}" if title and told else title or told
