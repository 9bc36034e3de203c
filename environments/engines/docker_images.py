"""Images: which reference is asked for, how it gets onto the daemon, and which bytes it stands for."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread

import requests
from docker import DockerClient
from docker.auth import INDEX_NAME
from docker.errors import DockerException, ImageNotFound
from docker.models.images import Image
from docker.utils import parse_repository_tag

from environments.engines.docker_owned import explained, reason
from environments.errors import EnvironmentUnavailable, Interrupted

#: Seconds between two looks at ``cancel``.
_TICK = 0.1


@dataclass(frozen=True, kw_only=True)
class Pinned:
    """An image that is on the daemon."""

    #: What was asked for, with the mirror before it.
    reference: str
    #: ``sha256:…``: the registry's digest, or the image's own id where no registry knows it.
    digest: str
    #: The id on this daemon; containers start from it, so that a moved tag changes nothing half-way.
    id: str


def mirrored(reference: str, mirror: str) -> str:
    """``reference`` on the mirror, unless it names a registry of its own.

    By the rule of Docker's own reference grammar, the part before the first slash is a registry when it has
    a dot or a colon or is ``localhost``.
    """
    first, slash, _ = reference.partition("/")
    if not mirror or (slash and (first == "localhost" or "." in first or ":" in first)):
        return reference
    return f"{mirror.rstrip('/')}/{reference}"


def pulled(client: DockerClient, reference: str, say: Callable[[str], None], cancel: Event) -> Pinned:
    """Pull ``reference`` and say which bytes it is. ``say`` gets one line on what happened.

    An image that is on the daemon already is used when its registry cannot be reached. Raises
    EnvironmentUnavailable when it is neither there nor can be pulled, Interrupted when ``cancel`` is set.
    """
    failures: list[str] = []
    # In a thread of its own: a pull can be silent for minutes, and cannot be asked to stop.
    thread = Thread(target=_pull, args=(client, reference, failures), daemon=True)
    thread.start()
    while thread.is_alive():
        if cancel.is_set():
            raise Interrupted("The run was interrupted.")
        thread.join(_TICK)
    failure = "; ".join(failures)
    image = _local(client, reference)
    if image is None:
        raise EnvironmentUnavailable(
            f"The image {reference} could not be pulled: {failure or 'the daemon does not have it afterwards'}. "
            f"Try: docker pull {reference}. Where that registry cannot be reached, name a mirror of it "
            "(--registry-mirror HOST:PORT), or use the other engine (--engine venv).",
            log=failure,
        )
    if failure:
        say(f"Could not pull {reference} ({failure}); the one that is on the daemon already is used.")
    else:
        say(f"Pulled {reference}.")
    return pinned(image, reference)


def here(client: DockerClient, reference: str) -> Pinned | None:
    """The image as the daemon has it, without asking any registry; None where it has none."""
    image = _local(client, reference)
    return pinned(image, reference) if image else None


def _pull(client: DockerClient, reference: str, failures: list[str]) -> None:
    repository, tag = parse_repository_tag(reference)
    try:
        for event in client.api.pull(repository, tag=tag or "latest", stream=True, decode=True):
            # A failure half-way, such as a full disk, is an event: the answer itself began well.
            if "error" in event:
                failures.append(" ".join(str(event["error"]).split()).rstrip("."))
    except (DockerException, requests.RequestException) as error:
        failures.append(reason(error))


def pinned(image: Image, reference: str) -> Pinned:
    """The digest that ``reference`` has for ``image``."""
    repository, _ = parse_repository_tag(reference)
    known = [text.rpartition("@") for text in image.attrs.get("RepoDigests") or []]
    own = [digest for name, _, digest in known if _familiar(name) == _familiar(repository)]
    return Pinned(reference=reference, digest=(own or [image.id or ""])[0], id=image.id or "")


def found(client: DockerClient, reference: str, digest: str) -> str:
    """The id of the image that was pinned earlier. Raises EnvironmentUnavailable when it is gone since."""
    repository, _ = parse_repository_tag(reference)
    for name in (f"{repository}@{digest}", digest):
        image = _local(client, name)
        if image is not None:
            return image.id or ""
    raise EnvironmentUnavailable(
        f"The image {repository}@{digest} is no longer on the Docker daemon. Start the run again to pull it.",
        lasting=True,
    )


def _local(client: DockerClient, name: str) -> Image | None:
    with explained(f"looking for the image {name}"):
        try:
            return client.images.get(name)
        except ImageNotFound:
            return None


def _familiar(repository: str) -> str:
    """Docker Hub's names as Docker prints them, Podman's prefixes dropped."""
    return repository.removeprefix(f"{INDEX_NAME}/").removeprefix("library/")
