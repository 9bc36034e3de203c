import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import text


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("plain text\n\twith tab", "plain text\n\twith tab"),
        ("nul\x00", "nul‹NUL›"),
        ("\x1b[31mred\x1b[0m", "‹ESC›[31mred‹ESC›[0m"),
        ("progress\r50%", "progress‹CR›50%"),
        ("\u202egnp.exe", "‹U+202E›gnp.exe"),
        ("zero\u200bwidth\ufeff", "zero‹U+200B›width‹U+FEFF›"),
        ("c1\x9b31m del\x7f", "c1‹U+009B›31m del‹DEL›"),
        ("half \ud800 surrogate", "half ‹U+D800› surrogate"),
        ("日本語 שלום é 🎉", "日本語 שלום é 🎉"),
    ],
)
def test_invisible_characters_are_spelled_out(given_text: str, shown: str) -> None:
    assert text.visible(given_text) == shown


@given(st.text(st.characters(codec=None)))
def test_nothing_invisible_is_left_and_utf8_can_hold_it(anything: str) -> None:
    shown = text.visible(anything)
    shown.encode("utf-8")
    left = {c for c in shown if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")}
    assert left <= {"\n", "\t"}
    assert not {
        c for c in shown if unicodedata.bidirectional(c) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI")
    }


def test_visible_text_stays_as_it_is() -> None:
    once = text.visible("a\x00b\u202e")
    assert text.visible(once) == once


def test_clip_keeps_both_ends_and_says_what_is_missing() -> None:
    assert text.clip("short", 10) == "short"
    clipped = text.clip("a" * 600 + "b" * 900, 100)
    assert clipped == "a" * 50 + "\n… 1,400 characters left out …\n" + "b" * 50


def test_line_is_the_first_that_says_something() -> None:
    assert text.line("\n\n  ValueError: no  \nmore") == "ValueError: no"
    assert text.line("") == ""
    assert text.line("word " * 50, limit=12) == "word word w…"


def test_names_lose_only_the_endings_that_all_share() -> None:
    assert text.short_names(["tf2.15.1-cpu", "tf2.16.2-keras3.4.1-cpu"]) == {
        "tf2.15.1-cpu": "tf2.15.1",
        "tf2.16.2-keras3.4.1-cpu": "tf2.16.2-keras3.4.1",
    }
    assert text.short_names(["tf2.15.1-cpu", "tf2.15.1-cuda"]) == {
        "tf2.15.1-cpu": "tf2.15.1-cpu",
        "tf2.15.1-cuda": "tf2.15.1-cuda",
    }
    assert text.short_names(["cpu", "tf-cpu"]) == {"cpu": "cpu", "tf-cpu": "tf-cpu"}
    assert text.short_names([]) == {}


@given(st.lists(st.text(alphabet="ab-", min_size=1), unique=True))
def test_short_names_stay_apart(names: list[str]) -> None:
    assert len(set(text.short_names(names).values())) == len(names)


def test_an_address_keeps_plain_names_and_tells_look_alikes_apart() -> None:
    assert text.slug("tf2.16.2-keras3.4.1-cpu") == "tf2.16.2-keras3.4.1-cpu"
    assert text.slug("a b") != text.slug("a?b")


@given(st.text())
def test_an_address_needs_no_quoting(name: str) -> None:
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-~")
    assert set(text.slug(name)) <= allowed


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0 B"), (999, "999 B"), (31_264, "31.3 kB"), (5_000_000, "5.0 MB"), (2 * 10**12, "2.0 TB")],
)
def test_sizes(count: int, shown: str) -> None:
    assert text.size(count) == shown
