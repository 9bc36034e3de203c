"""``crossload envs``: the environments themselves."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from environments import dockerfile as dockerfiles
from environments import lock as locks
from environments import matrix as matrices
from environments.errors import ConfigurationError, EnvironmentUnavailable, Interrupted
from environments.matrix import Matrix
from environments.resolve import resolve
from environments.spec import Environment
from runner import setup
from runner.commands import options
from runner.commands.group import Group
from runner.commands.task import one
from runner.execute import PROVISIONERS
from runner.provisioning import provision
from runner.store import Store

WORDS = click.argument("words", nargs=-1, metavar="[ENV|SELECTION]...")


@click.group(cls=Group)
def envs() -> None:
    """The environments: list, lock, make, remove them, or write a Dockerfile for one."""


@envs.command("list")
@WORDS
@options.shared(options.MATRIX, options.JSON)
def list_(words: tuple[str, ...], as_json: bool, **given: Any) -> int:
    """List the environments of the matrix, all where none is named.

    \b
    Example:
      crossload envs list nightly
    """
    matrix = matrices.load(given["matrix"])
    found = matrices.select(matrix, words or ["*"])
    rows = [(item, _lock_state(matrix, item)) for item in found]
    if as_json:
        data = [
            {
                "id": item.id,
                "tensorflow": item.tensorflow,
                "keras": item.keras,
                "backend": item.backend,
                "device": item.device,
                "python": item.python,
                "as_of": item.as_of.isoformat() if item.as_of else None,
                "base": item.image or item.base_image,
                "lock": state,
                "selections": [name for name, ids in matrix.selections.items() if item.id in ids],
            }
            for item, state in rows
        ]
        click.echo(json.dumps(data, indent=1))
        return 0
    table = Table(box=None)
    for name in ("environment", "python", "as of", "base", "lock", "selections"):
        table.add_column(name, overflow="fold")
    for item, state in rows:
        chosen = ", ".join(name for name, ids in matrix.selections.items() if item.id in ids)
        table.add_row(
            item.id, item.python, str(item.as_of or "today"), item.image or item.base_image, state, chosen
        )
    options.for_tables().print(table)
    return 0


@envs.command()
@WORDS
@click.option(
    "--check", is_flag=True, help="Only say which locks are missing or do not match; write nothing."
)
@options.shared(options.OWN_MATRIX)
def lock(words: tuple[str, ...], check: bool, **given: Any) -> int:
    """Resolve environments to locks with hashes; without names, those whose lock is missing or does not match.

    \b
    Example:
      crossload envs lock
      crossload envs lock tf2.21.0-cpu
    """
    matrix = matrices.load(given["matrix"])
    folder = locks.beside(matrix.path)
    chosen = [item for item in matrices.select(matrix, words or ["*"]) if item.locked and not item.floating]
    if not words or check:
        chosen = [item for item in chosen if _lock_state(matrix, item) != "current"]
    console = Console(stderr=True)
    say = options.teller(console)
    if not chosen:
        say("Every lock is current.")
        return 0
    if check:
        raise ConfigurationError(
            "Locks are missing or do not match the matrix: "
            f"{', '.join(item.id for item in chosen)}. Type: crossload envs lock"
        )
    failures = _lock_all(chosen, folder, console, say)
    for failure in failures:
        console.print(Text(failure), style="red")
    return 3 if failures else 0


def _lock_all(
    chosen: list[Environment], folder: Path, console: Console, say: Callable[[str], None]
) -> list[str]:
    """Resolve several at a time; the sentences of those that could not be."""
    cancel = threading.Event()
    failures: list[str] = []
    with ThreadPoolExecutor(PROVISIONERS) as pool, console.status(f"Resolving {len(chosen)} environments …"):
        waiting = {item.id: pool.submit(resolve, item, cancel=cancel) for item in chosen}
        try:
            for name, future in waiting.items():
                try:
                    found = future.result()
                except EnvironmentUnavailable as error:
                    failures.append(f"{error}\n{error.log}".rstrip())
                else:
                    locks.write(found, folder)
                    say(f"{name}: {len(found.packages)} packages locked.")
        except KeyboardInterrupt:
            cancel.set()
            raise Interrupted("Interrupted. The locks written until now are kept.") from None
    return failures


@envs.command()
@WORDS
@options.shared(options.MATRIX, options.STATE, options.ENGINE, options.MIRROR)
def make(words: tuple[str, ...], **given: Any) -> int:
    """Make environments ahead of a run.

    \b
    Example:
      crossload envs make nightly
    """
    choice = options.choice(**given, select=words)
    console = Console(stderr=True)
    say = options.teller(console)
    cancel = threading.Event()
    setup.writable(choice.state, "--state")
    store = Store(choice.state)
    planned = setup.planned(choice, cancel=cancel, say=say)
    engine, _ = setup.engine_for(choice, store, planned.plan.environments, cancel=cancel, say=say)
    failed = dict(planned.unavailable)
    try:
        for item in planned.plan.environments:
            if item.id in failed:
                continue
            with console.status(Text(f"Making {item.id} …")):
                try:
                    provision(
                        engine,
                        item,
                        planned.plan.locks.get(item.id),
                        log=store.log(item.id),
                        cancel=cancel,
                    )
                    say(f"{item.id}: ready.")
                except EnvironmentUnavailable as error:
                    failed[item.id] = str(error)
    except KeyboardInterrupt:
        cancel.set()
        raise Interrupted("Interrupted. The environments made until now are kept.") from None
    finally:
        engine.close()
    for name, reason in failed.items():
        console.print(Text(f"{name}: {reason}"), style="red")
    return 3 if failed else 0


@envs.command()
@click.argument("environment")
@options.shared(options.MATRIX)
def dockerfile(environment: str, **given: Any) -> int:
    """Print a Dockerfile that makes the same environment as an image, from the same lock.

    \b
    Example:
      crossload envs dockerfile tf2.15.1-cpu > Dockerfile
    """
    matrix = matrices.load(given["matrix"])
    item = one(matrix, environment)
    if not item.locked:
        raise ConfigurationError(f"{environment} is an image already: {item.image}.")
    found = (
        resolve(item, cancel=threading.Event())
        if item.floating
        else locks.read(item, locks.folder_of(matrix.path, item))
    )
    click.echo(dockerfiles.text(item, found), nl=False)
    return 0


@envs.command()
@WORDS
@options.shared(options.MATRIX, options.STATE, options.ENGINE, options.MIRROR)
def rm(words: tuple[str, ...], **given: Any) -> int:
    """Remove environments that were made; they are made again when they are needed.

    \b
    Example:
      crossload envs rm tf2.15.1-cpu
    """
    choice = options.choice(**given, select=words)
    say = options.teller(Console(stderr=True))
    store = Store(choice.state)
    matrix = setup.matrix_of(choice)
    chosen = matrices.select(matrix, words or ["*"])
    engine, _ = setup.engine_for(choice, store, chosen, cancel=threading.Event(), say=say)
    try:
        with store.claimed("run"):
            for item in chosen:
                if not item.locked or item.floating:
                    continue
                found = locks.read(item, locks.folder_of(matrix.path, item))
                if engine.remove(item, found, log=store.log(item.id), cancel=threading.Event()):
                    say(f"{item.id}: removed.")
    finally:
        engine.close()
    return 0


def _lock_state(matrix: Matrix, item: Environment) -> str:
    folder = locks.folder_of(matrix.path, item)
    if not item.locked:
        return "none (image)"
    if item.floating:
        return "floating"
    if not locks.path(item, folder).exists():
        return "missing"
    try:
        locks.read(item, folder)
    except ConfigurationError:
        return "does not match"
    return "current"
