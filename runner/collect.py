"""From the journals of a plan's tasks to its results. A pure reading: nothing is run, nothing is written.

Every artifact and every cell of the plan is in the results: what has no event is ``not_run``.
"""

from collections.abc import Mapping
from typing import Any

from runner.agent.capabilities import FORMATS
from runner.causes import meaning
from runner.description import earlier
from runner.diagnosis import Diagnosis, diagnose
from runner.environment_results import environment_result
from runner.journal import Event
from runner.plan import ArtifactKey, CellKey, Plan
from runner.remedies import by_hand
from runner.remedies.data import meanings
from runner.remedies.legacy import legacy
from runner.results import (
    CHECKS,
    ArtifactResult,
    CellResult,
    Failure,
    Format,
    Probe,
    Remedy,
    Results,
    Run,
    Verdict,
)
from runner.store import Store
from runner.symptoms import Stack, Symptoms, of_load, of_save, stack_of
from runner.told import Told, read
from runner.tolerances import TOLERANCES


def collect(plan: Plan, store: Store, run: Run, *, unavailable: Mapping[str, str] | None = None) -> Results:
    """The results of a plan as far as its tasks have come.

    ``unavailable`` names environments that could not even be locked, with the reason.
    """
    known = dict(unavailable or {})
    saves = {item.id: read(plan, store, item, "save") for item in plan.environments}
    loads = {item.id: read(plan, store, item, "load") for item in plan.environments}
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
    stacks = {
        item.id: stack_of(plan, item.id, (loads[item.id].ready or saves[item.id].ready).get("facts"))
        for item in plan.environments
    }
    artifacts = {
        key: _artifact(plan, key, saves[key.producer], known, stacks[key.producer])
        for key in plan.artifacts()
    }
    cells = tuple(
        _cell(plan, key, artifacts[key.artifact], saves, loads[key.consumer], known, stacks, run)
        for key in plan.cells()
    )
    return explained(
        legacy(
            Results(
                run=run.model_copy(update={"notes": tuple(notes)}),
                environments=tuple(
                    environment_result(plan, item, saves[item.id], loads[item.id], known, run)
                    for item in plan.environments
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
        )
    )


def explained(results: Results) -> Results:
    """The results with what their causes and remedies mean, so that a report needs nothing else."""
    causes = dict.fromkeys(cell.cause for cell in results.cells if cell.cause)
    tried = {remedy.id for cell in results.cells for remedy in cell.remedies}
    return results.model_copy(
        update={
            "causes": tuple(meaning(cause) for cause in causes),
            "remedies": tuple(item for item in meanings() if item.id in tried),
        }
    )


def _artifact(
    plan: Plan, key: ArtifactKey, journal: Told, unavailable: Mapping[str, str], producer: Stack
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
    if event["status"] != "done" or event["value"]["status"] == "save_failed":
        base |= _why_so(diagnose(of_save(plan, key, event, producer)))
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
    plan: Plan,
    key: CellKey,
    artifact: ArtifactResult,
    saves: Mapping[str, Told],
    told: Told,
    unavailable: Mapping[str, str],
    stacks: Mapping[str, Stack],
    run: Run,
) -> CellResult:
    """What became of loading it: ``told`` is the consumer's journal; what it says from before ``run`` is reused."""
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
        why = {name: getattr(artifact, name) for name in ("cause", "signature", "telling")}
        base |= _age(saves[key.producer], key.artifact, run)
        return CellResult(**base, verdict=Verdict(artifact.status), error=artifact.error, **why)
    if not plan.loads(key.format, key.consumer):
        return CellResult(
            **base, verdict=Verdict.UNSUPPORTED, details={"load": _NO_FORMAT.format(key.consumer)}
        )
    event = told.cells.get(key.artifact)
    if event is None or event.get("sha256") != artifact.sha256:
        verdict = Verdict.UNAVAILABLE if key.consumer in unavailable else Verdict.NOT_RUN
        reason = unavailable.get(key.consumer, "") or told.lost.get(key.artifact, "") or _why(told, "loaded")
        return CellResult(**base, verdict=verdict, error=_infrastructure(verdict, reason))
    saved = saves[key.producer].cells[key.artifact]["value"]
    ends = stacks[key.producer], stacks[key.consumer]
    symptoms = of_load(plan, key.artifact, saved, event, *ends, told.cells)
    base |= {
        "seconds": event.get("seconds", 0.0),
        "output": event.get("output", ""),
        "attempts": event.get("attempts", 1),
        "verdict": symptoms.verdict,
        "lost": symptoms.lost,
        "error": symptoms.error,
        "remedies": tuple(
            _remedy(of_load(plan, key.artifact, saved, tried, *ends, told.cells), tried, key.consumer)
            for tried in told.remedies.get(key.artifact, {}).values()
            if tried.get("sha256") == artifact.sha256
        ),
        **_why_so(diagnose(symptoms)),
    }
    base |= _age(told, key.artifact, run)
    if event["status"] != "done":
        return CellResult(**base)
    value = event["value"]
    beyond = "not_run" if symptoms.verdict in (Verdict.LOAD_FAILED, Verdict.NOT_RUN) else "not_applicable"
    return CellResult.model_validate(
        base
        | {
            "checks": {name: value["checks"].get(name, beyond) for name in CHECKS},
            **{name: value[name] for name in ("details", "max_abs_diff", "warnings")},
        }
    )


def _age(told: Told, key: ArtifactKey, run: Run) -> dict[str, Any]:
    """What a cell says of when it was run, where that was for an earlier run."""
    since = told.since.get(key, "")
    return {"cached": True, "ran": since} if earlier(since, run) else {}


def _remedy(symptoms: Symptoms, event: Event, consumer: str) -> Remedy:
    """A remedy as it came out; its own verdict is by the same checks."""
    error, value = symptoms.error, event.get("value") or {}
    edits = tuple(value.get("edits", ()))
    return Remedy(
        id=event["id"],
        verdict=symptoms.verdict,
        lost=symptoms.lost,
        edits=edits,
        telling=diagnose(symptoms).telling,
        error=error and error.model_copy(update={"traceback": ""}),
        code=by_hand.code(
            event["id"],
            symptoms,
            edits,
            compiled=value.get("compiled"),
            state_order=value.get("state_order", ""),
            environment=consumer,
        ),
        seconds=event.get("seconds", 0.0),
    )


def _why_so(diagnosis: Diagnosis) -> dict[str, str]:
    return {"cause": diagnosis.cause, "signature": diagnosis.signature, "telling": diagnosis.telling}


_NO_FORMAT = "This format does not exist in {}."


def _why(journal: Told, phase: str) -> str:
    """Why a task has no word of something; empty where it just was not run."""
    return f"What was {phase} earlier is left out: {journal.stale}." if journal.stale else journal.problem


def _infrastructure(kind: str, message: str) -> Failure | None:
    return Failure(type=str(kind), message=message) if message else None
