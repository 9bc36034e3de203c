"""Run functions in a forked child: with a deadline, a memory limit and everything they print caught."""

from __future__ import annotations

import codecs
import ctypes
import faulthandler
import json
import math
import os
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
from typing import Any, Callable, Iterator, Sequence

#: How often a running child's memory is read, in seconds.
POLL = 0.05
#: How much of a child's printed output is kept, in bytes.
OUTPUT = 16 * 1024
#: What asks a child that is out of time where it is, and how long its answer is waited for, in seconds.
LAST_WORDS = signal.SIGUSR1
ANSWER = 1.0
#: How much a child may print, in bytes: it goes to the disk until the child ends.
PRINTED = 64 * 1024 * 1024


def in_child(
    function: Callable[[str], Any],
    timeout: float,
    memory: int,
    private: Sequence[int] = (),
    echo: Callable[[str], None] | None = None,
    busy: float = math.inf,
) -> dict[str, Any]:
    """Run ``function(folder)`` in a forked child; ``folder`` is a fresh directory that is removed afterwards.

    After ``busy`` seconds of a processor's time it is taken to go round in a loop. ``private`` are descriptors of the
    parent that a model's code must not have: they are closed in the child.
    ``echo`` gets what the child prints, as text, while it runs.

    Returns ``{"status": "done", "value": …}`` with what the function returned (JSON), or ``"crashed"`` /
    ``"timed_out"`` with a ``problem`` sentence (and ``looping`` where that was the reason); always with ``output``
    and ``seconds``. A function that raises counts as crashed: whoever calls this catches what it expects inside it.
    """
    (answer,) = in_company([function], timeout, memory, private, echo, busy)
    return answer


def in_company(
    functions: Sequence[Callable[[str], Any]],
    timeout: float,
    memory: int,
    private: Sequence[int] = (),
    echo: Callable[[str], None] | None = None,
    busy: float = math.inf,
) -> Iterator[dict[str, Any]]:
    """Run several functions one after another in one child; gives what :func:`in_child` does for each, as it comes.

    ``timeout`` and ``busy`` are for each of them. After one that crashed or timed out there is nothing more: the
    child is gone.
    """
    started = time.monotonic()
    folder = tempfile.mkdtemp(prefix="cell-")
    reader, writer = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    with tempfile.TemporaryFile("a+b") as printed:  # it has no name, so no child can take it away
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            for descriptor in private:
                os.close(descriptor)
            _child(functions, folder, printed.fileno(), writer, parent)
        os.close(writer)
        heard = _Echo(printed.fileno(), echo)
        answers = _Answers(pid, reader, timeout, memory, busy)
        before = 0
        try:
            for _ in functions:
                answer, problem = answers.wait(started, heard)
                if answer["status"] != "done":
                    if answer["status"] == "timed_out":
                        _last_words(pid, heard)
                    _end(pid)  # before what it printed is read
                heard.look(last=True)
                size = answer.pop("printed", heard.size())  # the next one may be printing already
                kept = min(OUTPUT, max(0, size - before))  # the file shrinks when a model empties it
                text = os.pread(printed.fileno(), kept, size - kept).decode("utf-8", "replace")
                seconds = round(time.monotonic() - started, 4)
                yield dict({"seconds": seconds}, problem=problem, output=text, **answer)
                if answer["status"] != "done":
                    return
                started, before = time.monotonic(), size
        finally:
            _end(pid)
            os.close(reader)
            shutil.rmtree(folder, ignore_errors=True)


