"""What became of each environment of a run: what it turned out to be, and the seconds it took. Pure."""

from collections.abc import Mapping

from environments.spec import Environment
from runner.description import earlier
from runner.plan import Plan
from runner.results import EnvironmentResult, Run
from runner.told import Told


def environment_result(
    plan: Plan, environment: Environment, save: Told, load: Told, unavailable: Mapping[str, str], run: Run
) -> EnvironmentResult:
    """The environment as it was found; what its lock says where it never started."""
    journals = [journal for journal in (load, save) if journal.ready]
    facts = journals[0].ready["facts"] if journals else {}
    provisioned = load.provisioned or save.provisioned
    head = load.head or save.head
    lock = plan.locks.get(environment.id)
    packages = dict(lock.packages) if lock else {}
    seconds = {
        "provision": max(save.provisioned.get("seconds", 0.0), load.provisioned.get("seconds", 0.0)),
        "import": max((journal.ready["seconds"] for journal in journals), default=0.0),
        "save": sum(event.get("seconds", 0.0) for event in save.cells.values()),
        "load": sum(event.get("seconds", 0.0) for event in load.cells.values()),
    }
    # Where neither task began anew in this run, its environment was not made or started for it.
    idle = all(earlier(str(told.head.get("started", "")), run) for told in (save, load) if told.head)
    reused = {
        name: value if idle else 0.0 for name, value in seconds.items() if name in ("provision", "import")
    }
    reused |= {name: _reused(told, run) for name, told in (("save", save), ("load", load))}
    reason = unavailable.get(environment.id)
    return EnvironmentResult(
        id=environment.id,
        status="unavailable" if reason else "ready",
        error=reason,
        engine=head.get("engine", ""),
        base=provisioned.get("base", ""),
        base_digest=provisioned.get("base_digest", ""),
        python=facts.get("python", environment.python),
        tensorflow=facts.get("tensorflow", packages.get("tensorflow-cpu", packages.get("tensorflow", ""))),
        keras=facts.get("keras", ""),
        backend=facts.get("backend", environment.backend),
        device=environment.device,
        gpu_visible=facts.get("gpu_visible", False),
        devices=tuple(facts.get("devices", ())),
        lock_sha256=lock.sha256 if lock else "",
        packages=facts.get("packages", packages),
        seconds={name: round(value, 2) for name, value in seconds.items()},
        reused={name: round(value, 2) for name, value in reused.items() if value},
    )


def _reused(told: Told, run: Run) -> float:
    """The seconds of cells that hold from earlier runs."""
    return sum(
        float(event.get("seconds", 0.0))
        for key, event in told.cells.items()
        if earlier(told.since.get(key, ""), run)
    )
