"""``crossload clean``: room on the disk, and nothing lost that a run needs."""

import time
from collections import Counter
from typing import Any

import click
from rich.console import Console

from environments import lock as locks
from environments.errors import ConfigurationError
from environments.matrix import Matrix
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
@options.shared(options.MATRIX, options.STATE)
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
    Environments of the docker engine are on the volume crossload-packages: crossload envs rm.

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
    verb = "would be" if dry_run else "is"
    click.echo(f"{_size(sum(removed.values()))} {verb} free: {len(found)} files and folders.")
    return 0


def _locks(matrix: Matrix, store: Store) -> set[str]:
    """The locks that the matrix has, those of floating environments and of earlier questions included."""
    found = set()
    for item in matrix.environments:
        for folder in (locks.folder_of(matrix.path, item), store.artifacts / "locks"):
            try:
                found.add(locks.read(item, folder).sha256)
            except ConfigurationError:
                continue
    return found


def _size(number: int) -> str:
    for unit, size in reversed(_UNITS.items()):
        if unit and number >= size:
            return f"{number / size:.1f} {unit}B"
    return f"{number} bytes"
