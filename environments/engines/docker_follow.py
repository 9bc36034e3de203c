"""A container from its start to its end: its output line by line, and the reasons to end it early."""

import queue
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

import requests
from docker.errors import APIError, DockerException
from docker.models.containers import Container

from environments.engines.docker_owned import explained, reason
from environments.engines.lines import LONGEST_LINE, Lines
from environments.errors import EnvironmentUnavailable, InfrastructureError, Interrupted

#: How much of the output may wait in memory, in pieces of at most 32 KiB, before the container has to wait.
_WAITING = 256
#: Seconds between two looks at ``cancel`` and the deadline.
_TICK = 0.1
#: Seconds between two looks at whether there is room again.
_PAUSE = 0.005
#: Seconds that the output of a killed container may take to end.
_AFTERWARDS = 10.0

_SIGNALS = {number.value: number.name for number in signal.Signals}

_Piece = tuple[bytes | None, bytes | None]
_Pieces = queue.SimpleQueue[_Piece | Exception | None]
_CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a container ended. ``problem`` is a sentence where it was ended from here or ran out of memory."""

    status: int
    problem: str


def follow(
    container: Container,
    *,
    on_line: Callable[[str], None],
    on_error: Callable[[bytes], object],
    stall: float,
    cancel: Event,
) -> Ended:
    """Start ``container`` and stay with it to its end.

    ``on_line`` gets each line of standard output, ``on_error`` standard error as it comes. The container is
    killed when it prints no line for ``stall`` seconds. Raises EnvironmentUnavailable when it cannot be
    started, and Interrupted, after it was killed, when ``cancel`` is set.
    """
    with Followed(container, on_error=on_error, cancel=cancel) as followed:
        while (line := followed.hear(stall)) is not None:
            on_line(line)
    return followed.ended()


class Followed:
    """A container that is started, heard line by line, told lines where its standard input is open, and ended.

    ``on_error`` gets standard error as it comes. Entering raises EnvironmentUnavailable when it cannot be started.
    """

    def __init__(self, container: Container, *, on_error: Callable[[bytes], object], cancel: Event) -> None:
        self._container, self._on_error, self._cancel = container, on_error, cancel
        self._said = deque[str]()
        self._lines = Lines(self._said.append)
        self._pieces = _Pieces()
        self._stopping = Event()
        #: Why it was ended from here, that its output is at its end, and that it has ended.
        self._problem, self._silent, self._done = "", False, False
        self._open = ExitStack()
        self._input: Any = None
        self._reader: Thread

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            with explained("attaching to a container"):
                if self._container.attrs["Config"]["OpenStdin"]:
                    # The daemon ends the container's standard input when this socket is gone, by whatever means.
                    self._input = self._container.attach_socket(params={"stdin": 1, "stream": 1})
                    opening.enter_context(closing(self._input._response))
                stream = self._container.attach(stdout=True, stderr=True, stream=True, demux=True)
                # Not stream.close(): that leaves the socket to the garbage collector.
                opening.enter_context(closing(stream._response))  # type: ignore[attr-defined]
            self._reader = Thread(target=_read, args=(stream, self._pieces, self._stopping), daemon=True)
            _start(self._container)
            self._reader.start()
            self._open = opening.pop_all()
        return self

    def hear(self, stall: float) -> str | None:
        """Wait for the next line; None once the container has ended, or was ended after ``stall`` silent seconds.

        Raises Interrupted, after all that was said before, when ``cancel`` is set: the container is ended then.
        """
        heard = time.monotonic()
        while not self._said and not self._silent:
            if self._cancel.is_set():
                self._stop(_CANCELLED)
            elif time.monotonic() - heard > stall:
                self._stop(_stalled(stall))
            elif self._take(_TICK):
                heard = time.monotonic()
        if self._said:
            return self._said.popleft()
        if not self._problem and not self._done:
            self._problem = _outlive(self._container, stall, self._cancel)
            if self._problem:
                _kill(self._container)
        self._done = True
        if self._problem == _CANCELLED:
            raise Interrupted("The run was interrupted.")
        return None

    def tell(self, line: str) -> None:
        """Write a line to its standard input; lost where it has ended."""
        # What the SDK gives is a reader around the socket, for plain connections.
        with suppress(OSError):
            getattr(self._input, "_sock", self._input).sendall(line.encode() + b"\n")

    def ended(self) -> Ended:
        """How it ended, for when it was left."""
        ended = _ended(self._container)
        return Ended(status=ended.status, problem=self._problem or ended.problem)

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        try:
            if not self._done:
                _kill(self._container)
        finally:
            self._reader.join(_AFTERWARDS)
            self._open.close()

    def _take(self, seconds: float) -> bool:
        """Take in what comes within that time; whether a line of standard output ended in it."""
        try:
            piece = self._pieces.get(timeout=seconds)
        except queue.Empty:
            return False
        if piece is None:
            self._lines.end()
            self._silent = True
            return False
        if isinstance(piece, Exception):
            raise InfrastructureError(
                f"The connection to the Docker daemon was lost: {reason(piece)}. Look at it with: docker info"
            ) from piece
        out, err = piece
        if err:
            self._on_error(err)
        if out and not self._lines.feed(out) and not self._problem:
            self._stop(f"It printed a line of more than {LONGEST_LINE // 1024**2} MiB and was ended.")
        return bool(out and b"\n" in out)

    def _stop(self, problem: str) -> None:
        """End it. What it printed before is still good: each line is a message of its own."""
        self._problem = problem
        self._stopping.set()
        _kill(self._container)
        until = time.monotonic() + _AFTERWARDS
        while not self._silent and time.monotonic() < until:
            self._take(_TICK)
        self._silent = True


def _start(container: Container) -> None:
    try:
        container.start()
    except APIError as error:
        raise EnvironmentUnavailable(
            f"Docker could not start a container: {reason(error)}.", log=reason(error)
        ) from error
    except (DockerException, requests.RequestException) as error:
        raise EnvironmentUnavailable(f"The Docker daemon did not answer: {reason(error)}.") from error


def _read(stream: Iterable[_Piece], pieces: _Pieces, stopping: Event) -> None:
    """In a thread of its own: the stream can only be waited for, not asked.

    A container that prints faster than its lines are used has to wait, but not once it is being ended:
    the daemon would wait for its output, and we for the daemon.
    """
    try:
        for piece in stream:
            while pieces.qsize() >= _WAITING and not stopping.wait(_PAUSE):
                pass
            pieces.put(piece)
    except (OSError, ValueError, DockerException) as error:
        pieces.put(error)
    pieces.put(None)


def _outlive(container: Container, stall: float, cancel: Event) -> str:
    """Wait for a container that closed its output and goes on; the reason to end it, or nothing."""
    closed = time.monotonic()
    while not cancel.is_set():
        with explained("waiting for a container"):
            container.reload()
        if container.status not in ("running", "paused", "restarting"):
            return ""
        if time.monotonic() - closed > stall:
            return _stalled(stall)
        time.sleep(_TICK)
    return _CANCELLED


def _stalled(stall: float) -> str:
    return f"It printed nothing for {stall:g} seconds and was ended."


def _kill(container: Container) -> None:
    with explained("ending a container"):
        try:
            container.kill()
        except APIError as error:
            # 404 and 409: it is gone, or it ended by itself meanwhile.
            if error.status_code not in (requests.codes.not_found, requests.codes.conflict):
                raise


def _ended(container: Container) -> Ended:
    with explained("waiting for a container"):
        container.wait()
        container.reload()
    state = container.attrs["State"]
    status = int(state["ExitCode"])
    if status and state.get("OOMKilled"):
        problem = "It ran out of memory and was ended by the kernel."
    elif state.get("Error"):
        problem = f"The container failed: {state['Error'].rstrip('.')}."
    elif status - 128 in _SIGNALS:
        problem = f"It was ended by signal {status - 128} ({_SIGNALS[status - 128]})."
    else:
        problem = f"It ended with status {status}." if status else ""
    return Ended(status=status, problem=problem)
