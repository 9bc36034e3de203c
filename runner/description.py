"""How, where and with what a command makes results: what stands at the head of them."""

import os
import platform
import secrets
import shlex
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from environments.engines import Engine
from environments.matrix import DEFAULT, Matrix
from runner import version
from runner.journal import Event
from runner.provenance import now, stated
from runner.results import Run

#: What is put together was done within so long, whatever is known of runs before.
_NIGHT = timedelta(days=2)


def describe(
    matrix: Matrix,
    words: Sequence[str],
    engine: Engine,
    notes: tuple[str, ...],
    narrowed: str = "",
    *,
    command: str = "",
) -> Run:
    """A run that begins now. ``words`` are what chose its environments, ``narrowed`` what it leaves out of them.

    ``command`` is what would make these results again, where that is not what was typed.
    """
    started = datetime.now(UTC)
    return Run(
        id=new_id(started),
        started=stated(started),
        engine=engine.name,
        matrix_sha256=matrix.sha256,
        version=version.text(),
        matrix=_text(matrix.path.name),
        selection=selection(words),
        narrowed=narrowed,
        command=_text(command or shlex.join(["crossload", *sys.argv[1:]])),
        host=f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, "
        f"Python {platform.python_version()}",
        isolation=engine.isolation,
        notes=notes,
    )


def put_together(
    matrix: Matrix,
    words: Sequence[str],
    heads: Iterable[Event],
    narrowed: str = "",
    *,
    identifier: str,
    started: str,
) -> Run:
    """The run that single tasks make together; ``heads`` begin the sections of their journals."""
    return Run(
        id=identifier,
        started=started,
        finished=now(),
        engine=", ".join(sorted({str(head["engine"]) for head in heads})) or "none",
        matrix_sha256=matrix.sha256,
        version=version.text(),
        matrix=_text(matrix.path.name),
        selection=selection(words),
        narrowed=narrowed,
        notes=("Put together from single tasks.",),
    )


def begun(heads: Iterable[Event], *, after: str) -> str:
    """When a run that single tasks made began: with the first task after ``after``, when the last run ended.

    Now, where there is none: all that it has is from before, as is what is days old where nothing is known of a run.
    """
    after = max(after, stated(datetime.now(UTC) - _NIGHT))
    times = (str(head.get("started", "")) for head in heads)
    return min((time for time in times if _is_time(time) and time > after), default="") or now()


def _is_time(word: str) -> bool:
    try:
        return datetime.fromisoformat(word).tzinfo is not None
    except ValueError:
        return False


def new_id(started: datetime) -> str:
    """What a run is known by: when it began, and what tells it from others of that second."""
    return f"{started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


def selection(words: Sequence[str]) -> str:
    """What chose the environments, as a run states it."""
    return _text(" ".join(words)) or DEFAULT


def narrowed(probes: Sequence[str], formats: Sequence[str]) -> str:
    """The options by which a run does less than its selection says; their order means nothing."""
    options = [("--probe", name) for name in sorted(set(probes))]
    options += [("--format", name) for name in sorted(set(formats))]
    return _text(shlex.join(word for pair in options for word in pair))


def _text(word: str) -> str:
    """An argument as it can be written down; names of files need not be text."""
    return word.encode("utf-8", "backslashreplace").decode()


def earlier(since: str, run: Run) -> bool:
    """Whether what was told since then was told to an earlier run."""
    # After its end, too: a clock that was put back since.
    return bool(since) and (since < run.started or since > (run.finished or since))
