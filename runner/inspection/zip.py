"""What a ``.keras`` archive holds: its configuration, and its weights without unpacking them."""

import io
import lzma
import os
import re
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO

from runner.agent import configuration
from runner.inspection import hdf5

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
#: Bytes of compressed weights that are unpacked to be looked at; Keras stores them as they are.
_UNPACKED = 64 << 20
#: Bytes in all that checksums are worked out for.
_CHECKED = 64 << 20
#: More than this many times its stored size no member of a model grows.
_RATIO = 200
_MOST = 10_000
#: What reading a damaged archive raises, by its compression. What is not implemented or encrypted is a RuntimeError.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
)


def read(path: Path) -> dict[str, Any]:
    """Facts, as plain JSON. What cannot be read is told under ``damage``."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _facts(path, archive)
    except zipfile.BadZipFile as error:
        return {"damage": [f"It is cut off or damaged: the directory at its end cannot be read ({error})."]}
    except BROKEN as error:
        return {"damage": [f"The archive cannot be read: {str(error)[:200]}"]}


def _facts(path: Path, archive: zipfile.ZipFile) -> dict[str, Any]:
    members = archive.infolist()
    names = [member.filename for member in members]
    found: dict[str, Any] = {"damage": [], "unusual": [], "members": sorted(names)[:200], "keras_version": ""}
    if len(members) > _MOST:
        found["damage"].append(f"It has {len(members):,} members, which no model has.")
        return found
    found["unusual"] += [
        f"{name[:200]} leads out of the archive"
        for name in names
        if name.startswith(("/", "\\")) or _leaves(name)
    ]
    for member in members:
        if member.file_size > _RATIO * max(member.compress_size, 1) and member.file_size > 1 << 20:
            grows = f"is said to grow from {member.compress_size:,} to {member.file_size:,} bytes"
            found["unusual"].append(f"{member.filename[:200]} {grows}")
            found["bomb"] = True
        if member.flag_bits & 1:
            found["damage"].append(f"{member.filename[:200]} is encrypted.")
    if len(set(names)) != len(names):
        found["unusual"].append("Two members have one name")
    if CONFIG not in names:
        found["other"] = _other(names)
        return found
    found["model"] = _json(archive, CONFIG, found)
    metadata = _json(archive, METADATA, found) if METADATA in names else {}
    if isinstance(metadata, dict):
        for key in ("keras_version", "date_saved"):
            found[key] = str(metadata.get(key, ""))[:40]
    if METADATA not in names:
        found["notes"] = [f"The member {METADATA}, which says who wrote it, is missing."]
    if isinstance(found["model"], dict):
        found["training"] = found["model"].get("compile_config")
    if WEIGHTS in names:
        _weights(path, archive, archive.getinfo(WEIGHTS), found)
    elif not any(re.fullmatch(r"model(?:_\d+)?\.weights(?:_\d+)?\.(?:h5|json|npz)", name) for name in names):
        found["damage"].append(f"The member {WEIGHTS} is missing: the archive holds no weights.")
    _checksums(archive, members, found)
    return found


def _leaves(name: str) -> bool:
    return ".." in re.split(r"[\\/]", name)


def _other(names: list[str]) -> str:
    if any(name.endswith("data.pkl") for name in names):
        return "a PyTorch file, which is a pickle: it is not opened, and no Keras loads it"
    if "[Content_Types].xml" in names:
        return "an office document"
    if WEIGHTS in names:
        return (
            f"a Keras archive without {CONFIG}: it has weights, and nothing that says what model they are of"
        )
    if names and all(name.endswith(".npy") for name in names):
        return "arrays that NumPy wrote (.npz): they have no architecture"
    inside = next(
        (name for name in names if name.endswith(("saved_model.pb", ".h5", ".keras", "/" + CONFIG))), ""
    )
    if inside:
        return f"a zip archive with {inside[:100]} in it: unpack it first"
    return "a zip archive without config.json: no Keras wrote it"


def _json(archive: zipfile.ZipFile, name: str, found: dict[str, Any]) -> Any:
    """A member as JSON; what it says of its own size is not believed."""
    try:
        with archive.open(name) as stream:
            return configuration.parse(stream.read(configuration.LARGEST + 1))
    except BROKEN as error:
        found["damage"].append(f"{name} cannot be read: {str(error)[:200]}")
        return {}


def _weights(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo, found: dict[str, Any]) -> None:
    """The weights' own HDF5 file: in its place where it is stored as it is, else unpacked within bounds."""
    try:
        if member.compress_type == zipfile.ZIP_STORED:
            with path.open("rb") as stream:
                window = _Window(stream, _begin(stream, member), member.file_size)
                inner = hdf5.read(io.BufferedReader(window))
        else:
            with archive.open(member) as packed:
                content = packed.read(_UNPACKED + 1)
            if len(content) > _UNPACKED:
                found.setdefault("notes", []).append(
                    "Its weights are compressed and large; they were not unpacked."
                )
                return
            inner = hdf5.read(io.BytesIO(content))
    except BROKEN as error:
        inner = {"damage": [f"cannot be read: {str(error)[:200]}"]}
    found["damage"] += [f"{WEIGHTS}: {said}" for said in inner.pop("damage", [])]
    found["unusual"] += inner.pop("unusual", [])
    for key in ("datasets", "parameters", "weight_bytes", "optimizer_variables", "links"):
        if key in inner:
            found[key] = inner[key]


def _begin(stream: BinaryIO, member: zipfile.ZipInfo) -> int:
    """Where a member's bytes are: behind a head of its own, whose lengths the directory does not know."""
    stream.seek(member.header_offset)
    head = stream.read(30)
    if len(head) < 30 or not head.startswith(b"PK\x03\x04"):
        raise zipfile.BadZipFile("its head is not where the directory says")
    return (
        member.header_offset
        + 30
        + int.from_bytes(head[26:28], "little")
        + int.from_bytes(head[28:30], "little")
    )


def _checksums(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], found: dict[str, Any]) -> None:
    """Every member's own, where all of them are small enough."""
    if found.get("bomb") or sum(member.file_size for member in members) > _CHECKED:
        return
    for member in members:
        try:
            left = _CHECKED
            with archive.open(member) as stream:
                while left > 0 and (block := stream.read(1 << 20)):
                    left -= len(block)
        except BROKEN as error:
            said = f"{member.filename[:200]} is damaged: {str(error)[:200]}"
            if not any(member.filename in known for known in found["damage"]):
                found["damage"].append(said)
    found["checked"] = True


class _Window(io.RawIOBase):
    """A part of a file, as a file."""

    def __init__(self, stream: BinaryIO, begin: int, size: int) -> None:
        self._stream, self._begin, self._size, self._place = stream, begin, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        self._place = max(base + offset, 0)
        return self._place

    def readinto(self, buffer: Any) -> int:
        left = max(min(len(buffer), self._size - self._place), 0)
        self._stream.seek(self._begin + self._place)
        content = self._stream.read(left)
        buffer[: len(content)] = content
        self._place += len(content)
        return len(content)
