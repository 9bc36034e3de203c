import pytest

from reports.reused import age, reused
from runner.results import CellResult, Results, Run, Verdict


def results(*ran: str, finished: str = "2026-11-20T08:00:00+00:00") -> Results:
    run = Run(
        id="r",
        started="2026-11-20T07:00:00+00:00",
        finished=finished,
        engine="x",
        matrix_sha256="",
        version="",
    )
    cells = tuple(
        CellResult(
            producer="a",
            consumer="b",
            probe=f"p{number}",
            format="h5",
            verdict=Verdict.IDENTICAL,
            cached=bool(text),
            ran=text,
        )
        for number, text in enumerate(ran)
    )
    return Results(run=run, environments=(), artifacts=(), cells=cells)


def test_a_run_of_everything_says_nothing() -> None:
    assert reused(results("", "")) == ""


def test_how_many_and_how_old() -> None:
    found = reused(results("", "2026-11-01T00:00:00+00:00", "2026-11-18T00:00:00+00:00"))
    assert found == "Of 3 cells 2 hold from earlier runs; the oldest was run 19 days ago, on 2026-11-01."
    found = reused(results("2026-11-19T00:00:00+00:00"))
    assert found == "Of 1 cells 1 holds from earlier runs; the oldest was run 1 day ago, on 2026-11-19."


@pytest.mark.parametrize(
    ("ran", "words"),
    [
        ("2026-11-20T06:00:00+00:00", "less than a day ago, on 2026-11-20"),
        ("2030-01-01T00:00:00+00:00", "on 2030-01-01"),
        ("2026-11-10", "10 days ago, on 2026-11-10"),
        ("long ago", "on long ago"),
    ],
)
def test_a_clock_may_be_wrong(ran: str, words: str) -> None:
    assert age(ran, results()) == words
