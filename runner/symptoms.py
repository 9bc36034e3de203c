"""What is known of a cell or a save that is not as it should be: all that a cause or a remedy may depend on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from runner.results import Failure, Verdict


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
    #: Read from the file: keras_version, backend, modules, classes, keys.
    facts: Mapping[str, Any] = field(default_factory=dict)
    #: The tags of the probe.
    tags: tuple[str, ...] = ()
    #: What was broken on purpose.
    fault: str = ""
