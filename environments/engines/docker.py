"""The docker engine: every job in a container of its own, shut off from the network and the host.

Any daemon that speaks Docker's API will do, on this machine or another: it is found as the ``docker`` command
finds it through ``DOCKER_HOST``, files travel as streams, and no folder of the host is ever mounted.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import docker
from docker import DockerClient
from docker.models.containers import Container
from docker.types import Mount

from environments import uv
from environments.engines import (
    Exit,
    Job,
    Ready,
    Running,
    docker_files,
    docker_images,
    docker_owned,
    docker_provision,
    docker_sandbox,
    docker_volume,
    heard,
)
from environments.engines.docker_daemon import detect
from environments.engines.docker_follow import follow
from environments.engines.docker_job import STDERR, ContainerJob
from environments.engines.docker_owned import explained
from environments.engines.docker_sandbox import WORK
from environments.engines.lines import Tail
from environments.errors import ConfigurationError, EnvironmentUnavailable, InfrastructureError
from environments.lock import Lock
from environments.spec import Environment

#: Seconds that the daemon may take for one answer. Removing gigabytes is slow.
_ANSWER = 300
#: Seconds for an image's Python to say where it is.
_LOOK = 60.0


class DockerEngine:
    """Runs jobs in containers. One object serves all threads of a run.

    ``state`` is the run's state folder: containers are named and told apart by it. ``registry_mirror`` is put
    before image references that name no registry of their own. Raises InfrastructureError without a daemon.
    """

    name = "docker"
    isolation = (
        "Each task runs in a container without network, capabilities or write access to anything but its own "
        "folder, as an unprivileged user, with bounded memory, processes and time."
    )

    def __init__(self, *, state: Path, registry_mirror: str = "") -> None:
        usable, why = detect()
        if not usable:
            raise InfrastructureError(
                f"{why} Start Docker, or set DOCKER_HOST to where it listens, or use the other engine: "
                "--engine venv"
            )
        self._own = docker_owned.owner(state)
        self._mirror = registry_mirror
        with self._client() as client, explained("removing what earlier runs left"):
            docker_owned.reap(client, self._own)
            self._gpu = docker_sandbox.gpus(client.info())

    def imageless(self, environments: Sequence[Environment], *, log: Path, cancel: Event) -> str:
        """Why not one of these environments' images can be had; empty when one can."""
        why = ""
        with self._client() as client:
            references = list(dict.fromkeys(self._reference(item) for item in environments))
            if any(docker_images.here(client, reference) for reference in references):
                return ""  # it is brought up to date when it is used
            for reference in references:
                try:
                    docker_images.pulled(client, reference, _logger(log), cancel)
                except EnvironmentUnavailable as error:
                    why = str(error)
                else:
                    return ""
        return why

    def provision(self, environment: Environment, lock: Lock | None, *, log: Path, cancel: Event) -> Ready:
        """Pull the base, and install the lock on it unless that was done before."""
        say = _logger(log)
        with self._client() as client:
            base = docker_images.pulled(client, self._reference(environment), say, cancel)
            if environment.image is not None:
                python = self._python_of(client, environment, base)
            elif lock is None:
                raise ConfigurationError(f"{environment.id} has no lock. Make it with: crossload envs lock")
            else:
                where = docker_provision.install(client, environment, lock, base, self._own, say, log, cancel)
                python = where.python
        return Ready(
            environment=environment,
            engine=self.name,
            base=base.reference,
            base_digest=base.digest,
            python=python,
            gpus=environment.device == "cuda" and environment.gpus and self._gpu is not None,
        )

    def digest(self, environment: Environment) -> str:
        """The digest of its image as the daemon has it; empty where it has none, and the pull will tell."""
        with self._client() as client:
            image = docker_images.here(client, self._reference(environment))
        return image.digest if image else ""

    @contextmanager
    def start(self, ready: Ready, job: Job, *, cancel: Event) -> Iterator[Running]:
        """Start the job in a container that is gone afterwards; ``out/`` comes back however it ended."""
        name = self._own.name(job.key)
        with self._client() as client:
            image = docker_images.found(client, ready.base, ready.base_digest)
            try:
                with explained(f"preparing the job {job.key}"):
                    docker_owned.remove_named(client, name)
                    container = self._container(client, image, ready, job, name)
                    files = docker_files.inputs(job.inputs, uid=docker_sandbox.USER)
                    container.put_archive(WORK, docker_files.until(cancel, files))
                running = ContainerJob(container, job, cancel)
                try:
                    with running.followed:
                        yield running
                finally:
                    running.collect()
                running.left()
            finally:
                with explained(f"removing the container of {job.key}"):
                    docker_owned.remove_named(client, name)

    def execute(self, ready: Ready, job: Job, *, on_line: Callable[[str], None], cancel: Event) -> Exit:
        """Run the job in a container that is gone afterwards; ``out/`` comes back however it ended."""
        return heard(self.start(ready, job, cancel=cancel), on_line)

    def remove(self, environment: Environment, lock: Lock, *, log: Path, cancel: Event) -> bool:
        """Remove what :meth:`provision` made for this lock; False when there was nothing.

        uv's cache stays; the whole of it goes with ``docker volume rm crossload-packages``.
        """
        say = _logger(log)
        with self._client() as client:
            base = docker_images.pulled(client, self._reference(environment), say, cancel)
            where = docker_provision.place(environment, lock, base)
            return docker_provision.uninstall(client, where, base, self._own, say, cancel)

    def volume(self, environments: Sequence[Environment], *, cancel: Event) -> tuple[docker_volume.Made, ...]:
        """What lies on the volume of packages; nothing where there is no volume.

        Raises InfrastructureError when no image of these environments is here to look from.
        """
        with self._client() as client:
            if not docker_volume.exists(client):
                return ()
            return docker_volume.look(client, self._any_base(client, environments), self._own, cancel)

    def drop(
        self, environments: Sequence[Environment], keys: Collection[str], *, dry: bool, cancel: Event
    ) -> int:
        """Remove what :meth:`volume` named, and what of uv's cache no other one uses; the bytes that this freed.

        With ``dry`` nothing is removed, and the bytes are what this would free at most.
        """
        with self._client() as client:
            base = self._any_base(client, environments)
            return docker_volume.drop(client, base, self._own, keys, dry=dry, cancel=cancel)

    def key(self, environment: Environment, lock: Lock) -> str:
        """Which of those on the volume it is; empty where its image is not here."""
        with self._client() as client:
            image = docker_images.here(client, self._reference(environment))
        return docker_provision.place(environment, lock, image).key if image else ""

    def _any_base(self, client: DockerClient, environments: Sequence[Environment]) -> docker_images.Pinned:
        for reference in dict.fromkeys(self._reference(item) for item in environments if item.image is None):
            image = docker_images.here(client, reference)
            if image is not None:
                return image
        raise InfrastructureError(
            "The volume crossload-packages cannot be looked at: no base image of the matrix is on the daemon. "
            "Pull one with docker pull, or remove the whole volume: docker volume rm crossload-packages"
        )

    def close(self) -> None:
        """Remove every container and volume of this run."""
        with self._client() as client, explained("removing this run's containers"):
            docker_owned.remove_own(client, self._own)

    def _reference(self, environment: Environment) -> str:
        reference = environment.image or environment.base_image
        if not reference:
            raise ConfigurationError(
                f"{environment.id} names no base image. Add one under 'bases:' in the matrix, or give it an 'image:'."
            )
        return docker_images.mirrored(reference, self._mirror)

    def _container(self, client: DockerClient, image: str, ready: Ready, job: Job, name: str) -> Container:
        client.api.create_volume(name, labels=self._own.labels)
        mounts = [Mount(WORK, name, type="volume", no_copy=True)]
        if ready.environment.locked:
            mounts.append(docker_volume.mount(read_only=True))
        arguments = [f"in/{argument}" for argument in job.arguments]
        return docker_sandbox.create(
            client,
            image,
            [ready.python, f"in/{job.script}", *arguments, "out"],
            name=name,
            labels=self._own.labels,
            variables=dict(ready.environment.variables),
            mounts=mounts,
            memory=job.memory,
            gpu=self._gpu if ready.gpus else None,
            told=job.dialogue,
        )

    def _python_of(self, client: DockerClient, environment: Environment, base: docker_images.Pinned) -> str:
        """The Python of a ready-made image, found by starting it."""
        said: list[str] = []
        tried = Tail(STDERR)
        for python in ("python3", "python"):
            name = self._own.name(f"look-{environment.id}-{self._own.run}")
            try:
                with explained(f"creating a container from {base.reference}"):
                    container = docker_sandbox.create(
                        client,
                        base.id,
                        [python, "-c", "import sys; print(sys.executable)"],
                        name=name,
                        labels=self._own.labels,
                        variables={},
                        mounts=[],
                        memory=environment.memory,
                    )
                follow(container, on_line=said.append, on_error=tried.feed, stall=_LOOK, cancel=Event())
            except EnvironmentUnavailable as error:
                tried.feed(f"{error}\n".encode())
            finally:
                with explained("removing a container"):
                    docker_owned.remove_named(client, name)
            if said and said[-1]:
                return said[-1]
        raise EnvironmentUnavailable(
            f"The image {base.reference} has no Python that starts as 'python3' or 'python'. "
            "Name an image that has TensorFlow or Keras in it.",
            log=tried.text(),
            lasting=True,
        )

    @contextmanager
    def _client(self) -> Iterator[DockerClient]:
        """A connection for one operation: attached streams and threads do not share one well."""
        with explained("connecting to the daemon"):
            client = docker.from_env(timeout=_ANSWER)
        with closing(client):
            yield client


def _logger(log: Path) -> Callable[[str], None]:
    """Appends lines to ``log``, without credentials."""
    log.parent.mkdir(parents=True, exist_ok=True)

    def say(line: str) -> None:
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{datetime.now(UTC):%H:%M:%S} {uv.masked(line)}\n")

    return say
