"""Resolves an environment to a lock, with uv."""

import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path

from environments import requirements, uv
from environments.errors import ConfigurationError, EnvironmentUnavailable, InfrastructureError, Interrupted
from environments.lock import PLATFORM, Lock, assemble
from environments.spec import Environment

#: Seconds between two looks at ``cancel``.
_TICK = 0.1
_UNREACHABLE = re.compile(
    r"Failed to fetch|error sending request|dns error|tcp connect error|client error \(Connect\)"
    r"|operation timed out|Could not connect|invalid peer certificate|HTTP status (server|client) error"
)
_NO_SOLUTION = "No solution found"
#: Variables of the caller that would change what is resolved, without a word of it in the lock.
_SWAYING = (
    "UV_BUILD_CONSTRAINT",
    "UV_CONSTRAINT",
    "UV_EXCLUDE_NEWER",
    "UV_EXCLUDE_NEWER_PACKAGE",
    "UV_NO_BINARY",
    "UV_NO_BINARY_PACKAGE",
    "UV_NO_BUILD",
    "UV_NO_BUILD_PACKAGE",
    "UV_OVERRIDE",
    "UV_PRERELEASE",
    "UV_RESOLUTION",
    "UV_TORCH_BACKEND",
)


def resolve(environment: Environment, *, cancel: threading.Event) -> Lock:
    """The lock of an environment, resolved now (or as of its day). Nothing is kept: see ``lock.write``.

    Raises EnvironmentUnavailable when there is no resolution or no registry, with all that uv said in
    ``log``; Interrupted when ``cancel`` is set meanwhile; ConfigurationError for a ready-made image.
    """
    if not environment.locked:
        raise ConfigurationError(
            f"The environment {environment.id} is a ready-made image; there is nothing to lock."
        )
    try:
        with tempfile.TemporaryDirectory(prefix="crossload-resolve-") as folder:
            work = Path(folder)
            (work / "requirements.in").write_text(_lines(requirements.requirements(environment)))
            (work / "overrides.txt").write_text(_lines(requirements.overrides(environment)))
            status, said = _run(_command(environment), work, cancel)
            if status != 0:
                raise _failure(environment, said)
            return assemble(environment, (work / "lock.txt").read_text())
    except OSError as error:
        raise InfrastructureError(
            f"{environment.id} cannot be resolved: {error}. Free some space under {tempfile.gettempdir()}."
        ) from error


def _command(environment: Environment) -> list[str]:
    command = [str(uv.binary()), "pip", "compile", "requirements.in", "--output-file", "lock.txt"]
    command += ["--override", "overrides.txt", "--quiet", "--no-progress", "--color", "never"]
    # The Python that runs this; another need not be here to resolve for it.
    command += ["--python", sys.executable, "--no-python-downloads"]
    command += ["--python-version", environment.python, "--python-platform", PLATFORM]
    command += ["--generate-hashes", "--no-header", "--no-annotate"]
    command += ["--no-emit-index-url", "--no-emit-find-links"]
    if requirements.wheels_only(environment):
        command += ["--only-binary", ":all:"]
    if environment.as_of is not None:
        # A bare date would mean midnight in the time zone of whoever resolves.
        command += ["--exclude-newer", f"{environment.as_of.isoformat()}T23:59:59Z"]
    return [*command, *requirements.resolver_options(environment)]


def _run(command: list[str], work: Path, cancel: threading.Event) -> tuple[int, str]:
    """Run uv in a folder of its own, so that no project's configuration applies: (status, what it said)."""
    with (work / "log.txt").open("wb+") as log:
        process = subprocess.Popen(
            command, cwd=work, env=_variables(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            while True:
                try:
                    status = process.wait(_TICK)
                    break
                except subprocess.TimeoutExpired:
                    if cancel.is_set():
                        raise Interrupted("Resolving was interrupted.") from None
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        log.seek(0)
        return status, uv.masked(log.read().decode(errors="replace"))


def _variables() -> Mapping[str, str]:
    return {name: value for name, value in uv.environment().items() if name not in _SWAYING}


def _failure(environment: Environment, said: str) -> EnvironmentUnavailable:
    if _NO_SOLUTION not in said and _UNREACHABLE.search(said):
        return EnvironmentUnavailable(
            f"The package registry cannot be reached, so {environment.id} cannot be resolved: {_reason(said)}."
            " Check the network, the proxy and the index (UV_DEFAULT_INDEX or PIP_INDEX_URL), then type:"
            " crossload doctor",
            log=said,
        )
    if _NO_SOLUTION not in said:
        return EnvironmentUnavailable(f"{environment.id} cannot be resolved: {_reason(said)}.", log=said)
    cutoff = (
        f" Only packages up to {environment.as_of} were looked at (as_of in the matrix); a later day allows more."
        if environment.as_of
        else ""
    )
    asked = ", ".join(requirements.requirements(environment))
    return EnvironmentUnavailable(
        f"{environment.id} cannot be resolved: no set of packages satisfies {asked} on Python"
        f" {environment.python}. {_reason(said)}.{cutoff}",
        log=said,
    )


def _reason(said: str) -> str:
    """The resolver's own first cause, on one line."""
    causes = [line.strip() for line in said.splitlines() if line.strip()]
    chosen = next(
        (line for line in causes if line.startswith("cause: ")), causes[0] if causes else "uv said nothing"
    )
    return chosen.removeprefix("cause: ").removeprefix("error: ").rstrip(".")


def _lines(items: tuple[str, ...]) -> str:
    return "".join(f"{item}\n" for item in items)
