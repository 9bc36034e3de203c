"""Carrying out one task: what is left of it is asked of an agent, in a section of its journal."""

from contextlib import nullcontext
from dataclasses import replace
from threading import Event as Flag

from environments.engines import Engine, Ready
from environments.errors import EnvironmentUnavailable
from runner.asking import Asking, Listener
from runner.conversation import Conversation
from runner.plan import Plan, Task
from runner.provenance import header
from runner.reuse import todo
from runner.store import Store
from runner.told import saved_values

_DAMAGED = "What it loads was damaged in the store and was removed. Run it again to have it saved anew."


def record_unavailable(
    plan: Plan, task: Task, store: Store, engine: str, error: EnvironmentUnavailable, *, fresh: bool = False
) -> None:
    """Keep the reason why the environment of a task could not be made or started."""
    with store.journal(task, onwards=True) as journal:
        journal.write(header(plan, task, engine, fresh=fresh))
        journal.write({"event": "unavailable", "message": str(error), "log": error.log})


def run_task(
    plan: Plan,
    task: Task,
    ready: Ready,
    engine: Engine,
    store: Store,
    *,
    listener: Listener,
    cancel: Flag,
    seconds: float = 0.0,
    echo: bool = False,
    fork: bool = True,
    agent: Conversation | None = None,
    fresh: bool = False,
    again: bool = False,
) -> None:
    """Run every cell of a task that is not known; afterwards its journal has an event for each, or says why not.

    With ``fresh`` nothing counts as known. ``agent`` is the environment's, where one is there already; it goes on
    afterwards. ``seconds`` is what provisioning took. With ``echo`` the listener also gets what cells print, as it
    comes. With ``again`` a load that runs out of time or dies is asked for once more before remedies are; else the next
    run does that. Without ``fork`` the cells run in the agent's own process: only a measurement of a single cell wants
    that.
    Raises Interrupted when ``cancel`` is set; what was done is kept.
    """
    saved = {} if task.phase == "save" else saved_values(plan, store, task.artifacts)
    left = todo(plan, task, store, saved, engine=engine.name, base_digest=ready.base_digest, fresh=fresh)
    if left.nothing and not left.unavailable:
        return
    damaged = store.weed(saved[key]["sha256"] for key in (*left.cells, *left.remedies) if key in saved)
    if damaged:
        saved = {key: value for key, value in saved.items() if value["sha256"] not in damaged}
        left = todo(plan, task, store, saved, engine=engine.name, base_digest=ready.base_digest, fresh=fresh)
    with store.claimed(task.key), store.journal(task, onwards=True) as journal:
        journal.write(header(plan, task, engine.name, fresh=left.fresh))
        journal.write(
            {"event": "provisioned", "base": ready.base, "base_digest": ready.base_digest, "seconds": seconds}
        )
        if damaged:
            listener(task, {"event": "damaged", "artifacts": len(damaged)})
            journal.write({"event": "ended", "status": 0, "problem": _DAMAGED, "stderr": ""})
        if left.nothing:  # the environment is there again, and that is all there is to say
            return
        # What a cell may take is the plan's to say, whoever made the environment.
        here = replace(ready, environment=plan.environment(task.environment))
        with (
            nullcontext(agent)
            if agent
            else Conversation(here, engine, store, key=task.key, cancel=cancel) as asked
        ):
            Asking(
                plan,
                task,
                asked,
                store,
                journal,
                listener,
                cancel,
                echo,
                fork,
                saved,
                left,
                last=agent is None,
                again=again,
            ).run()
