"""Breaks what was saved, always in the same way: the same bytes for the same artifact."""

from __future__ import annotations

import hashlib
import io
import os
import random
import struct
import zipfile
import zlib
from typing import Any, Callable, Mapping

from .sniff import actual_format, files_of
from .stack import SEED
from .weight_bytes import CannotBreak, Place, in_checkpoint, in_hdf5

_CONFIG, _WEIGHTS = "config.json", ".weights.h5"
_ENDINGS = {"m.keras": "m.h5", "m.h5": "m.keras", "m.weights.h5": "m.h5"}


def corrupt(tf: Any, fault: str, payload: str, name: str) -> tuple[str, str]:
    """Do the fault to ``payload/name``; gives the name by which it is loaded now, and what was done.

    Raises CannotBreak, with a sentence, where there is nothing of the kind to break.
    """
    path = os.path.join(payload, name)
    if fault == "renamed":
        return _renamed(payload, name)
    if fault in ("missing_config", "missing_weights"):
        return name, _without(path, _CONFIG if fault == "missing_config" else _WEIGHTS)
    if fault in ("bit_flip", "bit_flip_crc"):
        return name, _flip(tf, path, crc=fault == "bit_flip_crc")
    return name, _TO_A_FILE[fault](_holder(path), payload)


def _holder(path: str) -> str:
    """The file that holds the weights: the artifact itself, or the likeliest of a directory."""
    if not os.path.isdir(path):
        if not os.path.exists(path):
            raise CannotBreak("Nothing was saved under that name.")
        return path
    files = [os.path.join(path, name) for name in files_of(path)]
    if not files:
        raise CannotBreak("The directory is empty.")

    def likeliness(file: str) -> tuple[bool, bool, int]:
        return ".data-" in os.path.basename(file), file.endswith(".h5"), os.path.getsize(file)

    return max(files, key=likeliness)


