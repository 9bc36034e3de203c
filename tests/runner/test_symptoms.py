"""What a cause may depend on, put together from a plan and what agents said."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from runner.plan import ArtifactKey, Plan
from runner.results import Verdict
from runner.symptoms import Stack, of_load, of_save, stack_of
from tests.runner.fakes import LOADED, artifact, cell, make_plan

BROKEN: dict[str, Any] = {
    **LOADED,
    "checks": {},
    "error": {"type": "ValueError", "message": "no", "traceback": "t"},
}
SAVED = {"actual_format": "zip", "facts": {"keras_version": "2.15.0"}}
HERE = Stack(tensorflow="2.15.1", keras="2.15.0", python="3.11", backend="tensorflow")


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """The probe dense, and the same with a flipped bit."""
    found = make_plan(tmp_path, "a", "b")
    probe = replace(found.probes[0], tags=("core",))
    broken = replace(probe, name="dense+bit_flip", fault="bit_flip")
    return replace(found, probes=(probe, broken))


def event(value: Mapping[str, Any]) -> dict[str, Any]:
    return cell(vars(artifact("a")), value)


def test_versions_are_those_found_or_else_locked(plan: Plan) -> None:
    assert stack_of(plan, "a") == replace(HERE, python="3.11")
    found = {"tensorflow": "2.16.0", "keras": "3.1.0", "python": "3.12.1", "backend": "tensorflow"}
    assert stack_of(plan, "a", found) == Stack(**found)


def test_the_keras_inside_tensorflow_has_a_version_that_can_be_held_against_others(plan: Plan) -> None:
    assert stack_of(plan, "a", {"keras": "2.2.4-tf"}).keras == "2.2.4"


def test_a_load_that_raised(plan: Plan) -> None:
    found = of_load(plan, artifact("a"), SAVED, event(BROKEN), HERE, HERE, {})
    assert (found.verdict, found.actual_format, found.tags) == (Verdict.LOAD_FAILED, "zip", ("core",))
    assert found.error is not None
    assert (found.error.type, found.error.message) == ("ValueError", "no")
    assert found.facts == {"keras_version": "2.15.0"}


def test_a_process_that_died(plan: Plan) -> None:
    died = {"status": "timed_out", "problem": "Still running.", "output": "…", "seconds": 60.0}
    found = of_load(plan, artifact("a"), SAVED, died, HERE, HERE, {})
    assert found.verdict is Verdict.TIMED_OUT
    assert found.error is not None
    assert found.error.message == "Still running."


def test_a_save_that_failed(plan: Plan) -> None:
    value = {"status": "save_failed", "stage": "build", "error": BROKEN["error"], "warnings": ["w"]}
    found = of_save(plan, artifact("a"), event(value), HERE)
    assert (found.verdict, found.stage, found.warnings) == (Verdict.SAVE_FAILED, "build", ("w",))
    assert found.consumer is None


@pytest.mark.parametrize(("whole", "blamed"), [(LOADED, "bit_flip"), (BROKEN, ""), (None, "bit_flip")])
def test_a_fault_is_blamed_where_the_unbroken_file_does_better(
    plan: Plan, whole: Mapping[str, Any] | None, blamed: str
) -> None:
    loaded: dict[ArtifactKey, Any] = {} if whole is None else {artifact("a"): event(whole)}
    key = artifact("a", "dense+bit_flip")
    assert of_load(plan, key, SAVED, event(BROKEN), HERE, HERE, loaded).fault == blamed
