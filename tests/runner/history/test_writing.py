from runner.history import History
from runner.results import Verdict
from runner.transitions import CellName
from tests.runner.history.conftest import results

A, B = "a/a/dense/h5", "a/b/dense/h5"


def test_the_gate_and_what_took_how_long_are_kept(history: History) -> None:
    recorded = history.record(
        results("r1", {A: "identical", B: "degraded"}, attempts=2, seconds={"save": 1.5, "load": 2.5})
    )
    assert history.find("r1").gate is None
    history.judged(recorded, 0)
    found = history.find("r1")
    assert (found.gate, found.green, found.cells) == (0, True, 2)
    assert found.tally == {Verdict.IDENTICAL: 1, Verdict.DEGRADED: 1}
    assert found.retried == 2
    assert found.seconds == {"a": {"save": 1.5, "load": 2.5}}
    assert history.attempts(found) == {
        CellName("a", "a", "dense", "h5"): 2,
        CellName("a", "b", "dense", "h5"): 2,
    }


def test_what_earlier_runs_spent_is_not_counted_again(history: History) -> None:
    run = results("r1", {A: "identical"}, seconds={"save": 1.5, "load": 2.5})
    (environment,) = run.environments
    reusing = environment.model_copy(update={"reused": {"load": 2.0}})
    history.record(run.model_copy(update={"environments": (reusing,)}))
    assert history.find("r1").seconds == {"a": {"save": 1.5, "load": 0.5}}
