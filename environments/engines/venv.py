"""The venv engine: the same locks and the same agent on this machine, where there is no Docker.

It cannot shut model code in; ``isolation`` says so wherever results are shown.
"""

import fcntl
import hashlib
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from environments import uv
from environments.engines import Exit, Job, Ready, process, pythons
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
#: Variables of the host that a job gets to see: where programs are and how text is read, nothing else.
_KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH")
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
                f"{environment.id} is a container image, which the venv engine cannot start. Use --engine docker."
            )
        if lock is None:
            raise ConfigurationError(f"{environment.id} has no lock. Make it with: crossload envs lock")
        base = pythons.find(environment.python)
        target = self._place(environment, lock, base)
        with _guard(target.with_suffix(".guard"), cancel):
            if not _marker(target).exists():
                self._make(environment, lock, base, target, log, cancel)
        return Ready(
            environment=environment,
            engine=self.name,
            base=f"host Python {environment.python}",  # its path would tell a published page whose machine it was
            base_digest="",
            python=str(target / "bin" / "python"),
        )

    def execute(self, ready: Ready, job: Job, *, on_line: Callable[[str], None], cancel: Event) -> Exit:
        """Run the job as a process group of its own, in a folder that is removed afterwards."""
        with _folder(self._work, f"{job.key}-") as folder:
            for name in ("in", "out", "tmp"):
                (folder / name).mkdir()
            for name, path in job.inputs.items():
                place = folder / "in" / name
                place.parent.mkdir(parents=True, exist_ok=True)
                if path.is_file():
                    shutil.copyfile(path, place)  # a probe that is edited meanwhile is not this job's
                elif name == job.script:
                    shutil.copytree(path, place, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    place.symlink_to(path.resolve())
            # Bytecode may be written: the first job of an environment imports a framework that nobody imported yet.
            temporary = str(folder / "tmp")
            variables = {name: os.environ[name] for name in _KEPT if name in os.environ}
            variables.update(HOME=temporary, TMPDIR=temporary, PYTHONUNBUFFERED="1")
            variables.update(ready.environment.variables)
            command = [ready.python, f"in/{job.script}", *(f"in/{word}" for word in job.arguments), "out"]
            try:
                return process.run(
                    command, cwd=folder, variables=variables, on_line=on_line, stall=job.stall, cancel=cancel
                )
            finally:
                # Also after a kill: what was saved until then is whole, and is kept.
                _hand_over(folder / "out", job.outputs)

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
        """Nothing outlives :meth:`execute`."""

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
                raise EnvironmentUnavailable(
                    f"{environment.id} could not be made: {trouble}. {uv.telling(words)} The log has all of it: {log}",
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


def _hand_over(out: Path, outputs: Path) -> None:
    """Move what a job left to where it is wanted: at once where that is on the same disk, so none fills up."""
    for path in [path for path in out.rglob("*") if not _is_ordinary(path)]:
        path.unlink()
    try:
        outputs.parent.mkdir(parents=True, exist_ok=True)
        try:
            out.rename(outputs)
        except OSError:  # another disk, or a folder that has something in it
            shutil.copytree(out, outputs, dirs_exist_ok=True, symlinks=True)
    except shutil.Error as error:
        raise InfrastructureError(f"{outputs} cannot be written: {error.args[0][0][2]}.") from error
    except OSError as error:
        raise InfrastructureError(f"{outputs} cannot be written: {error.strerror}.") from error


def _is_ordinary(path: Path) -> bool:
    """Whether this is no pipe, socket or device: reading one might wait for ever."""
    mode = path.lstat().st_mode
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode)


@contextmanager
def _folder(parent: Path, prefix: str) -> Iterator[Path]:
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
