import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from environments.engines import Ready
from environments.errors import EnvironmentUnavailable, Interrupted
from environments.spec import Environment
from runner.conversation import Conversation
from runner.store import Store
from runner.upgrade import agents as module
from runner.upgrade.agents import Agents
from tests.runner.fakes import Recorded


class World:
    """Agents of an engine that speaks recorded lines."""

    def __init__(self, folder: Path) -> None:
        self.engine, self.store, self.cancel = Recorded(), Store(folder / "state"), threading.Event()
        self.agents = Agents(self.make)

    def make(self, name: str) -> Conversation:
        environment = Environment(id=name, timeout=1.0)
        ready = Ready(environment=environment, engine="x", base="", base_digest="", python=sys.executable)
        return Conversation(ready, self.engine, self.store, key=name, cancel=self.cancel)

    def until(self, started: list[str]) -> None:
        deadline = time.monotonic() + 10
        while self.engine.started != started and time.monotonic() < deadline:
            time.sleep(0.01)
        assert self.engine.started == started


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    found = World(tmp_path)
    yield found
    found.agents.close()
    assert not any(found.store.scratch.iterdir())


def test_an_agent_is_lent_again(world: World) -> None:
    with world.agents.lent("a") as first:
        first.start()
    with world.agents.lent("a") as second:
        assert second is first


def test_an_agent_is_lent_to_one_at_a_time(world: World) -> None:
    had: list[str] = []

    def borrow() -> None:
        with world.agents.lent("a"):
            had.append("other")

    thread = threading.Thread(target=borrow)
    with world.agents.lent("a") as agent:
        agent.start()
        thread.start()
        with world.agents.lent("b"):
            time.sleep(0.1)
        had.append("first")
    thread.join(10)
    assert had == ["first", "other"]


def test_too_many_idle_ones_are_ended_the_longest_idle_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_KEPT", 2)
    for name in ("a", "b", "a", "c", "b", "a"):
        with world.agents.lent(name) as agent:
            agent.start()
    assert world.engine.started == ["a", "b", "c", "b", "a"]


def test_agents_import_while_something_else_is_done(world: World) -> None:
    with world.agents.warming(["a", "b", "c"], lambda name: name == "b"):
        world.until(["a", "c"])
    with world.agents.lent("a") as agent:
        agent.start()
    assert world.engine.started == ["a", "c"]


def test_what_is_done_ends_the_warming(world: World) -> None:
    going = threading.Event()

    def unavailable(name: str) -> bool:
        going.wait(10)
        return False

    with world.agents.warming(["a", "b"], unavailable):
        pass
    going.set()
    world.agents.close()
    assert world.engine.started == []
    with world.agents.lent("a") as agent:
        agent.start()


@pytest.mark.parametrize(
    "error", [EnvironmentUnavailable("It is gone."), Interrupted("Enough."), OSError(28, "No space left")]
)
def test_what_goes_wrong_while_warming_is_left_to_who_asks(world: World, error: Exception) -> None:
    def unavailable(name: str) -> bool:
        if name == "a":
            raise error
        return False

    with world.agents.warming(["a", "b"], unavailable):
        world.until(["b"])
