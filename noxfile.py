# /// script
# requires-python = ">=3.11"
# dependencies = ["nox>=2025.5.1", "packaging>=24.0", "pydantic>=2.9", "pyyaml>=6.0.2", "uv>=0.8"]
# ///
"""The front door: sessions made from the matrix, and the project's own chores.

``nox`` runs the main job. ``nox -l`` lists one session for each environment and phase. Nox itself installs what the
block above names, which is what reading the matrix takes.
"""

import hashlib
import os
import sys
from itertools import takewhile
from pathlib import Path

import nox

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

nox.needs_version = ">=2025.5.1"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_existing_virtualenvs = True
#: What was typed, without what is for the session.
TYPED = list(takewhile(lambda word: word != "--", sys.argv[1:]))
# A list in JSON has only what is selected, and it is there for others to find every session in.
if "--json" not in TYPED:
    nox.options.sessions = ["crossload"]
nox.options.error_on_external_run = True


def environments() -> list[nox.param]:
    """One parameter for each environment of the matrix, tagged with its selections and its device.

    None for plain ``nox``: its main job reads the matrix itself, and reading it here too takes a tenth of a second.
    """
    if not TYPED and not any(name.startswith("NOX") for name in os.environ):
        return []
    from environments import matrix
    from environments.errors import ConfigurationError

    try:
        found = matrix.load(HERE / "matrix.yaml")
    except ConfigurationError as error:
        # The chores go on working; the main job tells the same again and ends with status 2.
        print(error, file=sys.stderr)
        return []
    parameters = []
    for item in found.environments:
        tags = [item.device, *(name for name, ids in found.selections.items() if item.id in ids)]
        parameters.append(nox.param(item.id, id=item.id, tags=sorted(set(tags))))
    return parameters


def install(session: nox.Session, *groups: str) -> None:
    """This project as it stands here, with the versions that it is tested with; what is installed already stays so."""
    options = [word for group in groups for word in ("--group", f"pyproject.toml:{group}")]
    wanted = hashlib.sha256("\0".join([str(HERE), *options]).encode())
    for name in ("pyproject.toml", "constraints.txt"):
        wanted.update((HERE / name).read_bytes())
    # In the environment itself, so that it goes with it. The code is not copied there: changes need no installing.
    place = session.virtualenv.location
    stamp = Path(place, "installed.sha256") if place else None
    if stamp and stamp.exists() and stamp.read_text() == wanted.hexdigest():
        return
    if stamp:
        stamp.unlink(missing_ok=True)
    session.install("-c", "constraints.txt", "-e", ".", *options)
    if stamp:
        stamp.write_text(wanted.hexdigest())


@nox.session(tags=["main"])
def crossload(session: nox.Session) -> None:
    """Save in every environment of a selection, load in every other, write the page."""
    install(session)
    session.run("crossload", "run", *session.posargs)


@nox.session(tags=["save"])
@nox.parametrize("environment", environments())
def save(session: nox.Session, environment: str) -> None:
    """One task of the plan: save in one environment."""
    install(session)
    session.run("crossload", "task", "save", environment, *session.posargs)


@nox.session(tags=["load"])
@nox.parametrize("environment", environments())
def load(session: nox.Session, environment: str) -> None:
    """One task of the plan: load in one environment what is in the artifacts folder."""
    install(session)
    session.run("crossload", "task", "load", environment, *session.posargs)


@nox.session
def report(session: nox.Session) -> None:
    """Write the page from what runs and tasks have left."""
    install(session)
    session.run("crossload", "report", *session.posargs)


@nox.session
def lock(session: nox.Session) -> None:
    """Make the locks anew that the matrix has moved away from, and this project's own constraints."""
    install(session)
    session.run("crossload", "envs", "lock", *session.posargs)
    command = ["uv", "pip", "compile", "pyproject.toml", "--universal", "--output-file", "constraints.txt"]
    command += ["--group", "tests", "--group", "lint", "--group", "typecheck"]
    session.run(
        *command, "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--quiet"
    )
    session.run("python", "-m", "environments.schema")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests: fast ones, and those with real TensorFlow, Docker and Chromium where these are there."""
    install(session, "tests")
    session.run("pytest", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format."""
    install(session, "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def typecheck(session: nox.Session) -> None:
    """Check types."""
    install(session, "typecheck", "tests")
    session.run("mypy")


@nox.session
def bench(session: nox.Session) -> None:
    """Time a cell three ways on the same artifacts, and compare every verdict; before that, nights without cells."""
    install(session)
    session.run("python", "-m", "tests.bench.nights")
    session.run("python", "-m", "tests.bench", *session.posargs)


@nox.session
def bench_nights(session: nox.Session) -> None:
    """Time a night in which nothing has changed, one with an environment more, and a very large one."""
    install(session)
    session.run("python", "-m", "tests.bench.nights", *session.posargs)


@nox.session
def bench_question(session: nox.Session) -> None:
    """Time the check of a small model in six ready environments beside six bare imports."""
    install(session)
    session.run("python", "-m", "tests.bench.question", *session.posargs)
