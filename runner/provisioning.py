"""Making an environment, patiently: what fails for a moment (a registry, a daemon) is tried again, alone."""

from pathlib import Path
from threading import Event

from environments.engines import Engine, Ready
from environments.errors import EnvironmentUnavailable, Interrupted
from environments.lock import Lock
from environments.spec import Environment

#: Seconds before each further attempt.
WAITS = (2.0, 10.0)


def provision(
    engine: Engine,
    environment: Environment,
    lock: Lock | None,
    *,
    log: Path,
    cancel: Event,
    waits: tuple[float, ...] = WAITS,
) -> Ready:
    """The environment, ready to start; what was made before is found again.

    Raises EnvironmentUnavailable after the last attempt, or at once where another would end the same, and Interrupted
    when ``cancel`` is set.
    """
    for wait in waits:
        try:
            return engine.provision(environment, lock, log=log, cancel=cancel)
        except EnvironmentUnavailable as error:
            if error.lasting:
                raise
        if cancel.wait(wait):
            raise Interrupted("Interrupted while waiting to try again.")
    try:
        return engine.provision(environment, lock, log=log, cancel=cancel)
    except EnvironmentUnavailable as error:
        if error.lasting or not waits:
            raise
        times = f"It was tried {len(waits) + 1} times, {sum(waits):.0f} seconds and more apart."
        raise EnvironmentUnavailable(f"{error} {times}", log=error.log) from error
