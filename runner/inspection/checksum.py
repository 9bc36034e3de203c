"""Size and checksum of a file or a folder."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from environments.errors import UsageError
from runner.agent.sniff import digest_of

#: Bytes that are read for a checksum; more takes longer than a look should.
LARGEST = 512 << 20
_MOST = 20_000


@dataclass(frozen=True, kw_only=True)
class Checksum:
    """Of a folder it is that of names and contents, as results have it."""

    #: Empty where it was not worked out.
    sha256: str
    bytes: int
    files: int
    #: Why there is none.
    why: str = ""


def of(path: Path) -> Checksum:
    """The checksum of what is at ``path``; a folder with anything but plain files in it has none."""
    if path.is_file():
        size = path.stat().st_size
        if size > LARGEST:
            return Checksum(sha256="", bytes=size, files=1, why=f"it is large: sha256sum {path}")
        total = hashlib.sha256()
        with path.open("rb") as stream:
            for block in iter(lambda: stream.read(1 << 20), b""):
                total.update(block)
        return Checksum(sha256=total.hexdigest(), bytes=size, files=1)
    size = files = 0
    plain = True
    for folder, _, names in os.walk(path):
        for name in names:
            found = Path(folder, name).lstat()
            files, size = files + 1, size + found.st_size
            plain = plain and stat.S_ISREG(found.st_mode)
        if files > _MOST:
            return Checksum(sha256="", bytes=size, files=files, why="it has too many files")
    if not plain:
        return Checksum(sha256="", bytes=size, files=files, why="it holds links, or what is no plain file")
    if size > LARGEST:
        return Checksum(sha256="", bytes=size, files=files, why="it is large")
    try:
        return Checksum(sha256=digest_of(str(path))[0], bytes=size, files=files)
    except OSError as error:
        return Checksum(sha256="", bytes=size, files=files, why=f"{error.filename}: {error.strerror}")


def readable(path: Path) -> None:
    """Raises UsageError where there is nothing at ``path``, or nothing that may be read as a file or a folder."""
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            next(path.iterdir(), None)
        elif stat.S_ISREG(found.st_mode):
            with path.open("rb") as stream:
                stream.read(1)
        else:
            raise UsageError(f"{path} is no file and no folder. Name a model file.")
    except FileNotFoundError:
        more = "It is a link to something that is not there." if path.is_symlink() else "Check the path."
        raise UsageError(f"There is no {path}. {more}") from None
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a NUL in the name
        reason = (isinstance(error, OSError) and error.strerror) or str(error)
        raise UsageError(f"{path} cannot be read: {reason}. Name a file that can.") from error
