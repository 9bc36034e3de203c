"""From the journals of a plan's tasks to its results. A pure reading: nothing is run, nothing is written.

Every artifact and every cell of the plan is in the results: what has no event is ``not_run``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from environments.spec import Environment
from runner.agent.capabilities import FORMATS
from runner.journal import Event
from runner.plan import ArtifactKey, CellKey, Phase, Plan
from runner.provenance import stale
from runner.results import (
    CHECKS,
    ArtifactResult,
    CellResult,
    EnvironmentResult,
    Failure,
    Format,
    Probe,
    Results,
    Run,
    Verdict,
)
from runner.store import Store
from runner.tolerances import TOLERANCES
from runner.verdicts import judge


@dataclass(frozen=True, kw_only=True)
class _Journal:
    """What one task's journal says, by kind of event."""

    head: Event = field(default_factory=dict)
    ready: Event = field(default_factory=dict)
    provisioned: Event = field(default_factory=dict)
    unavailable: str = ""
    problem: str = ""
    #: Why none of it holds any more.
    stale: str = ""
    #: Artifact -> its event, the last one where there are several.
    cells: Mapping[ArtifactKey, Event] = field(default_factory=dict)
    #: Artifact -> why what was saved is not there.
    lost: Mapping[ArtifactKey, str] = field(default_factory=dict)


def collect(plan: Plan, store: Store, run: Run, *, unavailable: Mapping[str, str] | None = None) -> Results:
    """The results of a plan as far as its tasks have come.

    ``unavailable`` names environments that could not even be locked, with the reason.
    """
    known = dict(unavailable or {})
    saves = {item.id: _read(plan, store, item, "save") for item in plan.environments}
    loads = {item.id: _read(plan, store, item, "load") for item in plan.environments}
    notes = list(run.notes)
    for phase, journals in (("saved", saves), ("loaded", loads)):
        old = [name for name, journal in journals.items() if journal.stale]
        if old:
            reason = journals[old[0]].stale
            notes.append(
                f"What was {phase} earlier in {', '.join(old)} is left out: {reason}. Run it again to have it here."
            )
    for item in plan.environments:
        reason = saves[item.id].unavailable or loads[item.id].unavailable
        if reason:
            known.setdefault(item.id, reason)
    artifacts = {key: _artifact(plan, key, saves[key.producer], known) for key in plan.artifacts()}
    cells = tuple(
        _cell(plan, key, artifacts[key.artifact], loads[key.consumer], known) for key in plan.cells()
    )
    return Results(
        run=run.model_copy(update={"notes": tuple(notes)}),
        environments=tuple(
            _environment(plan, item, saves[item.id], loads[item.id], known) for item in plan.environments
        ),
        probes=tuple(
            Probe(
                name=probe.name,
                why=probe.why,
                source=probe.source,
                sha256=probe.sha256,
                tags=probe.tags,
                fault=probe.fault,
            )
            for probe in plan.probes
        ),
        formats=tuple(Format(name=name, meaning=FORMATS[name]) for name in plan.formats),
        tolerances=TOLERANCES,
        artifacts=tuple(artifacts.values()),
        cells=cells,
    )


def _read(plan: Plan, store: Store, environment: Environment, phase: Phase) -> _Journal:
    single: dict[str, Event] = {}
    cells: dict[ArtifactKey, Event] = {}
    lost: dict[ArtifactKey, str] = {}
    unavailable = problem = ""
    probes = {probe.name: probe.sha256 for probe in plan.probes}
    for event in store.events(environment.id, phase):
        kind = event.get("event")
        if kind == "task":
            reason = stale(plan, environment, event)
            if reason:
                return _Journal(stale=reason)
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
        elif kind == "cell":
            key = ArtifactKey(**event["key"])
            if single.get("head", {}).get("probes", {}).get(key.probe) == probes.get(key.probe):
                cells[key] = event
    return _Journal(
        head=single.get("head", {}),
        ready=single.get("ready", {}),
        provisioned=single.get("provisioned", {}),
        unavailable=unavailable,
        problem=problem,
        cells=cells,
        lost=lost,
    )


def _artifact(
    plan: Plan, key: ArtifactKey, journal: _Journal, unavailable: Mapping[str, str]
) -> ArtifactResult:
    """What became of saving it."""
    base: dict[str, Any] = {"producer": key.producer, "probe": key.probe, "format": key.format}
    if not plan.saves(key):
        return ArtifactResult(**base, status="unsupported")
    event = journal.cells.get(key)
    if event is None:
        status = "unavailable" if key.producer in unavailable else "not_run"
        reason = unavailable.get(key.producer, "") or journal.lost.get(key, "") or _why(journal, "saved")
        error = _infrastructure(status, reason)
        return ArtifactResult(
            **base, status="unavailable" if status == "unavailable" else "not_run", error=error
        )
    base |= {"seconds": event.get("seconds", 0.0), "output": event.get("output", "")}
    if event["status"] != "done":
        error = Failure(type=event["status"], message=event["problem"])
        return ArtifactResult(**base, status="save_failed", error=error)
    value = event["value"]
    names = [
        "status",
        "sha256",
        "bytes",
        "name",
        "actual_format",
        "files",
        "stage",
        "error",
        "warnings",
        "fault",
    ]
    return ArtifactResult.model_validate(base | {name: value[name] for name in names if name in value})


