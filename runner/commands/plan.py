"""``crossload plan``: what would run, without running it."""

import json
import threading
from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from environments.errors import UsageError
from runner import setup
from runner.commands import options
from runner.outlook import Outlook, outlook
from runner.plan import Plan
from runner.store import Store
from runner.told import saved_artifacts

#: https://docs.github.com/en/actions/reference/limits
_JOBS = 256


@click.command()
@options.shared(*options.PLAN, options.ENGINE, options.JSON)
@click.option("--fresh", is_flag=True, help="As of a run with --fresh.")
@click.option(
    "--github", is_flag=True, help="Print a GitHub Actions job matrix: one entry for each environment."
)
@click.option("--ids", is_flag=True, help="Print the ids of the environments, one a line, for a shell loop.")
def plan(as_json: bool, github: bool, ids: bool, fresh: bool, **given: Any) -> int:
    """Show what would run, and why: environments, artifacts, and the cells that do not hold from earlier runs.

    Nothing is started for it, and no daemon is asked: an image that has moved since is found by the run. With
    --engine auto, the engine of the last run is meant.

    \b
    Example:
      crossload plan --select nightly
      crossload plan --json
    """
    choice = options.choice(**given)
    console = Console(stderr=True)
    planned = setup.planned(choice, cancel=threading.Event(), say=options.teller(console))
    plan_ = planned.plan
    if github:
        click.echo(json.dumps({"include": _jobs(plan_)}))
    elif ids:
        click.echo("\n".join(item.id for item in plan_.environments))
    else:
        engine = "" if choice.engine == "auto" else choice.engine
        store = Store(choice.state)
        tasks = outlook(plan_, store, unavailable=planned.unavailable, engine=engine, fresh=fresh)
        if as_json:
            click.echo(json.dumps(_data(plan_, planned, store, tasks), indent=1))
        else:
            _print(plan_, planned, tasks)
    return 0


def _jobs(plan_: Plan) -> list[dict[str, str]]:
    """A job for each environment; ``device`` is for choosing a runner that has it. Raises UsageError for too many."""
    if len(plan_.environments) > _JOBS:
        raise UsageError(
            f"GitHub runs {_JOBS} jobs of a matrix at most, and {len(plan_.environments)} environments are chosen. "
            "Choose fewer with --select, in several workflows."
        )
    return [{"environment": item.id, "device": item.device} for item in plan_.environments]


def _data(plan_: Plan, planned: setup.Planned, store: Store, tasks: Sequence[Outlook]) -> dict[str, Any]:
    here = saved_artifacts(plan_, store, plan_.artifacts())
    return {
        "matrix": str(planned.matrix.path),
        "matrix_sha256": planned.matrix.sha256,
        "environments": [
            {
                "id": item.id,
                "python": item.python,
                "device": item.device,
                "backend": item.backend,
                "base": item.image or item.base_image,
                "lock_sha256": plan_.locks[item.id].sha256 if item.id in plan_.locks else None,
                "unavailable": planned.unavailable.get(item.id),
            }
            for item in plan_.environments
        ],
        "probes": [{"name": probe.name, "why": probe.why, "path": str(probe.path)} for probe in plan_.probes],
        "formats": list(plan_.formats),
        "artifacts": [
            {**vars(key), "supported": plan_.saves(key), "in_store": key in here} for key in plan_.artifacts()
        ],
        "cells": [
            {**vars(key), "supported": plan_.saves(key.artifact) and plan_.loads(key.format, key.consumer)}
            for key in plan_.cells()
        ],
        "tasks": [f"{phase}({item.id})" for phase in ("save", "load") for item in plan_.environments],
        "todo": [
            {
                "task": f"{item.task.phase}({item.task.environment})",
                "cells": item.cells,
                "known": item.known,
                "reasons": dict(item.reasons),
            }
            for item in tasks
        ],
    }


def _print(plan_: Plan, planned: setup.Planned, tasks: Sequence[Outlook]) -> None:
    title = Text(f"{planned.matrix.path}: {len(plan_.cells()):,} cells")
    table = Table(title=title, title_justify="left", box=None)
    for name in ("environment", "python", "keras", "saves", "loads"):
        justify: Literal["left", "right"] = "right" if name in ("saves", "loads") else "left"
        table.add_column(name, justify=justify, overflow="fold")
    loads: Counter[str] = Counter()
    for key in plan_.cells():
        loads[key.consumer] += plan_.saves(key.artifact) and plan_.loads(key.format, key.consumer)
    for item in plan_.environments:
        packages = dict(plan_.locks[item.id].packages) if item.id in plan_.locks else {}
        keras = packages.get("tf-keras") or packages.get("keras") or packages.get("keras-nightly") or "inside"
        saves = len(plan_.save_task(item.id).artifacts)
        table.add_row(item.id, item.python, keras, f"{saves:,}", f"{loads[item.id]:,}")
    console = options.for_tables()
    console.print(table)
    console.print(Text(f"{len(plan_.probes)} probes: {', '.join(probe.name for probe in plan_.probes)}"))
    console.print(f"{len(plan_.formats)} formats: {', '.join(plan_.formats)}")
    for name, reason in planned.unavailable.items():
        console.print(Text(f"{name} is unavailable: {reason}"))
    left = [task for task in tasks if task.cells]
    for one in left:
        why = ", ".join(f"{count:,}: {reason}" for reason, count in one.reasons.items())
        name = f"{one.task.phase}({one.task.environment})"
        console.print(Text(f"{name} runs {one.cells:,}, {one.known:,} hold; {why}"), soft_wrap=True)
    if not left:
        console.print("Nothing has changed since it was last run: crossload run starts nothing.")
    else:
        console.print("It runs with: crossload run", style="dim")
