"""Engines bring an environment to life and run the agent in it.

An engine knows nothing about models. It provisions a lock on a base and carries out a :class:`Job`: put files
in, run one Python script, hand out its standard output line by line, bring files back. A job may be a dialogue:
started once, it is told one line after another, and gets the files that each of them is about.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Protocol

from environments.lock import Lock
from environments.spec import Environment


@dataclass(frozen=True, kw_only=True)
class Ready:
    """An environment that can start: what :meth:`Engine.provision` gives and :meth:`Engine.execute` takes."""

    environment: Environment
    engine: str
    #: The image reference, or the path of the host's Python.
    base: str
    #: ``sha256:…`` of the image; empty where there is none.
    base_digest: str
    #: The Python to start, as the engine sees it.
    python: str
    #: True when GPUs were asked of the daemon and the daemon has them.
    gpus: bool = False


@dataclass(frozen=True, kw_only=True)
class Job:
    """One Python script to run in an environment, with the files it reads and writes.

    The script sees a folder ``in/`` that holds ``inputs`` and an empty folder ``out/``; it is started as
    ``python in/<script> in/<arguments[0]> … out``. What it leaves in ``out/`` ends up in ``outputs``.
    """

    #: Unique and stable; container names come from it.
    key: str
    script: str
    arguments: tuple[str, ...] = ()
    #: Path under ``in/`` -> file or folder on this machine.
    inputs: Mapping[str, Path] = field(default_factory=dict)
    #: Folder on this machine that receives ``out/``; created when it does not exist.
    outputs: Path
    #: The job is ended when it prints nothing for this many seconds.
    stall: float
    #: Bytes of memory for the whole job, one cell and the agent together.
    memory: int
    #: True: standard input stays open for :meth:`Running.tell`. It ends with this process, however that ends.
    dialogue: bool = False


@dataclass(frozen=True, kw_only=True)
class Exit:
    """How a job ended. ``problem`` is a sentence when the script did not end by itself with status 0."""

    status: int
    problem: str = ""
    #: The end of what the script wrote to standard error.
    stderr: str = ""


class Running(Protocol):
    """A job under way. Only one thread at a time may use it."""

    def hear(self) -> str | None:
        """Wait for the next line of standard output; None once the job has ended.

        The job is ended when it prints nothing for ``Job.stall`` seconds of waiting. Raises Interrupted when
        ``cancel`` is set.
        """

    def put(self, inputs: Mapping[str, Path]) -> None:
        """Put more files into ``in/``, in the place of what has their names there."""

    def tell(self, line: str) -> None:
        """Write a line of at most 4000 bytes to standard input of a dialogue; lost where the job has ended."""

    def collect(self) -> None:
        """Bring what is in ``out/`` until now to ``Job.outputs``, while the job waits. It may stay in ``out/``."""

    @property
    def exit(self) -> Exit:
        """How the job ended; for when :meth:`Engine.start` has been left."""


class Engine(Protocol):
    """Where environments come to life."""

    name: str
    #: One sentence for the page and the terminal on how far this engine isolates model code.
    isolation: str

    def provision(self, environment: Environment, lock: Lock | None, *, log: Path, cancel: Event) -> Ready:
        """Make the environment, or find it made. Everything said on the way is appended to ``log``.

        Raises EnvironmentUnavailable when it cannot be made, Interrupted when ``cancel`` is set meanwhile.
        """

    def digest(self, environment: Environment) -> str:
        """What ``Ready.base_digest`` would be, of the base as it is here; empty where that is not known.

        For whoever asks whether anything has to be started: nothing is started or fetched for it.
        """

    def start(self, ready: Ready, job: Job, *, cancel: Event) -> AbstractContextManager[Running]:
        """Start the job, to be heard and told things. Leaving ends it and brings ``out/`` back, however it ended.

        Raises EnvironmentUnavailable when it cannot be started.
        """

    def execute(self, ready: Ready, job: Job, *, on_line: Callable[[str], None], cancel: Event) -> Exit:
        """Run the job to its end; ``on_line`` gets each line of standard output as it is written.

        Raises EnvironmentUnavailable when it cannot be started, Interrupted (with nothing left running)
        when ``cancel`` is set.
        """

    def remove(self, environment: Environment, lock: Lock, *, log: Path, cancel: Event) -> bool:
        """Remove what :meth:`provision` made for this lock; False when there was nothing."""

    def close(self) -> None:
        """End and remove whatever this engine still has running."""


def heard(job: AbstractContextManager[Running], on_line: Callable[[str], None]) -> Exit:
    """Hear a started job to its end."""
    with job as running:
        while (line := running.hear()) is not None:
            on_line(line)
    return running.exit
