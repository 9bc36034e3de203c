"""Reads the wire format of protocol buffers, within bounds; meaning is for the caller to know."""

from collections.abc import Iterator


class Broken(ValueError):
    """The bytes are not in that format; the message is the end of a sentence."""


def varint(data: bytes, place: int) -> tuple[int, int]:
    """A number, and the place behind it. Raises Broken."""
    value = shift = 0
    while True:
        if place >= len(data) or shift > 63:
            raise Broken("it is cut off, or not what it should be.")
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place += 1
        if byte < 0x80:
            return value, place
        shift += 7


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Field numbers with their values, a number or bytes, as they come. Raises Broken."""
    place = 0
    while place < len(data):
        tag, place = varint(data, place)
        kind, value = tag & 7, None
        if kind == 0:
            value, place = varint(data, place)
            yield tag >> 3, value
            continue
        if kind == 2:
            size, place = varint(data, place)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
        else:
            raise Broken("it is not what it should be.")
        if size > len(data) - place:
            raise Broken("it is cut off.")
        yield tag >> 3, data[place : place + size]
        place += size


def numbers(data: bytes) -> dict[int, int]:
    """The fields that are numbers; of several with one tag, the last."""
    return {field: value for field, value in fields(data) if isinstance(value, int)}
