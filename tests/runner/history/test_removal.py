from datetime import UTC, datetime

from runner.history import History
from tests.runner.history.conftest import results

A, B = "a/a/dense/h5", "a/b/dense/h5"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def words(recorded_in: History, run: str) -> dict[str, str]:
    cells = recorded_in.cells(recorded_in.find(run))
    return {str(name): str(seen_there.verdict) for name, seen_there in cells.items()}


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
    assert [
        str(item.kind) for item in history.record(results("r4", {A: "load_failed"})).comparison.transitions
    ] == ["worse"]
