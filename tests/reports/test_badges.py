import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.badges import badges, said, svg, width
from reports.verdicts import tally
from runner.results import Verdict
from tests.reports import sample

V = Verdict
SVG = "{http://www.w3.org/2000/svg}"


def test_there_is_one_for_all_for_each_environment_and_for_each_probe() -> None:
    results = sample.results(environments=2)
    made = badges(results)
    assert next(iter(made)) == "badges/overall.svg"
    assert "badges/environment/tf2.15.1-cpu.svg" in made
    assert "badges/probe/dense.svg" in made
    assert len(made) == 1 + 2 + len(sample.PROBES)  # none for what is broken on purpose


@pytest.mark.parametrize(
    ("verdicts", "words", "green"),
    [
        ([V.IDENTICAL, V.IDENTICAL, V.UNSUPPORTED, V.SAVE_FAILED], "2 of 2 identical", True),
        ([V.IDENTICAL, V.DEGRADED], "1 of 2 identical", False),
        ([V.IDENTICAL, V.DIVERGENT], "1 of 2 identical, 1 silently wrong", False),
        ([V.IDENTICAL, V.NOT_RUN], "1 of 1 identical, 1 without answer", False),
        ([V.UNAVAILABLE], "1 without answer", False),
        ([], "nothing run", False),
    ],
)
def test_it_says_what_was_seen(verdicts: list[Verdict], words: str, green: bool) -> None:
    message, colour = said(tally(verdicts))
    assert message == words
    assert (colour == "#1a7f37") is green


def test_colours_can_be_read_under_white() -> None:
    colours = {said(tally(v))[1] for v in ([V.IDENTICAL], [V.DEGRADED], [V.DIVERGENT], [])} | {"#24292f"}
    assert len(colours) == 5
    for colour in colours:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        assert 1.05 / (luminance + 0.05) >= 4.5, colour


def test_widths_are_those_of_verdana() -> None:
    # 2048 units to the em: c 1067, r 874, o 1243, s 1067, l 562, a 1230, d 1276.
    exact = 11 / 2048 * sum((1067, 874, 1243, 1067, 1067, 562, 1243, 1230, 1276))
    assert abs(width("crossload") - exact) <= 2
    assert width("iiii") < width("mmmm") / 2
    assert width("模型") == 22


@given(st.text(max_size=80), st.text(max_size=40))
def test_any_text_fits_and_is_read_aloud(label: str, message: str) -> None:
    root = ElementTree.fromstring(svg(label, message, "#000000"))
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"]
    assert root.findtext(f"{SVG}title")
    whole = int(root.attrib["width"])
    for text in root.iter(f"{SVG}text"):
        assert float(text.attrib["x"]) + float(text.attrib["textLength"]) <= whole


def test_it_loads_nothing() -> None:
    made = svg("<script>alert(1)</script>", "x", "#000000")
    assert "<script" not in made
    assert re.findall(r"https?://[^\"]*", made) == ["http://www.w3.org/2000/svg"]
    assert "@font-face" not in made
    assert "url(http" not in made
