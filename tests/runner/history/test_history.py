from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from environments.errors import UsageError
from runner.history import History
from runner.history.history import LATEST, PREVIOUS
from runner.results import Verdict
from runner.transitions import CellName, Kind, Seen, seen
from tests.runner.history.conftest import results

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
A, B = "a/a/dense/h5", "a/b/dense/h5"


def words(recorded_in: History, run: str) -> dict[str, str]:
    cells = recorded_in.cells(recorded_in.find(run))
    return {str(name): str(seen_there.verdict) for name, seen_there in cells.items()}


def changes(history: History, name: str, cells: dict[str, str]) -> dict[str, str]:
    found = history.record(results(name, cells)).comparison
    return {str(item.cell): str(item.kind) for item in found.transitions}


def test_the_first_run_is_compared_with_nothing(history: History) -> None:
    recorded = history.record(results("r1", {A: "identical"}))
    assert recorded.previous is None
    assert recorded.comparison.transitions == ()
    assert not recorded.comparison.worse


def test_a_run_is_compared_with_the_one_before_it(history: History) -> None:
    history.record(results("r1", {A: "identical", B: "load_failed x"}))
    recorded = history.record(results("r2", {A: "divergent", B: "load_failed y"}))
    assert recorded.previous is not None
    assert recorded.previous.id == "r1"
    assert [(str(item.cell), str(item.kind), item.sentence) for item in recorded.comparison.transitions] == [
        (A, "worse", "identical -> divergent"),
        (B, "changed", "still load_failed; cause: x -> y"),
    ]
    assert history.transitions(history.find("r2")) == recorded.comparison.transitions
    assert history.find("r2").changes == {Kind.WORSE: 1, Kind.CHANGED: 1}


def test_other_selections_have_their_own_story(history: History) -> None:
    history.record(results("r1", {A: "identical", B: "identical"}))
    other = history.record(results("r2", {A: "divergent"}, selection="default"))
    assert other.previous is None
    again = history.record(results("r3", {A: "identical", B: "identical"}))
    assert again.comparison.transitions == ()
    assert again.previous is not None
    assert again.previous.id == "r1"
    assert words(history, "r2") == {A: "divergent"}
    narrower = results("r4", {A: "identical"})
    narrower = narrower.model_copy(
        update={"run": narrower.run.model_copy(update={"narrowed": "--format h5"})}
    )
    assert history.record(narrower).previous is None


def test_a_night_without_a_machine_hides_no_regression(history: History) -> None:
    history.record(results("r1", {A: "identical", B: "identical"}))
    assert changes(history, "r2", {A: "unavailable", B: "not_run"}) == {A: "lost", B: "lost"}
    assert changes(history, "r3", {A: "unavailable", B: "not_run"}) == {}  # quiet when nothing moved
    assert changes(history, "r4", {A: "load_failed", B: "identical"}) == {A: "worse", B: "found"}
    worse = history.transitions(history.find("r4"))[0]
    assert worse.sentence == "identical -> load_failed"


def test_a_run_that_is_reported_anew_stands_where_it_stood(history: History) -> None:
    history.record(results("r1", {A: "identical"}))
    history.record(results("r2", {A: "identical", B: "identical"}))
    history.record(results("r3", {A: "crashed", B: "identical"}))
    again = history.record(results("r2", {A: "degraded"}))
    assert [record.id for record in history.runs()] == ["r3", "r2", "r1"]
    assert again.previous is not None
    assert again.previous.id == "r1"
    assert [str(item.kind) for item in again.comparison.transitions] == ["worse"]
    assert words(history, "r2") == {A: "degraded"}
    assert words(history, "r3") == {A: "crashed", B: "identical"}
    assert history.find("r2").tally == {Verdict.DEGRADED: 1}


def test_a_report_that_knows_less_takes_nothing_away(history: History) -> None:
    history.record(results("r1", {A: "identical", B: "not_run"}))
    first = history.record(results("r2", {A: "crashed", B: "not_run"}))
    history.judged(first, 1)
    again = history.record(results("r2", {A: "not_run", B: "not_run"}))
    assert [str(item.kind) for item in again.comparison.transitions] == ["lost"]
    history.judged(again, 3)
    assert words(history, "r2") == {A: "crashed", B: "not_run"}
    assert history.find("r2").gate == 1
    assert history.comparison(history.find("r2")) == first.comparison
    assert history.record(results("r2", {A: "crashed", B: "identical"})).kept


def test_a_clock_that_goes_back_does_not_change_the_order(history: History) -> None:
    history.record(results("r1", {A: "identical"}, started="2030-01-01T00:00:00+00:00"))
    recorded = history.record(results("r2", {A: "crashed"}, started="2001-01-01T00:00:00+00:00"))
    assert recorded.previous is not None
    assert recorded.previous.id == "r1"
    assert history.find(LATEST).id == "r2"
    assert history.find(PREVIOUS).id == "r1"


def test_runs_are_found_by_words(history: History) -> None:
    with pytest.raises(UsageError, match="has no runs yet"):
        history.find(LATEST)
    history.record(results("20261120T02-ab", {A: "identical"}))
    with pytest.raises(UsageError, match="no run before the latest"):
        history.find(PREVIOUS)
    history.record(results("20261120T02-cd", {A: "identical"}, selection="default"))
    history.record(results("20261121T02-ef", {A: "identical"}))
    assert history.find("20261121").id == "20261121T02-ef"
    assert history.find(PREVIOUS).id == "20261120T02-ab"
    with pytest.raises(UsageError, match="beginning of 2 runs: 20261120T02-cd, 20261120T02-ab"):
        history.find("20261120")
    with pytest.raises(UsageError, match=r"no run 'lastest' \(did you mean 'latest'\?\)"):
        history.find("lastest")


RUNS = st.lists(
    st.dictionaries(
        st.sampled_from([A, B, "b/a/dense/h5", "b/b/dense/keras"]),
        st.sampled_from(["identical", "degraded optimizer", "load_failed x", "load_failed y", "not_run"]),
    ),
    min_size=1,
    max_size=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(RUNS, st.sets(st.integers(0, 5)), st.integers(0, 4), st.data())
def test_any_runs_come_back_whole(
    tmp_path_factory: pytest.TempPathFactory,
    runs: list[dict[str, str]],
    green: set[int],
    keep: int,
    data: st.DataObject,
) -> None:
    with History(tmp_path_factory.mktemp("state")) as history:
        for number, cells in enumerate(runs):
            recorded = history.record(results(f"r{number}", cells))
            history.judged(recorded, 0 if number in green else 1)
        again = data.draw(st.integers(0, len(runs) - 1))
        anew = data.draw(RUNS)[0]
        if history.record(results(f"r{again}", anew)).kept:
            runs[again] = anew
        history.prune(keep=keep, now=NOW)
        left = history.runs()
        assert left[0].id == f"r{len(runs) - 1}"
        for record in left:
            expected: dict[CellName, Seen] = seen(results("", runs[int(record.id[1:])]).cells)
            assert history.cells(record) == expected
