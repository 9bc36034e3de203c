"""Putting together what tasks left on different machines: artifacts folders in, one state folder out.

Nothing that is here is overwritten: a task that two places tell differently is a conflict, and what stands here stays.
What nobody told is a gap. Both are said; a page is made of what is there, with the holes shown as ``not_run``.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from environments.errors import InfrastructureError, UsageError
from runner import journal
from runner.plan import ArtifactKey, Phase, Plan
from runner.store import Store, is_plain
from runner.told import Told, read

PHASES: tuple[Phase, ...] = ("save", "load")
#: How far below a folder artifacts are looked for: CI systems put those of each job into a folder of its own.
_DEPTH = 4


@dataclass(frozen=True, kw_only=True)
class Merged:
    """What became of merging."""

    #: Tasks whose journal was taken in: ``save(tf2.15.1-cpu)``.
    taken: tuple[str, ...]
    #: Journals that were here already, word for word.
    same: int
    #: Artifacts taken in.
    objects: int
    #: What was decided, in sentences.
    notes: tuple[str, ...]
    #: What could not be decided, or was refused, in sentences.
    conflicts: tuple[str, ...]


def artifact_folders(source: Path) -> tuple[Path, ...]:
    """The artifacts folders in ``source``, which may be one, a state folder, or hold several; sorted.

    Raises UsageError when there is none.
    """
    if not source.is_dir():
        raise UsageError(
            f"There is no folder {source}. Name the folders that were carried here from the jobs."
        )
    found = []
    for place, below, _ in os.walk(source):
        here = Path(place)
        if {"objects", *PHASES} & set(below):
            found.append(here)
            below.clear()
        elif len(here.relative_to(source).parts) >= _DEPTH:
            below.clear()
    if not found:
        raise UsageError(
            f"There are no artifacts in {source}: no folder there has objects/, save/ or load/ in it. Carry the "
            "folder artifacts/ of each job's state folder. (upload-artifact leaves out hidden folders such as "
            ".crossload; give the jobs another one: --state state.)"
        )
    return tuple(sorted(found))


def merge(sources: Sequence[Path], store: Store, *, newest: bool = False) -> Merged:
    """Take what is in ``sources`` into the store; doing it twice changes nothing more.

    With ``newest``, of two journals of a task the one that was started last is kept, and that is said.
    Raises UsageError where a source has nothing, InfrastructureError when the store cannot be written.
    """
    folders = [folder for source in sources for folder in artifact_folders(source)]
    work = _Merge(store, newest=newest)
    try:
        for folder in folders:
            if folder.resolve() != store.artifacts.resolve():
                work.take(folder)
    except OSError as error:
        raise InfrastructureError(
            f"Merging into {store.root} stopped: {error.strerror}. What was taken until now is whole. "
            "Free some space and merge again."
        ) from error
    return Merged(
        taken=tuple(dict.fromkeys(work.taken)),
        same=work.same,
        objects=work.objects,
        notes=tuple(work.notes),
        conflicts=tuple(work.conflicts),
    )


class _Merge:
    def __init__(self, store: Store, *, newest: bool) -> None:
        self._store, self._newest = store, newest
        self.taken: list[str] = []
        self.notes: list[str] = []
        self.conflicts: list[str] = []
        self.same = self.objects = 0

    def take(self, folder: Path) -> None:
        """One artifacts folder. Journals come last: what they speak of is then there."""
        for path in sorted((folder / "objects").glob("*/*")):
            self._object(path)
        for path in sorted((folder / "locks").glob("*.txt")):
            self._lock(path)
        for phase in PHASES:
            for path in sorted((folder / phase).glob("*.jsonl")):
                self._journal(path, phase)

    def _object(self, path: Path) -> None:
        if self._store.has(path.name):
            return
        kept = False
        if is_plain(path):  # anything else would be read without end, or lead out of the folder
            with self._store.folder("merge-") as scratch:
                kept = self._store.keep(Path(shutil.copytree(path, scratch / "object")), path.name)
        if kept:
            self.objects += 1
        else:
            self.conflicts.append(f"The artifact {path} does not hold what its name says; left out.")

    def _lock(self, path: Path) -> None:
        target = self._store.artifacts / "locks" / path.name
        if path.is_symlink() or not path.is_file():
            self.conflicts.append(f"{path} is no plain file; left out.")
        elif not target.exists():
            self._copy(path, target)
        elif target.read_bytes() != path.read_bytes():
            self.conflicts.append(
                f"{path.stem}: two places resolved it to different packages ({target} and {path}). The first stays, "
                "and what was run on the other does not hold. Resolve it once, before the jobs begin."
            )

    def _journal(self, path: Path, phase: Phase) -> None:
        task = f"{phase}({path.stem})"
        head = _head(path)
        if head.get("environment") != path.stem or head.get("phase") != phase:
            self.conflicts.append(f"{task}: {path} is no journal of that task; left out.")
            return
        target = self._store.journal_path(path.stem, phase)
        old, new = target.read_bytes() if target.exists() else b"", path.read_bytes()
        if old == new or old.startswith(new):
            self.same += 1
            if old != new:
                self.notes.append(f"{task}: {path} ends before the one that is here, which stays.")
        elif new.startswith(old):
            if old:
                self.notes.append(f"{task}: goes on in {path}, which takes the place of its beginning.")
            self._copy(path, target)
            self.taken.append(task)
        else:
            self._disputed(task, path, head, target)

    def _disputed(self, task: str, path: Path, head: Mapping[str, object], target: Path) -> None:
        here, there = (str(one.get("started", "")) for one in (_head(target), head))
        why = _differences(_head(target), head)
        if self._newest and here != there:
            later = "the one that is here" if here > there else str(path)
            self.notes.append(f"{task}: was run twice, at {here} and {there}{why}; {later} is kept.")
            if there > here:
                self._copy(path, target)
                self.taken.append(task)
            return
        self.conflicts.append(
            f"{task}: told differently by {path} (started {there}) than by what is here (started {here}){why}. What is "
            "here stays. To keep the one that was started last: --newest"
        )

    def _copy(self, path: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        with self._store.folder("merge-") as scratch:
            shutil.copyfile(path, scratch / path.name, follow_symlinks=False)
            (scratch / path.name).replace(target)


def gaps(plan: Plan, store: Store, unavailable: Mapping[str, str]) -> tuple[str, ...]:
    """What of the plan nobody told, or told of something else, in sentences; empty when all is there.

    An environment that a task found unavailable is no gap: its journal says why, and so does the page.
    """
    saves = {item.id: read(plan, store, item, "save") for item in plan.environments}
    saved = {
        key: str(event["value"]["sha256"])
        for told in saves.values()
        for key, event in told.cells.items()
        if (event.get("value") or {}).get("status") == "saved"
    }
    found: list[str] = []
    for item in plan.environments:
        if item.id in unavailable:
            found.append(f"{item.id}: {unavailable[item.id]}")
            continue
        found += _gaps(f"save({item.id})", saves[item.id], plan.save_task(item.id).artifacts)
    for item in plan.environments:
        if item.id in unavailable:
            continue
        told = read(plan, store, item, "load")
        wanted = plan.load_task(item.id, tuple(saved)).artifacts
        found += _gaps(f"load({item.id})", told, wanted)
        other = sum(told.cells[key].get("sha256") != saved[key] for key in wanted if key in told.cells)
        if other:
            found.append(
                f"load({item.id}): {other} of its cells loaded other artifacts than those saved here."
            )
    return tuple(found)


def _gaps(task: str, told: Told, wanted: Iterable[ArtifactKey]) -> Iterator[str]:
    keys = list(wanted)
    missing = [key for key in keys if key not in told.cells]
    if told.stale:
        yield f"{task}: what is there does not hold here: {told.stale}."
    elif not told.head:
        yield f"{task}: nobody ran it, or what it left was not carried here."
    elif missing and not told.unavailable:
        names = ", ".join(f"{key.producer}/{key.probe}/{key.format}" for key in missing[:3])
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        because = f" {told.problem}" if told.problem else ""
        yield f"{task}: {len(missing)} of {len(keys)} not run: {names}{more}.{because}"


def _head(path: Path) -> Mapping[str, object]:
    """The last event that begins something in a journal; empty where it is none, or of no plain file."""
    if path.is_symlink() or not path.is_file():
        return {}
    heads = [event for event in journal.read(path) if event.get("event") == "task"]
    return heads[-1] if heads else {}


def _differences(here: Mapping[str, object], there: Mapping[str, object]) -> str:
    """What the two were run with that is not the same, as the end of a sentence."""
    names = {"lock_sha256": "lock", "agent_sha256": "checks", "probes": "probe sources", "engine": "engine"}
    other = [words for name, words in names.items() if here.get(name) != there.get(name)]
    return f", with another {' and '.join(other)}" if other else ""
