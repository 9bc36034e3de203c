import time
from pathlib import Path
from threading import Event, Timer
from typing import Any

import pytest

from environments.engines import Ready
from environments.errors import EnvironmentUnavailable, Interrupted
from environments.lock import Lock
from environments.spec import Environment
from runner.provisioning import provision
from tests.runner.fakes import Recorded

THERE = Environment(id="a", tensorflow="2.15.1")


class Failing(Recorded):
    """An engine with which the first attempts fail."""

    def __init__(self, *errors: Exception) -> None:
        super().__init__()
        self.errors = list(errors)
        self.attempts = 0

    def provision(self, environment: Environment, lock: Lock | None, **more: Any) -> Ready:
        self.attempts += 1
        if self.errors:
            raise self.errors.pop(0)
        return super().provision(environment, lock, **more)


def go(engine: Failing, folder: Path, *waits: float, cancel: Event | None = None) -> Ready:
    return provision(engine, THERE, None, log=folder / "log", cancel=cancel or Event(), waits=waits)


def busy() -> EnvironmentUnavailable:
    return EnvironmentUnavailable("The registry did not answer.", log="503")


def test_what_fails_for_a_moment_is_tried_again(tmp_path: Path) -> None:
    engine = Failing(busy(), busy())
    assert go(engine, tmp_path, 0.01, 0.02).environment is THERE
    assert engine.attempts == 3


def test_attempts_come_to_an_end_and_are_told(tmp_path: Path) -> None:
    engine = Failing(busy(), busy(), busy(), busy())
    started = time.monotonic()
    with pytest.raises(EnvironmentUnavailable, match=r"did not answer\. It was tried 3 times") as caught:
        go(engine, tmp_path, 0.1, 0.2)
    assert engine.attempts == 3
    assert caught.value.log == "503"
    assert time.monotonic() - started >= 0.3


def test_what_lasts_is_not_tried_again(tmp_path: Path) -> None:
    engine = Failing(EnvironmentUnavailable("It is an image.", lasting=True))
    with pytest.raises(EnvironmentUnavailable, match=r"^It is an image\.$"):
        go(engine, tmp_path, 60.0)
    assert engine.attempts == 1


def test_waiting_ends_when_the_run_does(tmp_path: Path) -> None:
    cancel = Event()
    Timer(0.1, cancel.set).start()
    started = time.monotonic()
    with pytest.raises(Interrupted):
        go(Failing(busy()), tmp_path, 60.0, cancel=cancel)
    assert time.monotonic() - started < 30
