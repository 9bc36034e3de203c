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
from environments.engines.walking import walk
from environments.errors import ConfigurationError, InfrastructureError

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
    """Copy files and folders into ``in/``, in the place of what has their names.

    Nothing is linked: frameworks write beside what they load (Keras 3.2 to 3.6 unpack weights there, and leave them
    where an archive is damaged), and what is edited meanwhile is not this job's.

    Raises ConfigurationError for what cannot be copied, and InfrastructureError where there is no room for it.
    """
    for name, path in inputs.items():
        place = folder / "in" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.is_dir():
            shutil.rmtree(place)
        try:
            entries = [entry for entry in walk("", path) if name != script or "__pycache__" not in entry[0]]
        except OSError as error:
            raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from error
        for below, entry, found in entries:
            target = Path(f"{place}{below}")
            if stat.S_ISDIR(found.st_mode):
                target.mkdir()
            else:
                _copy(entry, target)


def _copy(path: Path, place: Path) -> None:
    try:
        shutil.copyfile(path, place)
    except OSError as error:
        raise InfrastructureError(f"{path} cannot be copied to {place.parent}: {error.strerror}.") from error


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
