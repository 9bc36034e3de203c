"""Makes saving hard for this process: a full disk, a kill half way, a directory it may not write to, no memory.

For a child of its own, which ends afterwards: a limit that was hit may leave libraries in any state.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from contextlib import contextmanager
from typing import Iterator

from .weight_bytes import CannotBreak

#: Bytes of memory that a process can get when it begins to save.
ROOM = 1 << 18
#: Number of the capability to write where the mode of a file says no, and of the calls' version.
_DAC_OVERRIDE, _VERSION_3 = 1, 0x20080522


@contextmanager
def hindered(fault: str, folder: str, largest: int) -> Iterator[None]:
    """Within, the fault holds for saving into ``folder``; ``largest`` is the size of a whole save's largest file.

    Raises CannotBreak where the fault cannot be had here.
    """
    if fault == "read_only":
        _forbid(folder)
        yield
        return
    if fault == "out_of_memory":
        before = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (_size(), before[1]))
        taken = _all_but(ROOM)
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_AS, before)
            taken.clear()
        return
    _silence()
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL if fault == "killed" else signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    # For good: what a library still holds back must not be written after all, when it is given up later.
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest // 2, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    yield


def _all_but(room: int) -> list[bytearray]:
    """Whatever the process has in store: a small model would be saved with that alone, and feel no limit."""
    taken: list[bytearray] = []
    for block in (1 << 22, 1 << 18, 1 << 12):
        try:
            while True:
                taken.append(bytearray(block))
        except MemoryError:
            continue
    for _ in range(min(len(taken), room >> 12)):
        taken.pop()
    return taken


def _silence() -> None:
    """Nothing is printed from now on: what a child prints goes to a file, which a limit would stop as well."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(nowhere, number)


def _size() -> int:
    """Bytes of address space that this process has."""
    with open("/proc/self/statm") as stream:
        return int(stream.read().split()[0]) * resource.getpagesize()


def _forbid(folder: str) -> None:
    """Take away the right to write into the folder, and from root the power to do so without it."""
    os.chmod(folder, 0o555)
    _drop_override()
    if os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        raise CannotBreak("This user may write into every directory, and that power could not be given up.")


def _drop_override() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "capset"):  # no Linux; whether it worked is asked afterwards
        return
    header = (ctypes.c_uint32 * 2)(_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable: twice 32 capabilities
    if libc.capget(header, sets) == 0:
        for index in (0, 1):
            sets[index] &= ~(1 << _DAC_OVERRIDE)
        libc.capset(header, sets)
