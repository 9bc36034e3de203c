"""How a run looks while it goes on: a few live lines on a terminal, a few plain ones elsewhere."""

from collections import Counter
from threading import Lock
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from runner.journal import Event
from runner.plan import Plan, Task
from runner.results import Verdict
from runner.screen import Screen
from runner.verdicts import judge

#: Environments that are shown by name; a longer plan shows those that something happens in.
_SHOWN = 12


class Progress:
    """An :class:`runner.execute.Observer` that draws. Use it as a context manager around a run."""

    def __init__(self, plan: Plan, console: Console, *, workers: int) -> None:
        self._screen = Screen(console, self._draw)
        self._lock = Lock()
        self._workers = workers
        self._state = {item.id: "waiting" for item in plan.environments}
        self._done: Counter[str] = Counter()
        self._total: Counter[str] = Counter()
        self._verdicts: Counter[str] = Counter()
        self._seconds: Counter[str] = Counter()
        #: Environment -> the cells in which it tries work-arounds, once it does.
        self._remedies: dict[str, int] = {}
        self._known = sum(len(plan.save_task(item.id).artifacts) for item in plan.environments)
        self._consumers = len(plan.environments)

    def __enter__(self) -> Self:
        self._screen.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        self._screen.__exit__(*raised)

    def provisioning(self, environment: str) -> None:
        """An environment is being made."""
        self._set(environment, "installing")

    def provisioned(self, environment: str, problem: str) -> None:
        """It is made, or ``problem`` says why not."""
        self._set(environment, "unavailable" if problem else "ready")
        if problem:
            self._screen.print(Text.assemble((environment, "bold"), " is unavailable: ", problem))

    def planned(self, task: Task) -> None:
        """A task is going to run."""
        with self._lock:
            self._total[task.phase] += len(task.artifacts)

    def event(self, task: Task, event: Event) -> None:
        """Something happened in a task."""
        kind = event["event"]
        if kind in ("started", "ready"):
            working = "remedies" if task.environment in self._remedies else "loading"
            self._set(task.environment, "saving" if task.phase == "save" else working)
        elif kind == "remedies":
            with self._lock:
                self._remedies[task.environment] = event["cells"]
                self._total["remedy"] += event["cells"]
        elif kind == "tried":
            with self._lock:
                self._done["remedy"] += 1
        elif kind == "remedy":
            with self._lock:
                self._seconds["remedy"] += event["seconds"]
        elif kind == "broken":
            self._screen.print(Text(f"{task.environment} is unavailable: its framework cannot be imported."))
        elif kind == "finished":
            self._set(task.environment, "saved" if task.phase == "save" else "done")
            self._say_phase(task)
        elif kind == "cell":
            with self._lock:
                self._done[task.phase] += 1
                self._seconds[task.phase] += event["seconds"]
                self._verdicts[self._word(task, event)] += 1

    def _word(self, task: Task, event: Event) -> str:
        if event["status"] != "done":
            return "save_failed" if task.phase == "save" else str(event["status"])
        value = event["value"]
        if task.phase == "save":
            return str(value["status"])
        return str(judge(checks=value["checks"], failed=value["error"] is not None)[0])

    def _set(self, environment: str, state: str) -> None:
        with self._lock:
            self._state[environment] = state

    def _say_phase(self, task: Task) -> None:
        did = f"saved {len(task.artifacts)}" if task.phase == "save" else f"loaded {len(task.artifacts)}"
        if task.environment in self._remedies and task.phase == "load":
            did = f"tried remedies in {self._remedies[task.environment]} cells"
        self._screen.ended(f"{task.environment}: {did}")

    def _left(self) -> str:
        """The time left, from what cells took so far; empty while nothing is known."""
        saves = self._known - self._done["save"]
        loads = (self._total["load"] or self._known * self._consumers) - self._done["load"]
        seconds = saves * self._mean("save") + loads * self._mean("load")
        if self._done["remedy"]:
            seconds += (self._total["remedy"] - self._done["remedy"]) * self._mean("remedy")
        if not self._done["save"]:
            return ""
        left = int(seconds / self._workers) + 1
        return f"about {left // 60}:{left % 60:02d} left"

    def _mean(self, phase: str) -> float:
        """Mean seconds of a cell; a load costs about as much as a save while none is known."""
        for known in (phase, "save"):
            if self._done[known]:
                return self._seconds[known] / self._done[known]
        return 0.0

    def _draw(self) -> RenderableType:
        with self._lock:
            table = Table.grid(padding=(0, 2))
            for _ in range(3):
                table.add_column()
            shown = list(self._state.items())
            if len(shown) > _SHOWN:
                shown = [item for item in shown if item[1] not in ("waiting", "done")][:_SHOWN]
            cells = [Text.assemble((f"{state:<11}", _STYLES.get(state, "")), name) for name, state in shown]
            for row in range(0, len(cells), 3):
                table.add_row(*cells[row : row + 3])
            loads = self._total["load"] or self._known * self._consumers
            bars = Table.grid(padding=(0, 1))
            bars.add_row(
                "saved",
                ProgressBar(self._known or 1, self._done["save"], width=24),
                f"{self._done['save']}/{self._known}",
            )
            bars.add_row(
                "loaded",
                ProgressBar(loads or 1, self._done["load"], width=24),
                f"{self._done['load']}/{loads}",
            )
            if self._total["remedy"]:
                bars.add_row(
                    "remedies",
                    ProgressBar(self._total["remedy"], self._done["remedy"], width=24),
                    f"{self._done['remedy']}/{self._total['remedy']}",
                )
            words = [word for word in [*Verdict, "saved"] if self._verdicts[word]]
            tally = "  ".join(f"{self._verdicts[word]} {word.replace('_', ' ')}" for word in words)
            clock = f"{self._screen.clock()}  {self._left()}"
        return Group(table, bars, Text(tally), Text(clock, style="dim"))


_STYLES = {
    "waiting": "dim",
    "installing": "cyan",
    "saving": "yellow",
    "loading": "yellow",
    "remedies": "yellow",
    "done": "green",
    "unavailable": "red",
}