def in_place(function: Callable[[str], Any]) -> dict[str, Any]:
    """Run ``function(folder)`` in this very process, with no limits: a script's way, to measure the other against."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="cell-") as folder:
        value = json.loads(json.dumps(function(folder), default=str))
    seconds = round(time.monotonic() - started, 4)
    return {"status": "done", "value": value, "problem": "", "output": "", "seconds": seconds}


def _child(
    functions: Sequence[Callable[[str], Any]],
    folder: str,
    output: int,
    writer: int,
    parent: int,
) -> None:
    """The child's whole life; ends it without running the parent's clean-up."""
    status = 1
    try:
        os.setsid()  # its own children end with it
        _die_with(parent)
        os.dup2(output, 1)
        os.dup2(output, 2)
        # What runs out of time is asked where it is, and that is the last thing it prints.
        faulthandler.register(LAST_WORDS, file=output)
        for number, function in enumerate(functions):
            own = os.path.join(folder, str(number))
            os.mkdir(own)
            os.chdir(own)
            began = time.monotonic()
            value = function(own)
            sys.stdout.flush()
            sys.stderr.flush()
            took = round(time.monotonic() - began, 4)
            answer = json.dumps([os.fstat(output).st_size, took, value], default=str).encode() + b"\n"
            while answer:
                answer = answer[os.write(writer, answer) :]
        status = 0
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(status)


class _Answers:
    """The lines that a child sends, one for each of its functions."""

    def __init__(self, pid: int, reader: int, timeout: float, memory: int, busy: float) -> None:
        self._pid, self._reader = pid, reader
        self._timeout, self._memory, self._busy = timeout, memory, busy
        self._received = b""
        self._ended = self._status = 0

    def wait(self, started: float, heard: _Echo) -> tuple[dict[str, Any], str]:
        """The next answer, of what was begun at ``started``; gives ``(answer, problem)``."""
        deadline = started + self._timeout
        worked = _worked(self._pid)
        blocks = [self._received]
        while b"\n" not in blocks[-1]:
            left = deadline - time.monotonic()
            if left <= 0:
                return self._late()
            ready, _, _ = select.select([self._reader], [], [], 0 if self._ended else min(left, POLL))
            heard.look()
            if ready:
                block = os.read(self._reader, 1 << 20)
                if not block:
                    return self._without_answer(b"".join(blocks), deadline)
                blocks.append(block)
            elif self._ended:  # a process that it left behind holds its end of the pipe open
                return self._without_answer(b"".join(blocks), deadline)
            elif _resident(self._pid) > self._memory:
                return {"status": "crashed"}, "Took more than the {} MiB of memory a cell may take.".format(
                    self._memory >> 20
                )
            elif heard.size() > PRINTED:
                return {"status": "crashed"}, "Printed more than {} MiB.".format(PRINTED >> 20)
            elif self._loops(started, worked):
                return {"status": "timed_out", "looping": True}, _LOOPS.format(self._busy)
            else:
                self._ended, self._status = os.waitpid(self._pid, os.WNOHANG)
        line, _, self._received = b"".join(blocks).partition(b"\n")
        try:
            printed, seconds, value = json.loads(line.decode())
            return {"status": "done", "value": value, "printed": int(printed), "seconds": float(seconds)}, ""
        except (ValueError, TypeError):  # the model's code wrote into the pipe
            return _NOT_WHOLE

    def _late(self) -> tuple[dict[str, Any], str]:
        return {"status": "timed_out"}, "Still running after {:g} seconds.".format(self._timeout)

    def _loops(self, started: float, worked: float) -> bool:
        """Whether it goes round in a loop: both by the clock, as many processors work faster, and by its own work."""
        late = time.monotonic() - started >= self._busy
        return late and _worked(self._pid) - worked >= self._busy

    def _without_answer(self, received: bytes, deadline: float) -> tuple[dict[str, Any], str]:
        """How it ended, where its answer did not come."""
        while not self._ended:
            if time.monotonic() > deadline:
                return self._late()
            time.sleep(0.001)
            self._ended, self._status = os.waitpid(self._pid, os.WNOHANG)
        if os.WIFSIGNALED(self._status):
            number = os.WTERMSIG(self._status)
            name = signal.Signals(number).name if number in list(signal.Signals) else str(number)
            hint = " (often the system's out-of-memory killer)" if number == signal.SIGKILL else ""
            return {"status": "crashed"}, "Ended by signal {}{}.".format(name, hint)
        if received:
            return _NOT_WHOLE
        return {"status": "crashed"}, "Ended with exit status {} and no answer.".format(
            os.WEXITSTATUS(self._status)
        )


_LOOPS = "Worked for {:g} seconds and came to no end: far longer than saving it took."
_NOT_WHOLE = {"status": "crashed"}, "Ended with an answer that is not whole."


class _Echo:
    """Hands on what is appended to a file; does nothing without a listener."""

    def __init__(self, descriptor: int, listener: Callable[[str], None] | None) -> None:
        self._descriptor, self._listener, self._place = descriptor, listener, 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def size(self) -> int:
        """How much has been printed, in bytes."""
        return os.fstat(self._descriptor).st_size

    def look(self, last: bool = False) -> None:
        """Hand on what has come since the last look."""
        if self._listener is None:
            return
        block = os.pread(self._descriptor, OUTPUT, self._place)
        new = bytearray(block)
        while last and block:
            block = os.pread(self._descriptor, OUTPUT, self._place + len(new))
            new += block
        self._place += len(new)
        text = self._decoder.decode(bytes(new), last)
        if text:
            self._listener(text)


def _die_with(parent: int) -> None:
    """End this process when its parent ends: whoever kills the agent cannot know the group of this one."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "prctl"):  # Linux
        libc.prctl(1, int(signal.SIGKILL), 0, 0, 0)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)  # it ended before that


def _resident(pid: int) -> int:
    """Bytes of resident memory of a process; 0 when it is gone or the system does not say."""
    try:
        with open("/proc/{}/statm".format(pid)) as stream:
            return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def _worked(pid: int) -> float:
    """Seconds that processors have worked for a process, all its threads; 0 where the system does not say."""
    try:
        with open("/proc/{}/stat".format(pid)) as stream:
            # After the name, which may hold anything: state is field 3, utime and stime are 14 and 15 (proc(5)).
            fields = stream.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError):
        return 0.0


def _last_words(pid: int, heard: _Echo) -> None:
    """Have it print its stack; what hangs too deep for that says nothing."""
    before, deadline = heard.size(), time.monotonic() + ANSWER
    try:
        os.kill(pid, LAST_WORDS)
    except OSError:
        return  # it has ended meanwhile
    while heard.size() == before and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(POLL)  # it is written in pieces


def _end(pid: int) -> None:
    """Kill what is left of the child and of its own children, and reap it."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except OSError:
        pass  # nothing of its group is left
    try:
        if os.waitpid(pid, os.WNOHANG) == (0, 0):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    except OSError:
        pass  # it was reaped already
