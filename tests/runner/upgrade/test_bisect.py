"""Histories that are told, searched by what searches real ones: only the engine and the resolver are stand-ins."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from environments import matrix as matrices
from environments import releases
from environments.engines import Exit, Ready
from environments.errors import EnvironmentUnavailable, InfrastructureError, UsageError
from environments.lock import Lock, assemble
from environments.spec import Environment
from runner.adopted import ModelFile
from runner.results import Run
from runner.store import Store
from runner.upgrade import words, workshop
from runner.upgrade.bisect import Answer, bisect, tensorflows_between
from runner.upgrade.looking import On, Step
from runner.upgrade.watching import Silent
from runner.upgrade.workshop import Workshop
from tests.environments import shelf
from tests.runner.fakes import DONE, LOADED, Recorded, Say, Script, adopted, cell, ready_event

TENSORFLOWS = {
    "2.9.3": "2022-11-16",
    "2.12.0": "2023-03-22",
    "2.12.1": "2023-07-05",
    "2.13.0": "2023-07-05",
    "2.14.0": "2023-09-26",
    "2.15.0": "2023-11-14",
    "2.15.0.post1": "2023-12-05",
    "2.15.1": "2024-03-08",
    "2.16.0rc0": "2024-03-05",
    "2.16.1": "2024-03-09",
    "2.16.2": "2024-06-28",
    "2.17.0": "2024-07-11",
    "2.18.0": "2024-10-25",
}
KERASES = {
    "2.15.0": "2023-11-07",
    "3.0.0": "2023-11-28",
    "3.0.5": "2024-02-14",
    "3.1.1": "2024-03-19",
    "3.2.0": "2024-04-08",
    "3.3.3": "2024-04-26",
    "3.4.1": "2024-06-26",
    "3.5.0": "2024-08-12",
    "3.6.0": "2024-10-03",
}
#: Environment -> the verdict of the model there.
History = Callable[[Environment], str]


class Historical(Recorded):
    """An engine in which a model fares as a history says."""

    def __init__(self, history: History) -> None:
        super().__init__()
        self._history = history
        self._environments: dict[str, Environment] = {}

    def provision(
        self, environment: Environment, lock: Lock | None, *, log: Path, cancel: threading.Event
    ) -> Ready:
        self._environments[environment.id] = environment
        if self._history(environment) == "unavailable":
            raise EnvironmentUnavailable(f"{environment.id} cannot be installed.", lasting=True)
        return super().provision(environment, lock, log=log, cancel=cancel)

    def script(self, key: str) -> Script:
        del key  # One process for a model in an environment, whatever it is asked.

        def speak(task: Any, out: Path, say: Say) -> Exit:
            say({"event": "started", "phase": task["phase"], "environment": task["environment"]})
            say(ready_event())
            for item in task["cells"]:
                if task["phase"] == "adopt":
                    say(adopted(item["key"], out, batches=[]))
                else:
                    say(cell(item["key"], _fares(self._history(self._environments[task["environment"]]))))
            say({"event": "finished"})
            return DONE

        return speak


def _fares(verdict: str) -> dict[str, Any]:
    checks = LOADED["checks"]
    assert isinstance(checks, dict)
    if verdict == "identical":
        return LOADED
    if verdict == "degraded":
        return {**LOADED, "checks": {**checks, "optimizer": "lost"}}
    if verdict == "divergent":
        return {**LOADED, "checks": {**checks, "outputs": "differs"}}
    error = {"type": "ValueError", "message": f"it broke: {verdict}", "traceback": ""}
    return {**LOADED, "checks": {}, "error": error}


Ask = Callable[..., Answer]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    """``ask(history, "2.12.1", "2.18.0")``; what was looked at is in ``engine.provisioned``."""
    path = tmp_path / "matrix.yaml"
    path.write_text('version: 1\nmatrix: {tensorflow: ["2.12.1", "2.15.1"]}\n')
    matrix = matrices.load(path)
    model = tmp_path / "m.h5"
    model.write_text("weights")

    def resolve(environment: Environment, *, cancel: threading.Event) -> Lock:
        keras = environment.keras
        if keras == "bundled":
            body = f"keras=={'.'.join(str(environment.tensorflow).split('.')[:2])}.0\n"
        elif keras == "legacy":
            body = f"tf-keras=={environment.tensorflow}\n"
        else:
            body = f"keras=={keras}\n"
        return assemble(environment, body)

    monkeypatch.setattr(workshop, "resolve", resolve)

    def search(
        history: History,
        good: str,
        bad: str,
        on: On = "load",
        told: Callable[[Step], None] = lambda step: None,
        state: str = "state",
    ) -> Answer:
        run = Run(id="test", started="", engine="recorded", matrix_sha256="", version="")
        place = Workshop(
            matrix,
            Store(tmp_path / state),
            Historical(history),
            cancel=threading.Event(),
            watcher=Silent(lambda sentence: None),
            run=run,
        )
        with place:
            ends = (words.one(good, matrix), words.one(bad, matrix))
            return bisect(ModelFile(path=model), *ends, place, on=on, told=told)

    with shelf.opened(monkeypatch) as registry:
        wheel = "tensorflow_cpu-{}-cp311-cp311-manylinux2014_x86_64.whl"
        registry.listing("tensorflow", {})
        registry.listing("tensorflow-cpu", {wheel.format(name): day for name, day in TENSORFLOWS.items()})
        registry.listing("keras", {f"keras-{name}-py3-none-any.whl": day for name, day in KERASES.items()})
        yield search


def _before(*version: int) -> Callable[[str | None], bool]:
    return lambda text: tuple(int(part) for part in str(text).split(".")[:3]) < version


def test_keras_3_is_told_from_the_tensorflow_that_brought_it(ask: Ask) -> None:
    def history(item: Environment) -> str:
        return "identical" if item.keras in ("bundled", "legacy") else "load_failed"

    answer = ask(history, "2.9.3", "2.18.0")
    assert answer.tensorflow is not None
    assert (answer.tensorflow.last_good.tensorflow, answer.tensorflow.first_bad.tensorflow) == (
        "2.15.1",
        "2.16.1",
    )
    assert answer.blame == "keras"
    assert answer.keras is not None
    assert (answer.keras.last_good.keras, answer.keras.first_bad.keras) == ("2.16.1", "3.0.0")
    assert answer.keras.first_bad.environment == "tf2.16.1-keras3.0.0-cpu"
    assert answer.last == answer.keras


def test_the_very_release_of_keras_is_found_on_one_tensorflow(ask: Ask) -> None:
    def history(item: Environment) -> str:
        return "identical" if item.keras == "bundled" or _before(3, 3, 0)(item.keras) else "load_failed"

    answer = ask(history, "2.15.1", "2.18.0")
    assert answer.tensorflow is not None
    assert (answer.tensorflow.last_good.environment, answer.tensorflow.first_bad.environment) == (
        "tf2.16.1-keras3.1.1-cpu",
        "tf2.16.2-keras3.4.1-cpu",
    )
    assert answer.keras is not None
    assert (answer.keras.last_good.keras, answer.keras.first_bad.keras) == ("3.2.0", "3.3.3")
    assert {answer.keras.last_good.tensorflow, answer.keras.first_bad.tensorflow} == {"2.16.2"}
    assert (answer.blame, answer.why) == ("keras", "TensorFlow 2.16.2 with Keras 3.1.1 works.")


def test_a_tensorflow_that_breaks_it_with_the_same_keras_is_to_blame(ask: Ask) -> None:
    answer = ask(
        lambda item: "identical" if _before(2, 17, 0)(item.tensorflow) else "crashed", "2.16.1", "2.18.0"
    )
    assert answer.blame == "tensorflow"
    assert answer.keras is None
    # 2.16.2 and 2.17.0 had the same Keras in their day.
    assert answer.why == "Keras 3.4.1 is the same on both sides."
    answer = ask(
        lambda item: "identical" if _before(2, 18, 0)(item.tensorflow) else "crashed",
        "2.16.1",
        "2.18.0",
        state="another",
    )
    assert (answer.blame, answer.why) == (
        "tensorflow",
        "TensorFlow 2.18.0 with Keras 3.4.1 does not work either.",
    )


def test_keras_2_goes_with_its_tensorflow(ask: Ask) -> None:
    answer = ask(
        lambda item: "identical" if _before(2, 14, 0)(item.tensorflow) else "load_failed", "2.12.0", "2.15.1"
    )
    assert answer.tensorflow is not None
    assert answer.tensorflow.first_bad.keras == "2.14.0"
    assert (answer.blame, answer.keras) == ("together", None)


def test_it_is_searched_downwards_as_well(ask: Ask) -> None:
    answer = ask(
        lambda item: "load_failed" if _before(2, 13, 0)(item.tensorflow) else "identical", "2.15.1", "2.9.3"
    )
    assert answer.tensorflow is not None
    assert (answer.tensorflow.last_good.tensorflow, answer.tensorflow.first_bad.tensorflow) == (
        "2.13.0",
        "2.12.1",
    )


def test_downwards_into_keras_2_keras_is_tried_on_the_tensorflow_that_has_both(ask: Ask) -> None:
    def history(item: Environment) -> str:
        return "load_failed" if item.keras in ("bundled", "legacy") else "identical"

    answer = ask(history, "2.18.0", "2.12.1")
    assert answer.keras is not None
    assert (answer.keras.last_good.keras, answer.keras.first_bad.keras) == ("3.0.0", "2.16.1")
    assert (answer.blame, answer.why) == (
        "keras",
        "TensorFlow 2.16.1 with Keras 2.16.1 (tf-keras) does not work either.",
    )


def test_two_releases_of_keras_are_searched_on_one_tensorflow(ask: Ask) -> None:
    answer = ask(
        lambda item: "identical" if _before(3, 2, 0)(item.keras) else "load_failed",
        "2.16.1+keras3.0.0",
        "2.16.1+keras3.6.0",
    )
    assert answer.tensorflow is None
    assert answer.keras is not None
    assert (answer.keras.last_good.keras, answer.keras.first_bad.keras) == ("3.1.1", "3.2.0")


def test_what_cannot_be_installed_is_skipped_and_said(ask: Ask) -> None:
    def history(item: Environment) -> str:
        if item.tensorflow in ("2.13.0", "2.14.0"):
            return "unavailable"
        return "identical" if _before(2, 13, 0)(item.tensorflow) else "load_failed"

    told: list[Step] = []
    answer = ask(history, "2.12.0", "2.15.1", told=told.append)
    assert answer.tensorflow is not None
    assert (answer.tensorflow.last_good.tensorflow, answer.tensorflow.first_bad.tensorflow) == (
        "2.12.1",
        "2.15.0",
    )
    assert answer.tensorflow.skipped == ("2.13.0", "2.14.0")
    skipped = [step for step in told if step.good is None]
    assert {step.telling for step in skipped} == {
        "tf2.13.0-cpu cannot be installed.",
        "tf2.14.0-cpu cannot be installed.",
    }


def test_which_of_the_two_it_is_may_stay_open(ask: Ask) -> None:
    fares = {"bundled": "identical", "legacy": "unavailable"}
    answer = ask(lambda item: fares.get(item.keras, "load_failed"), "2.15.1", "2.18.0")
    assert answer.tensorflow is not None
    assert answer.tensorflow.first_bad.tensorflow == "2.16.1"
    assert (answer.blame, answer.keras) == ("unknown", None)
    assert answer.why == "Neither TensorFlow could be tried with the Keras of the other."
    assert answer.steps[-1].telling == "tf2.16.1-legacy-cpu cannot be installed."


def test_what_is_known_from_before_is_not_loaded_again(ask: Ask) -> None:
    def history(item: Environment) -> str:
        return "identical" if _before(2, 14, 0)(item.tensorflow) else "load_failed"

    first = ask(history, "2.9.3", "2.15.1")
    told: list[Step] = []
    again = ask(
        lambda item: "unavailable" if item.id not in ENDS else history(item),
        "2.9.3",
        "2.15.1",
        told=told.append,
    )
    assert again.tensorflow is not None
    assert first.tensorflow is not None
    assert again.tensorflow.first_bad.tensorflow == first.tensorflow.first_bad.tensorflow
    assert {step.environment for step in told if step.cached} == {"tf2.13.0-cpu", "tf2.14.0-cpu"}


ENDS = ("tf2.9.3-cpu", "tf2.15.1-cpu")


def test_a_history_that_turns_back_is_noticed_where_it_was_seen(ask: Ask) -> None:
    def history(item: Environment) -> str:
        return "load_failed" if item.tensorflow in ("2.13.0", "2.14.0", "2.15.1") else "identical"

    ask(history, "2.12.0", "2.14.0")
    with pytest.raises(UsageError, match="is good"):
        ask(history, "2.12.0", "2.15.0")
    answer = ask(history, "2.12.0", "2.15.1")
    assert answer.tensorflow is not None
    assert (answer.tensorflow.last_good.tensorflow, answer.tensorflow.first_bad.tensorflow) == (
        "2.12.1",
        "2.13.0",
    )
    assert answer.tensorflow.good_again == ("2.15.0",)


@pytest.mark.parametrize(("on", "first"), [("load", "2.15.0"), ("outputs", "2.14.0"), ("anything", "2.13.0")])
def test_what_counts_as_broken_is_the_users(ask: Ask, on: On, first: str) -> None:
    fares = {"2.12.1": "identical", "2.13.0": "degraded", "2.14.0": "divergent"}
    answer = ask(lambda item: fares.get(str(item.tensorflow), "load_failed"), "2.12.1", "2.15.1", on)
    assert answer.tensorflow is not None
    assert answer.tensorflow.first_bad.tensorflow == first


def test_ends_that_are_not_what_they_are_called_are_refused(ask: Ask) -> None:
    with pytest.raises(
        UsageError, match=r"--good tf2.12.1-cpu is bad already \(load_failed\): ValueError: it broke"
    ):
        ask(lambda item: "load_failed", "2.12.1", "2.15.1")
    with pytest.raises(UsageError, match=r"--bad tf2.15.1-cpu is good \(degraded\).*--on outputs"):
        ask(lambda item: "degraded", "2.12.1", "2.15.1", state="another")
    with pytest.raises(UsageError, match="the same environment"):
        ask(lambda item: "identical", "2.12.1", "2.12")


def test_an_end_that_is_not_there_is_infrastructure(ask: Ask) -> None:
    with pytest.raises(
        InfrastructureError, match=r"--bad tf2.15.1-cpu .* could not be known: .* cannot be installed"
    ):
        ask(lambda item: "unavailable" if item.tensorflow == "2.15.1" else "identical", "2.12.1", "2.15.1")
    with pytest.raises(EnvironmentUnavailable, match="cannot be installed"):
        ask(lambda item: "unavailable", "2.12.1", "2.15.1")


def test_releases_between_are_final_and_in_order(ask: Ask) -> None:
    known = releases.tensorflows()
    assert tensorflows_between("2.14.0", "2.16.2", known) == ("2.15.0", "2.15.1", "2.16.1")
    assert tensorflows_between("2.16.2", "2.14.0", known) == ("2.16.1", "2.15.1", "2.15.0")
