"""What a journal's words depend on: the lock, the agent, the probes. When one moves on, they hold no longer."""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from environments.spec import Environment
from runner.journal import Event
from runner.plan import Plan, Task
from runner.tolerances import TOLERANCES

AGENT = Path(__file__).parent / "agent"


@cache
def agent_sha256() -> str:
    """Identifies the agent's code, on which every verdict depends, as it was when this process first looked."""
    return _sha256_of(AGENT.glob("*.py"))


@cache
def judging_sha256() -> str:
    """Identifies what finds causes and chooses remedies; where it is the same, so is what is worth trying."""
    folder = AGENT.parent
    return _sha256_of([*folder.glob("*.py"), *folder.glob("causes/*.*"), *folder.glob("remedies/*.*")])


def _sha256_of(paths: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def options_sha256(environment: Environment) -> str:
    """Identifies all else that a verdict may depend on: the limits of a cell, variables, tolerances."""
    options = [
        environment.timeout,
        environment.memory,
        environment.variables,
        environment.image,
        environment.base_image,
        environment.backend,
        environment.device,
        environment.gpus,
        [item.model_dump(exclude={"reason"}) for item in TOLERANCES],
    ]
    return hashlib.sha256(json.dumps(options).encode()).hexdigest()


def now() -> str:
    """The time, as journals and results state it."""
    return stated(datetime.now(UTC))


def stated(time: datetime) -> str:
    """A time of UTC as journals and results state it: ISO 8601.

    To the millisecond: a run that reuses everything may begin in the second in which the one before it did.
    """
    return time.isoformat(timespec="milliseconds")


def header(plan: Plan, task: Task, engine: str, *, fresh: bool = False) -> dict[str, Any]:
    """The first event of a journal's section: all that what follows depends on.

    ``fresh`` ends what was before, of these probes, formats and producers.
    """
    lock = plan.locks.get(task.environment)
    return {
        "event": "task",
        "environment": task.environment,
        "phase": task.phase,
        "engine": engine,
        "lock_sha256": lock.sha256 if lock else "",
        "agent_sha256": agent_sha256(),
        "options_sha256": options_sha256(plan.environment(task.environment)),
        "probes": {probe.name: probe.sha256 for probe in plan.probes},
        "formats": plan.formats,
        "producers": [item.id for item in plan.environments],
        "fresh": fresh,
        "started": now(),
    }


def stale(plan: Plan, environment: Environment, head: Event) -> str:
    """Why what a journal says does not hold for this plan any more; empty when it does."""
    lock = plan.locks.get(environment.id)
    if lock is not None and head.get("lock_sha256") != lock.sha256:
        return "its lock has changed since"
    if head.get("agent_sha256") != agent_sha256():
        return "the checks have changed since"
    if head.get("options_sha256") != options_sha256(environment):
        return "its limits or variables, or the tolerances, have changed since"
    return ""
