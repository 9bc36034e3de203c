"""What an agent is asked in one task, and what becomes of its answers: a journal's lines, artifacts in the store."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Event as Flag
from typing import Any

from environments.engines import Exit
from environments.errors import EnvironmentUnavailable
from runner.conversation import Conversation
from runner.heard import disk_was_full, understood
from runner.journal import Event, Journal
from runner.plan import ArtifactKey, Plan, Task
from runner.provenance import judging_sha256
from runner.provisioning import WAITS
from runner.reuse import Todo
from runner.store import Store
from runner.told import read
from runner.tolerances import BOUNDS
from runner.trying import Remedies, identity, worth_trying

#: How often a cell may take the whole agent down with it before that is its verdict.
ATTEMPTS = 2
#: A cell that has worked for so many times what saving took (which was to build, train and observe the model, too), and
#: for so many seconds at least, goes round in a loop. Of 2,300 loads and 1,400 remedies in 16 environments none took
#: more than seven times as long, and of those that took eight seconds or more none twice as long.
TIMES, LEAST = 20, 20.0
_FULL = "There was no room on the disk while it ran. Free some space, and run it again."

Listener = Callable[[Task, Event], None]


class Asking:
    """What the agent is asked in one task: to load, then to try remedies; again where a cell takes it down."""

    def __init__(
        self,
        plan: Plan,
        task: Task,
        agent: Conversation,
        store: Store,
        journal: Journal,
        listener: Listener,
        cancel: Flag,
        echo: bool,
        fork: bool,
        saved: Mapping[ArtifactKey, Mapping[str, Any]],
        left: Todo,
        *,
        last: bool,
        again: bool,
    ) -> None:
        self._again = again
        self._echo, self._fork, self._last, self._cancel = echo, fork, last, cancel
        self._plan, self._task, self._agent = plan, task, agent
        self._store, self._journal, self._listener = store, journal, listener
        self._saved = saved
        #: What the agent is asked for: ``save``, ``load`` or ``remedy``.
        self._phase: str = task.phase
        #: What there is no word of yet, in order.
        self._pending = dict.fromkeys(left.cells)
        self._attempts: Counter[ArtifactKey] = Counter()
        self._in_flight: ArtifactKey | None = None
        self._broken = False
        #: How the agent introduced itself.
        self._told: dict[str, Event] = {}
        #: What this attempt said to have saved, with its sha256.
        self._claims: dict[ArtifactKey, str] = {}
        #: What became of each cell that was loaded, and what the environment turned out to be.
        self._loaded: dict[ArtifactKey, Event] = dict(left.known)
        self._facts: Mapping[str, Any] = left.facts
        #: Cells whose remedies are known.
        self._tried = left.known.keys() - left.remedies.keys()
        #: Cells in which a remedy met a full disk.
        self._roomless: set[ArtifactKey] = set()
        #: What is worth trying in a cell, once that is the phase.
        self._remedies: dict[ArtifactKey, Remedies] = {}

    def run(self) -> None:
        """Ask for all of it. Raises Interrupted when ``cancel`` is set, InfrastructureError when nothing is kept."""
        if not self._jobs() or self._phase != "load":
            return
        if self._again and not self._jobs_again():
            return
        if not self._plan.remedies:
            return
        found = worth_trying(self._plan, self._task.environment, self._facts, self._saved, self._loaded)
        self._remedies = {key: remedies for key, remedies in found.items() if key not in self._tried}
        if self._remedies:
            self._phase, self._pending = "remedy", dict.fromkeys(self._remedies)
            self._attempts.clear()
            self._listener(self._task, {"event": "remedies", "cells": len(self._remedies)})
            self._jobs()

    def _jobs_again(self) -> bool:
        """Once more what ran out of time or died, which a busy machine does too; False as for :meth:`_jobs`."""
        environment = self._plan.environment(self._task.environment)
        doubtful = read(self._plan, self._store, environment, "load").doubtful
        self._pending = dict.fromkeys(key for key in self._loaded if key in doubtful)
        return self._jobs()

    def _jobs(self) -> bool:
        """Run jobs until every cell has its event; False where the environment does not let them."""
        silent = troubles = 0
        while self._pending and not self._broken:
            before = len(self._pending)
            try:
                ended = self._attempt()
            except EnvironmentUnavailable as error:
                # Trouble around the cells: none of them is charged with it, and what is left is asked for again.
                troubles = troubles + 1 if len(self._pending) == before else 1
                if not error.lasting and troubles < ATTEMPTS and not self._cancel.wait(WAITS[0]):
                    continue
                self._write({"event": "unavailable", "message": str(error), "log": error.log})
                return False
            if ended.problem or not self._pending or len(self._pending) == before:
                self._write(
                    {
                        "event": "ended",
                        "status": ended.status,
                        "problem": ended.problem,
                        "stderr": ended.stderr,
                    }
                )
            silent = silent + 1 if len(self._pending) == before and self._in_flight is None else 0
            if self._in_flight is not None:
                self._give_up_on(self._in_flight, ended)
            if silent >= ATTEMPTS:
                return False  # it ends before it begins a cell; what is pending was not run, and is shown so
        return not self._broken

    def _attempt(self) -> Exit:
        self._in_flight = None
        inputs = {f"probes/{probe.name}.py": probe.path for probe in self._plan.probes}
        shas = {self._saved[key]["sha256"] for key in self._pending} if self._saved else set()
        inputs |= {f"artifacts/{sha}": self._store.object(sha) for sha in sorted(shas)}
        portion = self._portion()
        # What is to be tried is only known when all is loaded.
        more = len(portion) < len(self._pending) or (self._phase == "load" and self._plan.remedies)
        task = self._instructions(portion)
        try:
            return self._agent.ask(task, inputs, self._hear, last=self._last and not more)
        finally:
            if self._claims:
                self._take_in(self._agent.collect())

    def _portion(self) -> list[ArtifactKey]:
        """What is asked for at one time: of saving, one probe, which is in the store before the next is saved.

        Else a kill would cost all that an environment has saved until then.
        """
        first = next(iter(self._pending)).probe
        return [key for key in self._pending if self._phase != "save" or key.probe == first]

    def _instructions(self, portion: Sequence[ArtifactKey]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self._saved:
            found["busy"] = max(LEAST, TIMES * max(self._saved[key]["seconds"] for key in portion))
        return {
            **found,
            "phase": self._phase,
            "echo": self._echo,
            "fork": self._fork,
            "tolerances": BOUNDS,
            "probes": {probe.name: f"probes/{probe.name}.py" for probe in self._plan.probes},
            "cells": [self._cell(key) for key in portion],
        }

    def _cell(self, key: ArtifactKey) -> dict[str, Any]:
        found: dict[str, Any] = {"key": vars(key), "probe": key.probe, "format": key.format}
        found["fault"] = self._plan.probe(key.probe).fault
        if key in self._saved:
            found["artifact"] = f"artifacts/{self._saved[key]['sha256']}"
        if key in self._remedies:
            found["remedies"] = self._remedies[key]
        return found

    def _hear(self, line: str) -> None:
        """One line from the agent. What is no event of ours (a library that prints) is left out."""
        event = understood(line, self._phase)
        if event is None:
            return
        kind = event["event"]
        if kind == "ready":
            self._facts = event["facts"]
        if kind in ("begin", "cell", "remedy", "tried"):
            key = ArtifactKey(**event["key"])
            if key not in self._pending:
                return
            self._in_flight = key if kind == "begin" else None
            if kind in ("cell", "tried"):
                del self._pending[key]
            full = (
                kind in ("cell", "remedy") and not self._plan.probe(key.probe).fault and disk_was_full(event)
            )
            if kind == "cell" and full:
                event = {"event": "lost", "key": event["key"], "problem": _FULL}
                kind = "lost"
            elif full:
                self._roomless.add(key)
            if key in self._roomless and kind in ("remedy", "tried"):
                return  # it is tried again the next time
            if kind in ("cell", "remedy", "tried"):
                event["sha256"] = self._saved[key]["sha256"] if key in self._saved else ""
            if kind in ("remedy", "tried"):
                event["asked"] = identity(self._remedies[key])
            if kind == "tried":
                event["judged"] = judging_sha256()
            if kind == "cell":
                self._attempts[key] += 1
                event["attempts"] = self._attempts[key]
                self._loaded[key] = event
                if self._phase == "save" and (event.get("value") or {}).get("status") == "saved":
                    self._claims[key] = event["value"]["sha256"]
        self._broken |= kind == "broken"
        if self._phase == "save" and (
            (kind == "finished" and self._pending)
            or (kind in ("started", "ready") and self._told.get(kind) == event)
        ):
            return  # said of each portion, and of interest once
        if kind in ("started", "ready"):
            self._told[kind] = event
        if kind == "output":  # for whoever listens now; the cell's own event has the end of it
            self._listener(self._task, event)
        else:
            self._write(event)

    def _give_up_on(self, key: ArtifactKey, ended: Exit) -> None:
        """The agent ended with this cell in flight. The second time, that is what became of the cell."""
        self._attempts[key] += 1
        if self._attempts[key] < ATTEMPTS:
            self._pending[key] = self._pending.pop(key)  # the others first
            return
        del self._pending[key]
        if self._phase == "remedy":
            # It has its verdict. What was not tried is not claimed to work, and not tried for ever.
            asked = identity(self._remedies[key])
            tried = {"event": "tried", "key": vars(key), "asked": asked, "judged": judging_sha256()}
            self._write(tried)
            return
        self._write(
            {
                "event": "cell",
                "key": vars(key),
                "status": "crashed",
                "problem": f"The whole task ended with this cell, {ATTEMPTS} times. {ended.problem}",
                "output": ended.stderr[-4096:],
                "seconds": 0.0,
                "attempts": ATTEMPTS,
                "sha256": self._saved[key]["sha256"] if key in self._saved else "",
            }
        )

    def _take_in(self, out: Path) -> None:
        """Move what was saved into the store; what did not come back as it was described is lost, and told."""
        for key, sha256 in self._claims.items():
            if not self._store.keep(out / key.probe / key.format, sha256):
                reason = "It was saved, but its files did not come back whole. Run it again."
                self._write({"event": "lost", "key": vars(key), "problem": reason})
        self._claims.clear()

    def _write(self, event: Event) -> None:
        self._journal.write(event)
        self._listener(self._task, event)
