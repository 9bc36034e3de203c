from collections.abc import Mapping
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from environments.matrix import Expected
from environments.schema import Rule
from runner import gate
from runner.gate import Outcome, evaluate, lost, sentence, why_lost
from runner.results import CellResult, Failure, Results, Run, Verdict
from runner.transitions import between

TODAY = date(2026, 11, 20)


def results(*cells: tuple[str, str, str], name: str = "r") -> Results:
    """Cells as producer, consumer and verdict; a cause after a space."""
    return Results(
        run=Run(id=name, started="", engine="venv", matrix_sha256="", version="1"),
        environments=(),
        artifacts=(),
        cells=tuple(
            CellResult(
                producer=p,
                consumer=c,
                probe="dense",
                format="h5",
                verdict=Verdict(said.partition(" ")[0]),
                cause=said.partition(" ")[2],
            )
            for p, c, said in cells
        ),
    )


def known(
    cell: str, verdict: str, expires: date = date(2027, 1, 1), *, cause: str = "", owner: str = ""
) -> Expected:
    return Expected(
        cell=cell,
        verdict=verdict,
        reason="known",
        expires=expires,
        cause=cause,
        owner=owner,
        where=f"m.yaml:{len(cell)}:5",
    )


def rules(*words: str | Mapping[str, str]) -> list[Rule]:
    return [Rule.model_validate({"rule": word} if isinstance(word, str) else word) for word in words]


def names(outcome: Outcome) -> list[str]:
    return [f"{finding.cell.producer}/{finding.cell.consumer}" for finding in outcome.failing]


RUN = results(
    ("a", "a", "identical"), ("a", "b", "load_failed"), ("b", "a", "load_failed"), ("b", "b", "divergent")
)


def test_a_rule_names_the_cells_that_fail_it() -> None:
    (outcome,) = evaluate(RUN, rules("load_failed"), expected=(), today=TODAY)
    assert not outcome.holds
    assert names(outcome) == ["a/b", "b/a"]
    assert sentence(outcome) == "load_failed: FAILS, 2 cells: a/b/dense/h5, b/a/dense/h5."


def test_rules_that_hold_are_told_too() -> None:
    outcomes = evaluate(RUN, rules("crashed", "divergent"), expected=(), today=TODAY)
    assert [outcome.holds for outcome in outcomes] == [True, False]
    assert [sentence(outcome) for outcome in outcomes] == [
        "crashed: holds, no cell.",
        "divergent: FAILS, 1 cell: b/b/dense/h5.",
    ]


def test_a_rule_may_be_about_some_cells_only() -> None:
    outcomes = evaluate(
        RUN,
        rules(
            {"rule": "load_failed", "cells": "*/b/*/*"},
            {"rule": "load_failed", "cells": "b/*/*/h5"},
            {"rule": "divergent", "cells": "a/*/*/*"},
        ),
        expected=(),
        today=TODAY,
    )
    assert [sentence(outcome) for outcome in outcomes] == [
        "load_failed in */b/*/*: FAILS, 1 cell: a/b/dense/h5.",
        "load_failed in b/*/*/h5: FAILS, 1 cell: b/a/dense/h5.",
        "divergent in a/*/*/*: holds, no cell.",
    ]


def test_without_an_earlier_run_there_is_no_regression() -> None:
    for outcome in evaluate(RUN, rules("regression", "new_failure"), expected=(), today=TODAY):
        assert outcome.holds
        assert sentence(outcome) == f"{outcome.rule}: holds, there is no earlier run to compare with."


BEFORE = results(
    ("a", "a", "identical"),
    ("a", "b", "identical"),
    ("b", "a", "load_failed"),
    ("b", "b", "degraded"),
    ("c", "c", "identical"),
    ("d", "a", "identical"),
    name="r1",
)
AFTER = results(
    ("a", "a", "identical"),
    ("a", "b", "degraded"),  # worse, and no failure
    ("b", "a", "crashed"),  # worse, and failed before
    ("b", "b", "divergent"),  # worse, and a failure now
    ("d", "a", "not_run"),  # lost
    ("d", "b", "load_failed"),  # added, a failure
    ("d", "d", "identical"),  # added
    name="r2",
)  # c/c is missing


