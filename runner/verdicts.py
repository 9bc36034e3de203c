"""From what the agent saw in a cell to its one word. Pure."""

from collections.abc import Mapping
from typing import Any

from runner.agent.company import WRONG
from runner.results import Verdict

#: Check -> what is lost when it is not the same. A changed structure that is not wrong is a changed trainability.
_LOSES = {
    "structure": "trainability",
    "loss": "compile",
    "optimizer": "optimizer",
    "training": "training",
    "resave": "resave",
    "reload": "reload",
}
#: Everything that a degraded cell may have lost.
LOSSES = tuple(_LOSES.values())


def verdict_of(event: Mapping[str, Any]) -> tuple[Verdict, tuple[str, ...]]:
    """The verdict of a load, or of a remedy, as the agent told it, and what was lost."""
    if event["status"] != "done":
        return Verdict(event["status"]), ()
    return judge(checks=event["value"]["checks"], failed=event["value"]["error"] is not None)


def judge(*, checks: Mapping[str, str], failed: bool) -> tuple[Verdict, tuple[str, ...]]:
    """The verdict of a cell whose process came to its end, and what was lost.

    ``failed`` is True when loading or the first use raised. A training step that merely gives other numbers is
    no loss of its own where the optimizer's state is gone: it follows from that.
    """
    if failed:
        return Verdict.LOAD_FAILED, ()
    if any(checks.get(name) == "differs" for name in WRONG) or any(
        checks.get(name) in ("lost", "failed") for name in ("weights", "outputs")
    ):
        return Verdict.DIVERGENT, ()
    lost = []
    for check, thing in _LOSES.items():
        value = checks.get(check, "not_applicable")
        follows = check == "training" and value == "differs" and "optimizer" in lost
        if value in ("differs", "lost", "failed") and not follows:
            lost.append(thing)
    if lost:
        return Verdict.DEGRADED, tuple(lost)
    # Nothing is called identical that was not looked at; outputs there are in every cell.
    whole = checks.get("outputs") == "same" and "not_run" not in checks.values()
    return (Verdict.IDENTICAL if whole else Verdict.NOT_RUN), ()
