"""``crossload clean``: room on the disk, and nothing lost that a run needs."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import click
from rich.console import Console

from environments import lock as locks
from environments.engines.docker import DockerEngine
from environments.engines.docker_daemon import detect
from environments.errors import ConfigurationError, InfrastructureError
from environments.lock import Lock
from environments.matrix import Matrix
from environments.spec import Environment
from runner import cleaning, compaction, setup
from runner.commands import options
from runner.store import Store

_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def _bytes(context: click.Context, parameter: click.Parameter, value: str | None) -> int | None:
    """A size such as ``5GB`` in bytes."""
    if value is None:
        return None
    word = value.strip().upper().removesuffix("B")
    number, unit = (word[:-1], word[-1]) if word[-1:] in tuple(_UNITS)[1:] else (word, "")
    try:
        size = float(number)
    except ValueError:
        size = -1.0
    if not 0 <= size < 10**6:
        raise click.BadParameter(f"{value!r} is not a size; write 500MB or 5GB.", context, parameter)
    return int(size * _UNITS[unit])


@click.command()
@options.shared(options.MATRIX, options.STATE, options.MIRROR)
@click.option(
    "--keep-days",
    type=click.IntRange(0, options.DAYS.max),
    default=30,
    show_default=True,
    help="What was used within so many days stays.",
)
@click.option(
    "--max-size",
    callback=_bytes,
    metavar="SIZE",
    help="Also remove younger artifacts that no run needs, the oldest first, while all take more, such as 5GB.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
def clean(keep_days: int, max_size: int | None, dry_run: bool, **given: Any) -> int:
    """Remove what no run needs any more: old artifacts, journals, logs, and environments that the matrix has left.

    What the last runs need stays, whatever its age and size, and so does the history, which has options of its own.
    Where a Docker daemon is, environments on its volume crossload-packages go by the same rule, but never on the day
    on which anybody used them: other folders have theirs there too.

    \b
    Example:
      crossload clean --dry-run
      crossload clean --keep-days 7 --max-size 5GB
    """
    choice = options.choice(**given)
    say = options.teller(Console(stderr=True))
    matrix = setup.matrix_of(choice)
    store = Store(choice.state)
    if not store.root.is_dir():
        say(f"There is nothing at {store.root}.")
        return 0
    removed: Counter[str] = Counter()
    with store.claimed("run"):
        if not dry_run:
            store.sweep()
        found = cleaning.waste(
            store, keep_days=keep_days, now=time.time(), max_size=max_size, locks=_locks(matrix, store)
        )
        for item in found:
            if not dry_run:
                cleaning.remove(item)
            removed[item.kind] += item.bytes
            click.echo(f"{item.kind} {item.name}: {_size(item.bytes)}, {item.days:.0f} days old")
        if not dry_run:
            shorter = sum(compaction.compact(path) for path in compaction.journals(store))
            removed["journal"] += shorter
        count, removed["volume"] = _volume(
            choice, matrix, store, keep_days=max(1, keep_days), dry=dry_run, say=say
        )
    verb = "would be" if dry_run else "is"
    click.echo(f"{_size(sum(removed.values()))} {verb} free: {len(found) + count} files and folders.")
    return 0


def _volume(
    choice: setup.Choice,
    matrix: Matrix,
    store: Store,
    *,
    keep_days: int,
    dry: bool,
    say: Callable[[str], None],
) -> tuple[int, int]:
    """Let go, on the volume of packages, what was unused for so many days and the matrix does not name.

    Gives how many environments that are, and the bytes.
    """
    if not detect()[0]:
        return 0, 0
    engine = DockerEngine(state=choice.state, registry_mirror=choice.registry_mirror)
    locked = [item for item in matrix.environments if item.locked and item.base_image]
    try:
        named = {engine.key(item, lock) for item in locked for lock in _locks_of(matrix, item, store)}
        since = time.time() - keep_days * cleaning.DAY
        lying = engine.volume(locked, cancel=Event())
        found = [item for item in lying if item.key not in named and item.used < since]
        for item in found:
            days = (time.time() - item.used) / cleaning.DAY
            name = item.environment or "that was not finished"
            click.echo(f"environment {name} of the docker engine: {days:.0f} days old")
        if not found:
            return 0, 0
        return len(found), engine.drop(locked, [item.key for item in found], dry=dry, cancel=Event())
    except InfrastructureError as error:
        say(str(error))
        return 0, 0
    finally:
        engine.close()


def _locks(matrix: Matrix, store: Store) -> set[str]:
    """The locks that the matrix has, those of floating environments and of earlier questions included."""
    return {lock.sha256 for item in matrix.environments for lock in _locks_of(matrix, item, store)}


def _locks_of(matrix: Matrix, item: Environment, store: Store) -> Iterator[Lock]:
    for folder in (locks.folder_of(matrix.path, item), store.artifacts / "locks"):
        try:
            yield locks.read(item, folder)
        except ConfigurationError:
            continue


def _size(number: int) -> str:
    for unit, size in reversed(_UNITS.items()):
        if unit and number >= size:
            return f"{number / size:.1f} {unit}B"
    return f"{number} bytes"
