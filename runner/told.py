"""What the journal of one task says, by kind of event; what does not hold for the plan any more is left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from environments.spec import Environment
from runner.journal import Event
from runner.plan import ArtifactKey, Phase, Plan
from runner.provenance import stale
from runner.store import Store


@dataclass(frozen=True, kw_only=True)
class Told:
    """One task's journal."""

    head: Event = field(default_factory=dict)
    ready: Event = field(default_factory=dict)
    provisioned: Event = field(default_factory=dict)
    unavailable: str = ""
    problem: str = ""
    #: Why none of it holds any more.
    stale: str = ""
    #: Artifact -> its event, the last one where there are several.
    cells: Mapping[ArtifactKey, Event] = field(default_factory=dict)
    #: Artifact -> the remedies that were tried, in order.
    remedies: Mapping[ArtifactKey, Mapping[str, Event]] = field(default_factory=dict)
    #: Artifact -> why what was saved is not there.
    lost: Mapping[ArtifactKey, str] = field(default_factory=dict)


def read(plan: Plan, store: Store, environment: Environment, phase: Phase) -> Told:
    """The journal of an environment's save or load task."""
    single: dict[str, Event] = {}
    cells: dict[ArtifactKey, Event] = {}
    lost: dict[ArtifactKey, str] = {}
    remedies: dict[ArtifactKey, dict[str, Event]] = {}
    unavailable = problem = ""
    probes = {probe.name: probe.sha256 for probe in plan.probes}
    for event in store.events(environment.id, phase):
        kind = event.get("event")
        if kind == "task":
            reason = stale(plan, environment, event)
            if reason:
                return Told(stale=reason)
            single["head"] = event
        elif kind in ("ready", "provisioned"):
            single[str(kind)] = event
        elif kind == "unavailable":
            unavailable = str(event["message"])
        elif kind == "broken":
            error = event["error"]
            unavailable = f"Its framework cannot be imported: {error['type']}: {error['message']}"
        elif kind == "ended":
            problem = str(event.get("problem", ""))
        elif kind == "lost":
            key = ArtifactKey(**event["key"])
            cells.pop(key, None)
            lost[key] = event["problem"]
        elif kind in ("cell", "remedy"):
            key = ArtifactKey(**event["key"])
            if single.get("head", {}).get("probes", {}).get(key.probe) != probes.get(key.probe):
                continue
            if kind == "cell":
                cells[key] = event
                remedies.pop(key, None)
            else:
                remedies.setdefault(key, {})[event["id"]] = event
    return Told(
        head=single.get("head", {}),
        ready=single.get("ready", {}),
        provisioned=single.get("provisioned", {}),
        unavailable=unavailable,
        problem=problem,
        cells=cells,
        remedies=remedies,
        lost=lost,
    )
