"""Files into and out of containers as tar streams: the daemon may be on a machine that sees no file of ours."""

import io
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from stat import S_ISDIR
from threading import Event
from typing import TYPE_CHECKING

import requests

from environments.engines.walking import walk
from environments.errors import ConfigurationError, InfrastructureError, Interrupted

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

_CHUNK = 1024 * 1024


class TooMuch(Exception):
    """A container left more behind than is taken out of it. The message is a sentence."""


def folder(name: str, *, uid: int) -> Iterator[bytes]:
    """The tar entry of an empty folder that the user ``uid`` can write to."""
    yield _header(name, size=0, mode=0o755, kind=tarfile.DIRTYPE, uid=uid)


def text(name: str, content: str) -> Iterator[bytes]:
    """The tar entry of a small file that is not on this machine's disk."""
    data = content.encode()
    yield _header(name, size=len(data), mode=0o644)
    yield data + _padding(len(data))


def tree(name: str, path: Path) -> Iterator[bytes]:
    """The tar entries of a file or folder: links followed, owner and times dropped, in a fixed order.

    Raises ConfigurationError when ``path`` cannot be read or links to a folder above itself.
    """
    try:
        for below, entry, found in walk(name, path):
            if S_ISDIR(found.st_mode):
                yield _header(below, size=0, mode=0o755, kind=tarfile.DIRTYPE)
                continue
            yield _header(below, size=found.st_size, mode=0o755 if found.st_mode & 0o100 else 0o644)
            yield from _content(entry, found.st_size)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be sent into a container: {error.strerror}.") from error


def archive(*parts: Iterable[bytes]) -> Iterator[bytes]:
    """A whole tar stream of the given entries."""
    for part in parts:
        yield from part
    yield bytes(2 * tarfile.BLOCKSIZE)


def until(cancel: Event, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """``chunks`` as they are; raises Interrupted between two of them when ``cancel`` is set."""
    for chunk in chunks:
        if cancel.is_set():
            raise Interrupted("The run was interrupted.")
        yield chunk


def inputs(files: Mapping[str, Path], *, uid: int) -> Iterator[bytes]:
    """The tar stream of a job: ``in/`` to read and an empty ``out/`` that ``uid`` may write to."""
    return archive(_inputs(files), folder("out", uid=uid))


def more_inputs(files: Mapping[str, Path]) -> Iterator[bytes]:
    """The tar stream of what is added to ``in/`` of a job."""
    return archive(_inputs(files))


def _inputs(files: Mapping[str, Path]) -> Iterator[bytes]:
    above = {str(parent) for name in files for parent in PurePosixPath("in", name).parents} - {"."}
    for name in sorted(above | {"in"}):
        yield from folder(name, uid=0)
    for name, path in sorted(files.items()):
        yield from tree(f"in/{name}", path)


def extract(stream: Iterable[bytes], target: Path, *, most_bytes: int, most_files: int) -> None:
    """Write what a tar stream holds under its first folder into ``target``.

    Only plain files and folders are taken, with our own modes: nothing in the stream can name a place
    outside ``target``, and links and devices are left out. Raises TooMuch, with everything up to there
    written, and InfrastructureError for a stream that cannot be read.
    """
    target.mkdir(parents=True, exist_ok=True)
    left = most_bytes
    try:
        with tarfile.open(fileobj=io.BufferedReader(_Reader(stream), _CHUNK), mode="r|") as tar:
            for count, member in enumerate(tar):
                if count > most_files:
                    raise TooMuch(f"It left more than {most_files} files in out/; the rest was not taken.")
                parts = PurePosixPath(member.name).parts[1:]
                if not all(map(_plain, parts)) or not (member.isreg() or member.isdir()):
                    continue
                place = target.joinpath(*parts)
                if member.isdir():
                    place.mkdir(parents=True, exist_ok=True)
                    continue
                left -= member.size
                if left < 0:
                    raise TooMuch(
                        f"It left more than {most_bytes / 1024**3:.1f} GiB in out/; the rest was not taken."
                    )
                place.parent.mkdir(parents=True, exist_ok=True)
                content = tar.extractfile(member)
                assert content is not None  # A regular member always has content.
                with content, place.open("wb") as file:
                    while chunk := content.read(_CHUNK):
                        file.write(chunk)
    except tarfile.TarError as error:
        raise InfrastructureError(f"Docker sent an archive that cannot be read: {error}.") from error
    except requests.RequestException:
        raise
    except OSError as error:
        raise InfrastructureError(
            f"What a job left cannot be written to {target}: {error.strerror}. Make room or name another folder."
        ) from error


def _plain(part: str) -> bool:
    """Whether a part of a path names something in the folder that it is joined to, on any system."""
    return part != ".." and Path(part).name == part


def _content(path: Path, size: int) -> Iterator[bytes]:
    """Exactly ``size`` bytes and padding: a file that changes meanwhile must not break the stream's frame."""
    left = size
    with path.open("rb") as file:
        while left and (chunk := file.read(min(_CHUNK, left))):
            left -= len(chunk)
            yield chunk
    if left:
        raise ConfigurationError(f"{path} became shorter while it was read. Try again when it is complete.")
    yield _padding(size)


def _header(name: str, *, size: int, mode: int, kind: bytes = tarfile.REGTYPE, uid: int = 0) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.type, info.uid, info.gid = size, mode, kind, uid, uid
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def _padding(size: int) -> bytes:
    return bytes(-size % tarfile.BLOCKSIZE)


class _Reader(io.RawIOBase):
    """A stream of chunks as a file to read from."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, target: "Buffer") -> int:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        view = memoryview(target)
        count = min(len(view), len(self._rest))
        view[:count], self._rest = self._rest[:count], self._rest[count:]
        return count
