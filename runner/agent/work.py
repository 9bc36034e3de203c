"""A task from beginning to end: import the framework, fork a child per cell, write every event as it happens."""

from __future__ import annotations

import functools
import gc
import json
import math
import os
import shutil
import sysconfig
import time
from typing import Any, Callable, Dict, Iterator, Sequence

from . import adopt, again, carry, cells, remedies
from .capabilities import can_save
from .caught import failure
from .channel import Channel
from .company import groups, in_turn
from .isolate import in_child, in_company, in_place
from .stack import Stack, devices, facts, import_stack

Function = Callable[[str], Any]


class Runner:
    """Runs functions that take a fresh folder, and says what became of each: here, in this very process.

    Only a measurement wants that.
    """

    def alone(self, function: Function) -> Dict[str, Any]:
        """One function."""
        return in_place(function)

    def together(self, functions: Sequence[Function]) -> Iterator[Dict[str, Any]]:
        """Several, one after another."""
        return map(in_place, functions)


class Forking(Runner):
    """How everything else is run: in children, within the task's limits."""

    def __init__(self, task: dict[str, Any], channel: Channel) -> None:
        # Looking for garbage less often is worth another tenth; a cell is short, and its memory is watched.
        gc.set_threshold(50_000, 20, 1000)
        self._limits: dict[str, Any] = {
            "timeout": task["timeout"],
            "memory": task["memory"],
            "busy": task.get("busy", math.inf),
            "private": (channel.descriptor, channel.ear),
        }
        self._echo: Callable[[str], None] | None = None
        if task.get("echo"):
            self._echo = lambda text: channel.send(event="output", text=text)

    def aside(self, function: Function) -> Dict[str, Any]:
        """One function that is no cell: nobody listens to it."""
        return in_child(function, **self._limits)

    def alone(self, function: Function) -> Dict[str, Any]:
        """One function in a child of its own."""
        return in_child(function, echo=self._echo, **self._limits)

    def together(self, functions: Sequence[Function]) -> Iterator[Dict[str, Any]]:
        """Several functions in one child, as long as it lives."""
        return in_company(functions, echo=self._echo, **self._limits)


def main(arguments: list[str]) -> int:
    """Run the task file ``arguments[0]``; the folder ``arguments[1]`` receives what is saved.

    Relative paths in the task are relative to the task file's folder. A task with ``talk`` is the first of several:
    after each, the name of the next one's file is read from standard input, for at most ``talk`` seconds. What is in
    the folder for saved files is removed then: whoever wants it has taken it. An empty line, and the end of
    standard input, end the agent.
    Returns 0 when every cell was tried and 3 when the framework cannot be imported here.
    """
    channel = Channel()
    root, out = os.path.dirname(os.path.abspath(arguments[0])), os.path.abspath(arguments[1])
    task = _instructions(arguments[0], root)
    # Where packages are comes first: it may lie below the others.
    channel.hidden += [sysconfig.get_path("platlib"), sysconfig.get_path("purelib"), root, out]
    channel.send(event="started", phase=task["phase"], environment=task["environment"])
    started = time.monotonic()
    try:
        stack = import_stack(task["backend"])
    except Exception as error:
        channel.send(event="broken", error=failure(error))
        return 3
    # The framework's objects are never garbage. A child's collector that walks them all the same costs a cell
    # more than loading a model (0.18 of 0.43 s on TF 2.15), and copies every page it touches.
    gc.freeze()
    gc.enable()
    seen: dict[str, Any] = {}
    if task.get("fork", True):
        seen = Forking(task, channel).aside(lambda folder: devices(stack)).get("value") or {}
    channel.send(
        event="ready",
        facts=dict(facts(stack), **(seen or {"devices": [], "gpu_visible": False})),
        seconds=round(time.monotonic() - started, 3),
    )
    _carry_out(stack, task, out, channel)
    done = 0
    while task.get("talk"):
        channel.send(event="waiting", after=done)
        name = channel.listen(task["talk"])
        if not name:
            break
        for entry in os.listdir(out):
            shutil.rmtree(os.path.join(out, entry), ignore_errors=True)
        task = _instructions(os.path.join(root, name), root)
        _carry_out(stack, task, out, channel)
        done += 1
    return 0


def _instructions(path: str, root: str) -> dict[str, Any]:
    """A task, with the paths of all that it names."""
    with open(path) as stream:
        task: dict[str, Any] = json.load(stream)
    task["probes"] = {name: os.path.join(root, path) for name, path in task["probes"].items()}
    for cell in task["cells"]:
        files = ("artifact", "model", "architecture", "inputs")
        cell.update((name, os.path.join(root, cell[name])) for name in files if cell.get(name))
    return task


