"""The docker engine against a real daemon and a real registry (see .ci/docker.sh)."""

import hashlib
import os
import subprocess
import textwrap
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Event

import docker
import pytest

from environments import uv
from environments.engines import Exit, Job, Ready
from environments.engines.docker import DockerEngine, detect
from environments.errors import InfrastructureError
from environments.lock import Lock
from environments.spec import Environment

pytestmark = pytest.mark.docker

MIRROR = os.environ.get("CROSSLOAD_TEST_MIRROR", "")
SMALL = Environment(id="small", base_image="python:3.11-slim")
GIB = 1024**3


@pytest.fixture
def client() -> Iterator[docker.DockerClient]:
    with closing(docker.from_env()) as connection:
        yield connection


@pytest.fixture
def engine(tmp_path: Path, client: docker.DockerClient) -> Iterator[DockerEngine]:
    made = DockerEngine(state=tmp_path / "state", registry_mirror=MIRROR)
    yield made
    made.close()
    assert leftovers(client, made) == []


@pytest.fixture(scope="session")
def lock(tmp_path_factory: pytest.TempPathFactory) -> Lock:
    return locked("six==1.16.0\nnumpy==1.26.4\n", tmp_path_factory.mktemp("lock"))


@pytest.fixture
def ready(engine: DockerEngine, lock: Lock, tmp_path: Path) -> Ready:
    return engine.provision(SMALL, lock, log=tmp_path / "log", cancel=Event())


def locked(requirements: str, folder: Path) -> Lock:
    (folder / "in.txt").write_text(requirements)
    command = [
        str(uv.binary()),
        "pip",
        "compile",
        "-q",
        "--generate-hashes",
        "--python-version",
        "3.11",
        "in.txt",
    ]
    done = subprocess.run(
        command, cwd=folder, env=uv.environment(), capture_output=True, text=True, check=True
    )
    pairs = [line.split("==") for line in requirements.split()]
    return Lock(
        environment_id="small",
        text=done.stdout,
        sha256=hashlib.sha256(done.stdout.encode()).hexdigest(),
        packages=tuple((name, version) for name, version in pairs),
    )


def leftovers(client: docker.DockerClient, engine: DockerEngine) -> list[str]:
    label = {"label": f"crossload.state={engine._own.state}"}
    found = [one["Names"][0] for one in client.api.containers(all=True, filters=label)]
    return found + [one["Name"] for one in client.api.volumes(filters=label)["Volumes"] or []]


def run(
    engine: DockerEngine,
    ready: Ready,
    folder: Path,
    script: str,
    *,
    cancel: Event | None = None,
    **options: object,
) -> tuple[Exit, list[str]]:
    folder.mkdir(exist_ok=True)
    (folder / "script.py").write_text(textwrap.dedent(script))
    job = Job(
        key="load/small",
        script="script.py",
        inputs={"script.py": folder / "script.py"},
        outputs=folder / "out",
        stall=30,
        memory=GIB,
    )
    lines: list[str] = []
    job = replace(job, **options)  # type: ignore[arg-type]
    return engine.execute(ready, job, on_line=lines.append, cancel=cancel or Event()), lines


def test_the_daemon_is_detected() -> None:
    assert detect() == (True, "")


def test_a_daemon_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    usable, why = detect()
    assert not usable
    assert why == f"No Docker daemon answers: there is no socket {tmp_path}/none.sock."
    with pytest.raises(InfrastructureError, match="Start Docker, or set DOCKER_HOST"):
        DockerEngine(state=tmp_path)


def test_an_environment_is_made_once_and_found_again(
    engine: DockerEngine, lock: Lock, tmp_path: Path, client: docker.DockerClient
) -> None:
    # A lock of its own, so that it is new on the volume.
    fresh = replace(lock, text=f"# {uuid.uuid4()}\n{lock.text}")
    log = tmp_path / "log"
    ready = engine.provision(SMALL, fresh, log=log, cancel=Event())
    assert ready.base == f"{MIRROR}/python:3.11-slim"
    assert ready.base_digest == client.images.get(ready.base).attrs["RepoDigests"][0].partition("@")[2]
    assert not ready.gpus
    assert "+ numpy==1.26.4" in log.read_text()
    result, lines = run(
        engine,
        ready,
        tmp_path / "job",
        "import numpy, six, sys; print(numpy.__version__, six.__version__, sys.version_info[:2])",
    )
    assert (result, lines) == (Exit(status=0), ["1.26.4 1.16.0 (3, 11)"])
    again = tmp_path / "again"
    assert engine.provision(SMALL, fresh, log=again, cancel=Event()) == ready
    assert "Found small made on sha256:" in again.read_text()
    assert "numpy" not in again.read_text()
    assert engine.remove(SMALL, fresh, log=log, cancel=Event())
    assert not engine.remove(SMALL, fresh, log=log, cancel=Event())