def _cell(
    plan: Plan, key: CellKey, artifact: ArtifactResult, journal: _Journal, unavailable: Mapping[str, str]
) -> CellResult:
    """What became of loading it, or of the producer before that."""
    base: dict[str, Any] = {
        "producer": key.producer,
        "consumer": key.consumer,
        "probe": key.probe,
        "format": key.format,
    }
    if artifact.status == "unsupported":
        reason = plan.obstacle(key.artifact) or artifact.fault
        return CellResult(**base, verdict=Verdict.UNSUPPORTED, details={"save": reason})
    if artifact.status != "saved":
        return CellResult(**base, verdict=Verdict(artifact.status), error=artifact.error)
    if not plan.loads(key.format, key.consumer):
        return CellResult(
            **base, verdict=Verdict.UNSUPPORTED, details={"load": _NO_FORMAT.format(key.consumer)}
        )
    event = journal.cells.get(key.artifact)
    if event is None or event.get("sha256") != artifact.sha256:
        verdict = Verdict.UNAVAILABLE if key.consumer in unavailable else Verdict.NOT_RUN
        return CellResult(
            **base,
            verdict=verdict,
            error=_infrastructure(verdict, unavailable.get(key.consumer, "") or _why(journal, "loaded")),
        )
    base |= {
        "seconds": event.get("seconds", 0.0),
        "output": event.get("output", ""),
        "attempts": event.get("attempts", 1),
    }
    if event["status"] != "done":
        error = Failure(type=event["status"], message=event["problem"])
        return CellResult(**base, verdict=Verdict(event["status"]), error=error)
    value = event["value"]
    verdict, lost = judge(checks=value["checks"], failed=value["error"] is not None)
    beyond = "not_run" if verdict in (Verdict.LOAD_FAILED, Verdict.NOT_RUN) else "not_applicable"
    return CellResult.model_validate(
        base
        | {
            "verdict": verdict,
            "lost": lost,
            "checks": {name: value["checks"].get(name, beyond) for name in CHECKS},
            **{name: value[name] for name in ("details", "max_abs_diff", "warnings", "error")},
        }
    )


_NO_FORMAT = "This format does not exist in {}."


def _why(journal: _Journal, phase: str) -> str:
    """Why a task has no word of something; empty where it just was not run."""
    return f"What was {phase} earlier is left out: {journal.stale}." if journal.stale else journal.problem


def _infrastructure(kind: str, message: str) -> Failure | None:
    return Failure(type=str(kind), message=message) if message else None


def _environment(
    plan: Plan, environment: Environment, save: _Journal, load: _Journal, unavailable: Mapping[str, str]
) -> EnvironmentResult:
    """The environment as it was found; what its lock says where it never started."""
    journals = [journal for journal in (load, save) if journal.ready]
    facts = journals[0].ready["facts"] if journals else {}
    provisioned = load.provisioned or save.provisioned
    head = load.head or save.head
    lock = plan.locks.get(environment.id)
    packages = dict(lock.packages) if lock else {}
    seconds = {
        "provision": max(save.provisioned.get("seconds", 0.0), load.provisioned.get("seconds", 0.0)),
        "import": max((journal.ready["seconds"] for journal in journals), default=0.0),
        "save": sum(event.get("seconds", 0.0) for event in save.cells.values()),
        "load": sum(event.get("seconds", 0.0) for event in load.cells.values()),
    }
    reason = unavailable.get(environment.id)
    return EnvironmentResult(
        id=environment.id,
        status="unavailable" if reason else "ready",
        error=reason,
        engine=head.get("engine", ""),
        base=provisioned.get("base", ""),
        base_digest=provisioned.get("base_digest", ""),
        python=facts.get("python", environment.python),
        tensorflow=facts.get("tensorflow", packages.get("tensorflow-cpu", packages.get("tensorflow", ""))),
        keras=facts.get("keras", ""),
        backend=facts.get("backend", environment.backend),
        device=environment.device,
        gpu_visible=facts.get("gpu_visible", False),
        devices=tuple(facts.get("devices", ())),
        lock_sha256=lock.sha256 if lock else "",
        packages=facts.get("packages", packages),
        seconds={name: round(value, 2) for name, value in seconds.items()},
    )
