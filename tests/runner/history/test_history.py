from datetime import UTC, datetime
from pathlib import Path

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


def test_a_comparison_is_kept_as_it_was(history: History) -> None:
    first = history.record(results("r1", {A: "identical", B: "identical", "b/b/x/h5": "identical"}))
    recorded = history.record(results("r2", {A: "identical", B: "crashed"}))
    assert history.comparison(history.find("r1")) == first.comparison
    assert history.comparison(history.find("r2")) == recorded.comparison
    history.record(results("r3", {A: "identical", B: "crashed"}))
    history.prune(keep=2, now=NOW)
    assert [record.id for record in history.runs()] == ["r3", "r2"]
    assert history.comparison(history.find("r2")) == recorded.comparison


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


def test_cells_of_every_run_are_as_they_were(history: History) -> None:
    history.record(results("r1", {A: "identical", B: "identical"}))
    history.record(results("r2", {A: "identical"}))
    history.record(results("r3", {A: "degraded", B: "identical"}))
    assert words(history, "r1") == {A: "identical", B: "identical"}
    assert words(history, "r2") == {A: "identical"}
    assert words(history, "r3") == {A: "degraded", B: "identical"}


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


def test_the_gate_and_what_took_how_long_are_kept(history: History) -> None:
    recorded = history.record(
        results("r1", {A: "identical", B: "degraded"}, attempts=2, seconds={"save": 1.5, "load": 2.5})
    )
    assert history.find("r1").gate is None
    history.judged(recorded, 0)
    found = history.find("r1")
    assert (found.gate, found.green, found.cells) == (0, True, 2)
    assert found.tally == {Verdict.IDENTICAL: 1, Verdict.DEGRADED: 1}
    assert found.seconds == {"a": {"save": 1.5, "load": 2.5}}
    assert history.attempts(found) == {
        CellName("a", "a", "dense", "h5"): 2,
        CellName("a", "b", "dense", "h5"): 2,
    }


def test_the_story_of_a_cell(history: History) -> None:
    history.record(results("r1", {A: "identical", B: "identical"}))
    history.record(results("r2", {A: "load_failed x", B: "identical"}))
    history.record(results("r3", {A: "load_failed x"}))
    history.record(results("r4", {A: "identical"}, selection="default"))
    story = [
        (step.run.id, str(step.transition.cell), step.transition.sentence)
        for step in history.story("a/*/*/h5")
    ]
    assert story == [
        ("r1", A, "identical"),
        ("r1", B, "identical"),
        ("r2", A, "identical -> load_failed; cause: none -> x"),
        ("r3", B, "was identical"),
        ("r4", A, "identical"),
    ]
    with pytest.raises(UsageError, match="is not a cell"):
        history.story("a/b")
    with pytest.raises(UsageError, match="No cell of the history matches"):
        history.story("z/*/*/*")


def test_unchanged_cells_cost_nothing(history: History, tmp_path: Path) -> None:
    cells = {f"e{p}/e{c}/probe{n}/h5": "identical" for p in range(10) for c in range(10) for n in range(10)}
    history.record(results("r0", cells))

    def pages() -> int:
        with history._database.reading() as connection:
            return int(connection.execute("PRAGMA page_count").fetchone()[0])

    first = pages()
    for number in range(20):
        history.record(results(f"r{number + 1}", cells))
    assert pages() <= first + 2


def test_old_runs_are_removed_and_what_stays_is_as_it_was(history: History) -> None:
    history.record(results("r1", {A: "identical", B: "identical"}))
    history.judged(history.record(results("r2", {A: "degraded", B: "identical"})), 0)
    history.record(results("r3", {A: "degraded"}))
    history.record(results("r4", {A: "crashed"}))
    history.record(results("r5", {A: "crashed"}))
    assert history.prune(keep=2, now=NOW) == ("r3", "r1")
    assert [record.id for record in history.runs()] == ["r5", "r4", "r2"]
    assert words(history, "r2") == {A: "degraded", B: "identical"}  # the last green one
    assert words(history, "r4") == {A: "crashed"}
    assert words(history, "r5") == {A: "crashed"}
    assert history.prune(keep=0, now=NOW) == ("r4",)
    assert words(history, "r5") == {A: "crashed"}


def test_runs_are_removed_for_their_age(history: History) -> None:
    for name, started in (
        ("r1", "2026-10-01T02:00:00+00:00"),
        ("r2", "never"),
        ("r3", "2026-10-01T02:00:00"),
        ("r4", "2026-11-19T02:00:00+00:00"),
        ("r5", "2020-01-01T00:00:00+00:00"),
    ):
        history.record(results(name, {A: "identical"}, started=started))
    assert history.prune(keep=100, days=30, now=NOW) == ("r3", "r1")
    assert [record.id for record in history.runs()] == ["r5", "r4", "r2"]


def test_what_was_last_known_outlives_its_run(history: History) -> None:
    history.record(results("r1", {A: "identical"}))
    history.record(results("r2", {A: "unavailable"}))
    history.record(results("r3", {A: "unavailable"}))
    assert history.prune(keep=1, now=NOW) == ("r2", "r1")
    assert changes(history, "r4", {A: "load_failed"}) == {A: "worse"}


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
