"""The venv engine: the same locks and the same agent on this machine, where there is no Docker.

It cannot shut model code in; ``isolation`` says so wherever results are shown.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Event

from environments import uv
from environments.engines import Exit, Job, Ready, Running, heard, process, pythons, venv_job
from environments.errors import (
    ConfigurationError,
    EnvironmentUnavailable,
    InfrastructureError,
    Interrupted,
)
from environments.lock import Lock
from environments.requirements import resolver_options
from environments.spec import Environment

#: Seconds that one step of making an environment may go without ending.
_LONGEST = 3600.0
_TAIL = 20_000


class VenvEngine:
    """Runs jobs as processes of this machine, in virtual environments below ``state``."""

    name = "venv"
    isolation = (
        "Model code runs as a process of this machine, with this user's rights, files and network: "
        "load only models that you trust. The docker engine shuts them in."
    )

    def __init__(self, *, state: Path) -> None:
        self._folder = state / "venvs"
        self._work = state / "work"

    def provision(self, environment: Environment, lock: Lock | None, *, log: Path, cancel: Event) -> Ready:
        """Find a Python and install the lock, unless that was done before."""
        if environment.image is not None:
            raise EnvironmentUnavailable(
                f"{environment.id} is a container image, which the venv engine cannot start. Use --engine docker.",
                lasting=True,
            )
        if lock is None:
            raise ConfigurationError(f"{environment.id} has no lock. Make it with: crossload envs lock")
        base = pythons.find(environment.python)
        target = self._place(environment, lock, base)
        with _guard(target.with_suffix(".guard"), cancel):
            if not _marker(target).exists():
                self._make(environment, lock, base, target, log, cancel)
            os.utime(_marker(target))  # when it was last used, for whoever looks for what is not
        return Ready(
            environment=environment,
            engine=self.name,
            base=f"host Python {environment.python}",  # its path would tell a published page whose machine it was
            base_digest="",
            python=str(target / "bin" / "python"),
        )

    def digest(self, environment: Environment) -> str:
        """Empty: a Python of this machine has none."""
        del environment
        return ""

    def start(self, ready: Ready, job: Job, *, cancel: Event) -> AbstractContextManager[Running]:
        """Start the job as a process group of its own, in a folder that is removed afterwards."""
        return venv_job.started(ready, job, self._work, cancel=cancel)

    def execute(self, ready: Ready, job: Job, *, on_line: Callable[[str], None], cancel: Event) -> Exit:
        """Run the job as a process group of its own, in a folder that is removed afterwards."""
        return heard(self.start(ready, job, cancel=cancel), on_line)

    def remove(self, environment: Environment, lock: Lock, *, log: Path, cancel: Event) -> bool:
        """Remove what :meth:`provision` made for this lock; False when there was nothing."""
        del log
        target = self._place(environment, lock, pythons.find(environment.python))
        with _guard(target.with_suffix(".guard"), cancel):
            there = _marker(target).exists()
            _marker(target).unlink(missing_ok=True)
            shutil.rmtree(target, ignore_errors=True)
        return there

    def close(self) -> None:
        """Nothing outlives what :meth:`start` gives."""

    def _place(self, environment: Environment, lock: Lock, base: str) -> Path:
        parts = (lock.text, environment.python, base)
        return self._folder / hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]

    def _make(
        self, environment: Environment, lock: Lock, base: str, target: Path, log: Path, cancel: Event
    ) -> None:
        shutil.rmtree(target, ignore_errors=True)
        log.parent.mkdir(parents=True, exist_ok=True)
        requirements = target.with_suffix(".txt")
        requirements.write_text(lock.text)
        python = str(target / "bin" / "python")
        program = str(uv.binary())
        # The lock names every package with its hash: the hash, not the order of indexes, decides.
        install = [
            program,
            "pip",
            "sync",
            "--python",
            python,
            "--require-hashes",
            "--allow-empty-requirements",
        ]
        install += [
            "--index-strategy",
            "unsafe-best-match",
            *resolver_options(environment),
            str(requirements),
        ]
        steps = [
            (
                [program, "venv", "--python", base or environment.python, str(target)],
                f"no Python {environment.python}",
            ),
            (install, "its packages could not be installed"),
        ]
        variables = uv.environment({"UV_NO_PROGRESS": "1", "UV_NO_CONFIG": "1"})
        for command, trouble in steps:
            said: list[str] = []
            ended = process.run(
                command,
                cwd=target.parent,
                variables=variables,
                on_line=said.append,
                stall=_LONGEST,
                cancel=cancel,
            )
            words = uv.masked("\n".join(said) + ended.stderr)
            with log.open("a", encoding="utf-8") as file:
                file.write(f"$ {uv.masked(' '.join(command))}\n{words}\n")
            if ended.status or ended.problem:
                told = uv.telling(words).rstrip(".")
                raise EnvironmentUnavailable(
                    f"{environment.id} could not be made: {trouble}. {told}. The log has all of it: {log}",
                    log=words[-_TAIL:],
                )
        _marker(target).write_text(json.dumps({"environment": environment.id, "lock": lock.sha256}))


def _marker(target: Path) -> Path:
    """Written last: without it, the folder is the rest of an attempt that did not come to its end."""
    return target / ".crossload.json"


@contextmanager
def _guard(path: Path, cancel: Event) -> Iterator[None]:
    """One process at a time makes an environment; others wait, and find it made."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = path.open("w")
    except OSError as error:
        raise InfrastructureError(f"{path} cannot be written: {error.strerror}.") from error
    with stream:
        while True:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if cancel.wait(0.1):
                    raise Interrupted("The run was interrupted.") from None
        yield
