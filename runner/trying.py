"""Which remedies are worth trying in what an environment has loaded, and what of that is known already."""

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any

from runner.causes import meaning
from runner.diagnosis import diagnose
from runner.journal import Event
from runner.plan import ArtifactKey, Plan
from runner.remedies.choice import candidates
from runner.symptoms import of_load, stack_of

#: What the agent is asked to try in a cell, in order.
Remedies = list[dict[str, Any]]


def worth_trying(
    plan: Plan,
    environment: str,
    facts: Mapping[str, Any],
    saved: Mapping[ArtifactKey, Mapping[str, Any]],
    loaded: Mapping[ArtifactKey, Event],
    *,
    settled: Collection[ArtifactKey] = (),
) -> dict[ArtifactKey, Remedies]:
    """The remedies of each cell that has any: those of its cause first, the cheapest first.

    ``facts`` are what the environment turned out to be, ``saved`` what was told of each artifact. Those that are
    ``settled`` are not asked about: nothing has changed since what was chosen for them was tried.
    """
    consumer = stack_of(plan, environment, facts)
    found = {}
    for key, event in loaded.items():
        if key in settled:
            continue
        symptoms = of_load(plan, key, saved[key], event, stack_of(plan, key.producer), consumer, loaded)
        cause = diagnose(symptoms).cause
        named = meaning(cause).remedies if cause else ()
        # What a run has made itself may run its own code: it is the probe's.
        remedies = candidates(symptoms, named, unsafe=True)
        if remedies:
            found[key] = remedies
    return found


def identity(remedies: Remedies) -> str:
    """Identifies what is tried in a cell, so that it is not tried twice."""
    return hashlib.sha256(json.dumps(remedies, sort_keys=True).encode()).hexdigest()
