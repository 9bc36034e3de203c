import re

import cmarkgfm  # type: ignore[import-untyped]
import pytest

from reports.markdown import summary
from runner.results import Verdict
from runner.transitions import CellName, Seen, between, compare
from tests.reports import sample

#: What the summary itself is made of.
ALLOWED = {
    "h2",
    "h3",
    "p",
    "ul",
    "li",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "code",
    "pre",
    "strong",
    "em",
}


def test_it_answers_first_and_says_why_and_what_helps() -> None:
    text = summary(sample.results(), gate=["regression: FAILS, 1 cell: a/b/c/d."], page="https://x.example/")
    assert text.startswith(
        "## crossload: 911 of 1,728 cells are identical; 36 load without an error and are wrong."
    )
    assert "- regression: FAILS, 1 cell: a/b/c/d." in text
    assert "[the page](<https://x.example/>)" in text
    assert "| 135 | A Keras 3 configuration read by Keras 2 | A repaired configuration | 135 of 135 |" in text
    assert "| ≠ | divergent | 36 |" in text
    assert text.index("### Why") < text.index("### Verdicts") < text.index("### Grid")


def test_what_changed_comes_before_the_causes() -> None:
    new = sample.results(environments=3)
    old = new.model_copy(update={"cells": new.cells[1:]})
    text = summary(new, comparison=between(old, new))
    assert "1 added" in text
    assert "`tf2.12.1-cpu/tf2.12.1-cpu/dense/keras`" in text
    assert text.index("### What changed") < text.index("### Why")


def test_many_changes_are_counted() -> None:
    cells = {CellName("p", "c", f"x{i}", "h5"): Seen(verdict=Verdict.IDENTICAL) for i in range(60)}
    text = summary(sample.results(environments=2), comparison=compare(cells, {}))
    assert "… and 10 more, on the page." in text


@pytest.mark.parametrize("limit", [400, 2500])
def test_it_keeps_to_a_limit(limit: int) -> None:
    text = summary(sample.results(), limit=limit)
    assert len(text.encode()) <= limit
    assert text.startswith("## crossload: ")


def test_hostile_text_is_no_markup() -> None:
    text = summary(sample.results(hostile=True))
    page = cmarkgfm.github_flavored_markdown_to_html(text)
    assert set(re.findall(r"<(\w+)", page)) <= ALLOWED
    assert "onerror" not in re.sub(r"<(code|pre)>.*?</\1>", "", page, flags=re.S)


def test_an_address_that_is_none_is_no_link() -> None:
    assert "[the page]" not in summary(sample.results(environments=2), page="javascript:alert(1)")
