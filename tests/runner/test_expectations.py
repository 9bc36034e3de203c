from datetime import date

from environments.matrix import Expected
from runner import expectations
from runner.expectations import Expectations, lapsed
from runner.results import Verdict
from runner.transitions import CellName, Seen
from tests.runner.test_gate import RUN, TODAY, known, results


def test_cells_that_are_as_expected_are_known_with_the_reason() -> None:
    entries = [known("a/*/*/*", "load_failed"), known("*/*/*/*", "crashed")]
    assert expectations.known(RUN, expected=entries, today=TODAY) == {("a", "b", "dense", "h5"): "known"}


def test_an_entry_of_its_own_makes_an_exception_of_a_wider_one_and_both_stay() -> None:
    run = results(("a", "a", "identical"), ("a", "b", "load_failed"))
    entries = [known("a/*/*/*", "load_failed"), known("a/a/*/*", "identical")]
    assert lapsed(run, expected=entries, today=TODAY) == ()


def test_entries_that_must_go_are_told() -> None:
    def told(entry: Expected) -> tuple[str, ...]:
        return lapsed(RUN, expected=[entry], today=TODAY)

    assert told(known("a/b/*/*", "load_failed")) == ()
    assert told(known("a/b/*/*", "load_failed", date(2026, 11, 19), owner="ada")) == (
        "m.yaml:7:5: expired on 2026-11-19, so it excuses nothing any more (owner: ada). "
        "Look at it again: move the day, or take it out.",
    )
    assert told(known("a/b/*/*", "crashed")) == (
        "m.yaml:7:5: none of its cells is crashed any more; take it out.",
    )
    assert told(known("a/b/*/*", "load_failed", cause="x")) == (
        "m.yaml:7:5: none of its cells is load_failed for x any more; take it out.",
    )
    assert told(known("other/*/*/*", "crashed")) == ()  # nothing of it was run
    lost_run = results(("a", "b", "not_run"))
    assert lapsed(lost_run, expected=[known("a/b/*/*", "crashed")], today=TODAY) == ()


def test_what_another_run_saw_is_met_until_the_day_is_over() -> None:
    name = CellName("a", "b", "dense", "h5")
    entry = known("a/*/*/h5", "load_failed", TODAY, cause="batch_shape")
    for seen, day, met in (
        (Seen(verdict=Verdict.LOAD_FAILED, cause="batch_shape"), TODAY, entry),
        (Seen(verdict=Verdict.LOAD_FAILED, cause="batch_shape"), date(2026, 11, 21), None),
        (Seen(verdict=Verdict.LOAD_FAILED, cause="other"), TODAY, None),
        (Seen(verdict=Verdict.CRASHED, cause="batch_shape"), TODAY, None),
    ):
        assert Expectations([entry], day).met(name, seen) == met
    assert (
        Expectations([entry], TODAY).met(CellName("b", "b", "dense", "h5"), Seen(verdict=Verdict.LOAD_FAILED))
        is None
    )
