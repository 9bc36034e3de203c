"""The docker engine against a real daemon and a real registry (see .ci/docker.sh)."""

import hashlib
import json
import os
import socket
import subprocess
import sys
import textwrap
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any
from unittest.mock import ANY

import docker
import pytest

from environments import uv
from environments.engines import Exit, Job, Ready
from environments.engines.docker import DockerEngine
from environments.engines.docker_daemon import detect
from environments.engines.docker_files import archive, text
from environments.engines.docker_images import mirrored
from environments.engines.docker_sandbox import gpus
from environments.engines.docker_volume import Made
from environments.errors import ConfigurationError, EnvironmentUnavailable, InfrastructureError, Interrupted
from environments.lock import Lock
from environments.spec import Environment
from runner.conversation import Conversation
from runner.provisioning import provision
from runner.store import Store

pytestmark = pytest.mark.docker

MIRROR = os.environ.get("CROSSLOAD_TEST_MIRROR", "")
#: Without a mirror, the daemon's own registries are asked.
BASE = mirrored("python:3.11-slim", MIRROR)
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
    return provision(engine, SMALL, lock, log=tmp_path / "log", cancel=Event())


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
    inputs: dict[str, Path] | None = None,
    arguments: tuple[str, ...] = (),
    stall: float = 30,
    memory: int = GIB // 4,
) -> tuple[Exit, list[str]]:
    folder.mkdir(exist_ok=True)
    (folder / "script.py").write_text(textwrap.dedent(script))
    job = Job(
        key="load/small",
        script="script.py",
        arguments=arguments,
        inputs={"script.py": folder / "script.py", **(inputs or {})},
        outputs=folder / "out",
        stall=stall,
        memory=memory,
    )
    lines: list[str] = []
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


def test_a_daemon_is_reached_through_docker_host(
    tmp_path: Path, lock: Lock, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = str(docker.utils.parse_host(os.environ.get("DOCKER_HOST"))).removeprefix("http+unix://")
    if not daemon.startswith("/"):
        pytest.skip("the daemon is not on a socket of this machine, so every test is this one")
    with socket.create_server(("127.0.0.1", 0)) as server:
        Thread(target=forward, args=(server, daemon), daemon=True).start()
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{server.getsockname()[1]}")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        engine = DockerEngine(state=tmp_path / "state", registry_mirror=MIRROR)
        ready = engine.provision(SMALL, lock, log=tmp_path / "log", cancel=Event())
        script = "import os; open('out/x', 'w').write('x'); print(1); os._exit(0)"
        assert run(engine, ready, tmp_path / "job", script) == (Exit(status=0), ["1"])
        assert (tmp_path / "job/out/x").read_text() == "x"
        result, _ = run(engine, ready, tmp_path / "job", "import time; time.sleep(60)", stall=1)
        assert result.problem == "It printed nothing for 1 seconds and was ended."
        engine.close()
        server.shutdown(socket.SHUT_RDWR)


def forward(server: socket.socket, daemon: str) -> None:
    """Pass each connection on to the daemon's socket, until the server is shut down."""
    with suppress(OSError):
        while True:
            near, _ = server.accept()
            Thread(target=serve, args=(near, daemon), daemon=True).start()


def serve(near: socket.socket, daemon: str) -> None:
    with near, socket.socket(socket.AF_UNIX) as far:
        far.connect(daemon)
        back = Thread(target=copy, args=(far, near), daemon=True)
        back.start()
        copy(near, far)
        back.join()


def copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)


def test_an_environment_is_made_once_and_found_again(
    engine: DockerEngine, lock: Lock, tmp_path: Path, client: docker.DockerClient
) -> None:
    # A lock of its own, so that it is new on the volume.
    fresh = replace(lock, text=f"# {uuid.uuid4()}\n{lock.text}")
    log = tmp_path / "log"
    ready = provision(engine, SMALL, fresh, log=log, cancel=Event())
    assert ready.base == BASE
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


