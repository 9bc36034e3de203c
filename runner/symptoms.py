"""What is known of a cell or a save that is not as it should be: all that a cause or a remedy may depend on."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from environments.spec import NIGHTLY
from runner.plan import ArtifactKey, Plan, keras_version
from runner.results import Failure, Verdict
from runner.verdicts import verdict_of


@dataclass(frozen=True, kw_only=True)
class Stack:
    """The versions on one side of a cell; empty where only running could tell."""

    tensorflow: str = ""
    #: The version of the Keras that makes the models: tf-keras' where that is in use, TensorFlow's own before 2.6.
    keras: str = ""
    python: str = ""
    backend: str = ""
    device: str = "cpu"


@dataclass(frozen=True, kw_only=True)
class Symptoms:
    """One cell, or one save (then ``consumer`` is None and the verdict is ``save_failed``)."""

    verdict: Verdict
    format: str
    producer: Stack
    consumer: Stack | None = None
    #: Read from the bytes; empty for a save that left nothing.
    actual_format: str = ""
    #: Where a failed save stopped: import, build, train, save, observe.
    stage: str = ""
    error: Failure | None = None
    #: The end of what was printed; where a process died, there is no more than that.
    output: str = ""
    warnings: tuple[str, ...] = ()
    checks: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, str] = field(default_factory=dict)
    lost: tuple[str, ...] = ()
    #: Read from the file: keras_version, backend, modules, classes.
    facts: Mapping[str, Any] = field(default_factory=dict)
    #: The tags of the probe.
    tags: tuple[str, ...] = ()
    #: What was broken on purpose.
    fault: str = ""


def stack_of(plan: Plan, environment: str, facts: Mapping[str, Any] | None = None) -> Stack:
    """The versions of an environment: as it was found when it ran, else as its lock says."""
    spec, lock = plan.environment(environment), plan.locks.get(environment)
    packages = dict(lock.packages) if lock else {}
    found = facts or {}
    locked = next((packages[name] for name in _TENSORFLOWS if name in packages), "")
    typed = spec.tensorflow if spec.tensorflow and spec.tensorflow != NIGHTLY else ""
    return Stack(
        tensorflow=found.get("tensorflow") or locked or typed,
        keras=plain_version(found.get("keras") or keras_version(spec, lock)),
        python=found.get("python") or spec.python,
        backend=found.get("backend") or spec.backend,
        device=spec.device,
    )


def plain_version(version: str) -> str:
    """A version without the ``-tf`` that the Keras inside TensorFlow had before 2.4; with it, it is no version."""
    return version.removesuffix("-tf")


_TENSORFLOWS = ("tensorflow-cpu", "tensorflow", "tf-nightly-cpu", "tf-nightly")


def of_save(plan: Plan, key: ArtifactKey, event: Mapping[str, Any], producer: Stack) -> Symptoms:
    """The symptoms of a save that failed, from the agent's event."""
    probe = plan.probe(key.probe)
    value = event.get("value") or {}
    return Symptoms(
        verdict=Verdict.SAVE_FAILED,
        format=key.format,
        producer=producer,
        stage=value.get("stage", ""),
        error=_failure(event),
        output=event.get("output", ""),
        warnings=tuple(value.get("warnings", ())),
        tags=probe.tags,
        fault=probe.fault,
    )


def of_load(
    plan: Plan,
    key: ArtifactKey,
    saved: Mapping[str, Any],
    event: Mapping[str, Any],
    producer: Stack,
    consumer: Stack,
    loaded: Mapping[ArtifactKey, Mapping[str, Any]],
) -> Symptoms:
    """The symptoms of a load, or of a remedy in its place, from the agent's event and what the save had told.

    ``loaded`` has the other loads of this consumer: a fault is to blame only where the unbroken file does better.
    """
    probe = plan.probe(key.probe)
    value = event.get("value") or {}
    verdict, lost = verdict_of(event)
    unbroken = loaded.get(replace(key, probe=probe.unbroken)) if probe.fault else None
    blamed = unbroken is None or verdict_of(unbroken)[0] in (Verdict.IDENTICAL, Verdict.DEGRADED)
    return Symptoms(
        verdict=verdict,
        format=key.format,
        producer=producer,
        consumer=consumer,
        actual_format=saved.get("actual_format", ""),
        error=_failure(event),
        output=event.get("output", ""),
        warnings=tuple(value.get("warnings", ())),
        checks=value.get("checks", {}),
        details=value.get("details", {}),
        lost=lost,
        facts=saved.get("facts", {}),
        tags=probe.tags,
        fault=probe.fault if blamed else "",
    )


def _failure(event: Mapping[str, Any]) -> Failure | None:
    """What was raised, or how the process ended."""
    if event["status"] != "done":
        return Failure(type=event["status"], message=event["problem"])
    error = event["value"]["error"]
    return Failure.model_validate(error) if error else None
