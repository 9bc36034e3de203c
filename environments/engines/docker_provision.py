"""The packages of an environment, on the volume that all environments share with uv's cache."""

import hashlib
import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from threading import Event
from typing import Any

from docker import DockerClient
from docker.errors import NotFound
from docker.models.containers import Container

from environments import uv
from environments.engines import docker_files, docker_volume, warm
from environments.engines.docker_images import Pinned
from environments.engines.docker_owned import Owner, explained
from environments.engines.docker_volume import MOUNT, SENT
from environments.errors import EnvironmentUnavailable
from environments.lock import Lock
from environments.requirements import resolver_options
from environments.spec import Environment

_TAIL = 20_000
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64", "AMD64": "amd64"}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an environment is on the volume."""

    key: str

    @property
    def folder(self) -> str:
        """Its packages, a virtual environment."""
        return f"{MOUNT}/envs/{self.key}"

    @property
    def python(self) -> str:
        """Its Python."""
        return f"{self.folder}/bin/python"

    @property
    def marker(self) -> str:
        """Written last: without it, the folder is the rest of an attempt that did not come to its end."""
        return f"{MOUNT}/made/{self.key}.json"


def place(environment: Environment, lock: Lock, base: Pinned) -> Place:
    """The place of an environment: a function of what is installed, on what, for which Python."""
    parts = (lock.text, base.digest, environment.python)
    return Place(key=hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32])


def install(
    client: DockerClient,
    environment: Environment,
    lock: Lock,
    base: Pinned,
    own: Owner,
    say: Callable[[str], None],
    log: Path,
    cancel: Event,
) -> Place:
    """Make the environment on ``base``, or find it made. ``say`` gets every line that is said on the way.

    ``log`` is where those lines end up, for the sentence that points there.

    Raises EnvironmentUnavailable with the installer's own words in ``log``.
    """
    where = place(environment, lock, base)
    settings = {
        **_settings("make", where),
        "environment": environment.id,
        "base": f"{base.reference} {base.digest}",
        "python": environment.python,
        "cache": f"{MOUNT}/cache",
        "options": resolver_options(environment),
        "network": uv.network(),
        "imports": warm.statement(lock),
        "variables": warm.variables(environment),
        "uv": f"uv=={version('uv')}",
    }
    with docker_volume.container(client, base, own, where.key) as container:
        if _complete(container, where):
            say(f"Found {environment.id} made on {base.digest}.")
            docker_volume.note_use(container, where.key)
            return where
        say(f"Making {environment.id} on {base.reference} ({base.digest}).")
        parts = [docker_files.text(f"{SENT}/lock.txt", lock.text)]
        if _runs_here(client):
            parts.append(docker_files.tree(f"{SENT}/uv", uv.binary()))
        bundle = uv.certificates()
        if bundle is not None:
            parts.append(docker_files.tree(f"{SENT}/certificates.pem", bundle))
            settings["network"] = {**uv.network(), **_certificate_variables(f"/{SENT}/certificates.pem")}
        said: list[str] = []

        def hear(line: str) -> None:
            said.append(line)
            say(line)

        outcome = docker_volume.carry_out(container, settings, parts, hear, cancel)
    if outcome["status"] not in ("made", "found"):
        words = "\n".join(said)
        sentence = _sentence(outcome, environment, base, uv.telling(words))
        raise EnvironmentUnavailable(f"{sentence} The log has all of it: {log}", log=words[-_TAIL:])
    say(f"Made {environment.id}.")
    return where


def uninstall(
    client: DockerClient, where: Place, base: Pinned, own: Owner, say: Callable[[str], None], cancel: Event
) -> bool:
    """Remove an environment from the volume; whether it was there and complete."""
    with docker_volume.container(client, base, own, where.key) as container:
        there = _complete(container, where)
        docker_volume.carry_out(container, _settings("remove", where), [], say, cancel)
    return there


def _settings(action: str, where: Place) -> dict[str, Any]:
    guard = f"{MOUNT}/guards/{where.key}"
    return {"action": action, "folder": where.folder, "marker": where.marker, "guard": guard}


def _complete(container: Container, where: Place) -> bool:
    """Whether the marker is there. A container that was never started can be read from, and that is quick."""
    with explained("looking for an environment"):
        try:
            stream, _ = container.get_archive(where.marker)
        except NotFound:
            return False
        for _ in stream:  # To its end, so that the connection can be used again.
            pass
        return True


def _certificate_variables(path: str) -> dict[str, str]:
    return {"SSL_CERT_FILE": path, "REQUESTS_CA_BUNDLE": path, "PIP_CERT": path}


def _runs_here(client: DockerClient) -> bool:
    """Whether the host's uv runs in the daemon's containers: a daemon may be on another kind of machine."""
    with explained("asking for the daemon's platform"):
        daemon = client.version()
    same = daemon["Arch"] == _ARCHITECTURES.get(platform.machine())
    return same and platform.system() == "Linux" and daemon["Os"] == "linux"


def _sentence(outcome: dict[str, str], environment: Environment, base: Pinned, telling: str) -> str:
    name, detail = environment.id, outcome.get("detail", "")
    return {
        "wrong python": (
            f"{name} wants Python {environment.python}, but the base {base.reference} has {detail}. "
            "Name another base for it in the matrix, or change its python."
        ),
        "no uv": f"{name} could not be made: uv could not be installed on {base.reference}. {telling}",
        "not installed": f"{name} could not be made: its packages could not be installed. {telling}",
        "not importable": f"{name} could not be made: it is installed, but importing it fails. {telling}",
        "failed": f"{name} could not be made on {base.reference}. {detail or telling}",
    }[outcome["status"]]