def test_the_volume_tells_what_is_used_and_lets_go_what_is_not(
    engine: DockerEngine, lock: Lock, tmp_path: Path, client: docker.DockerClient
) -> None:
    fresh = replace(lock, text=f"# {uuid.uuid4()}\n{lock.text}")
    log, began = tmp_path / "log", time.time()
    ready = provision(engine, SMALL, fresh, log=log, cancel=Event())
    key = engine.key(SMALL, fresh)

    def lying() -> list[Made]:
        return [item for item in engine.volume([SMALL], cancel=Event()) if item.key == key]

    (made,) = lying()
    assert ready.python.split("/")[3] == key
    assert made.environment == "small"
    assert made.used > began - 60
    volumes = {"crossload-packages": {"bind": "/crossload"}}
    long_ago = f"touch -d @1000000000 /crossload/made/{key}.json"
    client.containers.run(ready.base, ["sh", "-c", long_ago], volumes=volumes, remove=True)
    assert lying()[0].used == 10**9
    assert engine.provision(SMALL, fresh, log=log, cancel=Event()) == ready
    assert lying()[0].used > began - 60
    assert engine.drop([SMALL], [key], dry=True, cancel=Event()) > 0
    assert engine.drop([SMALL], [key], dry=False, cancel=Event()) > 0
    assert lying() == []
    assert engine.provision(SMALL, fresh, log=log, cancel=Event()) == ready  # from uv's cache, which is whole
    assert run(engine, ready, tmp_path / "job", "import numpy, six")[0] == Exit(status=0)
    engine.remove(SMALL, fresh, log=log, cancel=Event())


def test_the_digest_is_that_of_the_image_which_is_here(
    engine: DockerEngine, ready: Ready, client: docker.DockerClient
) -> None:
    assert engine.digest(SMALL) == ready.base_digest
    name = f"crossload-moving-{uuid.uuid4().hex[:8]}"
    moving = replace(SMALL, base_image=f"localhost/{name}:1")
    assert engine.digest(moving) == ""
    try:
        client.images.get(BASE).tag(f"localhost/{name}", "1")
        assert engine.digest(moving) != ""
        before = engine.digest(moving)
        container = client.containers.create(BASE, ["true"])
        container.commit(f"localhost/{name}", "1", changes="LABEL moved=yes")
        container.remove()
        assert engine.digest(moving) not in ("", before)
    finally:
        client.images.remove(f"localhost/{name}:1", force=True)


def test_a_half_made_environment_is_made_again(
    engine: DockerEngine, lock: Lock, tmp_path: Path, client: docker.DockerClient
) -> None:
    fresh = replace(lock, text=f"# {uuid.uuid4()}\n{lock.text}")
    ready = provision(engine, SMALL, fresh, log=tmp_path / "log", cancel=Event())
    key = ready.python.split("/")[3]
    spoil = (
        f"rm /crossload/made/{key}.json && rm -r /crossload/envs/{key}/lib/python3.11/site-packages/six.py"
    )
    volumes = {"crossload-packages": {"bind": "/crossload"}}
    client.containers.run(ready.base, ["sh", "-c", spoil], volumes=volumes, remove=True)
    log = tmp_path / "again"
    assert engine.provision(SMALL, fresh, log=log, cancel=Event()) == ready
    assert "Removing what an earlier, unfinished attempt left." in log.read_text()
    assert run(engine, ready, tmp_path / "job", "import six")[0] == Exit(status=0)
    engine.remove(SMALL, fresh, log=log, cancel=Event())


def test_one_environment_made_by_three_at_once_is_made_once(
    engine: DockerEngine, lock: Lock, tmp_path: Path
) -> None:
    fresh = replace(lock, text=f"# {uuid.uuid4()}\n{lock.text}")
    logs = [tmp_path / name for name in ("a", "b", "c")]
    engines = [engine] + [DockerEngine(state=tmp_path / name, registry_mirror=MIRROR) for name in "bc"]
    with ThreadPoolExecutor() as pool:
        jobs = [
            pool.submit(one.provision, SMALL, fresh, log=log, cancel=Event())
            for one, log in zip(engines, logs, strict=True)
        ]
        assert len({job.result().python for job in jobs}) == 1
    assert sum("+ numpy==1.26.4" in log.read_text() for log in logs) == 1
    engine.remove(SMALL, fresh, log=logs[0], cancel=Event())
    for other in engines[1:]:
        other.close()


