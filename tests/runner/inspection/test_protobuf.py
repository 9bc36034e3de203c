import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.inspection.protobuf import Broken, fields, numbers, varint
from tests.runner.inspection.files import field, number


@given(st.integers(min_value=0, max_value=2**63))
def test_a_number_comes_back(value: int) -> None:
    assert varint(number(value), 0) == (value, len(number(value)))


def test_fields_come_as_they_are() -> None:
    data = field(1, 300) + field(2, b"text") + b"\x1d\1\2\3\4" + b"\x21" + bytes(8)
    assert list(fields(data)) == [(1, 300), (2, b"text"), (3, b"\1\2\3\4"), (4, bytes(8))]
    assert numbers(data) == {1: 300}


@pytest.mark.parametrize("data", [b"\xff" * 20, b"\x0a\x05ab", b"\x0b", b"\x08", b"\x1d\1"])
def test_what_is_cut_off_is_broken(data: bytes) -> None:
    with pytest.raises(Broken):
        list(fields(data))


@given(st.binary(max_size=200))
def test_any_bytes_are_fields_or_broken(data: bytes) -> None:
    try:
        list(fields(data))
    except Broken:
        return
