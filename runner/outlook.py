"""What a run would do, task by task, and why: told before anything is made or started."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from runner.plan import ArtifactKey, Plan, Task
from runner.reuse import todo
from runner.store import Store
from runner.told import saved_values


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """One task."""

    task: Task
    #: Cells that hold, and need not be run.
    known: int
    #: Why the others would run -> how many.
    reasons: Mapping[str, int]

    @property
    def cells(self) -> int:
        """How many would run."""
        return sum(self.reasons.values())


def outlook(
    plan: Plan, store: Store, *, unavailable: Mapping[str, str], engine: str = "", fresh: bool = False
) -> tuple[Outlook, ...]:
    """All tasks of a plan, the saves first.

    Without the name of an ``engine``, the one of the last run is meant. What is going to be saved anew is counted as
    being loaded everywhere; where it turns out as it was, it is not.
    """
    names = [item.id for item in plan.environments if item.id not in unavailable]
    found: list[Outlook] = []
    again: set[ArtifactKey] = set()
    for name in names:
        task = plan.save_task(name)
        left = todo(plan, task, store, {}, engine=engine, fresh=fresh)
        again |= left.cells.keys()
        found.append(Outlook(task=task, known=len(left.known), reasons=left.reasons))
    saved = {
        key: value for key, value in saved_values(plan, store, plan.artifacts()).items() if key not in again
    }
    for name in names:
        task = plan.load_task(name, tuple(key for key in plan.artifacts() if key in saved or key in again))
        left = todo(plan, task, store, saved, engine=engine, fresh=fresh)
        reasons = Counter(left.reasons)
        new = sum(key in again for key in task.artifacts)
        if new:
            reasons["what it loads is going to be saved"] += new
        found.append(Outlook(task=task, known=len(left.known), reasons=reasons))
    return tuple(found)
