"""What need not be run again: everything that a verdict depends on is as it was when it was found.

The lock, the base, the engine, the checks, a probe's source, the limits of a cell and what was saved: all of it is
in the journal, section by section; see :mod:`runner.told`.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from runner.journal import Event
from runner.plan import ArtifactKey, Plan, Task
from runner.provenance import judging_sha256
from runner.store import Store
from runner.told import Told, read
from runner.trying import Remedies, identity, worth_trying


@dataclass(frozen=True, kw_only=True)
class Todo:
    """One task: what is known of it, and what is left."""

    #: Cells that hold, with their events.
    known: Mapping[ArtifactKey, Event] = field(default_factory=dict)
    #: What the environment turned out to be; empty while it never ran.
    facts: Mapping[str, Any] = field(default_factory=dict)
    #: Cells to run, each with the reason.
    cells: Mapping[ArtifactKey, str] = field(default_factory=dict)
    #: Cells that hold, in which remedies are left to try.
    remedies: Mapping[ArtifactKey, Remedies] = field(default_factory=dict)
    #: Whether all that was known before is to be forgotten.
    fresh: bool = False
    #: Whether the journal ends with the environment not being there.
    unavailable: bool = False

    @property
    def nothing(self) -> bool:
        """Whether the environment need not be started."""
        return not self.cells and not self.remedies

    @property
    def reasons(self) -> Counter[str]:
        """Why anything runs -> for how many cells."""
        counted = Counter(self.cells.values())
        if self.remedies:
            counted["remedies have not been tried there"] += len(self.remedies)
        return counted


def todo(
    plan: Plan,
    task: Task,
    store: Store,
    saved: Mapping[ArtifactKey, Mapping[str, Any]],
    *,
    engine: str = "",
    base_digest: str = "",
    fresh: bool = False,
) -> Todo:
    """What is left of a task. ``saved`` is what was told of the artifacts that it loads; none for a save task.

    ``engine`` and ``base_digest`` are where it would run, as far as that is known. With ``fresh`` all of it is left.
    """
    told = read(plan, store, plan.environment(task.environment), task.phase)
    moved = _moved(told, engine, base_digest)
    if fresh or moved:
        why = "all is run anew, as was asked" if fresh else moved
        return Todo(cells={key: why for key in task.artifacts if _wanted(task, key, saved)}, fresh=True)
    known, cells = {}, {}
    never = "it was not run before"
    if any(key not in told.cells for key in task.artifacts) and store.damaged(task.environment, task.phase):
        never = "its line in the journal is damaged"
    for key in task.artifacts:
        if _wanted(task, key, saved):
            why = _why(told, task, key, saved, store, never)
            if why:
                cells[key] = why
            else:
                known[key] = told.cells[key]
    facts = told.ready.get("facts", {})
    return Todo(
        known=known,
        facts=facts,
        cells=cells,
        remedies=_remedies(plan, task, told, facts, saved, known),
        unavailable=bool(told.unavailable),
    )


def _wanted(task: Task, key: ArtifactKey, saved: Mapping[ArtifactKey, Mapping[str, Any]]) -> bool:
    return task.phase == "save" or key in saved


def _moved(told: Told, engine: str, base_digest: str) -> str:
    """Why nothing of a journal holds where it would run now."""
    if engine and told.head and told.head.get("engine") != engine:
        return f"it was run with the {told.head.get('engine')} engine before"
    before = told.provisioned.get("base_digest", "")
    if base_digest and before and before != base_digest:
        return "its base image has changed"
    return ""


def _why(
    told: Told,
    task: Task,
    key: ArtifactKey,
    saved: Mapping[ArtifactKey, Mapping[str, Any]],
    store: Store,
    never: str,
) -> str:
    """Why a cell runs; empty where what is known of it holds. ``never`` is why where nothing is known."""
    event = told.cells.get(key)
    if event is None:
        lost = "what was saved was lost" if task.phase == "save" else "what came of it was lost"
        changed = "its probe has changed since" if key in told.changed else ""
        return told.stale or (told.lost.get(key, "") and lost) or changed or never
    if key in told.doubtful:
        return "it ran out of time or died the last time, once"
    if task.phase == "load":
        return "" if event.get("sha256") == saved[key]["sha256"] else "what it loads was saved anew"
    value = event.get("value") or {}
    if value.get("status") == "saved" and not store.has(value["sha256"]):
        return "what was saved is not in the store any more"
    return ""


def _remedies(
    plan: Plan,
    task: Task,
    told: Told,
    facts: Mapping[str, Any],
    saved: Mapping[ArtifactKey, Mapping[str, Any]],
    known: Mapping[ArtifactKey, Event],
) -> dict[ArtifactKey, Remedies]:
    """What is left to try in cells that hold. Which others run is known when those have been loaded."""
    if task.phase == "save" or not plan.remedies:
        return {}
    now = judging_sha256()
    # A broken file is judged by how the whole one fares, too.
    settled = {key for key, by in told.judged.items() if by == now and not plan.probe(key.probe).fault}
    found = worth_trying(plan, task.environment, facts, saved, known, settled=settled)
    return {key: remedies for key, remedies in found.items() if told.tried.get(key) != identity(remedies)}
