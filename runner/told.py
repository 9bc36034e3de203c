"""What the journal of one task says, by kind of event; what does not hold for the plan any more is left out.

A journal goes on from run to run. Each begins a section with all that what follows depends on, so that what was found
out once holds until something of that changes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from environments.spec import Environment
from runner.journal import Event
from runner.kept import sound
from runner.plan import ArtifactKey, Phase, Plan
from runner.provenance import stale
from runner.store import Store

#: How a cell may end for reasons around it, such as a busy machine. That is believed the second time.
_DOUBTED = ("timed_out", "crashed")


@dataclass(frozen=True, kw_only=True)
class Told:
    """One task's journal."""

    #: Of the last section that holds.
    head: Event = field(default_factory=dict)
    ready: Event = field(default_factory=dict)
    provisioned: Event = field(default_factory=dict)
    unavailable: str = ""
    problem: str = ""
    #: Why none of it holds any more.
    stale: str = ""
    #: Artifact -> its event, the last one where there are several.
    cells: Mapping[ArtifactKey, Event] = field(default_factory=dict)
    #: Artifact -> when the section began that its event is in.
    since: Mapping[ArtifactKey, str] = field(default_factory=dict)
    #: Cells that ended once as a busy machine ends them.
    doubtful: frozenset[ArtifactKey] = frozenset()
    #: Artifact -> the remedies that were tried, in order.
    remedies: Mapping[ArtifactKey, Mapping[str, Event]] = field(default_factory=dict)
    #: Artifact -> what identifies the remedies that were asked for, where all of them were tried.
    tried: Mapping[ArtifactKey, str] = field(default_factory=dict)
    #: Artifact -> by what causes and remedies those were chosen (``judging_sha256``).
    judged: Mapping[ArtifactKey, str] = field(default_factory=dict)
    #: Artifacts of which something is told by another source of their probe.
    changed: frozenset[ArtifactKey] = frozenset()
    #: Artifact -> why what was saved is not there.
    lost: Mapping[ArtifactKey, str] = field(default_factory=dict)


def read(plan: Plan, store: Store, environment: Environment, phase: Phase) -> Told:
    """The journal of an environment's save or load task."""
    return store.once(environment.id, phase, plan, lambda: _read(plan, store, environment, phase))


def _read(plan: Plan, store: Store, environment: Environment, phase: Phase) -> Told:
    found = _Reading(plan, environment)
    for event in store.events(environment.id, phase):
        if sound(event, phase):
            found.take(event)
    return found.told()


def heads(store: Store, environments: Iterable[Environment]) -> tuple[Event, ...]:
    """What begins each section of the journals of these environments, whether it holds for any plan or not."""
    phases: tuple[Phase, ...] = ("save", "load")
    return tuple(
        event
        for item in environments
        for phase in phases
        for event in store.events(item.id, phase)
        if event.get("event") == "task" and sound(event, phase)
    )


def saved_artifacts(plan: Plan, store: Store, keys: Iterable[ArtifactKey]) -> dict[ArtifactKey, str]:
    """Which of these were saved for this plan and are in the store, with their sha256."""
    return {key: value["sha256"] for key, value in saved_values(plan, store, keys).items()}


def saved_values(plan: Plan, store: Store, keys: Iterable[ArtifactKey]) -> dict[ArtifactKey, dict[str, Any]]:
    """What was told of each of these when it was saved for this plan, and its seconds, if it is in the store."""
    wanted = set(keys)
    found: dict[ArtifactKey, dict[str, Any]] = {}
    for producer in sorted({key.producer for key in wanted}):
        for key, event in read(plan, store, plan.environment(producer), "save").cells.items():
            value = event.get("value") or {}
            if key in wanted and value.get("status") == "saved" and store.has(value["sha256"]):
                found[key] = {**value, "seconds": event["seconds"]}
    return found


