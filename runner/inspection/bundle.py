"""TensorFlow's bundles of variables (a checkpoint, or ``variables/`` of a SavedModel): what there is, and is it whole.

The index is a sorted table (``tensorflow/core/lib/io/table``) of ``BundleEntryProto``; its first entry, without a
name, is the header. The data files hold the values one after another.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from runner.inspection.protobuf import Broken, fields, numbers, varint

_MAGIC = bytes.fromhex("57fb808b247547db")
_FOOTER = 48
#: Bytes of an index that are read, and entries of it.
_LARGEST, _MOST = 64 << 20, 200_000
#: ``tensorflow.DataType`` of what is no number: strings are stored with lengths of their own.
_KINDS = {1: "float32", 2: "float64", 3: "int32", 4: "uint8", 6: "int8", 7: "string", 9: "int64", 10: "bool",
          14: "bfloat16", 19: "float16"}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Variable:
    """One entry of a bundle."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """What an index lists, and what is missing of it, in sentences."""

    variables: tuple[Variable, ...]
    damage: tuple[str, ...]


def read(index: Path) -> Bundle:
    """The bundle of an ``.index`` file. Nothing is raised: what cannot be read is damage.

    There may be nothing before ``.index``: old savers were often given a folder for a prefix.
    """
    try:
        with index.open("rb") as stream:
            data = stream.read(_LARGEST + 1)
    except OSError as error:
        return Bundle(variables=(), damage=(f"{index.name} is not there: {error.strerror}.",))
    try:
        entries = list(_entries(data))
    except Broken as error:
        return Bundle(variables=(), damage=(f"{index.name} is damaged: {error}",))
    shards = 1
    variables: list[Variable] = []
    ends: dict[int, int] = {}
    for name, value in entries:
        try:
            found = numbers(value)
            if not name:
                shards = found.get(1, 1)
                continue
            shard, offset, size = found.get(3, 0), found.get(4, 0), found.get(5, 0)
            ends[shard] = max(ends.get(shard, 0), offset + size)
            variables.append(_variable(name, value, found.get(1, 0), size))
        except Broken as error:
            return Bundle(variables=(), damage=(f"{index.name} is damaged: {error}",))
    return Bundle(variables=tuple(variables), damage=tuple(_missing(index, shards, ends)))


def _missing(index: Path, shards: int, ends: dict[int, int]) -> Iterator[str]:
    if not 0 < shards <= 100_000:
        yield f"The index speaks of {shards} data files."
        return
    prefix = index.name.removesuffix(".index")
    for shard in range(shards):
        name = f"{prefix}.data-{shard:05d}-of-{shards:05d}"
        try:
            size = index.with_name(name).stat().st_size
        except OSError:
            yield f"{name} is not there: it holds weights."
            continue
        if size < ends.get(shard, 0):
            yield f"{name} is cut off: it has {size:,} of {ends[shard]:,} bytes."
    if any(shard >= shards for shard in ends):
        yield "The index refers to data files that do not exist."


def _variable(name: bytes, value: bytes, kind: int, size: int) -> Variable:
    shape = tuple(
        numbers(dimension).get(1, 0)
        for field, content in fields(value)
        if field == 2 and isinstance(content, bytes)
        for inner, dimension in fields(content)
        if inner == 2 and isinstance(dimension, bytes)
    )
    text = name.decode("utf-8", "replace")
    return Variable(name=text, shape=shape, dtype=_KINDS.get(kind, str(kind)), bytes=size)


def _entries(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and values of the table. Raises Broken."""
    if len(data) > _LARGEST:
        raise Broken("it is too large to be read.")
    if len(data) < _FOOTER or data[-8:] != _MAGIC:
        raise Broken("its end is missing.")
    footer, place = data[-_FOOTER:], 0
    handles = []
    for _ in range(4):  # offset and size of the index of meta blocks, then of the index of data blocks
        value, place = varint(footer, place)
        handles.append(value)
    count = 0
    for _, handle in _block(data, handles[2], handles[3]):
        offset, place = varint(handle, 0)
        size, _ = varint(handle, place)
        for entry in _block(data, offset, size):
            count += 1
            if count > _MOST:
                raise Broken("it has too many entries.")
            yield entry


def _block(data: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    if offset + size + 1 > len(data):
        raise Broken("a part of it is missing.")
    if data[offset + size] != 0:
        raise Broken("it is compressed, which TensorFlow does not do.")
    block = data[offset : offset + size]
    restarts = int.from_bytes(block[-4:], "little")
    end = size - 4 - 4 * restarts
    if end < 0:
        raise Broken("a part of it is not as long as it says.")
    place, key = 0, b""
    while place < end:
        shared, place = varint(block, place)
        more, place = varint(block, place)
        length, place = varint(block, place)
        if shared > len(key) or place + more + length > end:
            raise Broken("an entry of it runs over its end.")
        key = key[:shared] + block[place : place + more]
        place += more
        yield key, block[place : place + length]
        place += length
