"""Whether a Docker daemon can be used from here, found as the ``docker`` command finds it, and what it is.

The client is imported only where there is something to talk to: that takes a quarter of the time of a run which has
nothing to do.
"""

import os
import socket
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

#: Where a daemon of this machine listens unless ``DOCKER_HOST`` says otherwise.
_SOCKET = "unix:///var/run/docker.sock"


def detect() -> tuple[bool, str]:
    """Whether a Docker daemon can be used from here, and in a sentence why not."""
    host = os.environ.get("DOCKER_HOST", "").strip()
    host = _SOCKET if host in ("", "unix://") else host
    if host.lower().startswith("unix:///"):
        path = host[len("unix://") :]
        # Looked at before, also because the client leaves a socket open for each connection that fails.
        if not Path(path).is_socket():
            return False, f"No Docker daemon answers: there is no socket {path}."
        if not os.access(path, os.R_OK | os.W_OK):
            return False, f"This user may not talk to the Docker daemon: {path} is closed to it."
        if not _listens(path):
            return False, f"No Docker daemon answers: nobody listens at {path}."
    return _answers(host)


def _answers(host: str) -> tuple[bool, str]:
    import docker
    import requests
    from docker.errors import DockerException
    from docker.utils import parse_host

    from environments.engines.docker_owned import reason

    try:
        parse_host(host)
    except (DockerException, ValueError) as error:
        return False, f"DOCKER_HOST is no address of a Docker daemon: {reason(error)}."
    try:
        with closing(docker.from_env(timeout=5)) as client:
            system = client.info().get("OSType", "linux")
    except (DockerException, requests.RequestException) as error:
        return False, f"No Docker daemon answers: {reason(error)}."
    if system != "linux":
        return False, f"The Docker daemon runs {system} containers, and Linux ones are needed."
    return True, ""


def _listens(path: str) -> bool:
    """Whether a process is at the other end of a socket; a daemon that was killed leaves the file."""
    with socket.socket(socket.AF_UNIX) as end:
        end.settimeout(5)
        try:
            end.connect(path)
        except OSError:
            return False
    return True


def information() -> Mapping[str, Any]:
    """What the daemon says of itself (``docker info``). Raises InfrastructureError when none answers."""
    import docker

    from environments.engines.docker_owned import explained

    with explained("asking the daemon about itself"), closing(docker.from_env(timeout=5)) as client:
        found: Mapping[str, Any] = client.info()
        return found
