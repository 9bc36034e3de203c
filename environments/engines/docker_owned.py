"""Whose containers and volumes those on the daemon are, and how the left-over ones go away.

Names are derived from the state folder and the job, so that the next attempt finds what the last one left.
Labels tell runs apart: a run removes its own at its end, and what a dead run of the same folder left.
"""

import hashlib
import os
import re
import socket
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests
from docker import DockerClient
from docker.errors import APIError, DockerException, NotFound

from environments.errors import InfrastructureError

#: On everything that this project has on a daemon: ``docker ps -a --filter label=crossload``.
LABEL = "crossload"


@dataclass(frozen=True, kw_only=True)
class Owner:
    """One run: this process, working for one state folder."""

    #: A digest of the host's name and the state folder: two hosts may share a daemon.
    state: str
    #: Unique.
    run: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def labels(self) -> dict[str, str]:
        """The labels of everything that lives no longer than this run."""
        return {
            LABEL: "1",
            f"{LABEL}.state": self.state,
            f"{LABEL}.run": self.run,
            f"{LABEL}.host": socket.gethostname(),
            f"{LABEL}.pid": str(os.getpid()),
            f"{LABEL}.started": _started(os.getpid()),
        }

    def name(self, key: str) -> str:
        """The name on the daemon for a job's key: readable, and different for different keys."""
        readable = re.sub(r"[^a-zA-Z0-9.-]+", "-", key).strip("-.")[:60]
        return f"crossload-{self.state[:8]}-{readable}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def owner(state: Path) -> Owner:
    """This process as the owner for a state folder."""
    place = f"{socket.gethostname()}:{state.resolve()}"
    return Owner(state=hashlib.sha256(place.encode()).hexdigest()[:16])


def remove_own(client: DockerClient, own: Owner) -> None:
    """Remove every container and volume of this run."""
    _remove(client, f"{LABEL}.run={own.run}", keep=lambda labels: False)


def reap(client: DockerClient, own: Owner) -> None:
    """Remove what runs of the same state folder left whose process is gone from this host."""
    _remove(client, f"{LABEL}.state={own.state}", keep=_alive)


def remove_named(client: DockerClient, name: str) -> None:
    """Remove the container and the volume of that name, running or not; neither needs to exist."""
    with ignoring_missing():
        client.api.remove_container(name, force=True, v=True)
    with ignoring_missing():
        client.api.remove_volume(name, force=True)


@contextmanager
def ignoring_missing() -> Iterator[None]:
    """Let pass that something to be removed is gone, or that another request is removing it now."""
    try:
        yield
    except NotFound:
        pass
    except APIError as error:
        if error.status_code != requests.codes.conflict or "already in progress" not in str(error):
            raise


@contextmanager
def explained(doing: str) -> Iterator[None]:
    """Turn the SDK's errors into an InfrastructureError that says what was being done."""
    try:
        yield
    except (DockerException, requests.RequestException) as error:
        raise InfrastructureError(
            f"Docker failed while {doing}: {reason(error)}. Look at it with: docker info"
        ) from error


def reason(error: Exception) -> str:
    """What the daemon or the connection said, in one line without a full stop."""
    said = (error.explanation if isinstance(error, APIError) else None) or error
    return " ".join(str(said).split()).rstrip(".")


def _remove(client: DockerClient, label: str, keep: Callable[[Mapping[str, str]], bool]) -> None:
    for found in client.api.containers(all=True, filters={"label": label}):
        if not keep(found["Labels"]):
            with ignoring_missing():
                client.api.remove_container(found["Id"], force=True, v=True)
    for volume in client.api.volumes(filters={"label": label})["Volumes"] or []:
        if not keep(volume["Labels"]):
            with ignoring_missing():
                client.api.remove_volume(volume["Name"], force=True)


def _alive(labels: Mapping[str, str]) -> bool:
    """Whether the run that made this may still be at work: unknown counts as yes."""
    if labels.get(f"{LABEL}.host") != socket.gethostname():
        return True
    pid = labels.get(f"{LABEL}.pid", "")
    if not pid.isdigit():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return labels.get(f"{LABEL}.started", "") == _started(int(pid))


def _started(pid: int) -> str:
    """When a process started, in ticks since boot: ids are used again. Empty where there is no /proc."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    # The name in parentheses may hold anything; the start time is the 20th field after it (proc(5): 22).
    return stat.rpartition(")")[2].split()[19]
