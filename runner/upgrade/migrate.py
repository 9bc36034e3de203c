"""``migrate``: carry one model file into another environment, by a chain of hops of which every one was run."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from environments.errors import EnvironmentUnavailable, InfrastructureError, UsageError
from environments.spec import Environment
from runner.plan import in_order, keras_version
from runner.results import Verdict
from runner.symptoms import Stack
from runner.upgrade.check import Asked, At, code_is_of_use, settle, usual
from runner.upgrade.migrate_lab import HopLab
from runner.upgrade.migrate_route import route
from runner.upgrade.migrate_search import Found, Route, search
from runner.upgrade.workshop import Workshop

#: What an export has lost.
EVERYTHING = "everything but outputs"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How far is looked for a path."""

    #: Environments that the model is saved in on its way, the target included.
    hops: int = 3
    minutes: float = 20.0


@dataclass(frozen=True, kw_only=True)
class Migration:
    """What came of it."""

    at: At
    target: str
    found: Found
    #: What was carried over and verified; None where there is no path.
    payload: Path | None = None

    @property
    def as_it_is(self) -> bool:
        """Whether the file itself is the answer: it loads in the target as it did at home."""
        return self.found.stop is not None and not self.found.stop.hops

    @property
    def obstacle_at_home(self) -> str:
        """Why the file does not load even where it is at home; empty where it does."""
        return "" if self.at.adopted.record["loaded"] else self.at.obstacle


def migrate(
    asked: Asked,
    workshop: Workshop,
    target: Environment,
    *,
    format_name: str = "",
    limits: Limits = Limits(),
    as_it_is: bool = False,
) -> Migration:
    """Look for the cheapest chain whose result loads in the target and predicts what it did at home.

    With ``as_it_is`` nothing is carried where the file loads there identically. A file that loads nowhere at home gets
    an answer without a search. Raises EnvironmentUnavailable when the target cannot be made, InfrastructureError when
    nothing is known that the result could be held against, and UsageError for a format that the target has not.
    """
    workshop.ready(target)
    at = settle(asked, workshop, usual(workshop.matrix))
    if not at.adopted.record["loaded"]:
        return Migration(at=at, target=target.id, found=Found(tried=()))
    if not at.reference:
        raise InfrastructureError(
            f"What {asked.model.path} answers at home ({at.home.id}) is not known, so nothing can be held against it. "
            "Give it something to predict with: --inputs FILE.npz"
        )
    others = [
        item
        for item in workshop.matrix.environments
        if item.locked and not item.floating and item.id not in workshop.unavailable
    ]
    known = {item.id: item for item in [*others, at.home, target]}
    way = _route(at, target, known, workshop, format_name, limits)
    lab = HopLab(workshop, at.adopted, list(known.values()), seconds=60 * limits.minutes)
    found = search(lab, lab.start, way, as_it_is=as_it_is)
    if found.stop is None:
        code_is_of_use(asked, at, [one.why for one in found.tried])
    missing = workshop.unavailable.get(target.id)
    if missing and found.stop is None:
        raise EnvironmentUnavailable(missing)
    payload = lab.payload(found.stop) if found.stop is not None else None
    return Migration(at=at, target=target.id, found=found, payload=payload)


def _route(
    at: At,
    target: Environment,
    known: Mapping[str, Environment],
    workshop: Workshop,
    format_name: str,
    limits: Limits,
) -> Route:
    stacks: dict[str, Stack] = dict(workshop.stacks(in_order(known.values())))
    for item in (at.home, target):  # an image, of which only its start tells the versions
        stacks.setdefault(
            item.id,
            Stack(tensorflow=item.tensorflow or "", keras=keras_version(item, None), backend=item.backend),
        )
    way = route(
        at.home.id,
        target.id,
        stacks,
        asked=format_name,
        came_as=at.adopted.key.format,
        hops=limits.hops,
    )
    if not way.land:
        raise UsageError(
            f"{target.id} has no format {format_name or 'to save it in'!r}. Leave out --format, or name another."
        )
    return way


def told(migration: Migration) -> dict[str, Any]:
    """The outcome as plain data, for ``--json``."""
    found = migration.found
    stop = found.stop
    return {
        "home": migration.at.home.id,
        "target": migration.target,
        "outcome": "none" if stop is None else "as_it_is" if migration.as_it_is else "carried",
        "at_home": migration.obstacle_at_home,
        "limit": found.limit,
        "format": stop.format if stop else "",
        "lost": [EVERYTHING] if stop and stop.format == "export" else list(found.opened.lost),
        "opened_with": found.opened.id,
        "hops": [
            {
                "environment": hop.environment,
                "loaded_by": hop.way.id or "plain",
                "saved_as": hop.format,
                "lost": list(hop.way.lost),
                "edits": list(hop.way.edits),
            }
            for hop in (stop.hops if stop else ())
        ],
        "tried": [
            {
                "hops": [f"{hop.environment}:{hop.format}" for hop in one.hops],
                "environment": one.environment,
                "saving_as": one.format,
                "loaded_by": one.way or "plain",
                "verdict": str(Verdict(one.verdict)),
                "why": one.why,
            }
            for one in found.tried
        ],
    }