def test_regressions_are_cells_that_are_worse_or_missing() -> None:
    outcomes = evaluate(
        AFTER,
        rules(
            "regression",
            {"rule": "regression", "cells": "a/*/*/*"},
            {"rule": "regression", "cells": "d/*/*/*"},
        ),
        expected=(),
        today=TODAY,
        comparison=between(BEFORE, AFTER),
    )
    assert [names(outcome) for outcome in outcomes] == [["a/b", "b/a", "b/b", "c/c"], ["a/b"], []]
    assert [sentence(outcome) for outcome in outcomes] == [
        "regression: FAILS, 4 cells, compared with r1: a/b/dense/h5 (identical -> degraded), "
        "b/a/dense/h5 (load_failed -> crashed), b/b/dense/h5 (degraded -> divergent) and 1 more.",
        "regression in a/*/*/*: FAILS, 1 cell, compared with r1: a/b/dense/h5 (identical -> degraded).",
        "regression in d/*/*/*: holds, no cell, compared with r1.",
    ]


def test_new_failures_are_cells_that_fail_and_did_not() -> None:
    (outcome,) = evaluate(
        AFTER, rules("new_failure"), expected=(), today=TODAY, comparison=between(BEFORE, AFTER)
    )
    assert names(outcome) == ["b/b", "d/b"]


def test_a_regression_that_the_matrix_expects_is_excused() -> None:
    outcome, passes = evaluate(
        AFTER,
        rules("regression"),
        expected=[known("b/*/*/*", "crashed"), known("b/b/*/*", "divergent")],
        today=TODAY,
        comparison=between(BEFORE, AFTER),
    )
    assert names(outcome) == ["a/b", "c/c"]
    assert [str(finding.cell) for finding in outcome.excused] == ["b/a/dense/h5", "b/b/dense/h5"]
    assert passes.holds


def test_expected_cells_are_excused() -> None:
    outcome, _ = evaluate(RUN, rules("load_failed"), expected=[known("a/*/*/h5", "load_failed")], today=TODAY)
    assert [finding.cell.consumer for finding in outcome.excused] == ["b"]
    assert sentence(outcome) == "load_failed: FAILS, 1 cell: b/a/dense/h5. 1 cell excused by the matrix."
    outcome, _ = evaluate(RUN, rules("load_failed"), expected=[known("*/*/*/*", "load_failed")], today=TODAY)
    assert outcome.holds
    assert sentence(outcome) == "load_failed: holds, no cell beside those. 2 cells excused by the matrix."


def test_flakes_are_told_with_passes_and_attempts() -> None:
    assert gate.flakes(RUN) == ""
    tried = {"a": 2, "b": 1, "c": 2, "d": 2}
    run = results(
        ("a", "a", "identical"), ("b", "a", "crashed"), ("c", "a", "crashed"), ("d", "a", "not_run")
    )
    cells = tuple(cell.model_copy(update={"attempts": tried[cell.producer]}) for cell in run.cells)
    assert gate.flakes(run.model_copy(update={"cells": cells})) == (
        "1 cell came through only when tried again (passes/attempts): a/a/dense/h5 (1/2)."
    )


def test_another_outcome_than_the_expected_one_is_not_excused() -> None:
    (outcome, _) = evaluate(RUN, rules("divergent"), expected=[known("*/*/*/*", "load_failed")], today=TODAY)
    assert not outcome.holds
    run = results(("a", "b", "load_failed batch_shape"))
    for cause, holds in (("batch_shape", True), ("", True), ("weight_decay", False)):
        entry = known("*/*/*/*", "load_failed", cause=cause)
        outcome, _ = evaluate(run, rules("load_failed"), expected=[entry], today=TODAY)
        assert outcome.holds is holds


