"""A process of this machine that is watched: its lines, its silence, and the wish to end it."""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import IO

from environments.engines import Exit
from environments.engines.lines import LONGEST_LINE, Tail
from environments.errors import EnvironmentUnavailable, Interrupted

#: Seconds between two looks at ``cancel``.
_TICK = 0.1
#: Bytes kept of what a process writes to standard error.
_STDERR = 64 * 1024


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
    with contextlib.closing(Process(command, cwd=cwd, variables=variables, cancel=cancel)) as process:
        while (line := process.hear(stall)) is not None:
            on_line(line)
    return process.exit


class Process:
    """A command in a process group of its own, of which nothing is left after :meth:`close`.

    With ``told`` its standard input is a pipe that ends when this process does. Raises EnvironmentUnavailable when
    the command cannot be started.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        variables: Mapping[str, str],
        cancel: Event,
        told: bool = False,
    ) -> None:
        try:
            self._process = subprocess.Popen(
                command,
                cwd=cwd,
                env=dict(variables),
                stdin=subprocess.PIPE if told else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise EnvironmentUnavailable(f"{command[0]} cannot be started: {error.strerror}.") from error
        self._cancel = cancel
        self._selector = selectors.DefaultSelector()
        for stream in (self._process.stdout, self._process.stderr):
            assert stream is not None
            self._selector.register(stream, selectors.EVENT_READ, stream)
        self._lines = deque[str]()
        self._partial = bytearray()
        self._errors = Tail(_STDERR)
        self._problem = ""
        self._over = False

    def hear(self, stall: float) -> str | None:
        """Wait for the next line of standard output; None once it has ended, or was silent for ``stall`` seconds.

        Raises Interrupted when ``cancel`` is set.
        """
        heard = time.monotonic()
        while not self._lines and not self._over:
            if self._cancel.is_set():
                raise Interrupted("The run was interrupted.")
            if time.monotonic() - heard > stall:
                self._problem = f"Said nothing for {stall:g} seconds and was ended."
                self._over = True
            elif not self._selector.get_map():  # it closed both streams
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(_TICK)
                self._over = self._process.poll() is not None
            elif self._read():
                heard = time.monotonic()
            elif self._process.poll() is not None and not self._selector.select(0):
                self._end_of_output()  # a grandchild may hold the pipes open for ever
                self._over = True
        return self._lines.popleft() if self._lines else None

    def tell(self, line: str) -> None:
        """Write a line to its standard input; lost where it has ended."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            os.write(self._process.stdin.fileno(), line.encode() + b"\n")

    def close(self) -> None:
        """End the whole group, then the process itself, should it have left its group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._selector.close()
        with self._process:  # closes the pipes, and waits
            pass

    @property
    def exit(self) -> Exit:
        """How it ended, for when it was closed."""
        status, problem = self._process.returncode, self._problem
        if not problem and status:
            problem = f"Ended by signal {_name(-status)}." if status < 0 else f"Ended with status {status}."
        return Exit(status=status, problem=problem, stderr=self._errors.text())

    def _read(self) -> bool:
        """Take in what has come; whether any of it was on standard output."""
        told = False
        for key, _ in self._selector.select(_TICK):
            stream: IO[bytes] = key.data
            block = os.read(stream.fileno(), 1 << 16)
            if not block:
                self._selector.unregister(stream)
                if not self._selector.get_map():
                    self._end_of_output()
            elif stream is self._process.stderr:
                self._errors.feed(block)
            else:
                told = True
                self._partial += block
                *lines, rest = bytes(self._partial).split(b"\n")
                if len(rest) > LONGEST_LINE:  # such a line is cut into several
                    lines, rest = [*lines, rest], b""
                self._partial[:] = rest
                self._lines += [line.decode("utf-8", "replace").removesuffix("\r") for line in lines]
        return told

    def _end_of_output(self) -> None:
        """Its last line needs no line feed."""
        if self._partial:
            self._lines.append(self._partial.decode("utf-8", "replace"))
            self._partial.clear()


def _name(number: int) -> str:
    """What a signal is called; real-time signals have no name."""
    names = {item.value: item.name for item in signal.Signals}
    return names.get(number, str(number))
