from datetime import UTC, datetime

import pytest

from environments.errors import UsageError
from runner.history import History
from tests.runner.history.conftest import results

A, B = "a/a/dense/h5", "a/b/dense/h5"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_a_comparison_is_kept_as_it_was(history: History) -> None:
    first = history.record(results("r1", {A: "identical", B: "identical", "b/b/x/h5": "identical"}))
    recorded = history.record(results("r2", {A: "identical", B: "crashed"}))
    assert history.comparison(history.find("r1")) == first.comparison
    assert history.comparison(history.find("r2")) == recorded.comparison
    history.record(results("r3", {A: "identical", B: "crashed"}))
    history.prune(keep=2, now=NOW)
    assert [record.id for record in history.runs()] == ["r3", "r2"]
    assert history.comparison(history.find("r2")) == recorded.comparison


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