def _garbage(file: str, payload: str) -> str:
    size = os.path.getsize(file)
    noise = bytes(random.Random(SEED).randrange(256) for _ in range(min(64, size)))
    _write_at(file, size // 2, noise[: size - size // 2])
    return "{} random bytes stand at byte {} of {}.".format(
        len(noise), size // 2, os.path.relpath(file, payload)
    )


def _truncated(file: str, payload: str) -> str:
    size = os.path.getsize(file)
    os.truncate(file, size // 2)
    return "{} was cut after {} of {} bytes.".format(os.path.relpath(file, payload), size // 2, size)


def _emptied(file: str, payload: str) -> str:
    size = os.path.getsize(file)
    os.truncate(file, 0)
    return "{} lost all of its {} bytes.".format(os.path.relpath(file, payload), size)


def _missing(file: str, payload: str) -> str:
    if os.path.dirname(file) == payload:
        raise CannotBreak("What was saved is a single file, and has no shard to miss.")
    os.remove(file)
    return "{} was removed.".format(os.path.relpath(file, payload))


def _pointer(file: str, payload: str) -> str:
    with open(file, "rb") as stream:
        content = stream.read()
    text = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n"
    with open(file, "w") as pointer:
        pointer.write(text.format(hashlib.sha256(content).hexdigest(), len(content)))
    return "{} is the text of a git-lfs pointer.".format(os.path.relpath(file, payload))


_TO_A_FILE: Mapping[str, Callable[[str, str], str]] = {
    "garbage": _garbage,
    "truncated": _truncated,
    "emptied": _emptied,
    "missing_shard": _missing,
    "lfs_pointer": _pointer,
}


def _renamed(payload: str, name: str) -> tuple[str, str]:
    if name not in _ENDINGS or not os.path.isfile(os.path.join(payload, name)):
        raise CannotBreak("A directory's name says nothing of its format, so another name breaks nothing.")
    os.rename(os.path.join(payload, name), os.path.join(payload, _ENDINGS[name]))
    return _ENDINGS[name], "{} was renamed to {}.".format(name, _ENDINGS[name])


def _without(path: str, ending: str) -> str:
    """The archive without its members of that ending."""
    if actual_format(path) != "zip":
        raise CannotBreak("What was saved is no archive, and has no member to miss.")
    with zipfile.ZipFile(path) as whole:
        gone = [name for name in whole.namelist() if name.endswith(ending)]
        if not gone:
            raise CannotBreak("The archive has no member {} to take away.".format(ending))
        with zipfile.ZipFile(path + ".new", "w") as part:
            for item in whole.infolist():
                if item.filename not in gone:
                    part.writestr(item, whole.read(item))
    os.replace(path + ".new", path)
    return "{} was taken out of {}.".format(", ".join(gone), os.path.basename(path))


def _flip(tf: Any, path: str, crc: bool) -> str:
    kind = actual_format(path)
    if kind == "zip":
        place = _flip_in_zip(path, crc)
    elif crc:
        raise CannotBreak("What was saved is no archive with checksums that can be made to fit.")
    elif kind in ("savedmodel", "checkpoint"):
        place = in_checkpoint(tf, path)
    else:
        file = _holder(path)
        if actual_format(file) != "hdf5":
            raise CannotBreak("There is no file in which it is known where the weights are.")
        with open(file, "rb") as stream:
            place = in_hdf5(stream, file)
    with open(place.file, "rb") as stream:
        stream.seek(place.offset)
        byte = stream.read(1)[0]
    if kind != "zip":
        _write_at(place.file, place.offset, bytes([byte ^ 0x80]))
    fitted = ", and the checksum made to fit" if crc else ""
    return "The sign of element {} of {} was flipped, at byte {} of {}{}.".format(
        place.element, place.name, place.offset, os.path.basename(place.file), fitted
    )


def _flip_in_zip(path: str, crc: bool) -> Place:
    """Flip the bit where the archive stores its weights uncompressed, so that no other byte moves."""
    with zipfile.ZipFile(path) as archive:
        found = [item for item in archive.infolist() if item.filename.endswith(_WEIGHTS)]
        if len(found) != 1 or found[0].compress_type != zipfile.ZIP_STORED:
            raise CannotBreak("The archive does not store its weights as one uncompressed member.")
        member = found[0]
        content = bytearray(archive.read(member))
        directory = archive.start_dir
    inner = in_hdf5(io.BytesIO(bytes(content)), path)
    content[inner.offset] ^= 0x80
    with open(path, "rb") as stream:
        stream.seek(member.header_offset)
        name_length, extra_length = struct.unpack("<HH", stream.read(30)[26:])
    start = member.header_offset + 30 + name_length + extra_length
    _write_at(path, start + inner.offset, bytes([content[inner.offset]]))
    if crc:
        _fit(path, directory, member, start, zlib.crc32(bytes(content)))
    return inner.moved(start)


def _fit(path: str, directory: int, member: zipfile.ZipInfo, start: int, crc: int) -> None:
    """Write a member's checksum wherever the archive has it."""
    packed = struct.pack("<I", crc)
    with open(path, "rb") as stream:
        whole = stream.read()
    if member.flag_bits & 0x08:  # it follows the content, after a signature that may be left out
        after = start + member.compress_size
        _write_at(path, after + (4 if whole[after : after + 4] == b"PK\x07\x08" else 0), packed)
    else:
        _write_at(path, member.header_offset + 14, packed)
    at = directory
    while whole[at : at + 4] == b"PK\x01\x02":
        name, extra, comment = struct.unpack("<HHH", whole[at + 28 : at + 34])
        if struct.unpack("<I", whole[at + 42 : at + 46])[0] == member.header_offset:
            _write_at(path, at + 16, packed)
        at += 46 + name + extra + comment


def _write_at(path: str, offset: int, content: bytes) -> None:
    with open(path, "r+b") as stream:
        stream.seek(offset)
        stream.write(content)
