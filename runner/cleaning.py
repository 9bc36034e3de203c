"""What of a state folder no run needs any more, by age and size; removing it costs no verdict that holds.

A journal is in use while runs read it, which its time of change says. An artifact is needed while the last section of
a journal in use holds it. An environment is needed while the matrix names it.
"""

import json
import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from runner import compaction
from runner.plan import Phase, Plan
from runner.store import Store

_PHASES: tuple[Phase, ...] = ("save", "load")
#: Seconds of a day.
DAY = 86_400.0
#: Days after which a run itself removes artifacts and journals that nothing needs.
GENTLE = 90


@dataclass(frozen=True, kw_only=True)
class Waste:
    """A file or folder that can go."""

    path: Path
    #: ``journal``, ``artifact``, ``environment`` or ``log``.
    kind: str
    #: What a person calls it.
    name: str
    bytes: int
    #: Days since it was last used; below 0 where the clock was put back.
    days: float


@dataclass(frozen=True, kw_only=True)
class Before:
    """What was there before a run."""

    #: When a run was last at work in this folder, in seconds since 1970; 0 where none was.
    last: float = 0.0
    #: Journal -> its size in bytes.
    sizes: Mapping[Path, int] = field(default_factory=dict)


def used(store: Store, plan: Plan) -> None:
    """Note that a run has read the journals of a plan. Raises OSError."""
    for item in plan.environments:
        for phase in _PHASES:
            asked(store, item.id, phase)


def asked(store: Store, environment: str, phase: Phase) -> None:
    """Note that the journal of a task is in use. Raises OSError."""
    path = store.journal_path(environment, phase)
    if path.exists():
        os.utime(path)


def waste(
    store: Store,
    *,
    keep_days: float,
    now: float,
    max_size: int | None = None,
    locks: Collection[str] | None = None,
) -> tuple[Waste, ...]:
    """What can go: unused for ``keep_days``, or sooner, the oldest first, to bring all artifacts to ``max_size`` bytes.

    ``locks`` are the sha256 of those that the matrix names; without them, environments and logs are not looked at.
    For whoever holds ``run`` alone. Raises OSError.
    """

    def days(path: Path) -> float:
        return (now - path.stat().st_mtime) / DAY

    old = [path for path in _journals(store) if days(path) > keep_days]
    found = [_waste(path, "journal", path.stem, days(path)) for path in old]
    # A run itself leaves alone what was saved under other conditions, too: another matrix may have them.
    since = datetime.fromtimestamp(now - keep_days * DAY, UTC).isoformat() if locks is not None else ""
    suspects = [
        path
        for path in sorted(store.artifacts.glob("objects/??/*"))
        if max_size is not None or days(path) > keep_days
    ]
    # Reading all journals takes a while, and in most runs nothing is old.
    journals = [path for path in _journals(store) if path not in set(old)] if suspects else []
    needed = set(_needed(journals, since))
    artifacts = [
        _waste(path, "artifact", path.name[:12], days(path)) for path in suspects if path.name not in needed
    ]
    found += [item for item in artifacts if item.days > keep_days]
    if max_size is not None:
        total = sum(_size(path) for path in store.artifacts.glob("objects/??/*"))
        total -= sum(item.bytes for item in found if item.kind == "artifact")
        for item in sorted(artifacts, key=lambda item: -item.days):
            if total > max_size and item not in found:
                found.append(item)
                total -= item.bytes
    if locks is not None:
        found += _environments(store, locks, now, keep_days)
        found += [
            _waste(path, "log", path.name, days(path))
            for path in sorted(store.logs.glob("*"))
            if path.is_file() and days(path) > keep_days
        ]
    return tuple(found)


def remove(item: Waste) -> None:
    """Let it go, so that at no moment half of it is in its place. Raises OSError."""
    if not item.path.is_dir():
        item.path.unlink(missing_ok=True)
        return
    beside = item.path.with_name(f".{item.path.name}.gone")
    shutil.rmtree(beside, ignore_errors=True)
    item.path.replace(beside)
    shutil.rmtree(beside)


def before(store: Store) -> Before:
    """What a run finds when it begins."""
    try:
        last = (store.root / "run.json").stat().st_mtime
    except OSError:
        last = 0.0
    return Before(last=last, sizes={path: path.stat().st_size for path in compaction.journals(store)})


def gently(store: Store, plan: Plan, *, now: float, found: Before) -> int:
    """What a run does at its end: journals made shorter, and what nothing has needed for months removed; the bytes.

    ``found`` is what it had found. Only journals that have grown since have more that is dead. Where the run before
    was months ago, nothing is removed: all is old then, or the clock has jumped. Raises OSError.
    """
    used(store, plan)
    saved = sum(
        compaction.compact(path)
        for path in compaction.journals(store)
        if path.stat().st_size != found.sizes.get(path)
    )
    if now - found.last > GENTLE * DAY:
        return saved
    for item in waste(store, keep_days=GENTLE, now=now):
        remove(item)
        saved += item.bytes
    return saved


def _journals(store: Store) -> list[Path]:
    """The journals of runs, of single cells and of questions about model files."""
    places = (store.artifacts, store.root / "reproduce", *sorted(store.root.glob("models/*")))
    return [path for place in places for phase in _PHASES for path in sorted(place.glob(f"{phase}/*.jsonl"))]


def _needed(journals: Iterable[Path], since: str) -> Iterator[str]:
    """The artifacts that journals in use hold: under the conditions of their last section, or begun ``since``."""
    for path in journals:
        if path.parent.name != "save":
            continue  # a cell needs what it has loaded only while that is what was saved
        found = compaction.live(compaction.sections(path))
        for section in found:
            if section.conditions == found[-1].conditions or str(section.head["started"]) > since:
                for event in section.events:
                    yield str((event.get("value") or {}).get("sha256", ""))


def _environments(store: Store, locks: Collection[str], now: float, keep_days: float) -> Iterator[Waste]:
    """Environments of this machine that no lock of the matrix names. A container's are on the daemon's volume.

    Only what goes is measured: an environment has tens of thousands of files.
    """
    for marker in sorted(store.root.glob("venvs/*/.crossload.json")):
        try:
            made = json.loads(marker.read_text())
            name, lock = str(made["environment"]), str(made["lock"])
        except (ValueError, KeyError, TypeError):
            continue
        days = (now - marker.stat().st_mtime) / DAY
        if lock not in locks and days > keep_days:
            yield _waste(marker.parent, "environment", name, days)


def _waste(path: Path, kind: str, name: str, days: float) -> Waste:
    return Waste(path=path, kind=kind, name=name, bytes=_size(path), days=days)


def _size(path: Path) -> int:
    if not path.is_dir():
        return path.lstat().st_size
    return sum(file.lstat().st_size for file in path.rglob("*"))
