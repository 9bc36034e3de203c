"""The plan: what is saved and loaded where. A pure function of the matrix, the locks and the probes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from packaging.version import Version

from environments.lock import Lock
from environments.spec import BUNDLED, LEGACY, NIGHTLY, Environment
from runner.agent import faults
from runner.agent.capabilities import can_load, can_save
from runner.probe_files import ProbeFile
from runner.versions import within

Phase = Literal["save", "load"]


@dataclass(frozen=True, kw_only=True, order=True)
class ArtifactKey:
    """What names an artifact."""

    producer: str
    probe: str
    format: str

    def __str__(self) -> str:
        return f"{self.producer}/{self.probe}/{self.format}"


@dataclass(frozen=True, kw_only=True, order=True)
class CellKey:
    """What names a cell."""

    producer: str
    consumer: str
    probe: str
    format: str

    @property
    def artifact(self) -> ArtifactKey:
        """The artifact that this cell loads."""
        return ArtifactKey(producer=self.producer, probe=self.probe, format=self.format)


@dataclass(frozen=True, kw_only=True)
class Task:
    """The unit of execution: one environment, one phase, the artifacts that it saves or loads."""

    environment: str
    phase: Phase
    artifacts: tuple[ArtifactKey, ...]

    @property
    def key(self) -> str:
        """Unique among the tasks of a plan; container names come from it."""
        return f"{self.phase}-{self.environment}"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """An immutable value; the same plan runs whole, task by task, or on many machines."""

    environments: tuple[Environment, ...]
    #: Environment id -> lock; without floating environments until they are resolved, and without images.
    locks: Mapping[str, Lock]
    probes: tuple[ProbeFile, ...]
    formats: tuple[str, ...]
    #: Whether work-arounds are tried in cells that are not identical.
    remedies: bool = True

    def environment(self, identifier: str) -> Environment:
        """The environment of that id; KeyError when it is not in the plan."""
        return self._environments[identifier]

    def probe(self, name: str) -> ProbeFile:
        """The probe of that name; KeyError when the plan has no such probe."""
        return self._probes[name]

    @cached_property
    def _environments(self) -> Mapping[str, Environment]:
        return {item.id: item for item in self.environments}

    @cached_property
    def _probes(self) -> Mapping[str, ProbeFile]:
        return {probe.name: probe for probe in self.probes}

    def artifacts(self) -> tuple[ArtifactKey, ...]:
        """Every artifact, those included that their producer cannot make."""
        return tuple(
            ArtifactKey(producer=producer.id, probe=probe.name, format=name)
            for producer in self.environments
            for probe in self.probes
            for name in self.formats
        )

    def cells(self) -> tuple[CellKey, ...]:
        """Every cell: each artifact in each environment."""
        return tuple(
            CellKey(producer=key.producer, consumer=consumer.id, probe=key.probe, format=key.format)
            for key in self.artifacts()
            for consumer in self.environments
        )

    def obstacle(self, key: ArtifactKey) -> str:
        """Why the producer cannot make it, in a sentence, as far as is known before anything runs; else empty."""
        environment, probe = self.environment(key.producer), self.probe(key.probe)
        if probe.adopted:
            return ""
        keras = keras_version(environment, self.locks.get(environment.id))
        if not can_save(key.format, environment.backend, keras):
            return f"This format does not exist in {key.producer}."
        if probe.formats and key.format not in probe.formats:
            return f"The probe {key.probe} is not about this format."
        return _missing(probe, environment, keras) or (
            faults.obstacle(probe.fault, key.format, keras) if probe.fault else ""
        )

    def saves(self, key: ArtifactKey) -> bool:
        """Whether the producer can make it, as far as is known before anything runs."""
        return not self.obstacle(key)

    def loads(self, format_name: str, consumer: str) -> bool:
        """Whether the consumer can try that format, as far as is known before anything runs."""
        return can_load(format_name, self.environment(consumer).backend)

    def save_task(self, environment: str) -> Task:
        """What the environment saves."""
        keys = (key for key in self.artifacts() if key.producer == environment and self.saves(key))
        return Task(environment=environment, phase="save", artifacts=tuple(keys))

    def load_task(self, environment: str, saved: Sequence[ArtifactKey]) -> Task:
        """What the environment loads, of what was saved."""
        wanted = set(self.artifacts())
        keys = (key for key in saved if key in wanted and self.loads(key.format, environment))
        return Task(environment=environment, phase="load", artifacts=tuple(keys))


def _missing(probe: ProbeFile, environment: Environment, keras: str) -> str:
    """What the environment has not and the probe needs."""
    if "tensorflow" in probe.requires and environment.backend != "tensorflow":
        return f"The probe {probe.name} needs TensorFlow."
    versions = {"keras": keras, "tensorflow": environment.tensorflow or ""}
    for name, wanted in probe.requires.items():
        if not within(versions[name], wanted, unreadable=True):  # a nightly, or an image, is tried
            return f"The probe {probe.name} needs {name} {wanted}; {environment.id} has {versions[name]}."
    return ""


def in_order(environments: Iterable[Environment]) -> tuple[Environment, ...]:
    """Oldest first, as a grid is read: by TensorFlow, then Keras 2 before 3, then the device; others at the end."""
    return tuple(sorted(environments, key=_age))


def _age(environment: Environment) -> tuple[Any, ...]:
    tensorflow, keras = environment.tensorflow, environment.keras
    words = {LEGACY: 0, BUNDLED: 2, NIGHTLY: 3}
    return (
        tensorflow is None,
        tensorflow == NIGHTLY,
        Version(tensorflow) if tensorflow and tensorflow != NIGHTLY else Version("0"),
        words.get(keras, 1),
        Version("0") if keras in words else Version(keras),
        environment.device,
        environment.id,
    )


def keras_version(environment: Environment, lock: Lock | None) -> str:
    """The version of the Keras that makes the models; empty where only running can tell (an image)."""
    packages = dict(lock.packages) if lock else {}
    if environment.keras == LEGACY:
        return packages.get("tf-keras", "") or packages.get("tf-keras-nightly", "")
    # TF 2.5 carries its Keras inside; the version is TensorFlow's.
    names = ("keras", "keras-nightly", "tensorflow-cpu", "tensorflow", "tf-nightly")
    return next((packages[name] for name in names if name in packages), "")
