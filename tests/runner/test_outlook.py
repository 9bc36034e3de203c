from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from runner.execute import execute
from runner.outlook import outlook
from runner.plan import Plan
from runner.store import Store
from tests.runner.fakes import Recorded, make_plan
from tests.runner.test_execute import Seen


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return make_plan(tmp_path, "a", "b", "c")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "state")


def told(
    plan: Plan, store: Store, *, engine: str = "", fresh: bool = False
) -> dict[str, tuple[int, dict[str, int]]]:
    found = outlook(plan, store, unavailable={}, engine=engine, fresh=fresh)
    return {item.task.key: (item.known, dict(item.reasons)) for item in found}


def run(plan: Plan, store: Store) -> None:
    execute(plan, Recorded(), store, Seen(), cancel=Event(), unavailable={}, workers=1)


def test_before_the_first_run_all_of_it_is_new(plan: Plan, store: Store) -> None:
    found = told(plan, store)
    assert found["save-a"] == (0, {"it was not run before": 1})
    assert found["load-a"] == (0, {"what it loads is going to be saved": 3})


def test_after_a_run_nothing_is_left(plan: Plan, store: Store) -> None:
    run(plan, store)
    found = outlook(plan, store, unavailable={})
    assert [item.cells for item in found] == [0] * 6
    assert [item.known for item in found] == [1, 1, 1, 3, 3, 3]


def test_one_environment_more_is_a_row_and_a_column(plan: Plan, store: Store) -> None:
    run(replace(plan, environments=plan.environments[:2]), store)
    found = told(plan, store)
    assert found["save-a"] == (1, {})
    assert found["save-c"] == (0, {"it was not run before": 1})
    assert found["load-a"] == (2, {"what it loads is going to be saved": 1})
    assert found["load-c"] == (0, {"it was not run before": 2, "what it loads is going to be saved": 1})


def test_another_engine_and_a_fresh_run_are_told(plan: Plan, store: Store) -> None:
    run(plan, store)
    assert told(plan, store, engine="docker")["save-a"][1] == {
        "it was run with the recorded engine before": 1
    }
    assert told(plan, store, fresh=True)["save-a"][1] == {"all is run anew, as was asked": 1}
    assert told(plan, store, fresh=True)["load-a"][1] == {"what it loads is going to be saved": 3}