def _carry_out(stack: Stack, task: dict[str, Any], out: str, channel: Channel) -> None:
    """All cells of a task."""
    run = Forking(task, channel) if task.get("fork", True) else Runner()
    if task["phase"] == "adopt":
        _adopted(stack, task, out, run, channel)
    elif task["phase"] == "save":
        _saved(stack, task, out, run, channel)
    elif task["phase"] == "carry":
        _carried(stack, task, out, run, channel)
    elif task["phase"] == "remedy":
        remedies.run_remedies(stack, task, run.together, run.alone, channel.send)
    else:
        _loaded(stack, task, run, channel)
    if task["cells"] or not task.get("talk"):  # else it was only started, and has not been asked anything
        channel.send(event="finished")


def _saved(stack: Stack, task: dict[str, Any], out: str, run: Runner, channel: Channel) -> None:
    """The formats of one probe share a process, as they would in a script that saves a model in several."""
    for group in groups(task["cells"], lambda cell: cell["probe"]):
        possible = [cell for cell in group if can_save(cell["format"], stack.backend, stack.keras_version)]
        functions = [functools.partial(_save, stack, task, cell, _partial(out, cell)) for cell in possible]
        found = in_turn(functions, run.together, run.alone, _is_saved)
        for cell in group:
            channel.send(event="begin", key=cell["key"])
            if cell in possible:
                outcome = _kept(stack, task, cell, out, run, next(found))
            else:  # only now known, in an image whose packages no lock lists
                value = {"status": "unsupported"}
                outcome = {"status": "done", "value": value, "seconds": 0.0, "output": "", "problem": ""}
            channel.send(event="cell", key=cell["key"], **outcome)


def _partial(out: str, cell: dict[str, Any]) -> str:
    """Saving is done below a name that is changed once it is whole, so that nothing half-saved looks saved."""
    return os.path.join(out, cell["probe"], cell["format"] + ".partial")


def _save(
    stack: Stack, task: dict[str, Any], cell: dict[str, Any], partial: str, folder: str
) -> dict[str, Any]:
    shutil.rmtree(partial, ignore_errors=True)
    os.makedirs(partial)
    return cells.save_cell(stack, task, cell, partial)


def _is_saved(value: dict[str, Any]) -> bool:
    return bool(value.get("status") == "saved")


def _kept(
    stack: Stack, task: dict[str, Any], cell: dict[str, Any], out: str, run: Runner, found: dict[str, Any]
) -> dict[str, Any]:
    """Put what was saved in its place, broken where that is wanted; the cell's event."""
    partial = _partial(out, cell)
    if again.wanted(cell, found):
        save = functools.partial(cells.save_hindered, stack, task, cell)
        found = again.save_again(save, run.alone, cell, partial, found)
    if found["status"] == "done" and _is_saved(found["value"]):
        os.rename(partial, os.path.join(out, cell["probe"], cell["format"]))
    else:
        shutil.rmtree(partial, ignore_errors=True)
    return found


def _adopted(stack: Stack, task: dict[str, Any], out: str, run: Runner, channel: Channel) -> None:
    """Files that others saved; what becomes of each is in ``<out>/<probe>/adopted``."""
    for cell in task["cells"]:
        target = os.path.join(out, cell["probe"], "adopted")
        channel.send(event="begin", key=cell["key"])
        os.makedirs(target)
        found = run.alone(lambda folder: adopt.adopt_cell(stack, task, cell, target))  # noqa: B023
        channel.send(event="cell", key=cell["key"], **found)


def _carried(stack: Stack, task: dict[str, Any], out: str, run: Runner, channel: Channel) -> None:
    """Hops of a model on its way to another version; what comes of each is in ``<out>/carried/<its place>``."""
    for place, cell in enumerate(task["cells"]):
        target = os.path.join(out, "carried", str(place))
        channel.send(event="begin", key=cell["key"])
        found = run.alone(lambda folder: carry.carry_cell(stack, task, cell, target, folder))  # noqa: B023
        channel.send(event="cell", key=cell["key"], **found)


def _loaded(stack: Stack, task: dict[str, Any], run: Runner, channel: Channel) -> None:
    """Cells that do the same with what different producers saved come after one another, and share a process."""
    for group in groups(task["cells"], lambda cell: (cell["probe"], cell["format"])):
        functions = [functools.partial(cells.load_cell, stack, task, cell) for cell in group]
        found = in_turn(functions, run.together, run.alone)
        for cell in group:
            channel.send(event="begin", key=cell["key"])
            channel.send(event="cell", key=cell["key"], **next(found))
