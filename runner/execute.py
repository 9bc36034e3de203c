"""The whole plan: environments are made while others already save; loads begin when all is saved."""

import os
import time
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Event as Flag
from typing import Any, Protocol

from environments.engines import Engine, Ready
from environments.errors import EnvironmentUnavailable, Interrupted
from runner.agent.capabilities import numbers
from runner.journal import Event
from runner.plan import Plan, Task, keras_version
from runner.provisioning import provision
from runner.reuse import todo
from runner.store import Store
from runner.tasks import record_unavailable, run_task
from runner.told import saved_artifacts, saved_values

#: Environments made at one time: mostly waiting for the network and the disk.
PROVISIONERS = 3
#: Seconds between two looks at whether to stop.
_TICK = 0.2


class Observer(Protocol):
    """Whoever wants to see a run happen. Called from several threads."""

    def provisioning(self, environment: str) -> None:
        """An environment is being made."""

    def provisioned(self, environment: str, problem: str) -> None:
        """It is made, or ``problem`` says why not."""

    def planned(self, task: Task) -> None:
        """A task is going to run; its cells are known."""

    def event(self, task: Task, event: Event) -> None:
        """Something happened in a task."""


def jobs() -> int:
    """How many tasks run at one time: one for each processor that this process may use."""
    return max(1, len(os.sched_getaffinity(0)))


@dataclass(frozen=True, kw_only=True)
class _Made:
    ready: Ready
    seconds: float


def execute(
    plan: Plan,
    engine: Engine,
    store: Store,
    observer: Observer,
    *,
    cancel: Flag,
    unavailable: Mapping[str, str],
    workers: int,
    fresh: bool = False,
) -> None:
    """Run what is left of every task of the plan. An environment that cannot be made costs its own cells only.

    An environment that nothing is left for is not made. With ``fresh`` everything is left.

    Raises Interrupted when ``cancel`` is set, after everything that runs has ended; what was done is kept.
    """
    for environment, reason in unavailable.items():
        observer.provisioned(environment, reason)
    wanted = left(plan, engine, store, unavailable=unavailable, fresh=fresh)
    for item in plan.environments:
        if item.id not in wanted and item.id not in unavailable:
            observer.provisioned(item.id, "")
    with ThreadPoolExecutor(PROVISIONERS) as makers, ThreadPoolExecutor(workers) as runners:
        run = _Run(plan, engine, store, observer, cancel, makers, runners, fresh)
        try:
            made = run.save_all(wanted)
            run.load_all(made)
        except BaseException:
            cancel.set()
            raise
    if cancel.is_set():
        raise Interrupted("Interrupted. What was done until now is kept.")


class _Run:
    def __init__(
        self,
        plan: Plan,
        engine: Engine,
        store: Store,
        observer: Observer,
        cancel: Flag,
        makers: ThreadPoolExecutor,
        runners: ThreadPoolExecutor,
        fresh: bool,
    ) -> None:
        self._plan, self._engine, self._store, self._observer = plan, engine, store, observer
        self._cancel, self._makers, self._runners, self._fresh = cancel, makers, runners, fresh

    def save_all(self, wanted: list[str]) -> dict[str, _Made]:
        """Make the environments and save in each as soon as it is there; the ones that can load."""
        made: dict[str, _Made] = {}
        making = {self._makers.submit(self._make, name): name for name in wanted}
        saving: set[Future[None]] = set()
        while making or saving:
            # Woken at least every tick, so that Ctrl-C is seen in between.
            waiting: list[Future[Any]] = [*making, *saving]
            done, _ = wait(waiting, timeout=_TICK, return_when=FIRST_COMPLETED)
            for name, outcome in [(making[future], future.result()) for future in making if future in done]:
                if outcome is not None:
                    made[name] = outcome
                    saving.add(self._start(self._plan.save_task(name), outcome))
            making = {future: name for future, name in making.items() if future not in done}
            for ended in saving & done:
                ended.result()
            saving -= done
        return made

    def load_all(self, made: Mapping[str, _Made]) -> None:
        """Load everywhere what was saved anywhere. The slowest come first, so that they end with the others."""
        saved = tuple(saved_artifacts(self._plan, self._store, self._plan.artifacts()))
        order = sorted(made, key=self._quickness)
        loading = {self._start(self._plan.load_task(name, saved), made[name]) for name in order}
        while loading:
            done, _ = wait(loading, timeout=_TICK, return_when=FIRST_COMPLETED)
            for ended in done:
                ended.result()
            loading -= done

    def _start(self, task: Task, made: _Made) -> Future[None]:
        self._observer.planned(task)
        return self._runners.submit(self._task, task, made)

    def _quickness(self, name: str) -> int:
        """Keras 2 loads and re-saves SavedModels, which costs more than all the rest."""
        environment = self._plan.environment(name)
        return 0 if numbers(keras_version(environment, self._plan.locks.get(name)))[:1] <= (2,) else 1

    def _make(self, name: str) -> _Made | None:
        if self._cancel.is_set():
            return None
        self._observer.provisioning(name)
        started = time.monotonic()
        try:
            ready = provision(
                self._engine,
                self._plan.environment(name),
                self._plan.locks.get(name),
                log=self._store.logs / f"provision-{name}.log",
                cancel=self._cancel,
            )
        except EnvironmentUnavailable as error:
            for task in (self._plan.save_task(name), self._plan.load_task(name, ())):
                record_unavailable(self._plan, task, self._store, self._engine.name, error, fresh=self._fresh)
            self._observer.provisioned(name, str(error))
            return None
        except Interrupted:
            return None
        self._observer.provisioned(name, "")
        return _Made(ready=ready, seconds=round(time.monotonic() - started, 2))

    def _task(self, task: Task, made: _Made) -> None:
        if self._cancel.is_set():
            return
        try:
            run_task(
                self._plan,
                task,
                made.ready,
                self._engine,
                self._store,
                listener=self._observer.event,
                cancel=self._cancel,
                seconds=made.seconds,
                fresh=self._fresh,
            )
        except Interrupted:
            return


def left(
    plan: Plan, engine: Engine, store: Store, *, unavailable: Mapping[str, str], fresh: bool
) -> list[str]:
    """The environments that something is left to do in. What is saved anew has to be loaded everywhere."""
    names = [item.id for item in plan.environments if item.id not in unavailable]
    saves = [
        name
        for name in names
        if not todo(plan, plan.save_task(name), store, {}, engine=engine.name, fresh=fresh).nothing
    ]
    if saves:
        return names
    saved = saved_values(plan, store, plan.artifacts())
    return [
        name
        for name in names
        if not todo(plan, plan.load_task(name, tuple(saved)), store, saved, engine=engine.name).nothing
    ]
