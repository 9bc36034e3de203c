"""The whole plan: environments are made while others already save; loads begin when all is saved."""

import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Event as Flag
from typing import Any, Protocol

from environments.engines import Engine, Ready
from environments.errors import EnvironmentUnavailable, Interrupted
from runner.agent.capabilities import numbers
from runner.journal import Event
from runner.plan import ArtifactKey, Plan, Task, keras_version
from runner.provisioning import provision
from runner.reuse import Todo, todo
from runner.store import Store
from runner.tasks import record_unavailable, run_task
from runner.told import saved_values

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
    names = [item.id for item in plan.environments if item.id not in unavailable]
    digests = {name: engine.digest(plan.environment(name)) for name in names}
    with ThreadPoolExecutor(PROVISIONERS) as makers, ThreadPoolExecutor(workers) as runners:
        run = _Run(plan, engine, store, observer, cancel, makers, runners, fresh, digests)
        try:
            run.save_all()
            run.load_all()
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
        digests: Mapping[str, str],
    ) -> None:
        self._plan, self._engine, self._store, self._observer = plan, engine, store, observer
        self._cancel, self._makers, self._runners, self._fresh = cancel, makers, runners, fresh
        #: The environments, each with the digest of its base as it is here.
        self._digests = digests
        self._made: dict[str, _Made | None] = {}
        #: What each environment would load; empty where that has changed since it was looked at.
        self._loading: dict[str, tuple[Mapping[ArtifactKey, Mapping[str, Any]], Todo]] = {}

    def save_all(self) -> None:
        """Save in each environment that something is left to save in, as soon as it is made."""
        loads = self._loads()
        damaged = self._store.weed(
            saved[key]["sha256"] for saved, left in loads.values() for key in (*left.cells, *left.remedies)
        )
        tasks = [
            task for task in map(self._plan.save_task, self._digests) if not self._left(task, {}).nothing
        ]
        self._all(tasks)
        self._loading = {} if tasks or damaged else loads

    def load_all(self) -> None:
        """Load where something is left to load. The slowest come first, so that they end with the others."""
        loads = self._loading or self._loads()
        wanted = [name for name, (_, left) in loads.items() if not left.nothing]
        for name in loads.keys() - set(wanted) - self._made.keys():
            self._observer.provisioned(name, "")  # as it was: it is not made, nor looked for
        order = sorted((name for name in wanted if name not in self._failed()), key=self._quickness)
        self._all([self._plan.load_task(name, tuple(loads[name][0])) for name in order])

    def _loads(self) -> dict[str, tuple[Mapping[ArtifactKey, Mapping[str, Any]], Todo]]:
        """What each environment would load of what is saved now, and what of that is left."""
        saved = saved_values(self._plan, self._store, self._plan.artifacts())
        tasks = {name: self._plan.load_task(name, tuple(saved)) for name in self._digests}
        return {name: (saved, self._left(task, saved)) for name, task in tasks.items()}

    def _left(self, task: Task, saved: Mapping[ArtifactKey, Mapping[str, Any]]) -> Todo:
        return todo(
            self._plan,
            task,
            self._store,
            saved,
            engine=self._engine.name,
            base_digest=self._digests[task.environment],
            fresh=self._fresh,
        )

    def _failed(self) -> set[str]:
        return {name for name, made in self._made.items() if made is None}

    def _all(self, tasks: Sequence[Task]) -> None:
        """Run the tasks of one phase, each as soon as its environment is made."""
        by_name = {task.environment: task for task in tasks}
        running = {
            self._start(task, made) for name, task in by_name.items() if (made := self._made.get(name))
        }
        missing = [name for name in by_name if name not in self._made]
        making = {self._makers.submit(self._make, name): name for name in missing}
        while making or running:
            # Woken at least every tick, so that Ctrl-C is seen in between.
            waiting: list[Future[Any]] = [*making, *running]
            done, _ = wait(waiting, timeout=_TICK, return_when=FIRST_COMPLETED)
            for name, outcome in [(making[future], future.result()) for future in making if future in done]:
                self._made[name] = outcome
                if outcome is not None:
                    running.add(self._start(by_name[name], outcome))
            making = {future: name for future, name in making.items() if future not in done}
            for ended in running & done:
                ended.result()
            running -= done

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
                log=self._store.log(name),
                cancel=self._cancel,
            )
        except EnvironmentUnavailable as error:
            saved = saved_values(self._plan, self._store, self._plan.artifacts())
            for task in (self._plan.save_task(name), self._plan.load_task(name, tuple(saved))):
                here = saved if task.phase == "load" else {}
                if not (
                    task.artifacts and self._left(task, here).nothing
                ):  # what is known all the same, holds
                    record_unavailable(
                        self._plan, task, self._store, self._engine.name, error, fresh=self._fresh
                    )
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
