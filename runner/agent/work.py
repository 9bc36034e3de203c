"""A task from beginning to end: import the framework, fork a child per cell, write every event as it happens."""

from __future__ import annotations

import functools
import gc
import json
import os
import shutil
import sysconfig
import time
from typing import Any, Callable, Dict

from . import cells
from .capabilities import can_save
from .caught import failure
from .channel import Channel
from .isolate import in_child, in_place
from .stack import Stack, devices, facts, import_stack

#: Runs a function that takes a fresh folder, and says what became of it.
Runner = Callable[[Callable[[str], Any]], Dict[str, Any]]


def main(arguments: list[str]) -> int:
    """Run the task file ``arguments[0]``; the folder ``arguments[1]`` receives what is saved.

    Relative paths in the task are relative to the task file's folder. Returns 0 when every cell was tried and
    3 when the framework cannot be imported here.
    """
    channel = Channel()
    with open(arguments[0]) as stream:
        task = json.load(stream)
    root, out = os.path.dirname(os.path.abspath(arguments[0])), os.path.abspath(arguments[1])
    # Where packages are comes first: it may lie below the others.
    channel.hidden += [sysconfig.get_path("platlib"), sysconfig.get_path("purelib"), root, out]
    task["probes"] = {name: os.path.join(root, path) for name, path in task["probes"].items()}
    channel.send(event="started", phase=task["phase"], environment=task["environment"])
    started = time.monotonic()
    try:
        stack = import_stack(task["backend"])
    except Exception as error:
        channel.send(event="broken", error=failure(error))
        return 3
    seen: dict[str, Any] = {}
    run: Runner = in_place
    if task.get("fork", True):
        forked = _forking(task, channel)
        seen = forked(lambda folder: devices(stack)).get("value") or {}
        run = functools.partial(forked, echo=_tell(channel)) if task.get("echo") else forked
    channel.send(
        event="ready",
        facts=dict(facts(stack), **(seen or {"devices": [], "gpu_visible": False})),
        seconds=round(time.monotonic() - started, 3),
    )
    for cell in task["cells"]:
        channel.send(event="begin", key=cell["key"])
        if task["phase"] == "save":
            if can_save(cell["format"], stack.backend, stack.keras_version):
                found = _save(stack, task, cell, out, run)
            else:  # only now known, in an image whose packages no lock lists
                found = {
                    "status": "done",
                    "value": {"status": "unsupported"},
                    "seconds": 0.0,
                    "output": "",
                    "problem": "",
                }
        else:
            cell["artifact"] = os.path.join(root, cell["artifact"])
            found = run(functools.partial(cells.load_cell, stack, task, cell))
        channel.send(event="cell", key=cell["key"], **found)
    channel.send(event="finished")
    return 0


def _tell(channel: Channel) -> Callable[[str], None]:
    return lambda text: channel.send(event="output", text=text)


def _forking(task: dict[str, Any], channel: Channel) -> functools.partial[dict[str, Any]]:
    """How every cell is run, but for a measurement: in a child of its own, within the task's limits."""
    # The framework's objects are never garbage. A child's collector that walks them all the same costs a cell
    # more than loading a model (0.18 of 0.43 s on TF 2.15), and copies every page it touches.
    gc.collect()
    gc.freeze()
    # Looking for garbage less often is worth another tenth; a cell is short, and its memory is watched.
    gc.set_threshold(50_000, 20, 1000)
    return functools.partial(
        in_child, timeout=task["timeout"], memory=task["memory"], private=channel.descriptor
    )


def _save(stack: Stack, task: dict[str, Any], cell: dict[str, Any], out: str, run: Runner) -> dict[str, Any]:
    """Save below a name that is changed once it is whole, so that nothing half-saved looks saved."""
    target = os.path.join(out, cell["probe"], cell["format"])
    partial = target + ".partial"
    shutil.rmtree(partial, ignore_errors=True)
    os.makedirs(partial)
    found = run(lambda folder: cells.save_cell(stack, task, cell, partial))
    if found["status"] == "done" and found["value"]["status"] == "saved":
        os.rename(partial, target)
    else:
        shutil.rmtree(partial, ignore_errors=True)
    return found