def test_an_entry_holds_to_the_end_of_its_day() -> None:
    def failing(expires: date) -> int:
        entry = known("*/*/*/*", "load_failed", expires)
        return len(evaluate(RUN, rules("load_failed"), expected=[entry], today=TODAY)[0].failing)

    assert failing(TODAY) == 0
    assert failing(date(2026, 11, 19)) == 2


def test_a_pass_that_is_not_expected_fails_the_run_whatever_the_rules() -> None:
    run = results(("a", "a", "identical"), ("a", "b", "degraded"), ("b", "b", "divergent"))
    _, outcome = evaluate(run, rules("regression"), expected=[known("*/*/*/*", "load_failed")], today=TODAY)
    assert outcome.rule == "unexpected_pass"
    assert sentence(outcome) == (
        "unexpected_pass: FAILS, 2 cells: a/a/dense/h5 (identical, though m.yaml:7:5 says load_failed), "
        "a/b/dense/h5 (degraded, though m.yaml:7:5 says load_failed)."
    )
    limited = rules({"rule": "unexpected_pass", "cells": "*/b/*/*"})
    (outcome,) = evaluate(run, limited, expected=[known("*/*/*/*", "load_failed")], today=TODAY)
    assert names(outcome) == ["a/b"]
    _, outcome = evaluate(run, rules("regression"), expected=[known("a/b/*/*", "degraded")], today=TODAY)
    assert outcome.holds


def test_an_entry_of_its_own_makes_an_exception_of_a_wider_one() -> None:
    run = results(("a", "a", "identical"), ("a", "b", "load_failed"))
    entries = [known("a/*/*/*", "load_failed"), known("a/a/*/*", "identical")]
    (outcome,) = evaluate(run, (), expected=entries, today=TODAY)
    assert outcome.holds


def test_lost_cells_are_those_that_infrastructure_cost() -> None:
    run = results(("a", "a", "not_run"), ("a", "b", "unavailable"), ("b", "a", "crashed"))
    assert len(lost(run, expected=(), today=TODAY).failing) == 2
    outcome = lost(run, expected=[known("*/b/*/*", "unavailable")], today=TODAY)
    assert names(outcome) == ["a/a"]
    assert lost(RUN, expected=(), today=TODAY).holds


def test_many_cells_are_counted() -> None:
    (outcome,) = evaluate(
        results(*[(f"e{number}", "x", "crashed") for number in range(5)]),
        rules("crashed"),
        expected=(),
        today=TODAY,
    )
    assert sentence(outcome) == (
        "crashed: FAILS, 5 cells: e0/x/dense/h5, e1/x/dense/h5, e2/x/dense/h5 and 2 more."
    )


@given(st.lists(st.tuples(st.just("a"), st.just("b"), st.sampled_from([str(item) for item in Verdict]))))
def test_every_cell_with_the_verdict_is_failing_or_excused(cells: list[tuple[str, str, str]]) -> None:
    for verdict in list(Verdict)[1:]:
        outcome, _ = evaluate(
            results(*cells), rules(str(verdict)), expected=[known("a/b/*/*", "crashed")], today=TODAY
        )
        assert len(outcome.failing) + len(outcome.excused) == sum(cell[2] == verdict for cell in cells)
        assert outcome.holds == (not outcome.failing)


def test_why_infrastructure_cost_cells_is_the_commonest_reason_in_a_line() -> None:
    run = results(
        ("a", "a", "not_run"), ("a", "b", "not_run"), ("b", "a", "unavailable"), ("b", "b", "crashed")
    )
    assert why_lost(run) == ""
    said = ["No room.\nAt all.", "No room.\nAnywhere.", "No daemon.", "A fault."]
    cells = tuple(
        cell.model_copy(update={"error": Failure(type="x", message=message)})
        for cell, message in zip(run.cells, said, strict=True)
    )
    assert why_lost(run.model_copy(update={"cells": cells})) == "2 of them: No room."
