from runner.collect import collect
from runner.plan import Plan
from runner.store import Store
from tests.runner.fakes import FACTS
from tests.runner.test_collect import ALL, RUN, carry_out, plan, store

__all__ = ["plan", "store"]


def test_what_the_environment_was_is_told_as_it_was_found(plan: Plan, store: Store) -> None:
    carry_out(plan, store, *ALL)
    one = collect(plan, store, RUN).environments[0]
    assert (one.python, one.tensorflow, one.keras) == ("3.11.9", "2.15.1", "2.15.0")
    assert one.packages == FACTS["packages"]
    assert one.devices == ("/physical_device:CPU:0",)
    assert one.lock_sha256 == plan.locks["a"].sha256
    assert one.seconds == {"provision": 2.5, "import": 1.5, "save": 0.5, "load": 1.0}
    assert (one.engine, one.base) == ("recorded", "/usr/bin/python3")


def test_where_it_never_started_the_lock_says_what_it_would_have_been(plan: Plan, store: Store) -> None:
    one = collect(plan, store, RUN).environments[0]
    assert one.packages == {"keras": "2.15.0"}
    assert one.python == "3.11"


def test_what_earlier_runs_spent_is_told_apart(plan: Plan, store: Store) -> None:
    carry_out(plan, store, *ALL)
    (first, _) = collect(plan, store, RUN).environments
    assert first.seconds == {"provision": 2.5, "import": 1.5, "save": 0.5, "load": 1.0}
    assert first.reused == {}
    assert first.spent == first.seconds
    (again, _) = collect(plan, store, RUN.model_copy(update={"started": "2999-01-01"})).environments
    assert again.seconds == again.reused == first.seconds
    assert set(again.spent.values()) == {0.0}
