"""A job in its container: files in and out as archives, and what it is told and says in between."""

from collections.abc import Mapping
from pathlib import Path
from threading import Event

from docker.models.containers import Container

from environments.engines import Exit, Job, docker_files
from environments.engines.docker_follow import Followed
from environments.engines.docker_owned import explained
from environments.engines.docker_sandbox import WORK
from environments.engines.lines import Tail

#: Bytes kept of what a job writes to standard error.
STDERR = 64 * 1024
#: What a job may leave in ``out/``.
_MOST_BYTES = 32 * 1024**3
_MOST_FILES = 100_000


class ContainerJob:
    """What :meth:`environments.engines.Engine.start` gives. ``followed`` is entered by whoever makes this."""

    def __init__(self, container: Container, job: Job, cancel: Event) -> None:
        self._container, self._job, self._cancel = container, job, cancel
        self._tail = Tail(STDERR)
        self._lost = ""
        self._exit = Exit(status=-1, problem="It was not left yet.")
        self.followed = Followed(container, on_error=self._tail.feed, cancel=cancel)

    def hear(self) -> str | None:
        """The next line of standard output; None at the end."""
        return self.followed.hear(self._job.stall)

    def put(self, inputs: Mapping[str, Path]) -> None:
        """Extract an archive over ``in/``; its volume is the one place that can be written to from here."""
        with explained(f"sending files to the job {self._job.key}"):
            self._container.put_archive(
                WORK, docker_files.until(self._cancel, docker_files.more_inputs(inputs))
            )

    def tell(self, line: str) -> None:
        """Write a line to standard input."""
        self.followed.tell(line)

    def collect(self) -> None:
        """Bring what is in ``out/`` to the job's outputs."""
        with explained(f"fetching what {self._job.key} wrote"):
            stream, _ = self._container.get_archive(f"{WORK}/out")
            try:
                docker_files.extract(
                    stream, self._job.outputs, most_bytes=_MOST_BYTES, most_files=_MOST_FILES
                )
            except docker_files.TooMuch as error:
                self._lost = str(error)
            finally:
                stream.close()  # type: ignore[attr-defined]  # A generator, by its code.

    def left(self) -> None:
        """See how it ended, while the container is still there."""
        ended = self.followed.ended()
        self._exit = Exit(status=ended.status, problem=ended.problem or self._lost, stderr=self._tail.text())

    @property
    def exit(self) -> Exit:
        """How it ended; for when it was left."""
        return self._exit
