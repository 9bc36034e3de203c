"""Making an environment, patiently: what fails for a moment (a registry, a daemon) is tried again, alone."""

from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import TypeVar

from environments.engines import Engine, Ready
from environments.errors import EnvironmentUnavailable, InfrastructureError, Interrupted
from environments.lock import Lock
from environments.spec import Environment

#: Seconds before each further attempt.
WAITS = (2.0, 10.0)

Got = TypeVar("Got")


def provision(
    engine: Engine,
    environment: Environment,
    lock: Lock | None,
    *,
    log: Path,
    cancel: Event,
    waits: tuple[float, ...] | None = None,
) -> Ready:
    """The environment, ready to start; what was made before is found again. Raises what :func:`patiently` does."""
    return patiently(
        lambda: engine.provision(environment, lock, log=log, cancel=cancel), cancel=cancel, waits=waits
    )


def patiently(attempt: Callable[[], Got], *, cancel: Event, waits: tuple[float, ...] | None = None) -> Got:
    """What ``attempt`` gives, tried again after each wait where something around it fails just now.

    Raises EnvironmentUnavailable after the last attempt, or at once where another would end the same, and Interrupted
    when ``cancel`` is set.
    """
    waits = WAITS if waits is None else waits
    last: InfrastructureError | None = None
    for wait in (0.0, *waits):
        if wait and cancel.wait(wait):
            raise Interrupted("Interrupted while waiting to try again.")
        try:
            return attempt()
        except InfrastructureError as error:  # a daemon's trouble is one, too
            if isinstance(error, EnvironmentUnavailable) and (error.lasting or not waits):
                raise
            last = error
    times = f"It was tried {len(waits) + 1} times, {sum(waits):.0f} seconds and more apart."
    raise EnvironmentUnavailable(f"{last} {times}", log=getattr(last, "log", ""), lasting=True) from last
