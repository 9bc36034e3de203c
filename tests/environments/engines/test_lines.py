from hypothesis import given
from hypothesis import strategies as st

from environments.engines.lines import LONGEST_LINE, Lines, Tail


def fed(*pieces: bytes) -> list[str]:
    found: list[str] = []
    lines = Lines(found.append)
    for piece in pieces:
        assert lines.feed(piece)
    lines.end()
    return found


def test_pieces_are_joined_into_lines() -> None:
    assert fed(b"on", b"e\ntwo\n\nth", b"ree") == ["one", "two", "", "three"]


def test_a_character_may_be_split_between_pieces() -> None:
    assert fed("é".encode()[:1], "é".encode()[1:] + b"\n") == ["é"]


def test_what_is_not_utf8_is_replaced() -> None:
    assert fed(b"a\xffb\r\n") == ["a\ufffdb"]


@given(st.lists(st.text(st.characters(blacklist_characters="\n\r", blacklist_categories=["Cs"]))), st.data())
def test_lines_survive_any_split(lines: list[str], data: st.DataObject) -> None:
    rest = "".join(f"{line}\n" for line in lines).encode()
    pieces = []
    while rest:
        cut = data.draw(st.integers(1, len(rest)))
        pieces.append(rest[:cut])
        rest = rest[cut:]
    assert fed(*pieces) == lines


def test_a_line_that_is_too_long_ends_the_output() -> None:
    found: list[str] = []
    lines = Lines(found.append)
    assert lines.feed(b"fine\n" + b"x" * LONGEST_LINE)
    assert not lines.feed(b"x")
    assert not lines.feed(b"\nmore\n")
    lines.end()
    assert found == ["fine"]


def test_a_tail_keeps_the_end() -> None:
    tail = Tail(5)
    for piece in (b"abc", b"defg", b"\xff"):
        tail.feed(piece)
    assert tail.text() == "defg\ufffd"
