"""A process of this machine that is watched: its lines, its silence, and the wish to end it."""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import IO

from environments.engines import Exit
from environments.errors import EnvironmentUnavailable, Interrupted

#: Seconds between two looks at ``cancel``.
_TICK = 0.1
#: Bytes kept of what a process writes to standard error.
_STDERR = 64 * 1024
#: Bytes of one line; what is longer is cut into several.
_LINE = 16 * 1024 * 1024


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    variables: Mapping[str, str],
    on_line: Callable[[str], None],
    stall: float,
    cancel: Event,
) -> Exit:
    """Run a command to its end, in a process group of its own of which nothing is left afterwards.

    ``on_line`` gets each line of standard output as it is written. The group is killed when nothing is printed
    for ``stall`` seconds. Raises EnvironmentUnavailable when the command cannot be started and Interrupted when
    ``cancel`` is set.
    """
    try:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise EnvironmentUnavailable(f"{command[0]} cannot be started: {error.strerror}.") from error
    errors = bytearray()
    problem = ""
    with process:
        try:
            problem = _follow(process, on_line, errors, stall, cancel)
        finally:
            _kill(process)
    if problem == _CANCELLED:
        raise Interrupted("The run was interrupted.")
    status = process.returncode
    if not problem and status:
        problem = f"Ended by signal {_name(-status)}." if status < 0 else f"Ended with status {status}."
    return Exit(status=status, problem=problem, stderr=errors.decode("utf-8", "replace"))


_CANCELLED = "cancelled"


def _name(number: int) -> str:
    """What a signal is called; real-time signals have no name."""
    names = {item.value: item.name for item in signal.Signals}
    return names.get(number, str(number))


def _follow(
    process: subprocess.Popen[bytes],
    on_line: Callable[[str], None],
    errors: bytearray,
    stall: float,
    cancel: Event,
) -> str:
    """Hand out lines until the process ends; the problem, when it has to be ended instead."""
    assert process.stdout is not None
    assert process.stderr is not None
    partial = bytearray()
    heard = time.monotonic()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        selector.register(process.stderr, selectors.EVENT_READ)
        while selector.get_map():
            if cancel.is_set():
                return _CANCELLED
            if time.monotonic() - heard > stall:
                return f"Said nothing for {stall:g} seconds and was ended."
            for key, _ in selector.select(_TICK):
                stream: IO[bytes] = key.fileobj  # type: ignore[assignment]
                block = os.read(stream.fileno(), 1 << 16)
                if not block:
                    selector.unregister(stream)
                elif stream is process.stderr:
                    errors += block
                    del errors[:-_STDERR]
                else:
                    heard = time.monotonic()
                    partial += block
                    _hand_out(partial, on_line)
            if process.poll() is not None and not selector.select(0):
                break  # a grandchild may hold the pipes open for ever
    if partial:
        on_line(partial.decode("utf-8", "replace"))
    while process.poll() is None:
        if cancel.wait(_TICK):
            return _CANCELLED
        if time.monotonic() - heard > stall:
            return f"Said nothing for {stall:g} seconds and was ended."
    return ""


def _hand_out(partial: bytearray, on_line: Callable[[str], None]) -> None:
    *lines, rest = bytes(partial).split(b"\n")
    if len(rest) > _LINE:
        lines, rest = [*lines, rest], b""
    partial[:] = rest
    for line in lines:
        on_line(line.decode("utf-8", "replace").removesuffix("\r"))


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the whole group, then the process itself, should it have left its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    process.wait()
