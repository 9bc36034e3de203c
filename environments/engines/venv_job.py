"""A job as processes of this machine: its folder, what comes into it, and what goes out of it."""

import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import mkdtemp
from threading import Event

from environments.engines import Exit, Job, Ready
from environments.engines.process import Process
from environments.errors import InfrastructureError

#: Variables of the host that a job gets to see: where programs are and how text is read, nothing else.
_KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH")


class ProcessJob:
    """What :meth:`environments.engines.Engine.start` gives."""

    def __init__(self, process: Process, folder: Path, job: Job) -> None:
        self._process, self._folder, self._job = process, folder, job

    def hear(self) -> str | None:
        """The next line of standard output; None at the end."""
        return self._process.hear(self._job.stall)

    def put(self, inputs: Mapping[str, Path]) -> None:
        """Put files into the job's folder."""
        place_inputs(self._folder, inputs, self._job.script)

    def tell(self, line: str) -> None:
        """Write a line to standard input."""
        self._process.tell(line)

    def collect(self) -> None:
        """Move what is in ``out/`` to the job's outputs."""
        hand_over(self._folder / "out", self._job.outputs)
        (self._folder / "out").mkdir(exist_ok=True)

    @property
    def exit(self) -> Exit:
        """How it ended; for when it was left."""
        return self._process.exit


@contextmanager
def started(ready: Ready, job: Job, parent: Path, *, cancel: Event) -> Iterator[ProcessJob]:
    """A job as a process group of its own, in a folder below ``parent`` that is removed afterwards."""
    with _folder(parent, f"{job.key}-") as folder:
        for name in ("in", "out", "tmp"):
            (folder / name).mkdir()
        place_inputs(folder, job.inputs, job.script)
        # Bytecode may be written: the first job of an environment imports a framework that nobody imported yet.
        temporary = str(folder / "tmp")
        variables = {name: os.environ[name] for name in _KEPT if name in os.environ}
        variables.update(HOME=temporary, TMPDIR=temporary, PYTHONUNBUFFERED="1")
        variables.update(ready.environment.variables)
        command = [ready.python, f"in/{job.script}", *(f"in/{word}" for word in job.arguments), "out"]
        try:
            with closing(
                Process(command, cwd=folder, variables=variables, cancel=cancel, told=job.dialogue)
            ) as process:
                yield ProcessJob(process, folder, job)
        finally:
            # Also after a kill: what was saved until then is whole, and is kept.
            hand_over(folder / "out", job.outputs)


def place_inputs(folder: Path, inputs: Mapping[str, Path], script: str) -> None:
    """Put files into ``in/``, in the place of what has their names: copied, or linked where they may be large."""
    for name, path in inputs.items():
        place = folder / "in" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.is_symlink() or place.is_file():
            place.unlink()
        if path.is_file():
            shutil.copyfile(path, place)  # a probe that is edited meanwhile is not this job's
        elif name == script:
            shutil.copytree(path, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            place.symlink_to(path.resolve())


def hand_over(out: Path, outputs: Path) -> None:
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
    folder = Path(mkdtemp(prefix=prefix, dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
