"""``crossload doctor``: is everything there that a run needs, and what to do where not."""

import json
import platform
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from environments import lock as locks
from environments import matrix as matrices
from environments import uv
from environments.engines import docker_daemon, docker_sandbox, pythons
from environments.errors import CrossloadError
from environments.matrix import Matrix
from runner import setup
from runner.commands import options

#: Bytes that one environment takes, about; CUDA ones take five times as much.
_ENVIRONMENT = 1.5 * 1024**3
_GIB = 1024**3


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at. ``level`` is ``ok``, ``note`` (a run works without) or ``problem``."""

    level: str
    what: str
    advice: str = ""


@click.command()
@options.shared(options.MATRIX, options.STATE, options.JSON)
def doctor(as_json: bool, **given: Any) -> int:
    """Look at what a run needs: matrix, locks, uv, registry, Docker, GPU, Pythons and disk.

    \b
    Example:
      crossload doctor
    """
    choice = options.choice(**given)
    findings = list(look(choice))
    if as_json:
        click.echo(json.dumps([asdict(item) for item in findings], indent=1))
    else:
        console = Console()
        for item in findings:
            symbol, style = {"ok": ("✓", "green"), "note": ("·", "cyan"), "problem": ("✗", "red")}[item.level]
            console.print(Text.assemble((f"{symbol} ", style), item.what))
            if item.advice:
                console.print(Text(f"    {item.advice}", style="dim"))
    return 3 if any(item.level == "problem" for item in findings) else 0


def look(choice: setup.Choice) -> Iterator[Finding]:
    """Everything, in the order in which a run would need it."""
    try:
        matrix = matrices.load(choice.matrix)
    except CrossloadError as error:
        yield Finding(
            level="problem", what=str(error), advice="Mend the matrix first; what follows depends on it."
        )
        matrix = None
    if matrix is not None:
        chosen = matrices.select(matrix, choice.select)
        yield Finding(
            level="ok",
            what=f"{choice.matrix}: {len(matrix.environments)} environments, {len(chosen)} of them chosen.",
        )
        yield from _locks(matrix)
    yield from _registry()
    yield from _docker()
    if matrix is not None:
        yield from _pythons({item.python for item in matrices.select(matrix, choice.select)})
        yield _disk(choice.state, len(matrices.select(matrix, choice.select)))


def _locks(matrix: Matrix) -> Iterator[Finding]:
    wrong = []
    for item in matrix.environments:
        if item.locked and not item.floating:
            try:
                locks.read(item, locks.folder_of(matrix.path, item))
            except CrossloadError:
                wrong.append(item.id)
    if wrong:
        yield Finding(
            level="problem",
            what=f"Locks are missing or do not match: {', '.join(wrong)}.",
            advice="Type: crossload envs lock",
        )
    else:
        yield Finding(level="ok", what="Every lock is there and matches the matrix.")


def _registry() -> Iterator[Finding]:
    """Asks the registry for one tiny package, the way environments are made."""
    command = [
        str(uv.binary()),
        "pip",
        "compile",
        "-",
        "--quiet",
        "--no-header",
        "--no-cache",
        "--color",
        "never",
    ]
    try:
        ended = subprocess.run(
            command,
            input="six==1.16.0\n",
            capture_output=True,
            text=True,
            timeout=60,
            env=uv.environment(),
            check=False,
        )
        said = ended.stderr
    except subprocess.TimeoutExpired:
        ended, said = None, "no answer within 60 seconds"
    if ended is not None and ended.returncode == 0:
        yield Finding(level="ok", what="The package registry answers.")
        return
    yield Finding(
        level="problem",
        what=f"The package registry does not answer: {uv.telling(uv.masked(said)) or 'no reason given'}",
        advice="Check the network, the proxy (HTTPS_PROXY), the index (UV_DEFAULT_INDEX or PIP_INDEX_URL) and "
        "the certificates (SSL_CERT_FILE). Environments that are made already still run.",
    )


def _docker() -> Iterator[Finding]:
    usable, why = docker_daemon.detect()
    if not usable:
        yield Finding(
            level="note",
            what=f"{why} Runs use the venv engine, which cannot shut model code in.",
            advice="Start Docker, or set DOCKER_HOST to where it listens.",
        )
        return
    info = docker_daemon.information()
    yield Finding(level="ok", what=f"Docker {info.get('ServerVersion', '')} answers: runs use containers.")
    if docker_sandbox.gpus(info) is None:
        yield Finding(level="note", what="The daemon has no GPU to give: cuda environments run without one.")
    else:
        yield Finding(level="ok", what="The daemon can give GPUs to containers.")


def _pythons(minors: set[str]) -> Iterator[Finding]:
    found: Callable[[str], str] = pythons.find
    missing = sorted(minor for minor in minors if not found(minor))
    here = ", ".join(sorted(minors - set(missing))) or "none"
    if platform.system() != "Linux":
        yield Finding(
            level="note", what="Locks are for Linux; the venv engine cannot install them here. Use Docker."
        )
    yield Finding(level="ok", what=f"Pythons for the venv engine: {here}.")
    if missing:
        yield Finding(
            level="note",
            what=f"Not found here, so uv will look for them or fetch them: Python {', '.join(missing)}.",
            advice="The docker engine needs none of them.",
        )


def _disk(state: Path, environments: int) -> Finding:
    folder = state.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    needed = environments * _ENVIRONMENT
    what = f"{free / _GIB:.0f} GiB are free at {folder}; {environments} environments take about {needed / _GIB:.0f}."
    if free < needed:
        return Finding(
            level="problem", what=what, advice="Free some space, or name another folder: --state DIR"
        )
    return Finding(level="ok", what=what)
