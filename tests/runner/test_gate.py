from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from environments.matrix import Expected
from runner.gate import evaluate, lapsed, lost, sentence
from runner.results import CellResult, Results, Run, Verdict

TODAY = date(2026, 11, 20)


def results(*cells: tuple[str, str, str]) -> Results:
    return Results(
        run=Run(id="r", started="", engine="venv", matrix_sha256="", version="1"),
        environments=(),
        artifacts=(),
        cells=tuple(
            CellResult(producer=p, consumer=c, probe="dense", format="h5", verdict=Verdict(verdict))
            for p, c, verdict in cells
        ),
    )


def known(cell: str, verdict: str, expires: date = date(2027, 1, 1)) -> Expected:
    return Expected(cell=cell, verdict=verdict, reason="known", expires=expires, where="m.yaml:9:5")


RUN = results(
    ("a", "a", "identical"), ("a", "b", "load_failed"), ("b", "a", "load_failed"), ("b", "b", "divergent")
)


def test_a_rule_names_the_cells_that_fail_it() -> None:
    (outcome,) = evaluate(RUN, ["load_failed"], expected=(), today=TODAY)
    assert not outcome.holds
    assert [(cell.producer, cell.consumer) for cell in outcome.failing] == [("a", "b"), ("b", "a")]
    assert sentence(outcome) == "load_failed: FAILS, 2 cells: a/b/dense/h5, b/a/dense/h5."


def test_rules_that_hold_are_told_too() -> None:
    outcomes = evaluate(RUN, ["crashed", "divergent"], expected=(), today=TODAY)
    assert [outcome.holds for outcome in outcomes] == [True, False]
    assert [sentence(outcome) for outcome in outcomes] == [
        "crashed: holds, no cell.",
        "divergent: FAILS, 1 cell: b/b/dense/h5.",
    ]


def test_without_a_history_there_is_no_regression() -> None:
    (outcome,) = evaluate(RUN, ["regression"], expected=(), today=TODAY)
    assert outcome.holds
    assert sentence(outcome) == "regression: holds, there is no earlier run to compare with."


def test_expected_cells_are_excused() -> None:
    (outcome,) = evaluate(RUN, ["load_failed"], expected=[known("a/*/*/h5", "load_failed")], today=TODAY)
    assert [(cell.producer, cell.consumer) for cell in outcome.excused] == [("a", "b")]
    assert sentence(outcome) == "load_failed: FAILS, 1 cell: b/a/dense/h5. 1 cell excused by the matrix."
    (outcome,) = evaluate(RUN, ["load_failed"], expected=[known("*/*/*/*", "load_failed")], today=TODAY)
    assert outcome.holds
    assert sentence(outcome) == "load_failed: holds, no cell beside those. 2 cells excused by the matrix."


def test_another_verdict_than_the_expected_one_is_not_excused() -> None:
    (outcome,) = evaluate(RUN, ["divergent"], expected=[known("*/*/*/*", "load_failed")], today=TODAY)
    assert not outcome.holds


def test_an_entry_holds_to_the_end_of_its_day() -> None:
    def failing(expires: date) -> int:
        entry = known("*/*/*/*", "load_failed", expires)
        return len(evaluate(RUN, ["load_failed"], expected=[entry], today=TODAY)[0].failing)

    assert failing(TODAY) == 0
    assert failing(date(2026, 11, 19)) == 2


def test_lost_cells_are_those_that_infrastructure_cost() -> None:
    run = results(("a", "a", "not_run"), ("a", "b", "unavailable"), ("b", "a", "crashed"))
    assert len(lost(run, expected=(), today=TODAY).failing) == 2
    outcome = lost(run, expected=[known("*/b/*/*", "unavailable")], today=TODAY)
    assert [cell.verdict for cell in outcome.failing] == ["not_run"]
    assert lost(RUN, expected=(), today=TODAY).holds


def test_entries_that_excuse_nothing_any_more_are_told() -> None:
    def told(entry: Expected) -> tuple[str, ...]:
        return lapsed(RUN, expected=[entry], today=TODAY)

    assert told(known("a/b/*/*", "load_failed")) == ()
    assert told(known("a/b/*/*", "load_failed", date(2026, 11, 19))) == (
        "m.yaml:9:5: expired on 2026-11-19, so it excuses nothing any more.",
    )
    assert told(known("a/b/*/*", "crashed")) == (
        "m.yaml:9:5: none of its cells is crashed any more; take it out.",
    )
    assert told(known("other/*/*/*", "crashed")) == ()  # nothing of it was run
    lost_run = results(("a", "b", "not_run"))
    assert lapsed(lost_run, expected=[known("a/b/*/*", "crashed")], today=TODAY) == ()


def test_many_cells_are_counted() -> None:
    (outcome,) = evaluate(
        results(*[(f"e{number}", "x", "crashed") for number in range(5)]),
        ["crashed"],
        expected=(),
        today=TODAY,
    )
    assert sentence(outcome) == (
        "crashed: FAILS, 5 cells: e0/x/dense/h5, e1/x/dense/h5, e2/x/dense/h5 and 2 more."
    )


@given(st.lists(st.tuples(st.just("a"), st.just("b"), st.sampled_from([str(item) for item in Verdict]))))
def test_every_cell_with_the_verdict_is_failing_or_excused(cells: list[tuple[str, str, str]]) -> None:
    for verdict in Verdict:
        (outcome,) = evaluate(results(*cells), [verdict], expected=[known("a/b/*/*", "crashed")], today=TODAY)
        assert len(outcome.failing) + len(outcome.excused) == sum(cell[2] == verdict for cell in cells)
        assert outcome.holds == (not outcome.failing)
