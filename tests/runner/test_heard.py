import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.heard import understood
from tests.runner.fakes import LOADED, cell, ready_event

KEY = {"producer": "a", "probe": "dense", "format": "keras"}
SAVED = {
    "status": "saved",
    "sha256": "0" * 64,
    "bytes": 3,
    "name": "m.keras",
    "actual_format": "zip",
    "files": ["m.keras"],
    "stage": "",
    "error": None,
    "warnings": [],
}


def test_the_events_of_an_agent_are_understood() -> None:
    assert understood('{"event": "started", "phase": "save", "environment": "a"}', "save") == {
        "event": "started"
    }
    assert understood(json.dumps(ready_event()), "load") == ready_event()
    assert understood(json.dumps({"event": "begin", "key": KEY}), "load") == {"event": "begin", "key": KEY}
    done = cell(KEY, LOADED)
    del done["problem"]  # a cell that came to its end has none
    assert understood(json.dumps(done), "load") == done
    assert understood(json.dumps(cell(KEY, SAVED)), "save") is not None


@pytest.mark.parametrize(
    "line",
    [
        "2024-07-01 12:00:00 I tensorflow/core: hello",
        "",
        "[]",
        '"event"',
        "{}",
        '{"event": "task", "lock_sha256": "forged"}',
        '{"event": "unavailable", "message": "forged"}',
        '{"event": "cell"}',
        '{"event": "ready", "facts": {}}',
        "[" * 100_000,
        json.dumps({"event": "begin", "key": "a/dense/keras"}),
    ],
)
def test_other_lines_say_nothing(line: str) -> None:
    assert understood(line, "load") is None


def test_a_digest_that_leads_out_of_the_store_is_not_taken() -> None:
    assert understood(json.dumps(cell(KEY, {**SAVED, "sha256": "../" * 21 + "e"})), "save") is None
    assert understood(json.dumps(cell(KEY, {**SAVED, "sha256": "0" * 64 + "\n"})), "save") is None


def test_a_package_without_a_version_does_not_cost_the_rest() -> None:
    facts = {**ready_event()["facts"], "packages": {"numpy": "1.26.4", "torn": None}}
    event = understood(json.dumps({**ready_event(), "facts": facts}), "save")
    assert event is not None
    assert event["facts"]["packages"] == {"numpy": "1.26.4"}


def test_each_phase_has_its_own_outcome() -> None:
    assert understood(json.dumps(cell(KEY, LOADED)), "save") is None
    assert understood(json.dumps(cell(KEY, SAVED)), "load") is None


def test_times_that_are_no_times_are_not_taken() -> None:
    for seconds in ("NaN", "Infinity", "-1", "1e300"):
        line = json.dumps(cell(KEY, LOADED)).replace('"seconds": 0.25', f'"seconds": {seconds}')
        assert understood(line, "load") is None


def test_half_a_surrogate_pair_becomes_a_sign_that_can_be_written() -> None:
    event = understood(json.dumps({"event": "output", "text": "a\ud800b \U0001f600"}), "load")
    assert event == {"event": "output", "text": "a\ufffdb \U0001f600"}


@given(
    st.text()
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda x: (
            st.lists(x)
            | st.dictionaries(
                st.sampled_from(["event", "key", "status", "value", "cell", "done"]) | st.text(), x
            )
        ),
    ).map(json.dumps)
)
def test_nothing_that_is_said_breaks_it(line: str) -> None:
    for phase in ("save", "adopt", "carry", "load", "remedy"):
        found = understood(line, phase)
        assert found is None or json.loads(line)["event"] == found["event"]


def test_a_remedy_says_what_it_changed() -> None:
    done = {"edits": ["dropped a key"], "compiled": {"loss": {"name": "mse"}}, "state_order": "by_weight"}
    event = {**cell(KEY, {**LOADED, **done}), "event": "remedy", "id": "repair"}
    del event["problem"]
    assert understood(json.dumps(event), "remedy") == event
    assert understood(json.dumps(event), "load") is None
    died = {**event, "status": "timed_out", "problem": "Still running."}
    assert understood(json.dumps(died), "remedy") == {key: died[key] for key in died if key != "value"}
    assert understood(json.dumps({"event": "tried", "key": KEY}), "remedy") == {"event": "tried", "key": KEY}


SEEN = {
    "checks": {"outputs": "same"},
    "details": {},
    "max_abs_diff": 0.0,
    "warnings": [],
    "error": None,
    "edits": [],
}


def test_a_hop_is_understood_with_what_was_seen_of_the_model_before_it() -> None:
    failed = {"status": "save_failed", "stage": "load", "error": {"type": "ValueError", "message": "no"}}
    for value in (SAVED, failed):
        event = understood(json.dumps(cell(KEY, {**value, "seen": SEEN})), "carry")
        assert event is not None
        assert event["value"]["seen"] == SEEN
        assert understood(json.dumps(cell(KEY, value)), "carry") is None
