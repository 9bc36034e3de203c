"""The versions of the environments of a matrix, from its locks: enough to judge a file by."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from environments import lock as locks
from environments import matrix as matrices
from environments.errors import ConfigurationError
from environments.lock import Lock
from environments.spec import Environment
from runner.plan import Plan, in_order
from runner.symptoms import Stack, stack_of


def of_matrix(matrix: Path, select: Sequence[str] = ("*",)) -> Mapping[str, Stack]:
    """Environment -> its versions, oldest first. What floats, is an image or has no lock is left out: nothing is known.

    Raises ConfigurationError and UsageError as reading a matrix and choosing of it do.
    """
    whole = matrices.load(matrix)
    chosen = in_order(item for item in matrices.select(whole, select) if item.locked and not item.floating)
    found = {item.id: lock for item in chosen if (lock := _lock(item, matrix)) is not None}
    plan = Plan(environments=tuple(chosen), locks=found, probes=(), formats=())
    return {name: stack_of(plan, name) for name in found}


def _lock(environment: Environment, matrix: Path) -> Lock | None:
    if not locks.path(environment, locks.folder_of(matrix, environment)).exists():
        return None
    try:
        return locks.read(environment, locks.folder_of(matrix, environment))
    except ConfigurationError:  # a run says so; a look does without it
        return None
