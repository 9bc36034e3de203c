"""The questions about one model file, in containers; and what a hostile file may do there."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.real import by_hand

pytestmark = [pytest.mark.real, pytest.mark.docker, pytest.mark.timeout(900)]

MATRIX = Path(__file__).parents[2] / "matrix.yaml"
MIRROR = os.environ.get("CROSSLOAD_TEST_MIRROR", "")


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("docker")


def crossload(state: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "runner", *(str(word) for word in words)]
    command += ["--matrix", str(MATRIX), "--state", str(state), "--engine", "docker"]
    command += ["--registry-mirror", MIRROR] if MIRROR else []
    ended = subprocess.run(command, capture_output=True, text=True, cwd=MATRIX.parent, check=False)
    assert "Traceback" not in ended.stderr
    return ended


def check(state: Path, model: Path, *words: str) -> tuple[int, dict[str, Any]]:
    site = model.with_suffix(".site")
    ended = crossload(state, "check", model, *words, "--site", site)
    assert ended.returncode in (0, 1), ended.stdout + ended.stderr
    results: dict[str, Any] = json.loads((site / "results.json").read_text())
    assert results["run"]["engine"] == "docker"
    return ended.returncode, results


def test_check_tells_where_it_breaks_and_migrate_carries_it_over(state: Path, tmp_path: Path) -> None:
    model, out = by_hand.dense(tmp_path / "model.h5"), tmp_path / "new.keras"
    code, results = check(state, model, "--to", "tf2.15.1-cpu", "--to", "tf2.21.0-cpu")
    told = {cell["consumer"]: (cell["verdict"], cell["cause"]) for cell in results["cells"]}
    assert (code, told) == (
        1,
        {"tf2.15.1-cpu": ("identical", ""), "tf2.21.0-cpu": ("load_failed", "metric_short_name")},
    )
    assert results["question"]["home"] == "tf2.15.1-cpu"
    before = model.read_bytes()
    ended = crossload(state, "migrate", model, "--to", "tf2.21.0-cpu", "-o", out, "--json")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (json.loads(ended.stdout)["outcome"], out.read_bytes()[:2]) == ("carried", b"PK")
    assert model.read_bytes() == before
    code, results = check(state, out, "--to", "tf2.21.0-cpu")
    assert (code, results["cells"][0]["verdict"]) == (0, "identical")


def test_bisect_makes_environments_that_no_matrix_has(state: Path, tmp_path: Path) -> None:
    model = by_hand.dense(tmp_path / "model.h5")
    words = ("--good", "2.16.1+keras3.0.1", "--bad", "2.16.1+keras3.0.3", "--json")
    ended = crossload(state, "bisect", model, *words)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    answer = json.loads(ended.stdout)
    change = answer["keras"]
    assert (change["last_good"]["keras"], change["first_bad"]["keras"]) == ("3.0.1", "3.0.2")
    assert (change["first_bad"]["cause"], answer["blame"]) == ("metric_short_name", "keras")
    assert len(answer["steps"]) == 3


@pytest.fixture
def listener() -> Iterator[tuple[int, list[str]]]:
    """A port on every address of this machine, and who has called there."""
    calls: list[str] = []
    with closing(socket.create_server(("0.0.0.0", 0))) as server:

        def serve() -> None:
            while True:
                try:
                    connection, caller = server.accept()
                except OSError:
                    return
                connection.close()
                calls.append(str(caller))

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1], calls
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_hostile_file_reaches_nothing_and_nobody(
    state: Path, tmp_path: Path, listener: tuple[int, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, calls = listener
    with closing(socket.create_connection(("127.0.0.1", port))):
        pass  # it does listen
    monkeypatch.setenv("CROSSLOAD_SECRET", "of the host")

    def hostile(x: Any) -> Any:
        import os
        import socket

        done = []
        for folder in ("TMP_PATH", "STATE", "/etc", "/work", "/var/tmp", "/packages"):
            try:
                with open(folder + "/escaped", "w") as out:  # noqa: PTH123  it runs elsewhere
                    out.write("x")
                done.append("wrote " + folder)
            except OSError:
                pass
        for host in ("127.0.0.1", "172.17.0.1", "HOST"):
            try:
                socket.create_connection((host, PORT), 2).close()  # type: ignore[name-defined]  # noqa: F821
                done.append("called " + host)
            except OSError:
                pass
        done += ["root"] if os.getuid() == 0 else []
        done += ["a secret"] if "CROSSLOAD_SECRET" in os.environ else []
        done += ["this host"] if os.path.exists("TMP_PATH") else []  # noqa: PTH110
        raise RuntimeError("It ran and has: " + (", ".join(done) or "nothing") + ".")

    spelled = {"TMP_PATH": str(tmp_path), "STATE": str(state), "HOST": socket.gethostname(), "PORT": port}
    model = by_hand.running(tmp_path / "model.h5", by_hand.filled(hostile, spelled))
    code, results = check(state, model, "--to", "tf2.15.1-cpu")
    (cell,) = results["cells"]
    assert (code, cell["verdict"]) == (1, "load_failed")
    assert "It ran and has: nothing." in cell["error"]["message"]
    assert len(calls) == 1
    assert list(tmp_path.rglob("escaped")) + list(state.rglob("escaped")) == []
