"""What a journal's words depend on: the lock, the agent, the probes. When one moves on, they hold no longer."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from environments.spec import Environment
from runner.journal import Event
from runner.plan import ArtifactKey, Plan, Task
from runner.store import Store

AGENT = Path(__file__).parent / "agent"


@cache
def agent_sha256() -> str:
    """Identifies the agent's code, on which every verdict depends, as it was when this process first looked."""
    total = hashlib.sha256()
    for path in sorted(AGENT.glob("*.py")):
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def now() -> str:
    """The time as journals and results state it: ISO 8601, UTC, whole seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def header(plan: Plan, task: Task, engine: str) -> dict[str, Any]:
    """The first event of a journal: all that what follows depends on."""
    lock = plan.locks.get(task.environment)
    return {
        "event": "task",
        "environment": task.environment,
        "phase": task.phase,
        "engine": engine,
        "lock_sha256": lock.sha256 if lock else "",
        "agent_sha256": agent_sha256(),
        "probes": {probe.name: probe.sha256 for probe in plan.probes},
        "started": now(),
    }


def stale(plan: Plan, environment: Environment, head: Event) -> str:
    """Why what a journal says does not hold for this plan any more; empty when it does."""
    lock = plan.locks.get(environment.id)
    if lock is not None and head.get("lock_sha256") != lock.sha256:
        return "its lock has changed since"
    if head.get("agent_sha256") != agent_sha256():
        return "the checks have changed since"
    return ""


def saved_artifacts(plan: Plan, store: Store, keys: Iterable[ArtifactKey]) -> dict[ArtifactKey, str]:
    """Which of these were saved for this plan and are in the store, with their sha256."""
    return {key: value["sha256"] for key, value in saved_values(plan, store, keys).items()}


def saved_values(plan: Plan, store: Store, keys: Iterable[ArtifactKey]) -> dict[ArtifactKey, dict[str, Any]]:
    """What was told of each of these when it was saved for this plan, if it is in the store."""
    wanted = set(keys)
    found: dict[ArtifactKey, dict[str, Any]] = {}
    for producer in sorted({key.producer for key in wanted}):
        probes: Mapping[str, str] = {}
        for event in store.events(producer, "save"):
            kind = event["event"]
            if kind == "task":
                if stale(plan, plan.environment(producer), event):
                    break
                probes = event["probes"]
            elif kind == "cell" and (event.get("value") or {}).get("status") == "saved":
                key = ArtifactKey(**event["key"])
                same = key in wanted and probes.get(key.probe) == plan.probe(key.probe).sha256
                if same and store.has(event["value"]["sha256"]):
                    found[key] = event["value"]
            elif kind == "lost":
                found.pop(ArtifactKey(**event["key"]), None)
    return found
