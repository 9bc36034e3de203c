import re
from xml.etree import ElementTree

from reports.trend import SHOWN, Past, durations, line, verdicts
from runner.results import Verdict

RUNS = [
    Past(
        id=f"r{number}",
        series="m",
        started="",
        tally={Verdict.IDENTICAL: 10 - number, Verdict.LOAD_FAILED: number},
        seconds={"a": {"save": 1.0 + number, "load": 2.0}, "b": {"save": 1.0}},
    )
    for number in range(3)
]


def rects(svg: str) -> list[dict[str, str]]:
    return [dict(element.attrib) for element in ElementTree.fromstring(svg) if element.tag == "rect"]


def test_verdicts_are_stacked_from_good_to_bad() -> None:
    found = rects(verdicts(RUNS))
    assert [(one["class"], one["x"]) for one in found] == [
        ("f-identical", "0"),
        ("f-identical", "12"),
        ("f-load_failed", "12"),
        ("f-identical", "24"),
        ("f-load_failed", "24"),
    ]
    # A run of all cells fills the height; the column of a run has no gap.
    assert float(found[0]["height"]) == 72
    assert float(found[2]["y"]) + float(found[2]["height"]) == float(found[1]["y"])


def test_durations_are_those_of_all_environments() -> None:
    assert RUNS[1].spent == {"provision": 0.0, "import": 0.0, "save": 3.0, "load": 2.0}
    assert RUNS[2].total == 6.0
    found = rects(durations(RUNS))
    assert {one["class"] for one in found} == {"p-save", "p-load"}
    assert sum(float(one["height"]) for one in found if one["x"] == "24") == 72


def test_a_picture_says_what_it_shows_and_shows_the_newest() -> None:
    many = [Past(id="", series="", started="", tally={Verdict.IDENTICAL: 1})] * (SHOWN + 5)
    assert len(rects(verdicts(many))) == SHOWN
    assert f'aria-label="Verdicts of the last {SHOWN} runs, the newest on the right"' in verdicts(many)


def test_nothing_is_a_picture_too() -> None:
    assert rects(verdicts([])) == []
    assert rects(durations([Past(id="", series="", started="")])) == []


def test_a_line_ends_in_a_dot_and_its_words_are_escaped() -> None:
    drawn = line([1.0, 2.0], 'from "1" to <2>')
    ElementTree.fromstring(drawn)
    assert re.findall(r'points="([^"]*)"', drawn) == ["0,11.0 4,2.0"]
    assert '<circle cx="4" cy="2.0" r="2"/>' in drawn
    ElementTree.fromstring(line([], "nothing"))
