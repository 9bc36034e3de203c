from dataclasses import replace

import pytest

from runner.results import Failure, Verdict
from runner.rules import rules
from runner.symptoms import Stack, Symptoms

OLD = Stack(tensorflow="2.15.1", keras="2.15.0", python="3.11.7", backend="tensorflow")
NEW = Stack(tensorflow="2.18.1", keras="3.8.0", python="3.11.7", backend="tensorflow")
RAISED = Symptoms(
    verdict=Verdict.LOAD_FAILED,
    format="h5",
    actual_format="hdf5",
    producer=OLD,
    consumer=NEW,
    error=Failure(type="ValueError", message="Unrecognized keyword arguments"),
)


def alternatives(symptoms: Symptoms) -> list[object]:
    return [rule.evidence for rule in rules(symptoms)]


def test_they_come_in_their_order_and_are_chosen_once() -> None:
    found = rules(RAISED)
    assert [rule.cause.order for rule in found] == sorted(rule.cause.order for rule in found)
    assert rules(replace(RAISED, error=Failure(type="ValueError", message="Another"))) is found


@pytest.mark.parametrize(
    "changes",
    [
        {"verdict": Verdict.DIVERGENT, "error": None},
        {"format": "savedmodel", "actual_format": "savedmodel"},
        {"actual_format": "zip"},
        {"error": Failure(type="UnpicklingError", message="")},
        {"producer": NEW},
        {"consumer": replace(NEW, python="3.13.1")},
    ],
)
def test_what_asks_for_something_else_is_left_out(changes: dict[str, object]) -> None:
    assert alternatives(replace(RAISED, **changes)) != alternatives(RAISED)  # type: ignore[arg-type]


def test_where_nothing_was_raised_no_message_is_asked_for() -> None:
    silent = replace(RAISED, verdict=Verdict.DIVERGENT, error=None)
    assert rules(silent)
    for rule in rules(silent):
        assert not rule.evidence.type
        assert not rule.evidence.message


def test_an_image_of_unknown_version_fits_no_range() -> None:
    for rule in rules(replace(RAISED, consumer=Stack())):
        assert not rule.evidence.consumer
