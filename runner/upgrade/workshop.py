"""Where questions about one model file are worked on: environments that come to life when they are needed."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Event as Flag
from threading import Lock as Mutex
from typing import Protocol

from environments import lock as locks
from environments.engines import Engine, Ready
from environments.errors import ConfigurationError, EnvironmentUnavailable, Interrupted
from environments.lock import Lock
from environments.matrix import Matrix
from environments.resolve import resolve
from environments.spec import Environment
from runner import adopted as adoption
from runner.adopted import Adopted, ModelFile
from runner.conversation import Conversation
from runner.execute import PROVISIONERS
from runner.journal import Event
from runner.plan import Plan, Task, in_order
from runner.provenance import now
from runner.provisioning import provision
from runner.results import Results, Run
from runner.store import Store
from runner.symptoms import Stack, stack_of
from runner.upgrade.agents import Agents


class Watcher(Protocol):
    """Whoever wants to know what is under way. Called from several threads."""

    def begins(self, what: str) -> None:
        """It is under way, such as ``installing tf2.9.3-cpu``."""

    def ends(self, what: str) -> None:
        """It has ended, well or not."""

    def say(self, sentence: str) -> None:
        """Something that the user should read."""


class Workshop:
    """A matrix, an engine and a store, for one model file. Use it as a context manager; it ends what it started.

    Environments need not be in the matrix: what has no lock is resolved once and kept in the state folder. What is
    asked of it may be asked from several threads.
    """

    def __init__(
        self, matrix: Matrix, store: Store, engine: Engine, *, cancel: Flag, watcher: Watcher, run: Run
    ) -> None:
        self.matrix, self.store, self.engine, self.cancel, self.watcher = (
            matrix,
            store,
            engine,
            cancel,
            watcher,
        )
        #: How, when and with what the results of this workshop are made.
        self.run = run
        self._locks: dict[str, Lock] = {}
        self._ready: dict[str, Ready] = {}
        #: Why an environment could not be made; it is not tried twice.
        self.unavailable: dict[str, str] = {}
        self._mutexes: dict[str, Mutex] = {}
        self._mutex = Mutex()
        self._agents = Agents(self._converse)

    def __enter__(self) -> "Workshop":
        return self

    def __exit__(self, *raised: object) -> None:
        self.cancel.set()
        self._agents.close()
        self.engine.close()

    def lock(self, environment: Environment) -> Lock:
        """What is installed there: committed beside the matrix, kept from earlier, or resolved now.

        Raises EnvironmentUnavailable when it cannot be resolved, ConfigurationError for a lock that is broken.
        """
        if environment.id not in self._locks:  # while it is made, its lock is known already
            with self._own(environment):
                if environment.id not in self._locks:
                    self._locks[environment.id] = self._found(environment)
        return self._locks[environment.id]

    def stacks(self, environments: Sequence[Environment]) -> Mapping[str, Stack]:
        """The versions of environments that are locked already; those that are not are left out."""
        known = {
            item.id: self.lock(item)
            for item in environments
            if item.locked and self._folder(item) is not None
        }
        plan = Plan(environments=tuple(environments), locks=known, probes=(), formats=())
        return {name: stack_of(plan, name) for name in known}

    def ready(self, environment: Environment) -> Ready:
        """The environment, made where it was not. Raises EnvironmentUnavailable, and at once the second time."""
        lock = self.lock(environment) if environment.locked else None
        with self._own(environment):
            if environment.id in self._ready:
                return self._ready[environment.id]
            log = self.store.log(environment.id)
            with self.telling(f"making {environment.id}"):
                made = provision(self.engine, environment, lock, log=log, cancel=self.cancel)
            self._ready[environment.id] = made
            return made

    def prepare(self, environments: Sequence[Environment]) -> None:
        """Make several environments side by side; why any cannot be made is in ``unavailable`` afterwards."""

        def one(environment: Environment) -> None:
            if self.cancel.is_set() or environment.id in self.unavailable:
                return
            try:
                self.ready(environment)
            except EnvironmentUnavailable as error:
                self.unavailable[environment.id] = str(error)
                said = str(error).removeprefix(f"{environment.id} ")  # it begins with the name as a rule
                self.watcher.say(f"{environment.id} {'' if said != str(error) else 'is unavailable: '}{said}")

        with ThreadPoolExecutor(PROVISIONERS) as makers:
            for _ in makers.map(one, environments):
                pass
        if self.cancel.is_set():
            raise Interrupted("Interrupted.")

    def adopt(self, model: ModelFile, home: Environment, others: Sequence[Environment]) -> Adopted:
        """Look at the file in ``home``; ``others`` are the environments that are going to load it.

        Raises EnvironmentUnavailable, and InfrastructureError when looking at it ended the process.
        """
        whole = [home, *(item for item in others if item.id != home.id)]
        known = {
            item.id: self.lock(item) for item in whole if item.locked and item.id not in self.unavailable
        }
        ready = self.ready(home)
        with self.telling(f"looking at it in {home.id}"), self._agents.lent(home.id) as agent:
            return adoption.adopt(model, home.id, whole, known, ready, self.store, agent)

    def agent(self, environment: Environment) -> AbstractContextManager[Conversation]:
        """The agent of an environment, to be asked. It goes on for whoever asks next."""
        self.ready(environment)
        return self._agents.lent(environment.id)

    def importing(self, environments: Sequence[Environment]) -> AbstractContextManager[None]:
        """Meanwhile, these environments import their frameworks, one after another; others are not kept waiting."""
        known = {item.id: item for item in environments}

        def unavailable(name: str) -> bool:
            if name not in self.unavailable:
                self.prepare([known[name]])
            return name in self.unavailable

        return self._agents.warming(list(known), unavailable)

    def telling(self, what: str) -> AbstractContextManager[None]:
        """Let the watcher know of what is done inside."""
        return _telling(self.watcher, what)

    def load(self, adopted: Adopted, environments: Sequence[Environment], *, workers: int = 1) -> Results:
        """Load what was adopted in each of these environments, ``workers`` at a time, remedies included.

        An environment that cannot be made costs its own cell only.
        """
        self.prepare(environments)
        readies = {item.id: self._ready[item.id] for item in in_order(environments) if item.id in self._ready}
        adoption.load_everywhere(
            adopted,
            readies,
            self.engine,
            self.store,
            listener=self._heard,
            cancel=self.cancel,
            workers=workers,
            agent=self._agents.lent,
        )
        ended = self.run.model_copy(update={"finished": now()})
        return adoption.results_of(adopted, self.store, ended, environments, unavailable=self.unavailable)

    def _converse(self, name: str) -> Conversation:
        """The agent of an environment that is ready; it is not started yet."""
        return Conversation(
            self._ready[name],
            self.engine,
            self.store,
            key=f"{name}-{self.run.id}",
            cancel=self.cancel,
            patience=adoption.PATIENCE,
        )

    def _heard(self, task: Task, event: Event) -> None:
        """Tells the watcher when a task begins and ends."""
        what = f"loading in {task.environment}"
        if event["event"] == "started":
            self.watcher.begins(what)
        elif event["event"] in ("ended", "unavailable"):
            self.watcher.ends(what)

    def _own(self, environment: Environment) -> Mutex:
        """One thread at a time for each environment."""
        with self._mutex:
            return self._mutexes.setdefault(environment.id, Mutex())

    def _folder(self, environment: Environment) -> Path | None:
        """Where its lock lies: for the matrix, or kept from an earlier question."""
        committed = locks.folder_of(self.matrix.path, environment)
        # What was made for a question may have the name of another matrix's environment, and be something else.
        if environment in self.matrix.environments and locks.path(environment, committed).exists():
            return committed
        return self._kept if self._is_kept(environment) else None

    def _is_kept(self, environment: Environment) -> bool:
        """Whether the lock that an earlier question has left is still for this very environment."""
        try:
            locks.read(environment, self._kept)
        except ConfigurationError:
            return False
        return True

    def _found(self, environment: Environment) -> Lock:
        folder = None if environment.floating else self._folder(environment)
        if folder is not None:
            return locks.read(environment, folder)
        self.watcher.say(f"Resolving {environment.id}, which has no lock yet …")
        found = resolve(environment, cancel=self.cancel)
        locks.write(found, self._kept)
        return found

    @property
    def _kept(self) -> Path:
        return self.store.artifacts / "locks"


@contextmanager
def _telling(watcher: Watcher, what: str) -> Iterator[None]:
    watcher.begins(what)
    try:
        yield
    finally:
        watcher.ends(what)
