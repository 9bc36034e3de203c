"""The agent of one environment is asked one thing after another: one process, which imports its framework once."""

import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from threading import Event as Flag
from types import TracebackType
from typing import Any, Self

from environments.engines import Engine, Exit, Job, Ready, Running
from runner.provenance import AGENT
from runner.provisioning import patiently
from runner.store import Store

#: Seconds that importing a framework may take; on a cold disk it is slow.
_IMPORT = 300.0
#: Bytes for the agent itself, beside the cell in flight.
_AGENT_MEMORY = 1536 * 1024**2
#: Seconds that an agent waits to be asked, should this process hang; when this process ends, so does the waiting.
_WAIT = 2 * 3600.0
#: What it says of itself, once.
_INTRODUCTION = ('{"event": "started"', '{"event": "ready"')
_WAITING = '{"event": "waiting"'
_DONE = Exit(status=0)


class Conversation:
    """Started when it is first asked, or before that with :meth:`start`; started again where it has ended.

    ``key`` names its job: no two of a name may run at a time, which is for the caller to see to. It may be silent
    for ``patience`` times the environment's time limit. Leaving it ends the process. For one thread at a time.
    """

    def __init__(
        self, ready: Ready, engine: Engine, store: Store, *, key: str, cancel: Flag, patience: int = 2
    ) -> None:
        self._ready, self._engine, self._store, self._key, self._cancel = ready, engine, store, key, cancel
        self._patience = patience
        self._process, self._files = ExitStack(), ExitStack()
        self._running: Running | None = None
        self._folder = Path()
        #: What is in the job's folder, and the number of its last instructions.
        self._there: dict[str, Path] = {}
        self._number = 0
        self._introduction: list[str] = []

    def start(self, *, wait: bool = False) -> None:
        """Have it import its framework already, while this process does something else, or wait until it has.

        Raises what :meth:`ask` does. A framework that cannot be imported is told to whoever asks next.
        """
        if self._running is None:
            self._begin({"phase": "load", "probes": {}, "cells": []}, {}, last=False)
            if wait:
                self._hear_out(lambda line: None)

    def ask(
        self,
        task: Mapping[str, Any],
        inputs: Mapping[str, Path],
        on_line: Callable[[str], None],
        *,
        last: bool = False,
    ) -> Exit:
        """Have a task carried out: what ``python in/agent`` takes, and the files that it names.

        ``on_line`` gets each line that it says; one that introduced itself to an earlier question does so again.
        Gives how it ended, with a status of 0 where it waits to be asked more. After what is ``last`` it ends.

        Raises EnvironmentUnavailable when it cannot be started, and Interrupted when ``cancel`` was set.
        """
        if self._running is None:
            self._begin(task, inputs, last=last)
        else:
            for said in self._introduction:
                on_line(said)
            self._tell(self._running, task, inputs, last=last)
        return self._hear_out(on_line)

    def collect(self) -> Path:
        """The folder with what was saved since it was last asked. It is there until it is asked again, or left."""
        if self._running is not None:
            self._running.collect()
        return self._folder / "out"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._end()
        finally:
            self._files.close()

    def _hear_out(self, on_line: Callable[[str], None]) -> Exit:
        """Hear it until it waits for more, or has ended."""
        running = self._running
        assert running is not None
        waiting = json.dumps({"event": "waiting", "after": self._number})
        try:
            while (line := running.hear()) is not None:
                if line == waiting:
                    return _DONE
                if line.startswith(_WAITING):
                    continue  # it was started before it was asked
                if line.startswith(_INTRODUCTION) and len(self._introduction) < len(_INTRODUCTION):
                    self._introduction.append(line)
                on_line(line)
        except BaseException:
            self._end()
            raise
        self._end()
        return running.exit

    def _begin(self, task: Mapping[str, Any], inputs: Mapping[str, Path], *, last: bool) -> None:
        self._files.close()
        self._folder = self._files.enter_context(self._store.folder(f"{self._key}-"))
        self._number, self._introduction = 0, []
        self._there = {"agent": AGENT, **inputs}
        environment = self._ready.environment
        job = Job(
            key=self._key,
            script="agent",
            arguments=("task.json",),
            inputs={**self._there, "task.json": self._written(task, last=last)},
            outputs=self._folder / "out",
            stall=_IMPORT + self._patience * environment.timeout,
            memory=environment.memory + _AGENT_MEMORY,
            dialogue=not last,
        )
        # A daemon may be busy for a moment: that is no word about the environment, and costs no cell.
        self._running = patiently(
            lambda: self._process.enter_context(self._engine.start(self._ready, job, cancel=self._cancel)),
            cancel=self._cancel,
        )

    def _tell(
        self, running: Running, task: Mapping[str, Any], inputs: Mapping[str, Path], *, last: bool
    ) -> None:
        shutil.rmtree(self._folder / "out", ignore_errors=True)
        self._number += 1
        path = self._written(task, last=last)
        new = {name: path for name, path in inputs.items() if self._there.get(name) != path}
        running.put({**new, path.name: path})
        self._there |= new
        running.tell(path.name)

    def _written(self, task: Mapping[str, Any], *, last: bool) -> Path:
        environment = self._ready.environment
        path = self._folder / f"task-{self._number}.json"
        always = {
            "environment": environment.id,
            "backend": environment.backend,
            "timeout": environment.timeout,
            "memory": environment.memory,
            "talk": 0 if last else _WAIT,
        }
        path.write_text(json.dumps({**always, **task}))
        return path

    def _end(self) -> None:
        """End the process; what it saved is still there."""
        self._running = None
        self._process.close()
