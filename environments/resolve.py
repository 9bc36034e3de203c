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
    r"error sending request|client error \(Connect\)|Failed to fetch|operation timed out"
)
#: uv goes on after a 401 or 403 as if the index were empty, and mentions it in a hint below.
_REFUSED = re.compile(
    r"HTTP status (?:server|client) error[^\n]*|could not be queried due to[^\n]*|returned a 4[0-9]{2} [A-Za-z ]*"
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
    """What went wrong, in a sentence that begins with who has to act."""
    who = environment.id
    causes = [line.strip().removeprefix("error: ").removeprefix("cause: ") for line in said.splitlines()]
    causes = [cause.rstrip(".") for cause in causes if cause] or ["uv ended without a word"]
    if refused := _REFUSED.search(said):
        message = (
            f"The package registry refused, so {who} cannot be resolved: {refused[0].rstrip('.')}."
            " Check the index (UV_DEFAULT_INDEX or PIP_INDEX_URL) and its credentials."
        )
    elif _NO_SOLUTION in said:
        asked = ", ".join(requirements.requirements(environment))
        message = (
            f"{who} cannot be resolved: no set of packages satisfies {asked} on Python {environment.python}."
            f" {causes[min(1, len(causes) - 1)]}."
        )
        if environment.as_of:
            message += (
                f" Only packages up to {environment.as_of} were looked at (as_of in the matrix);"
                " a later day allows more."
            )
    elif _UNREACHABLE.search(said):
        message = (
            f"The package registry cannot be reached, so {who} cannot be resolved: {causes[-1]}. Check the"
            " network, the proxy and the index (UV_DEFAULT_INDEX or PIP_INDEX_URL), then type: crossload doctor"
        )
    else:
        message = f"{who} cannot be resolved: {causes[0]}."
    return EnvironmentUnavailable(message, log=said)


def _lines(items: tuple[str, ...]) -> str:
    return "".join(f"{item}\n" for item in items)
