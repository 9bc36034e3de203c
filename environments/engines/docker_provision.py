"""The packages of an environment, on one volume that all environments share with uv's cache."""

import hashlib
import json
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from threading import Event
from typing import Any

from docker import DockerClient
from docker.errors import NotFound
from docker.models.containers import Container
from docker.types import LogConfig, Mount

from environments import uv
from environments.engines import docker_files, warm
from environments.engines.docker_follow import Lines, follow
from environments.engines.docker_images import Pinned
from environments.engines.docker_owned import LABEL, Owner, explained, remove_named
from environments.errors import EnvironmentUnavailable
from environments.lock import Lock
from environments.requirements import resolver_options
from environments.spec import Environment

#: The volume and where every container finds it. It outlives runs: making an environment is dear.
VOLUME = "crossload-packages"
MOUNT = "/crossload"
#: Seconds that making one environment may take, waiting for another run that makes it included.
_LONGEST = 7200.0
_SENT = "crossload-in"
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


def ensure_volume(client: DockerClient) -> None:
    """Create the volume when it is not there; creating a volume that exists changes nothing."""
    with explained(f"creating the volume {VOLUME}"):
        client.api.create_volume(VOLUME, labels={LABEL: "1"})


def mount(*, read_only: bool) -> Mount:
    """The volume as a mount; nothing of the image is ever copied onto it."""
    return Mount(MOUNT, VOLUME, type="volume", read_only=read_only, no_copy=True)


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
    with _container(client, base, own, where) as container:
        if _complete(container, where):
            say(f"Found {environment.id} made on {base.digest}.")
            return where
        say(f"Making {environment.id} on {base.reference} ({base.digest}).")
        parts = [docker_files.text(f"{_SENT}/lock.txt", lock.text)]
        if _runs_here(client):
            parts.append(docker_files.tree(f"{_SENT}/uv", uv.binary()))
        bundle = uv.certificates()
        if bundle is not None:
            parts.append(docker_files.tree(f"{_SENT}/certificates.pem", bundle))
            settings["network"] = {**uv.network(), **_certificate_variables(f"/{_SENT}/certificates.pem")}
        said: list[str] = []

        def hear(line: str) -> None:
            said.append(line)
            say(line)

        outcome = _run(container, settings, parts, hear, cancel)
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
    with _container(client, base, own, where) as container:
        there = _complete(container, where)
        _run(container, _settings("remove", where), [], say, cancel)
    return there


def _settings(action: str, where: Place) -> dict[str, Any]:
    guard = f"{MOUNT}/guards/{where.key}"
    return {"action": action, "folder": where.folder, "marker": where.marker, "guard": guard}


@contextmanager
def _container(client: DockerClient, base: Pinned, own: Owner, where: Place) -> Iterator[Container]:
    """A provisioning container, not started: root, with the network, and removed in any case."""
    # Not by the environment alone: two runs may be at the same one, and then wait for each other inside.
    name = own.name(f"make-{where.key}-{own.run}")
    ensure_volume(client)
    try:
        with explained(f"creating a container from {base.reference}"):
            container = client.containers.create(
                base.id,
                entrypoint=["python3", f"/{_SENT}/inside.py"],
                command=[],
                name=name,
                labels=own.labels,
                mounts=[mount(read_only=False)],
                user="0:0",
                working_dir="/",
                security_opt=["no-new-privileges"],
                # The host's own settings for containers would end up in what docker inspect shows.
                use_config_proxy=False,
                log_config=LogConfig(type="none"),
            )
        yield container
    finally:
        with explained("removing a container"):
            remove_named(client, name)


def _run(
    container: Container,
    settings: dict[str, Any],
    parts: list[Iterator[bytes]],
    say: Callable[[str], None],
    cancel: Event,
) -> dict[str, str]:
    """Run ``docker_inside`` with the settings; its outcome."""
    inside = Path(__file__).with_name("docker_inside.py")
    # Credentials travel in this file and not as the container's variables, which docker inspect shows.
    sent = [docker_files.text(f"{_SENT}/settings.json", json.dumps(settings))]
    sent.append(docker_files.tree(f"{_SENT}/inside.py", inside))
    with explained("sending files into a container"):
        container.put_archive("/", docker_files.archive(docker_files.folder(_SENT, uid=0), *sent, *parts))
    outcomes: list[str] = []
    words = Lines(lambda line: say(uv.masked(line)))
    ended = follow(
        container,
        on_line=outcomes.append,
        on_error=words.feed,
        stall=_LONGEST,
        cancel=cancel,
    )
    words.end()
    if ended.status or ended.problem or not outcomes:
        return {"status": "failed", "detail": ended.problem}
    outcome: dict[str, str] = json.loads(outcomes[-1])
    return outcome


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
