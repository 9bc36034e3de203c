import marshal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.inspection.marshalled import LAYOUTS, NotCode, codes

OURS = LAYOUTS[3]  # 3.11 and later, as the tests run on


def test_a_dump_of_this_python_fits_its_layout_alone() -> None:
    dump = marshal.dumps((lambda x: [inner for inner in x if inner]).__code__)
    assert codes(dump, OURS)
    for layout in LAYOUTS[:3]:
        with pytest.raises(NotCode):
            codes(dump, layout)


def test_what_is_inside_comes_first() -> None:
    def outer() -> object:
        return lambda: 1

    found = codes(marshal.dumps(outer.__code__), OURS)
    assert len(found) == 2
    assert len(found[0].instructions) <= len(found[1].instructions)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"c",
        b"i\0\0\0\0",
        b"\xe3" + bytes(20) + b"(\xff\xff\xff\x7f",
        b"\xe3" + bytes(20) + b")\x01" * 1000,
        marshal.dumps((lambda x: x).__code__)[:-1],
        marshal.dumps((lambda x: x).__code__) + b"N",
    ],
)
def test_what_is_no_code_is_refused(data: bytes) -> None:
    for layout in LAYOUTS:
        with pytest.raises(NotCode):
            codes(data, layout)


@given(st.binary(max_size=300))
def test_any_bytes_are_code_or_refused(data: bytes) -> None:
    for layout in LAYOUTS:
        try:
            codes(b"\xe3" + data, layout)
        except NotCode:
            continue