class _Reading:
    """The journal as far as it has been read."""

    def __init__(self, plan: Plan, environment: Environment) -> None:
        self._plan, self._environment = plan, environment
        self._probes = {probe.name: probe.sha256 for probe in plan.probes}
        self._stale = self._unavailable = self._problem = self._engine = ""
        #: The section that is being read; None while it does not hold.
        self._section: Event | None = None
        self._changed: set[ArtifactKey] = set()
        self._forget()

    def _forget(self, head: Event | None = None) -> None:
        self._single: dict[str, Event] = {"head": head} if head else {}
        self._cells: dict[ArtifactKey, Event] = {}
        self._since: dict[ArtifactKey, str] = {}
        self._doubtful: dict[ArtifactKey, int] = {}
        self._remedies: dict[ArtifactKey, dict[str, Event]] = {}
        self._tried: dict[ArtifactKey, str] = {}
        self._judged: dict[ArtifactKey, str] = {}
        self._lost: dict[ArtifactKey, str] = {}

    def take(self, event: Event) -> None:
        """One event more."""
        kind = event.get("event")
        if kind == "task":
            self._begin(event)
        elif self._section is None:
            return
        elif kind == "provisioned":
            before = self._single.get("provisioned", {}).get("base_digest", "")
            if before and event["base_digest"] not in ("", before):
                self._forget(self._section)  # what was found on another base says nothing of this one
            self._single["provisioned"] = event
        elif kind == "ready":
            self._single["ready"] = event
        elif kind == "unavailable":
            self._unavailable = str(event["message"])
        elif kind == "broken":
            error = event["error"]
            self._unavailable = f"Its framework cannot be imported: {error['type']}: {error['message']}"
        elif kind == "ended":
            self._problem = str(event.get("problem", ""))
        elif kind in ("cell", "remedy", "tried", "lost"):
            key = ArtifactKey(**event["key"])
            source = self._section.get("probes", {}).get(key.probe)
            if key.probe in self._probes and source == self._probes[key.probe]:
                self._about(str(kind), key, event)
            elif source:
                self._changed.add(key)

    def told(self) -> Told:
        """What the whole of it says."""
        nothing = not self._single and not self._cells
        return Told(
            head=self._single.get("head", {}),
            ready=self._single.get("ready", {}),
            provisioned=self._single.get("provisioned", {}),
            unavailable=self._unavailable,
            problem=self._problem,
            stale=self._stale if nothing else "",
            cells=self._cells,
            since=self._since,
            doubtful=frozenset(key for key, times in self._doubtful.items() if times == 1),
            remedies=self._remedies,
            tried=self._tried,
            judged=self._judged,
            changed=frozenset(self._changed),
            lost=self._lost,
        )

    def _begin(self, head: Event) -> None:
        reason = stale(self._plan, self._environment, head)
        if self._engine not in ("", head["engine"]):
            self._forget()
        elif head.get("fresh"):
            self._renew(head)
        self._engine = head["engine"]
        self._section = None if reason else head
        self._stale = reason or self._stale
        self._unavailable = self._problem = ""
        if not reason:
            self._single["head"] = head

    def _renew(self, head: Event) -> None:
        """Forget what a section that runs all anew is about; a run of less leaves the rest as it is."""
        of_cells = (
            *(self._cells, self._since, self._doubtful, self._lost),
            *(self._remedies, self._tried, self._judged),
        )
        for key in {key for known in of_cells for key in known}:
            about = (("probes", key.probe), ("formats", key.format), ("producers", key.producer))
            if all(name in head.get(names, (name,)) for names, name in about):
                for known in of_cells:
                    known.pop(key, None)

    def _about(self, kind: str, key: ArtifactKey, event: Event) -> None:
        if kind == "lost":
            self._cells.pop(key, None)
            self._lost[key] = event["problem"]
        elif kind == "cell":
            same = key in self._cells and self._cells[key]["status"] == event["status"]
            doubted = event["status"] in _DOUBTED and not event.get("looping")
            self._doubtful[key] = (self._doubtful.get(key, 0) if same else 0) + 1 if doubted else 0
            self._cells[key] = event
            self._since[key] = str((self._section or {}).get("started", ""))
            self._lost.pop(key, None)
            self._remedies.pop(key, None)
            self._tried.pop(key, None)
            self._judged.pop(key, None)
        elif kind == "remedy":
            others = self._remedies.setdefault(key, {})
            if any(other.get("asked") != event.get("asked") for other in others.values()):
                others.clear()  # what is tried there has changed since
            others[event["id"]] = event
        else:
            self._tried[key] = str(event.get("asked", ""))
            self._judged[key] = str(event.get("judged", ""))
