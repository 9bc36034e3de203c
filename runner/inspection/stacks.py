"""The versions of the environments of a matrix, from its locks: enough to judge a file by."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import environments
from environments import lock as locks
from environments import matrix as matrices
from environments.errors import ConfigurationError
from environments.lock import Lock
from environments.spec import Environment
from runner.plan import Plan, in_order
from runner.symptoms import Stack, stack_of

_SHIPPED = Path(environments.__file__).parent / "locks"


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
    """Beside the matrix, or the one that came with this program, as for a run."""
    for folder in (matrix.absolute().parent / "environments" / "locks", _SHIPPED):
        if locks.path(environment, folder).exists():
            try:
                return locks.read(environment, folder)
            except ConfigurationError:  # a run says so; a look does without it
                return None
    return None