def test_different_environments_are_made_at_the_same_time(
    engine: DockerEngine, lock: Lock, tmp_path: Path
) -> None:
    locks = [replace(lock, text=f"# {uuid.uuid4()}\n{lock.text}") for _ in range(3)]
    with ThreadPoolExecutor() as pool:
        jobs = [
            pool.submit(provision, engine, SMALL, one, log=tmp_path / f"{index}", cancel=Event())
            for index, one in enumerate(locks)
        ]
        assert len({job.result().python for job in jobs}) == 3
    for one in locks:
        assert engine.remove(SMALL, one, log=tmp_path / "log", cancel=Event())


def test_a_lock_with_a_wrong_hash_is_unavailable_with_the_installers_words(
    engine: DockerEngine, tmp_path: Path
) -> None:
    text = f"six==1.16.0 --hash=sha256:{'0' * 64}\n"
    wrong = Lock(environment_id="small", text=text, sha256="", packages=(("six", "1.16.0"),))
    with pytest.raises(EnvironmentUnavailable, match="packages could not be installed") as caught:
        engine.provision(SMALL, wrong, log=tmp_path / "log", cancel=Event())
    assert "Hash mismatch for `six==1.16.0`" in caught.value.log
    assert "Hash mismatch for `six==1.16.0`" in (tmp_path / "log").read_text()


def test_a_stack_that_cannot_be_imported_is_unavailable_with_its_traceback(
    engine: DockerEngine, tmp_path: Path
) -> None:
    # Keras alone, without the backend that it needs.
    keras = locked("keras==3.3.3\n", tmp_path)
    with pytest.raises(
        EnvironmentUnavailable, match="small could not be made: it is installed, but"
    ) as caught:
        engine.provision(SMALL, keras, log=tmp_path / "log", cancel=Event())
    assert "ModuleNotFoundError: No module named 'tensorflow'" in caught.value.log


def test_another_python_than_the_bases_is_unavailable(
    engine: DockerEngine, lock: Lock, tmp_path: Path
) -> None:
    wrong = replace(SMALL, python="3.9")
    with pytest.raises(EnvironmentUnavailable, match=r"wants Python 3\.9, but the base .* has 3\.11"):
        engine.provision(wrong, lock, log=tmp_path / "log", cancel=Event())


def test_a_missing_image_is_unavailable_with_a_sentence(
    engine: DockerEngine, lock: Lock, tmp_path: Path
) -> None:
    missing = replace(SMALL, base_image="python:0.1-none")
    with pytest.raises(EnvironmentUnavailable, match=r"The image .*python:0\.1-none could not be pulled: "):
        engine.provision(missing, lock, log=tmp_path / "log", cancel=Event())


def test_an_image_that_is_there_serves_while_its_registry_cannot_be_reached(
    engine: DockerEngine, tmp_path: Path, client: docker.DockerClient, lock: Lock
) -> None:
    client.images.pull(*docker.utils.parse_repository_tag(BASE)).tag("127.0.0.1:9/python", tag="3.11-slim")
    log = tmp_path / "log"
    alone = replace(SMALL, base_image="127.0.0.1:9/python:3.11-slim")
    try:
        ready = engine.provision(alone, lock, log=log, cancel=Event())
        assert ready.base_digest == client.images.get(alone.base_image).id
        assert "the one that is on the daemon already is used" in log.read_text()
        assert run(engine, ready, tmp_path / "job", "print(1)") == (Exit(status=0), ["1"])
    finally:
        client.images.remove("127.0.0.1:9/python:3.11-slim")


def test_a_ready_made_image_is_used_as_it_is(engine: DockerEngine, tmp_path: Path) -> None:
    company = Environment(id="company", image="python:3.11-slim", variables=(("COLOUR", "blue"),))
    ready = engine.provision(company, None, log=tmp_path / "log", cancel=Event())
    assert ready.python.endswith("/bin/python3")
    assert ready.base_digest.startswith("sha256:")
    result, lines = run(
        engine,
        ready,
        tmp_path / "job",
        "import os; print(os.environ['COLOUR'], os.path.exists('/crossload'))",
    )
    assert (result, lines) == (Exit(status=0), ["blue False"])


