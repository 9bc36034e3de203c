"""When remedies stop. What each of them does is in test_ways.py, and with real models in tests/real."""

from typing import Any

import pytest

from runner.agent.checks import IN_PREDICT
from runner.agent.remedies import EAGERLY, in_predict_alone, run_remedies, whole
from runner.remedies import snippets


def record(error: Any = None, **checks: str) -> dict[str, Any]:
    return {"error": error, "checks": checks}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (record(weights="same", loss="not_applicable"), True),
        (record(weights="same", config="differs"), True),
        (record(weights="same", optimizer="lost"), False),
        (record(weights="same", outputs="failed"), False),
        (record(weights="same", reload="not_run"), False),
        (record({"type": "ValueError", "message": "no"}, weights="same"), False),
        (record(config="same"), False),
        (record(), False),
    ],
)
def test_nothing_is_left_to_be_won(found: dict[str, Any], expected: bool) -> None:
    assert whole(found) is expected


def told(*outcomes: dict[str, Any]) -> list[dict[str, Any]]:
    """The events of remedies that come out so, one after another."""
    names = ("first", "second", "third")
    cell = {
        "key": {"probe": "dense"},
        "probe": "dense",
        "format": "keras",
        "remedies": [{"id": name} for name in names],
    }
    left, events = list(outcomes), []
    run_remedies(
        None,  # type: ignore[arg-type]  # no remedy is run here
        {"cells": [cell]},
        lambda functions: (left.pop(0) for _ in functions),
        lambda function: pytest.fail("the only one of its group has a process of its own already"),
        lambda **event: events.append(event),
    )
    assert events[-1] == {"event": "tried", "key": {"probe": "dense"}}
    return [event for event in events if event["event"] == "remedy"]


DONE = {"status": "done", "value": record(weights="same")}
WORSE = {"status": "done", "value": record(weights="differs")}
DEAD = {"status": "crashed", "problem": "signal 11"}


def test_each_is_told_with_the_cells_key() -> None:
    events = told(WORSE, DEAD, WORSE)
    assert [event["id"] for event in events] == ["first", "second", "third"]
    assert all(event["event"] == "remedy" and event["key"] == {"probe": "dense"} for event in events)
    assert events[1]["problem"] == "signal 11"


def test_the_first_that_is_whole_ends_it() -> None:
    assert [event["id"] for event in told(DEAD, DONE, WORSE)] == ["first", "second"]


def test_what_is_wrong_in_predict_alone_is_told_from_what_is_wrong() -> None:
    right = {"details": {"outputs": "for 2 x 5, " + IN_PREDICT + ": output 0 differs"}, "error": None}
    assert in_predict_alone(right)
    assert not in_predict_alone({"details": {"outputs": "output 0 differs"}, "error": None})
    assert not in_predict_alone({"details": {}, "error": {"type": "ValueError"}})


def test_a_snippet_calls_eagerly_where_the_remedy_did() -> None:
    code = 'model = keras.models.load_model("{path}")\n'
    assert snippets.fill(code, edits=[EAGERLY]).splitlines()[-1].startswith("model.run_eagerly = True")
    assert "run_eagerly" not in snippets.fill(code)
