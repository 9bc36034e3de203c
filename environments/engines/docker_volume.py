"""The volume of packages: containers at work on it, what lies on it, and letting go what nobody uses.

It belongs to the daemon and not to a state folder: other folders' environments are on it too. So each has the time
of its last use beside it, and what was used lately stays.
"""

import json
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from docker import DockerClient
from docker.errors import NotFound
from docker.models.containers import Container
from docker.types import LogConfig, Mount

from environments import uv
from environments.engines import docker_files
from environments.engines.docker_follow import follow
from environments.engines.docker_images import Pinned
from environments.engines.docker_owned import LABEL, Owner, explained, remove_named
from environments.engines.lines import Lines

#: The volume and where every container finds it. It outlives runs: making an environment is dear.
VOLUME = "crossload-packages"
MOUNT = "/crossload"
#: The folder that is sent into a container.
SENT = "crossload-in"
#: Seconds that making one environment may take, waiting for another run that makes it included.
_LONGEST = 7200.0


@dataclass(frozen=True, kw_only=True)
class Made:
    """An environment on the volume, or the rest of one that was not finished."""

    key: str
    #: Its id when it was made; empty where it was not finished.
    environment: str
    #: When it was last used, in seconds since 1970.
    used: float


def exists(client: DockerClient) -> bool:
    """Whether the daemon has the volume."""
    with explained(f"looking for the volume {VOLUME}"):
        try:
            client.api.inspect_volume(VOLUME)
        except NotFound:
            return False
    return True


def look(client: DockerClient, base: Pinned, own: Owner, cancel: Event) -> tuple[Made, ...]:
    """What lies on the volume, as a container from ``base`` sees it."""
    with container(client, base, own, "look") as looking:
        outcome = carry_out(looking, _settings("list"), [], _silent, cancel)
    return tuple(Made(**item) for item in outcome.get("made", ()))


def drop(
    client: DockerClient, base: Pinned, own: Owner, keys: Collection[str], *, dry: bool, cancel: Event
) -> int:
    """Remove environments, and what of uv's cache no other one uses; gives the bytes that this freed.

    With ``dry`` nothing is removed, and the bytes are what this would free at most.
    """
    settings = {**_settings("drop"), "keys": sorted(keys), "dry": dry}
    with container(client, base, own, "drop") as dropping:
        outcome = carry_out(dropping, settings, [], _silent, cancel)
    return int(outcome.get("bytes", 0))


def note_use(container: Container, key: str) -> None:
    """Write down that an environment is used now; its container was made but not started."""
    said = docker_files.text(f"used/{key}", str(int(time.time())))
    with explained("noting that an environment is used"):
        container.put_archive(MOUNT, docker_files.archive(docker_files.folder("used", uid=0), said))


def _settings(action: str) -> dict[str, Any]:
    return {"action": action, "volume": MOUNT, "now": time.time()}


def _silent(line: str) -> None:
    del line


def ensure_volume(client: DockerClient) -> None:
    """Create the volume when it is not there; creating a volume that exists changes nothing."""
    with explained(f"creating the volume {VOLUME}"):
        client.api.create_volume(VOLUME, labels={LABEL: "1"})


def mount(*, read_only: bool) -> Mount:
    """The volume as a mount; nothing of the image is ever copied onto it."""
    return Mount(MOUNT, VOLUME, type="volume", read_only=read_only, no_copy=True)


@contextmanager
def container(client: DockerClient, base: Pinned, own: Owner, what: str) -> Iterator[Container]:
    """A provisioning container, not started: root, with the network, and removed in any case."""
    # Not by the environment alone: two runs may be at the same one, and then wait for each other inside.
    name = own.name(f"make-{what}-{own.run}")
    ensure_volume(client)
    try:
        with explained(f"creating a container from {base.reference}"):
            made = client.containers.create(
                base.id,
                entrypoint=["python3", f"/{SENT}/inside.py"],
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
        yield made
    finally:
        with explained("removing a container"):
            remove_named(client, name)


def carry_out(
    container: Container,
    settings: dict[str, Any],
    parts: list[Iterator[bytes]],
    say: Callable[[str], None],
    cancel: Event,
) -> dict[str, Any]:
    """Run ``docker_inside`` with the settings; its outcome."""
    inside = Path(__file__).with_name("docker_inside.py")
    # Credentials travel in this file and not as the container's variables, which docker inspect shows.
    sent = [docker_files.text(f"{SENT}/settings.json", json.dumps(settings))]
    sent.append(docker_files.tree(f"{SENT}/inside.py", inside))
    with explained("sending files into a container"):
        container.put_archive("/", docker_files.archive(docker_files.folder(SENT, uid=0), *sent, *parts))
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
    outcome: dict[str, Any] = json.loads(outcomes[-1])
    return outcome
