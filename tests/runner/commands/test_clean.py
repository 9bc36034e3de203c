import os
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from threading import Event

import pytest

from environments.engines.docker_volume import Made
from environments.errors import InfrastructureError
from environments.lock import Lock
from environments.spec import Environment
from runner.commands import clean
from tests.runner.commands.conftest import Crossload
from tests.runner.fakes import Recorded

DAY = 86_400


@pytest.fixture(autouse=True)
def without_docker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clean, "detect", lambda: (False, "No daemon."))


def test_nothing_of_a_run_goes_and_what_it_has_not_goes(crossload: Crossload, engine: Recorded) -> None:
    assert crossload("run").code == 0
    old = Path(".crossload/artifacts/objects/00") / ("0" * 64)
    old.mkdir(parents=True)
    (old / "weights").write_bytes(bytes(2_500_000))
    os.utime(old, (0, 0))
    said = crossload("clean", "--dry-run")
    assert said.code == 0
    assert "artifact 000000000000: 2.5 MB, " in said.out
    assert "2.5 MB would be free: 1 files and folders." in said.out
    assert old.exists()
    assert crossload("clean").code == 0
    assert not old.exists()
    engine.jobs.clear()
    assert crossload("run").code == 0
    assert engine.jobs == []


def test_there_may_be_nothing_to_clean(crossload: Crossload) -> None:
    said = crossload("clean")
    assert said.code == 0
    assert "There is nothing at " in said.err
    assert not Path(".crossload").exists()


@pytest.mark.parametrize("size", ["much", "-5", "5XB", "nan", ""])
def test_a_size_is_written_as_people_write_it(crossload: Crossload, size: str) -> None:
    said = crossload("clean", "--max-size", size)
    assert said.code == 2
    assert "is not a size; write 500MB or 5GB." in said.err
    assert crossload("clean", "--max-size", "1.5 gb").code == 0


class Daemon:
    """A docker engine with a volume on which each environment of the matrix is, and three more."""

    def __init__(self) -> None:
        self.dropped: list[str] = []
        self.closed = 0
        self.trouble = ""
        self.ages = {"old": 40.0, "young": 20.0, "half": 40.0}

    def key(self, environment: Environment, lock: Lock) -> str:
        return environment.id

    def volume(self, environments: Sequence[Environment], *, cancel: Event) -> tuple[Made, ...]:
        if self.trouble:
            raise InfrastructureError(self.trouble)
        ages = {item.id: 400.0 for item in environments} | self.ages
        return tuple(
            Made(
                key=key,
                environment="" if key == "half" else f"{key}-cpu",
                used=time.time() - days * DAY,
            )
            for key, days in ages.items()
        )

    def drop(
        self, environments: Sequence[Environment], keys: Collection[str], *, dry: bool, cancel: Event
    ) -> int:
        self.dropped += [] if dry else keys
        return 10**9

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Daemon:
    made = Daemon()
    monkeypatch.setattr(clean, "detect", lambda: (True, ""))
    monkeypatch.setattr(clean, "DockerEngine", lambda **given: made)
    Path(".crossload").mkdir()
    return made


def test_of_the_docker_volume_goes_what_is_old_and_the_matrix_does_not_name(
    crossload: Crossload, daemon: Daemon
) -> None:
    said = crossload("clean", "--dry-run")
    assert said.code == 0
    assert "environment old-cpu of the docker engine: 40 days old" in said.out
    assert "environment that was not finished of the docker engine: 40 days old" in said.out
    assert "1.0 GB would be free: 2 files and folders." in said.out
    assert daemon.dropped == []
    said = crossload("clean")
    assert daemon.dropped == ["old", "half"]
    assert "1.0 GB is free: 2 files and folders." in said.out
    assert daemon.closed == 2


def test_what_others_may_be_using_today_stays(crossload: Crossload, daemon: Daemon) -> None:
    assert crossload("clean", "--keep-days", "0").code == 0
    assert daemon.dropped == ["old", "young", "half"]
    daemon.dropped.clear()
    daemon.ages = {"now": 0.1}
    assert crossload("clean", "--keep-days", "0").code == 0
    assert daemon.dropped == []


def test_a_volume_that_cannot_be_looked_at_is_said_and_the_rest_is_cleaned(
    crossload: Crossload, daemon: Daemon
) -> None:
    daemon.trouble = "No base image is on the daemon."
    said = crossload("clean")
    assert said.code == 0
    assert "No base image is on the daemon." in said.err
    assert "0 bytes is free: 0 files and folders." in said.out
    assert daemon.closed == 1
