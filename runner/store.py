"""The state folder: artifacts by content, and the journals of tasks.

``artifacts/`` is all that has to be carried to another machine: what was saved, by its sha256, and a journal for
each task, by environment and phase. Files of different machines never collide, so carrying is copying.
"""

import contextlib
import fcntl
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

from environments import files
from environments.errors import InfrastructureError, UsageError
from runner import journal
from runner.agent.sniff import digest_of
from runner.journal import Event, Journal
from runner.plan import Phase, Plan, Task

_Value = TypeVar("_Value")

_SHA256 = re.compile(r"[0-9a-f]{64}")
#: Bytes of a journal that is kept in memory once it is read.
_REMEMBERED = 8_000_000


class Store:
    """Everything below one state folder."""

    def __init__(self, root: Path, *, journals: str = "artifacts") -> None:
        self.root = root.absolute()
        self.artifacts = self.root / "artifacts"
        self._journals = self.root / journals
        self.logs = self.root / "logs"
        self.scratch = self.root / "work"
        #: Artifacts that were found whole by this process.
        self._whole: set[str] = set()
        #: Journal -> the state it was in, for whom it was read, and what that gave.
        self._remembered: dict[Path, tuple[tuple[int, int], Plan, Any]] = {}

    def object(self, sha256: str) -> Path:
        """Where an artifact with that content is, or would be."""
        return self.artifacts / "objects" / sha256[:2] / sha256

    def has(self, sha256: str) -> bool:
        """Whether an artifact with that content is here. Journals come from elsewhere too: any text may be asked."""
        return _SHA256.fullmatch(sha256) is not None and self.object(sha256).is_dir()

    def weed(self, digests: Iterable[str]) -> frozenset[str]:
        """Look through artifacts before they are loaded: a disk may have changed them, or cut them off.

        Those that are not what their name says are removed, and given; they are saved anew.
        """
        gone = set()
        for sha256 in sorted(set(digests) - self._whole):
            folder = self.object(sha256)
            if is_plain(folder) and digest_of(str(folder))[0] == sha256:
                self._whole.add(sha256)
            else:
                gone.add(sha256)
                with contextlib.suppress(FileNotFoundError):  # another task has seen it too
                    _remove(folder)
        return frozenset(gone)

    def keep(self, folder: Path, sha256: str) -> bool:
        """Take in what a producer saved; False when the folder does not hold that content.

        A folder with links or special files in it is not taken: they would lead out of the store.
        """
        if not is_plain(folder) or digest_of(str(folder))[0] != sha256:
            return False
        target = self.object(sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            folder.replace(target)
        except OSError:
            # The same was saved before. It may have been damaged since; else something is wrong.
            if not target.is_dir():
                raise
            if self.weed([sha256]):
                folder.replace(target)
        self._whole.add(sha256)
        return True

    def journal_path(self, environment: str, phase: Phase) -> Path:
        """Where the journal of a task is."""
        return self._journals / phase / f"{environment}.jsonl"

    def journal(self, task: Task, *, onwards: bool = False) -> Journal:
        """A new journal for a task, in the place of an older one; ``onwards``, the older one goes on."""
        return Journal(self.journal_path(task.environment, task.phase), onwards=onwards)

    def events(self, environment: str, phase: Phase) -> Iterator[Event]:
        """What the tasks of that environment and phase wrote, the oldest first."""
        return journal.read(self.journal_path(environment, phase))

    def once(self, environment: str, phase: Phase, whom: Plan, read: Callable[[], _Value]) -> _Value:
        """What ``read`` gives of a journal for ``whom``; asked again, the same, until the journal is written to."""
        path = self.journal_path(environment, phase)
        try:
            found = path.stat()
        except FileNotFoundError:
            return read()
        state = (found.st_mtime_ns, found.st_size)
        then, asker, value = self._remembered.get(path, (None, None, None))
        if then == state and asker is whom:
            return cast(_Value, value)
        value = read()
        if found.st_size <= _REMEMBERED:
            self._remembered[path] = (state, whom, value)
        return value

    def damaged(self, environment: str, phase: Phase) -> bool:
        """Whether something of what those tasks wrote is not as it was written."""
        return journal.damaged(self.journal_path(environment, phase))

    def log(self, environment: str) -> Path:
        """Where all is kept that is said while an environment is made."""
        return self.logs / f"provision-{environment}.log"

    def producers(self) -> tuple[str, ...]:
        """Environments that something was saved in."""
        return tuple(sorted(path.stem for path in (self._journals / "save").glob("*.jsonl")))

    @contextmanager
    def folder(self, prefix: str) -> Iterator[Path]:
        """A scratch folder that is removed afterwards."""
        self.scratch.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=self.scratch))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what a killed process left in the scratch folder. For whoever holds ``run`` alone."""
        with contextlib.suppress(UsageError), self.claimed("reproduce"):
            shutil.rmtree(self.scratch, ignore_errors=True)

    @contextmanager
    def claimed(self, what: str, *, shared: bool = False) -> Iterator[None]:
        """Hold ``what`` (``run``, or a task's key) for this process alone, or with others who share it.

        Raises UsageError when another process holds it. The lock is the kernel's and ends with the process.
        """
        path = self.root / "locks" / f"{what}.lock"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            stream = path.open("a+", encoding="utf-8")
        except OSError as error:
            raise InfrastructureError(
                f"The state folder {self.root} cannot be written: {error.strerror}. "
                "Free some space, or name another one with --state."
            ) from error
        with stream:
            try:
                fcntl.flock(stream, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            except BlockingIOError:
                stream.seek(0)
                holder = stream.read().strip() or "unknown"
                on = " on the same model file" if what.startswith("model-") else f" on {what}"
                raise UsageError(
                    f"Another crossload (process {holder}) is at work{'' if what == 'run' else on} in {self.root}. "
                    "Wait for it, or give this one a folder of its own: --state DIR --site DIR"
                ) from None
            stream.truncate(0)
            stream.write(str(os.getpid()))
            stream.flush()
            yield


def _remove(folder: Path) -> None:
    """Remove an artifact so that at no moment half of it is in its place."""
    beside = folder.with_name(f".{folder.name}.gone")
    shutil.rmtree(beside, ignore_errors=True)
    folder.replace(beside)
    shutil.rmtree(beside, ignore_errors=True)


def is_plain(folder: Path) -> bool:
    """Whether this is a folder of nothing but plain files and folders."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    return all(
        stat.S_ISREG(mode) or stat.S_ISDIR(mode)
        for mode in (path.lstat().st_mode for path in folder.rglob("*"))
    )


def replace_text(path: Path, text: str) -> None:
    """Write a file beside its place, then rename. Raises InfrastructureError when it cannot be written."""
    try:
        files.replace_text(path, text)
    except OSError as error:
        raise InfrastructureError(f"{path} cannot be written: {error.strerror}.") from error
