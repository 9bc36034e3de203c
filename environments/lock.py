"""The exact package set of an environment, with hashes, as a file that people can read and review.

A lock file says in its head which environment it is for, the hash of what it was resolved from, and the hash
of its own body: a matrix that moved on and a file that was edited are both found before anything installs.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from environments import requirements
from environments.errors import ConfigurationError, InfrastructureError
from environments.files import replace_text
from environments.spec import Environment

#: What locks are resolved for: every base image of the shipped matrix has glibc 2.28 or later.
PLATFORM = "x86_64-manylinux_2_28"

#: Committed locks of the shipped matrix, for copies of it as well; those beside a matrix come first.
SHIPPED = Path(__file__).parent / "locks"

_FORMAT = "crossload lock 1"
_HEAD = re.compile(
    rf"# {_FORMAT}: (?P<id>\S+)\n# inputs (?P<inputs>[0-9a-f]{{64}})\n# body (?P<body>[0-9a-f]{{64}})\n"
)
_PACKAGE = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Lock:
    """A resolved environment: a requirements text in which every package is pinned and hashed."""

    environment_id: str
    #: The requirements text, as the installer reads it.
    text: str
    #: sha256 of ``text``.
    sha256: str
    #: Package -> version.
    packages: tuple[tuple[str, str], ...]


def inputs_sha256(environment: Environment) -> str:
    """The hash of everything that an environment is resolved from. Its id and its limits are no part of it."""
    inputs = {
        "requirements": requirements.requirements(environment),
        "overrides": requirements.overrides(environment),
        "options": requirements.resolver_options(environment),
        "wheels_only": requirements.wheels_only(environment),
        "python": environment.python,
        "platform": PLATFORM,
        "as_of": environment.as_of.isoformat() if environment.as_of else None,
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def beside(matrix: Path) -> Path:
    """The folder that new locks of a matrix file are written to."""
    return matrix.absolute().parent / "environments" / "locks"


def folder_of(matrix: Path, environment: Environment) -> Path:
    """The folder that the lock of an environment is read from: beside the matrix file, or ours for a shipped one."""
    own = beside(matrix)
    ours = path(environment, SHIPPED).exists()
    return SHIPPED if ours and not path(environment, own).exists() else own


def assemble(environment: Environment, body: str) -> Lock:
    """A lock from the text of a resolver, under the head that ``read`` checks."""
    as_of = f", as the registry was on {environment.as_of}" if environment.as_of else ""
    asked = [*requirements.requirements(environment), *requirements.overrides(environment)]
    text = (
        f"# {_FORMAT}: {environment.id}\n"
        f"# inputs {inputs_sha256(environment)}\n"
        f"# body {_sha256(body)}\n"
        f"# Resolved for Python {environment.python}, {PLATFORM}{as_of}, from:\n"
        + "".join(f"#   {line}\n" for line in asked)
        + f"# Not edited by hand. To make it anew: {command(environment)}\n\n"
    )
    return _lock(environment.id, text + body)


def command(environment: Environment) -> str:
    """What a user types to make the lock of an environment anew."""
    return f"crossload envs lock {environment.id}"


def path(environment: Environment, directory: Path) -> Path:
    """Where the lock of an environment is kept."""
    return directory / f"{environment.id}.txt"


def read(environment: Environment, directory: Path) -> Lock:
    """The committed lock of an environment.

    Raises ConfigurationError, with the command that makes it anew, when there is none, when the matrix has
    moved since, or when the file was edited.
    """
    file = path(environment, directory)
    again = f"Type: {command(environment)}"
    try:
        text = file.read_bytes().decode()
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"The environment {environment.id} has no lock: there is no file {file}. {again}"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The lock {file} cannot be read: {error}. {again}") from error
    head = _HEAD.match(text)
    if head is None:
        raise ConfigurationError(f"{file} is not a lock of this crossload. {again}")
    if head["id"] != environment.id or head["inputs"] != inputs_sha256(environment):
        raise ConfigurationError(
            f"The lock {file} does not match the matrix: {environment.id} asks for something else now. {again}"
        )
    if head["body"] != _sha256(_body(text)):
        raise ConfigurationError(f"The lock {file} was edited after it was made. {again}")
    return _lock(environment.id, text)


def write(lock: Lock, directory: Path) -> Path:
    """Keep a lock: written beside its place, then renamed. Raises InfrastructureError when it cannot be."""
    place = directory / f"{lock.environment_id}.txt"
    try:
        replace_text(place, lock.text)
    except OSError as error:
        raise InfrastructureError(
            f"The lock of {lock.environment_id} cannot be written in {directory}: {error.strerror}."
        ) from error
    return place


def _lock(identifier: str, text: str) -> Lock:
    return Lock(
        environment_id=identifier,
        text=text,
        sha256=_sha256(text),
        packages=tuple(sorted(_PACKAGE.findall(_body(text)))),
    )


def _body(text: str) -> str:
    return text.split("\n\n", 1)[1] if "\n\n" in text else ""


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
