"""The agents of one question: one for each environment, kept for whatever it is asked next."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import Event as Flag
from threading import Lock as Mutex
from threading import Thread

from environments.errors import CrossloadError
from runner.conversation import Conversation

#: Agents that are kept while nobody asks them. An idle one holds its framework, some 300 MiB.
_KEPT = 8


class Agents:
    """Lends the agent of an environment to one thread at a time. ``make`` gives one that is not started."""

    def __init__(self, make: Callable[[str], Conversation]) -> None:
        self._make = make
        self._mutex = Mutex()
        self._mutexes: dict[str, Mutex] = {}
        #: Those that are there, the one that was lent last at the end.
        self._there: dict[str, Conversation] = {}
        self._threads: list[Thread] = []

    @contextmanager
    def lent(self, name: str) -> Iterator[Conversation]:
        """The agent of the environment ``name``, once nobody else has it."""
        with self._mutex:
            own = self._mutexes.setdefault(name, Mutex())
        with own:
            with self._mutex:
                agent = self._there.pop(name, None) or self._make(name)
                self._there[name] = agent
            self._end_what_is_too_much()
            yield agent

    @contextmanager
    def warming(self, names: Sequence[str], unavailable: Callable[[str], bool]) -> Iterator[None]:
        """Have agents import their frameworks, one after another, until what is done inside is done.

        An import under way then comes to its end, and whoever wants that agent waits for it.
        """
        enough = Flag()

        def warm() -> None:
            for name in names:
                try:
                    if enough.is_set() or unavailable(name):
                        continue
                    with self.lent(name) as agent:
                        if not enough.is_set():
                            agent.start(wait=True)
                except (CrossloadError, OSError):
                    pass  # whoever asks this agent meets it again, and tells

        thread = Thread(target=warm, daemon=True)
        self._threads.append(thread)
        thread.start()
        try:
            yield
        finally:
            enough.set()

    def close(self) -> None:
        """End them all. Whatever they are at has been cancelled."""
        for thread in self._threads:
            thread.join()
        with ExitStack() as ending:
            for agent in self._there.values():
                ending.push(agent)
        self._there.clear()

    def _end_what_is_too_much(self) -> None:
        with self._mutex:
            idle = [name for name in self._there if not self._mutexes[name].locked()]
            agents = [self._there.pop(name) for name in idle[: max(0, len(self._there) - _KEPT)]]
        for agent in agents:
            agent.__exit__(None, None, None)
