from dataclasses import replace

from reports.run_list import compare, past, picture, run_list
from reports.trend import Past
from runner.results import Run, Verdict
from runner.transitions import Kind
from tests.reports import sample
from tests.reports.read import Page

RUN = Run(id="r2", started="2026-11-21T06:40:12+00:00", engine="venv", matrix_sha256="", version="0.1.0")
FIRST = Past(
    id="r1",
    series="matrix.yaml default",
    started="2026-11-20T06:40:12+00:00",
    gate=0,
    tally={Verdict.IDENTICAL: 4},
    seconds={"a": {"load": 2.0}},
)
SECOND = replace(
    FIRST,
    id="r2",
    started=RUN.started,
    before="r1",
    gate=1,
    tally={Verdict.IDENTICAL: 3, Verdict.DIVERGENT: 1},
    changes={Kind.WORSE: 1},
    seconds={"a": {"load": 4.0}},
)


def test_runs_are_listed_with_what_changed_and_what_the_gate_said() -> None:
    page = Page(run_list(RUN, (SECOND, FIRST), {"r1", "r2"}))
    assert (
        "r2 latest 2026-11-21 06:40 UTC 4 3 identical 1 divergent 1 worse fails 4 with the one before"
        in page.text
    )
    assert "r1 2026-11-20 06:40 UTC 4 4 identical no run before holds 2" in page.text
    assert "2 runs, the newest from 2026-11-21 06:40 UTC." in page.text
    assert {"r1/index.html", "r2/index.html", "../index.html", "compare.html?old=r1&new=r2"} <= page.links
    labels = [attributes.get("aria-label") for tag, attributes in page.tags if tag == "svg"]
    assert "Verdicts of the last 2 runs, the newest on the right" in labels
    assert "Seconds over 2 runs, from 2 to 4" in labels


def test_one_run_has_no_trend() -> None:
    text = run_list(RUN, (FIRST,), {"r1"})
    assert "Over time" not in text
    assert "1 run, the newest" in text
    assert picture((FIRST,)) == ""
    assert "<svg" in picture((SECOND, FIRST))


def test_runs_of_another_series_are_named_and_not_drawn_together() -> None:
    other = replace(FIRST, id="r0", series="other.yaml", seconds={"b": {"load": 1.0}})
    page = Page(run_list(RUN, (SECOND, FIRST, other), set()))
    assert "other.yaml" in page.text
    assert "Verdicts of the last 2 runs, the newest on the right" in [
        attributes.get("aria-label") for tag, attributes in page.tags if tag == "svg"
    ]


def test_any_two_runs_that_have_pages_can_be_chosen() -> None:
    source = compare(RUN, (SECOND, FIRST, replace(FIRST, id="gone")), {"r1", "r2"})
    options = [attributes for tag, attributes in Page(source).tags if tag == "option"]
    assert [one["value"] for one in options] == ["r2", "r1", "r2", "r1"]
    assert [one["value"] for one in options if "selected" in one] == ["r1"]
    assert 'data-lost="not_run unavailable"' in source
    assert 'data-ranks="identical degraded divergent ' in source
    assert "There is one run yet" in compare(RUN, (SECOND, FIRST), {"r2"})


def test_a_run_without_a_history_is_remembered_by_its_results() -> None:
    results = sample.results(environments=2)
    found = past(results)
    assert found.series == "matrix.yaml default"
    assert found.cells == len(results.cells)
    assert round(found.total, 6) == 218.8


def test_hostile_names_are_text() -> None:
    bad = '"><script>alert(1)</script>\x00\u202e'
    runs = (replace(SECOND, id=bad, series=bad, started=bad, before=bad, seconds={bad: {"load": 1.0}}), FIRST)
    for source in (run_list(RUN, runs, {"r1"}), compare(RUN, runs, {"r1"})):
        assert "<script>" not in source
        assert "\x00" not in source
        assert "\u202e" not in source


def test_the_page_that_is_open_is_marked_among_the_pages_of_the_site() -> None:
    for source, marked in (
        (run_list(RUN, (FIRST,), {"r1"}), "../runs/index.html"),
        (compare(RUN, (FIRST,), {"r1"}), "../runs/compare.html"),
    ):
        current = [attributes for tag, attributes in Page(source).tags if "aria-current" in attributes]
        assert [one["href"] for one in current] == [marked]
