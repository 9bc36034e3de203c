from typing import Any

import pytest

from runner.kept import sound
from tests.runner.fakes import LOADED, cell, ready_event

KEY = {"producer": "a", "probe": "dense", "format": "keras"}
TASK = {"event": "task", "engine": "docker", "started": "2026-01-01T00:00:00+00:00", "probes": {"dense": "0"}}


@pytest.mark.parametrize(
    "event",
    [
        TASK,
        ready_event(),
        {"event": "provisioned", "base": "python", "base_digest": "", "seconds": 1.0},
        {"event": "unavailable", "message": "No such wheel.", "log": "all of it"},
        {"event": "ended", "status": 0, "problem": "", "stderr": ""},
        {"event": "lost", "key": KEY, "problem": "It did not come back."},
        {"event": "tried", "key": KEY, "asked": "0"},
        {**cell(KEY, LOADED), "sha256": "0", "attempts": 2},
    ],
    ids=lambda event: event["event"],
)
def test_what_a_task_writes_is_sound_and_without_any_of_it_is_not(event: dict[str, Any]) -> None:
    assert sound(event, "load")
    needed = set(event) & {"engine", "facts", "base", "message", "problem", "key"}
    assert needed
    for name in needed - ({"problem"} if event["event"] == "cell" else set()):
        assert not sound({other: value for other, value in event.items() if other != name}, "load")


@pytest.mark.parametrize(
    "event", [{}, {"event": "started"}, {"event": "output", "text": ""}, {"event": None}]
)
def test_what_no_task_writes_is_not_sound(event: dict[str, Any]) -> None:
    assert not sound(event, "load")


def test_a_load_is_no_save() -> None:
    assert not sound(cell(KEY, LOADED), "save")
