"""Read back with GitHub's own parser: what was text stays text."""

import html
import re

import cmarkgfm  # type: ignore[import-untyped]
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reports.markdown_text import block, code, fitted, prose, table

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</code></td></table><script>alert(1)</script>",
    "@octocat #12 GH-34 octo/cat#5 !7 ~bug %v1 :smile: $x$ &1",
    "https://evil.example www.evil.example ftp://x.y a@b.example mailto:a@b.example xmpp:a@b.example",
    "[text](https://evil.example) ![i](x) <https://evil.example> [a]: x",
    "| a | b |\n|---|---|\n| c | d |",
    "``` ```` ` a`b``c",
    "1. one\n# two\n> three\n- four\n***\n    five",
    "\\| \\\\| \\` trailing \\",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709 da39a3e",
    "**bold** __b__ ~~s~~ _i_ &lt;b&gt; &#64;octocat",
    "\x00\x1b[31m\u202egnp",
)
TEXTS = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="|`\\<>[]()@#!*_~:/.w1aGH-&;$\n \"'^=+%{}", max_size=40),
    st.lists(st.sampled_from(HOSTILE), max_size=3).map(" ".join),
)


def _read(markdown: str) -> str:
    page: str = cmarkgfm.github_flavored_markdown_to_html(markdown)
    return page


def _mentions(page: str) -> list[str]:
    """What GitHub or GitLab would make a reference of, outside of code."""
    words = html.unescape(re.sub(r"<[^>]*>", " ", re.sub(r"<(code|pre)>.*?</\1>", " ", page, flags=re.S)))
    return re.findall(
        r"[@~]\w+|[#!$&]\d+|\bGH-\d+|\b[0-9a-f]{7,40}\b|https?://\w+|www\.\w+|:\w+:", words, re.IGNORECASE
    )


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("way", [code, prose])
def test_hostile_text_is_text_in_a_paragraph_and_in_a_table(text: str, way: object) -> None:
    assert callable(way)
    _harmless(way(text))


@given(TEXTS)
@example("a|b\\|c")
@example("`|`")
def test_code_of_any_text_is_one_code_span(text: str) -> None:
    shown = code(text)
    _harmless(shown)
    assert _read(shown).count("<code>") == (1 if shown else 0)


@given(TEXTS)
@example("0) ")
@example("0.")
@example("a@b.cc")
@example("0@.A")
@example(":a:")
def test_prose_of_any_text_is_nothing_but_words(text: str) -> None:
    shown = prose(text)
    _harmless(shown)
    assert re.sub(r"</?p>", "", _read(f"x {shown}")).count("<") == 0


@given(TEXTS)
def test_nothing_in_a_block_ends_it(text: str) -> None:
    page = _read(block(text, "python"))
    assert page.count("<pre") == 1
    assert page.rstrip().endswith("</code></pre>")


def _harmless(shown: str) -> None:
    assert "\n" not in shown
    alone = _read(shown)
    assert set(re.findall(r"<(\w+)", alone)) <= {"p", "code"}, alone
    assert not _mentions(alone)
    page = _read(table(["one", "two"], [[shown, "end"]]))
    assert page.count("<td>") == 2, page
    assert "<td>end</td>" in page
    assert set(re.findall(r"<(\w+)", page)) <= {"table", "thead", "tbody", "tr", "th", "td", "code"}
    assert not _mentions(page)


def test_what_is_read_is_what_was_written() -> None:
    assert _read(prose("Keras 3.4 *cannot* read model_config (see #12) & stops")) == (
        "<p>Keras 3.4 *cannot* read model_config (see #\u206012) &amp; stops</p>\n"
    )
    assert prose("Try: docker pull python:3.11-slim #no") == r"Try: docker pull python:3.11-slim \#no"
    assert code("ValueError: Unknown layer: 'Mine'") == "`ValueError: Unknown layer: 'Mine'`"
    assert code("  \n\n ") == ""


def test_a_table_has_its_numbers_on_the_right() -> None:
    page = _read(table(["what", "how many"], [["a", "1"]], right=[1]))
    assert '<td align="right">1</td>' in page


def test_what_does_not_fit_is_left_out_whole_and_said() -> None:
    parts = ["a" * 50, "ä" * 50, "c" * 50]
    assert fitted(parts, 1000, "More.") == "a" * 50 + "\n\n" + "ä" * 50 + "\n\n" + "c" * 50 + "\n"
    assert fitted(parts, 170, "More.") == "a" * 50 + "\n\n" + "ä" * 50 + "\n\nMore.\n"
    assert len(fitted(parts, 170, "More.").encode()) <= 170