def test_an_image_without_python_is_unavailable(
    engine: DockerEngine, lock: Lock, tmp_path: Path, client: docker.DockerClient
) -> None:
    (tmp_path / "empty.tar").write_bytes(b"".join(archive(text("etc/empty", ""))))
    client.api.import_image_from_file(str(tmp_path / "empty.tar"), "127.0.0.1:9/empty", "1")
    try:
        company = Environment(id="company", image="127.0.0.1:9/empty:1")
        with pytest.raises(EnvironmentUnavailable, match="has no Python that starts") as caught:
            engine.provision(company, None, log=tmp_path / "log", cancel=Event())
        assert "executable file not found" in caught.value.log
        based = Environment(id="based", base_image="127.0.0.1:9/empty:1")
        with pytest.raises(EnvironmentUnavailable, match="executable file not found"):
            engine.provision(based, lock, log=tmp_path / "log", cancel=Event())
    finally:
        client.images.remove("127.0.0.1:9/empty:1")


def test_credentials_are_in_no_log_and_in_no_container(
    engine: DockerEngine,
    lock: Lock,
    tmp_path: Path,
    client: docker.DockerClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://me:s3cr3t-pass@127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("HTTPS_PROXY", "http://me:0ther-pass@127.0.0.1:9")
    fresh = replace(lock, text=f"# {uuid.uuid4()}\n{locked_elsewhere()}")
    shown: list[str] = []
    done = Event()
    watching = Thread(target=watch, args=(client, engine, shown, done))
    watching.start()
    with pytest.raises(EnvironmentUnavailable) as caught:
        engine.provision(SMALL, fresh, log=tmp_path / "log", cancel=Event())
    done.set()
    watching.join()
    assert any("crossload.run" in text for text in shown)
    said = (tmp_path / "log").read_text() + caught.value.log + "".join(shown)
    assert "127.0.0.1:9" in said
    assert "pass" not in said


def locked_elsewhere() -> str:
    """A lock of what is in no cache, so that the index is asked."""
    return f"crossload-{uuid.uuid4().hex[:8]}==1.0 --hash=sha256:{'0' * 64}\n"


def watch(client: docker.DockerClient, engine: DockerEngine, shown: list[str], done: Event) -> None:
    """What docker inspect shows of the engine's containers while they run."""
    while not done.wait(0.05):
        label = {"label": f"crossload.state={engine._own.state}"}
        for one in client.api.containers(filters=label):
            with suppress(docker.errors.NotFound):
                shown.append(str(client.api.inspect_container(one["Id"])))


def test_the_sandbox_holds(
    engine: DockerEngine, ready: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    script = """
        import ctypes, os, socket, sys
        from pathlib import Path

        def attempt(name, action):
            try:
                print(name, "worked", action())
            except OSError as error:
                print(name, type(error).__name__)

        print("ids", os.getuid(), os.getgid(), os.getgroups())
        print("interfaces", [name for _, name in socket.if_nameindex()])
        attempt("network", lambda: socket.create_connection(("1.1.1.1", 53), 2))
        for folder in ("/", "/usr", "/work", "/work/in", "/crossload", sys.prefix, "/dev"):
            attempt(f"write {folder}", lambda: Path(folder, "x").write_text("x"))
        attempt("replace the script", lambda: Path(sys.argv[0]).write_text("x"))
        attempt("become root", lambda: os.setuid(0))
        attempt("mount", lambda: None if ctypes.CDLL(None).mount(b"a", b"/tmp", b"tmpfs", 0, 0) == 0 else os.stat("/-"))
        lines = Path("/proc/self/status").read_text().splitlines()
        status = dict(line.split(":\\t") for line in lines if ":\\t" in line)
        print("capabilities", status["CapEff"], status["CapBnd"], "no new privileges", status["NoNewPrivs"])
        print("variables", sorted(name for name in os.environ if "proxy" in name.lower()), os.environ["HOME"])
        Path("/tmp/x").write_text("x")
        Path("out/x").write_text("x")
        print(os.getcwd(), sys.argv)
    """
    result, lines = run(engine, ready, tmp_path / "job", script, arguments=("a", "b/c"))
    assert result == Exit(status=0)
    assert lines == [
        "ids 65534 65534 [65534]",
        "interfaces ['lo']",
        "network OSError",
        "write / OSError",
        "write /usr OSError",
        "write /work PermissionError",
        "write /work/in PermissionError",
        "write /crossload OSError",
        f"write {Path(ready.python).parent.parent} OSError",
        "write /dev PermissionError",
        "replace the script PermissionError",
        "become root PermissionError",
        "mount FileNotFoundError",
        "capabilities 0000000000000000 0000000000000000 no new privileges 1",
        "variables [] /tmp",
        "/work ['in/script.py', 'in/a', 'in/b/c', 'out']",
    ]


def test_a_fork_bomb_meets_the_limit(engine: DockerEngine, ready: Ready, tmp_path: Path) -> None:
    script = """
        import os, signal
        children = []
        try:
            while len(children) < 5000:
                child = os.fork()
                if not child:
                    signal.pause()
                children.append(child)
        except OSError as error:
            print(type(error).__name__, len(children) < 2048)
        os._exit(0)
    """
    result = run(engine, ready, tmp_path / "job", script, memory=4 * GIB)
    assert result == (Exit(status=0), ["BlockingIOError True"])


def test_memory_beyond_the_limit_is_said(engine: DockerEngine, ready: Ready, tmp_path: Path) -> None:
    script = """
        print("before")
        kept = bytearray(2 * 1024**3)
        kept[::4096] = b"x" * len(kept[::4096])
        print("after")
    """
    result, lines = run(engine, ready, tmp_path / "job", script)
    assert lines == ["before"]
    assert result == Exit(status=137, problem="It ran out of memory and was ended by the kernel.")


def test_temporary_files_are_bounded(engine: DockerEngine, ready: Ready, tmp_path: Path) -> None:
    script = """
        import os
        print(os.statvfs("/tmp").f_blocks * os.statvfs("/tmp").f_frsize == 1024**3)
    """
    assert run(engine, ready, tmp_path / "job", script)[1] == ["True"]


def test_a_silent_job_is_ended_and_what_it_wrote_is_kept(
    engine: DockerEngine, ready: Ready, tmp_path: Path
) -> None:
    script = """
        import sys, time
        open("out/kept", "w").write("yes")
        print("started")
        print("words", file=sys.stderr)
        time.sleep(600)
    """
    begin = time.monotonic()
    result, lines = run(engine, ready, tmp_path / "job", script, stall=2)
    assert time.monotonic() - begin < 20
    assert lines == ["started"]
    assert result == Exit(
        status=137, problem="It printed nothing for 2 seconds and was ended.", stderr="words\n"
    )
    assert (tmp_path / "job/out/kept").read_text() == "yes"


def test_a_job_that_closes_its_output_is_still_watched(
    engine: DockerEngine, ready: Ready, tmp_path: Path
) -> None:
    script = """
        import os, time
        os.close(1), os.close(2)
        time.sleep(600)
    """
    result, _ = run(engine, ready, tmp_path / "job", script, stall=2)
    assert result.problem == "It printed nothing for 2 seconds and was ended."


def test_cancelling_ends_at_once_and_leaves_nothing(
    engine: DockerEngine, ready: Ready, tmp_path: Path, client: docker.DockerClient
) -> None:
    cancel = Event()
    script = """
        import time
        print("started")
        time.sleep(600)
    """
    ended: list[float] = []

    def later() -> None:
        time.sleep(3)
        ended.append(time.monotonic())
        cancel.set()

    Thread(target=later).start()
    with pytest.raises(Interrupted):
        run(engine, ready, tmp_path / "job", script, cancel=cancel)
    assert time.monotonic() - ended[0] < 30  # of ten minutes
    assert leftovers(client, engine) == []


def test_cancelling_while_an_environment_is_made(
    engine: DockerEngine, lock: Lock, tmp_path: Path, client: docker.DockerClient
) -> None:
    cancel = Event()
    cancel.set()
    fresh = replace(lock, text=f"# {uuid.uuid4()}\n{lock.text}")
    with pytest.raises(Interrupted):
        engine.provision(SMALL, fresh, log=tmp_path / "log", cancel=cancel)
    assert leftovers(client, engine) == []
    engine.remove(SMALL, fresh, log=tmp_path / "log", cancel=Event())


def test_files_go_in_and_come_back(engine: DockerEngine, ready: Ready, tmp_path: Path) -> None:
    model = tmp_path / "model"
    (model / "variables").mkdir(parents=True)
    (model / "variables/data").write_bytes(bytes(range(256)) * 40_000)
    (model / "empty").mkdir()
    (model / "ключ é").write_text("name")
    (tmp_path / "real").write_text("behind a link")
    (model / "link").symlink_to(tmp_path / "real")
    script = """
        import os, shutil, sys
        from pathlib import Path
        shutil.copytree(sys.argv[1], "out/copy")
        print(Path("out/copy/link").is_symlink(), os.stat("in/a/b/model").st_mtime)
        os.symlink("/etc/passwd", "out/outside")
        os.mkfifo("out/pipe")
        Path("out/locked").write_text("x")
        os.chmod("out/locked", 0)
    """
    result, lines = run(
        engine, ready, tmp_path / "job", script, inputs={"a/b/model": model}, arguments=("a/b/model",)
    )
    assert (result, lines) == (Exit(status=0), ["False 0.0"])
    out = tmp_path / "job/out"
    assert sorted(str(path.relative_to(out)) for path in out.rglob("*")) == [
        "copy",
        "copy/empty",
        "copy/link",
        "copy/variables",
        "copy/variables/data",
        "copy/ключ é",
        "locked",
    ]
    assert (out / "copy/variables/data").read_bytes() == bytes(range(256)) * 40_000
    assert (out / "copy/link").read_text() == "behind a link"


def test_an_input_that_is_not_there_is_told(engine: DockerEngine, ready: Ready, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="none cannot be sent into a container: No such file"):
        run(engine, ready, tmp_path / "job", "pass", inputs={"none": tmp_path / "none"})


def test_output_is_joined_and_broken_text_replaced(
    engine: DockerEngine, ready: Ready, tmp_path: Path
) -> None:
    script = """
        import os, sys, time
        os.write(1, b"first ")
        time.sleep(0.3)
        os.write(1, b"half\\nbroken \\xff\\n")
        sys.stderr.write("x" * 100_000 + "the end")
        print("long", "y" * 3_000_000)
        os.write(1, b"no line feed")
        sys.exit(3)
    """
    result, lines = run(engine, ready, tmp_path / "job", script)
    assert lines == ["first half", "broken \ufffd", "long " + "y" * 3_000_000, "no line feed"]
    assert (result.status, result.problem) == (3, "It ended with status 3.")
    assert len(result.stderr) == 64 * 1024
    assert result.stderr.endswith("xxthe end")


def test_an_endless_line_ends_the_job(engine: DockerEngine, ready: Ready, tmp_path: Path) -> None:
    result, lines = run(engine, ready, tmp_path / "job", "while True: print('x' * 100_000, end='')")
    assert lines == []
    assert result.problem == "It printed a line of more than 16 MiB and was ended."


def test_a_signal_is_named(engine: DockerEngine, ready: Ready, tmp_path: Path) -> None:
    result, _ = run(engine, ready, tmp_path / "job", "import ctypes; ctypes.string_at(0)")
    assert result.problem == "It was ended by signal 11 (SIGSEGV)."


def test_a_stale_container_of_the_same_name_is_removed(
    engine: DockerEngine, ready: Ready, tmp_path: Path, client: docker.DockerClient
) -> None:
    name = engine._own.name("load/small")
    client.api.create_volume(name)
    stale = client.containers.run(
        ready.base, ["sleep", "600"], name=name, detach=True, volumes={name: {"bind": "/w"}}
    )
    assert run(engine, ready, tmp_path / "job", "print(1)") == (Exit(status=0), ["1"])
    with pytest.raises(docker.errors.NotFound):
        client.containers.get(str(stale.id))


def test_what_a_dead_run_left_is_reaped_and_a_live_run_is_not(
    engine: DockerEngine, ready: Ready, tmp_path: Path, client: docker.DockerClient
) -> None:
    dead = subprocess.Popen([sys.executable, "-c", LEAVE, str(tmp_path / "state"), ready.base])
    dead.wait()
    assert len(leftovers(client, engine)) == 2
    live = client.containers.run(
        ready.base, ["sleep", "600"], name=engine._own.name("live"), labels=engine._own.labels, detach=True
    )
    DockerEngine(state=tmp_path / "elsewhere", registry_mirror=MIRROR)
    assert len(leftovers(client, engine)) == 3
    DockerEngine(state=tmp_path / "state", registry_mirror=MIRROR)
    assert leftovers(client, engine) == [f"/{live.name}"]


LEAVE = """
import os, sys
from pathlib import Path
import docker
from environments.engines.docker_owned import owner
own = owner(Path(sys.argv[1]))
client = docker.from_env()
client.api.create_volume(own.name("left"), labels=own.labels)
client.containers.run(sys.argv[2], ["sleep", "600"], name=own.name("left"), labels=own.labels, detach=True)
os._exit(0)
"""


def test_no_gpus_are_asked_of_a_daemon_without_any(
    engine: DockerEngine, lock: Lock, tmp_path: Path, client: docker.DockerClient
) -> None:
    if gpus(client.info()) is not None:
        pytest.skip("this daemon has GPUs")
    cuda = replace(SMALL, device="cuda", gpus=True)
    ready = engine.provision(cuda, lock, log=tmp_path / "log", cancel=Event())
    assert not ready.gpus
    assert run(engine, ready, tmp_path / "job", "print(1)") == (Exit(status=0), ["1"])


def test_an_image_that_went_away_is_told(engine: DockerEngine, ready: Ready, tmp_path: Path) -> None:
    gone = replace(ready, base_digest=f"sha256:{'0' * 64}")
    with pytest.raises(EnvironmentUnavailable, match="no longer on the Docker daemon"):
        run(engine, gone, tmp_path / "job", "print(1)")


#: Says what is in each file that it is named, and leaves it in ``out/`` in capitals.
READER = """
import os, sys
for line in sys.stdin:
    name = line.strip()
    text = open(os.path.join("in", name)).read()
    open(os.path.join("out", os.path.basename(name)), "w").write(text.upper())
    print(text, flush=True)
"""


def dialogue(folder: Path, script: str, *, stall: float = 30) -> Job:
    (folder / "script.py").write_text(textwrap.dedent(script))
    return Job(
        key="load/small",
        script="script.py",
        inputs={"script.py": folder / "script.py"},
        outputs=folder / "out",
        stall=stall,
        memory=GIB // 4,
        dialogue=True,
    )


def test_a_job_is_told_one_thing_after_another(engine: DockerEngine, ready: Ready, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("one")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "y").write_text("two")
    with engine.start(ready, dialogue(tmp_path, READER), cancel=Event()) as running:
        running.put({"x": tmp_path / "x"})
        running.tell("x")
        assert running.hear() == "one"
        running.collect()
        assert (tmp_path / "out" / "x").read_text() == "ONE"
        (tmp_path / "x").write_text("three")
        running.put({"x": tmp_path / "x", "folder": tmp_path / "folder"})
        for name, text in (("folder/y", "two"), ("x", "three")):
            running.tell(name)
            assert running.hear() == text
    assert (tmp_path / "out" / "x").read_text() == "THREE"
    assert (tmp_path / "out" / "y").read_text() == "TWO"


def test_what_comes_in_later_cannot_be_written_to_either(
    engine: DockerEngine, ready: Ready, tmp_path: Path
) -> None:
    (tmp_path / "x").write_text("one")
    script = """
        try:
            open("in/" + input(), "a")
        except OSError as error:
            print(error.strerror)
    """
    with engine.start(ready, dialogue(tmp_path, script), cancel=Event()) as running:
        running.put({"x": tmp_path / "x"})
        running.tell("x")
        assert running.hear() == "Permission denied"


def test_a_dead_job_is_told_nothing_and_its_end_is_told(
    engine: DockerEngine, ready: Ready, tmp_path: Path
) -> None:
    script = "import sys\nprint('last', flush=True)\nsys.exit(3)"
    with engine.start(ready, dialogue(tmp_path, script), cancel=Event()) as running:
        assert running.hear() == "last"
        assert running.hear() is None
        running.tell("anything")
        assert running.hear() is None
    assert running.exit == Exit(status=3, problem="It ended with status 3.")


def test_a_job_that_is_told_something_and_is_silent_is_ended(
    engine: DockerEngine, ready: Ready, tmp_path: Path
) -> None:
    script = "input()\nimport time\ntime.sleep(60)"
    with engine.start(ready, dialogue(tmp_path, script, stall=1), cancel=Event()) as running:
        running.tell("go")
        assert running.hear() is None
    assert running.exit.problem == "It printed nothing for 1 seconds and was ended."


def test_interrupting_a_dialogue_leaves_nothing(engine: DockerEngine, ready: Ready, tmp_path: Path) -> None:
    cancel = Event()
    job = dialogue(tmp_path, "print(1, flush=True)\ninput()")
    with engine.start(ready, job, cancel=cancel) as running:
        assert running.hear() == "1"
        cancel.set()
        with pytest.raises(Interrupted):
            running.hear()
    with closing(docker.from_env()) as client:
        assert leftovers(client, engine) == []


HOST = """
import os, sys
from pathlib import Path
from threading import Event
from environments.engines import Job, Ready
from environments.engines.docker import DockerEngine
from environments.spec import Environment
folder = Path(sys.argv[1])
ready = Ready(environment=Environment(id="x", image="x"), engine="docker", base=sys.argv[2],
              base_digest=sys.argv[3], python="python3")
job = Job(key="k", script="script.py", inputs={"script.py": folder / "script.py"}, outputs=folder / "out",
          stall=60, memory=2**28, dialogue=True)
with DockerEngine(state=folder / "state").start(ready, job, cancel=Event()) as running:
    print(running.hear(), flush=True)
    os.kill(os.getpid(), 9)
"""


def test_a_job_hears_that_this_process_was_killed(
    engine: DockerEngine, client: docker.DockerClient, ready: Ready, tmp_path: Path
) -> None:
    (tmp_path / "script.py").write_text("import sys\nprint(1, flush=True)\nsys.stdin.read()\nsys.exit(7)")
    command = [sys.executable, "-c", HOST, str(tmp_path), ready.base, ready.base_digest]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout) == (-9, "1\n"), ended.stderr
    label: dict[str, Any] = {"label": f"crossload.state={engine._own.state}"}
    (container,) = client.containers.list(all=True, filters=label)
    assert container.wait(timeout=20)["StatusCode"] == 7
    DockerEngine(state=tmp_path / "state").close()  # the next run removes it


KERAS = """
__version__ = "3.99.0"
class layers:
    class Dense: pass
class utils:
    @staticmethod
    def set_random_seed(seed): pass
class backend:
    @staticmethod
    def backend(): return "jax"
    @staticmethod
    def clear_session(): pass
"""


def test_an_agent_in_a_container_is_asked_one_thing_after_another(
    engine: DockerEngine, ready: Ready, tmp_path: Path
) -> None:
    (tmp_path / "keras.py").write_text(KERAS)
    (tmp_path / "dense.py").write_text(
        "def inputs(): ...\ndef build_model():\n    raise ValueError(open(0).read() or 'silence')\n"
    )
    environment = replace(ready.environment, backend="jax", timeout=20.0)
    key = {"producer": "small", "probe": "dense", "format": "keras"}
    task = {
        "phase": "save",
        "probes": {"dense": "probes/dense.py"},
        "tolerances": {},
        "cells": [{"key": key, "probe": "dense", "format": "keras"}],
    }
    inputs = {"keras.py": tmp_path / "keras.py", "probes/dense.py": tmp_path / "dense.py"}
    said: list[str] = []
    store = Store(tmp_path / "store")
    with Conversation(
        replace(ready, environment=environment), engine, store, key="save-small", cancel=Event()
    ) as agent:
        for last in (False, False, True):
            lines: list[str] = []
            assert agent.ask(task, inputs, lines.append, last=last) == Exit(status=0, stderr=ANY)
            said += [line for line in lines if '"event": "cell"' in line]
    assert [json.loads(line)["value"]["error"]["message"] for line in said] == ["silence"] * 3
