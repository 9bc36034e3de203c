import json
from pathlib import Path
from typing import Any

import pytest

from runner.agent.sniff import digest_of
from runner.plan import Plan
from runner.provenance import agent_sha256, header, stale
from runner.store import Store
from runner.told import saved_artifacts
from tests.runner.fakes import SAVED, artifact, cell, make_plan


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return make_plan(tmp_path, "a", "b", formats=("keras", "h5"))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "state")


def test_a_journal_goes_stale_with_the_lock_and_with_the_agent(plan: Plan) -> None:
    head = json.loads(json.dumps(header(plan, plan.save_task("a"), "venv")))
    assert stale(plan, plan.environment("a"), head) == ""
    assert stale(plan, plan.environment("a"), {**head, "lock_sha256": "0"}) == "its lock has changed since"
    assert (
        stale(plan, plan.environment("a"), {**head, "agent_sha256": "0"}) == "the checks have changed since"
    )
    assert len(agent_sha256()) == 64


def test_an_artifact_that_was_never_kept_is_not_loaded(plan: Plan, store: Store) -> None:
    with store.journal(plan.save_task("a")) as journal:
        journal.write(header(plan, plan.save_task("a"), "recorded"))
        for sha256 in ("0" * 64, "../../../../etc"):
            value = {**SAVED, "sha256": sha256}
            journal.write(cell({"producer": "a", "probe": "dense", "format": "h5"}, value))
    assert saved_artifacts(plan, store, plan.artifacts()) == {}


def keep(plan: Plan, store: Store, head: dict[str, Any]) -> str:
    """An artifact in the store, and the journal that tells of it under this head; its sha256."""
    folder = store.root / "saved"
    (folder / "payload").mkdir(parents=True)
    (folder / "payload" / "m.h5").write_text("weights")
    sha256 = digest_of(str(folder))[0]
    assert store.keep(folder, sha256)
    with store.journal(plan.save_task("a")) as journal:
        journal.write(head)
        journal.write(cell(vars(artifact("a", format="h5")), {**SAVED, "sha256": sha256}))
    return sha256


def test_what_was_saved_for_this_plan_is_found(plan: Plan, store: Store) -> None:
    sha256 = keep(plan, store, header(plan, plan.save_task("a"), "venv"))
    assert saved_artifacts(plan, store, plan.artifacts()) == {artifact("a", format="h5"): sha256}
    assert saved_artifacts(plan, store, [artifact("a", format="keras")]) == {}


@pytest.mark.parametrize(
    "moved", [{"lock_sha256": "0"}, {"agent_sha256": "0"}, {"probes": {"dense": "0"}}, {"probes": {}}]
)
def test_what_was_saved_under_another_lock_agent_or_probe_is_not(
    plan: Plan, store: Store, moved: dict[str, Any]
) -> None:
    keep(plan, store, {**header(plan, plan.save_task("a"), "venv"), **moved})
    assert saved_artifacts(plan, store, plan.artifacts()) == {}


def test_a_probe_that_is_not_in_the_plan_is_passed_over(plan: Plan, store: Store) -> None:
    keep(plan, store, header(plan, plan.save_task("a"), "venv"))
    with store.journal_path("a", "save").open("a") as journal:
        value = {**SAVED, "sha256": "0" * 64}
        journal.write(json.dumps(cell(vars(artifact("a", probe="another")), value)) + "\n")
    assert list(saved_artifacts(plan, store, plan.artifacts())) == [artifact("a", format="h5")]
