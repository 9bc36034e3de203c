"""The real uv against a small registry of this test's own."""

import base64
import hashlib
import io
import json
import threading
import time
import zipfile
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from environments.errors import ConfigurationError, EnvironmentUnavailable, Interrupted
from environments.lock import Lock
from environments.resolve import resolve
from environments.spec import Environment

#: (name, version, Requires-Dist, day of upload)
PACKAGES = [
    ("tensorflow-cpu", "2.18.1", ["numpy<3"], "2025-03-12"),
    ("tensorflow", "2.18.1", ["numpy<3"], "2025-03-12"),
    ("tf-keras", "2.18.0", ["tensorflow<2.19,>=2.18"], "2024-10-26"),
    ("numpy", "1.26.4", [], "2024-02-05"),
    ("numpy", "2.0.2", [], "2024-08-26"),
    ("numpy", "2.4.6", [], "2026-06-01"),
]


def wheel(name: str, version: str, requires: list[str]) -> bytes:
    stem = f"{name.replace('-', '_')}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += "".join(f"Requires-Dist: {line}\n" for line in requires)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(f"{stem}/METADATA", metadata)
        archive.writestr(f"{stem}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{stem}/RECORD", "")
    return buffer.getvalue()


WHEELS = {
    f"{name.replace('-', '_')}-{version}-py3-none-any.whl": wheel(name, version, requires)
    for name, version, requires, _ in PACKAGES
}


def index(name: str) -> bytes:
    files = []
    for package, version, _, day in PACKAGES:
        if package == name:
            file = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
            sha256 = hashlib.sha256(WHEELS[file]).hexdigest()
            upload = f"{day}T12:00:00Z"
            files.append(
                {
                    "filename": file,
                    "url": f"/files/{file}",
                    "hashes": {"sha256": sha256},
                    "upload-time": upload,
                }
            )
    return (
        json.dumps({"meta": {"api-version": "1.1"}, "name": name, "files": files}).encode() if files else b""
    )


class Registry(BaseHTTPRequestHandler):
    authorization: str | None = None
    #: The status of every answer, where it is not what was asked for.
    refusal = 0
    #: Seconds that every answer takes.
    delay = 0.0

    def do_GET(self) -> None:
        time.sleep(Registry.delay)
        Registry.authorization = self.headers["Authorization"]
        kind, _, name = self.path.strip("/").partition("/")
        if Registry.refusal:
            self.send_error(Registry.refusal)
            return
        body = index(name) if kind == "simple" else WHEELS.get(name, b"")
        self.send_response(200 if body else 404)
        if kind == "simple":
            self.send_header("Content-Type", "application/vnd.pypi.simple.v1+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The registry's index URL, told to uv in the way of pip's users."""
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "PIP_EXTRA_INDEX_URL", "UV_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Registry, "delay", 0.0)
    monkeypatch.setattr(Registry, "authorization", None)
    monkeypatch.setattr(Registry, "refusal", 0)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/simple"
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("PIP_INDEX_URL", url)
    yield url
    server.shutdown()
    server.server_close()


def resolved(environment: Environment) -> Lock:
    return resolve(environment, cancel=threading.Event())


def unavailable(environment: Environment) -> EnvironmentUnavailable:
    with pytest.raises(EnvironmentUnavailable) as caught:
        resolved(environment)
    return caught.value


def test_a_lock_has_every_package_and_its_hashes_and_no_address(registry: str) -> None:
    lock = resolved(Environment(id="tf2.18.1-cpu", tensorflow="2.18.1"))
    assert lock.packages == (("numpy", "2.4.6"), ("tensorflow-cpu", "2.18.1"))
    sha256 = hashlib.sha256(WHEELS["numpy-2.4.6-py3-none-any.whl"]).hexdigest()
    assert f"numpy==2.4.6 \\\n    --hash=sha256:{sha256}\n" in lock.text
    assert "127.0.0.1" not in lock.text
    assert "://" not in lock.text
    assert registry not in lock.text


@pytest.mark.usefixtures("registry")
def test_the_same_inputs_give_the_same_lock() -> None:
    environment = Environment(id="tf2.18.1-cpu", tensorflow="2.18.1")
    assert resolved(environment) == resolved(environment)


@pytest.mark.usefixtures("registry")
def test_as_of_sees_the_registry_of_that_day_to_its_end() -> None:
    assert ("numpy", "2.0.2") in resolved(
        Environment(id="x", tensorflow="2.18.1", as_of=date(2025, 3, 12))
    ).packages


@pytest.mark.usefixtures("registry")
def test_a_day_too_early_is_named_in_the_error() -> None:
    error = unavailable(Environment(id="tf2.18.1-cpu", tensorflow="2.18.1", as_of=date(2025, 3, 11)))
    assert str(error).startswith(
        "tf2.18.1-cpu cannot be resolved: no set of packages satisfies tensorflow-cpu==2.18.1 on Python 3.11."
    )
    assert "Only packages up to 2025-03-11 were looked at (as_of in the matrix)" in str(error)
    assert "No solution found" in error.log


@pytest.mark.usefixtures("registry")
def test_a_version_that_does_not_exist() -> None:
    error = unavailable(Environment(id="tf2.18.9-cpu", tensorflow="2.18.9"))
    assert "there is no version of tensorflow-cpu==2.18.9" in str(error)
    assert "as_of" not in str(error)
    assert "\n" not in str(error)


@pytest.mark.usefixtures("registry")
def test_tf_keras_stands_on_the_cpu_build() -> None:
    lock = resolved(Environment(id="x", tensorflow="2.18.1", keras="legacy"))
    assert [name for name, _ in lock.packages] == ["numpy", "tensorflow-cpu", "tf-keras"]


@pytest.mark.usefixtures("registry")
def test_further_packages_are_resolved_with_the_rest() -> None:
    lock = resolved(Environment(id="x", tensorflow="2.18.1", packages=("numpy<2",)))
    assert ("numpy", "1.26.4") in lock.packages


@pytest.mark.usefixtures("registry")
def test_a_caller_s_variables_do_not_sway_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_EXCLUDE_NEWER", "2024-09-01")
    monkeypatch.setenv("UV_RESOLUTION", "lowest")
    assert ("numpy", "2.4.6") in resolved(Environment(id="x", tensorflow="2.18.1")).packages


def test_credentials_reach_the_registry_and_nothing_else(
    registry: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", registry.replace("://", "://someone:s3cret-token@"))
    lock = resolved(Environment(id="x", tensorflow="2.18.1"))
    assert Registry.authorization == "Basic " + base64.b64encode(b"someone:s3cret-token").decode()
    assert "s3cret-token" not in lock.text


def test_a_registry_that_cannot_be_reached_is_said_so(registry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://someone:s3cret-token@127.0.0.1:9/simple")
    error = unavailable(Environment(id="tf2.18.1-cpu", tensorflow="2.18.1"))
    assert str(error).startswith(
        "The package registry cannot be reached, so tf2.18.1-cpu cannot be resolved: Connection refused"
    )
    assert "UV_DEFAULT_INDEX or PIP_INDEX_URL" in str(error)
    assert "s3cret-token" not in str(error) + error.log
    assert "Connection refused" in error.log
    assert registry


@pytest.mark.usefixtures("registry")
@pytest.mark.parametrize("status", [401, 403, 500])
def test_a_registry_that_refuses_is_said_so(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Registry, "refusal", status)
    error = unavailable(Environment(id="x", tensorflow="2.18.1"))
    assert str(error).startswith("The package registry refused, so x cannot be resolved: ")
    assert str(status) in str(error)


@pytest.mark.usefixtures("registry")
def test_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Registry, "delay", 20.0)
    cancel = threading.Event()
    threading.Timer(0.3, cancel.set).start()
    started = time.monotonic()
    with pytest.raises(Interrupted):
        resolve(Environment(id="x", tensorflow="2.18.1"), cancel=cancel)
    assert time.monotonic() - started < 10


def test_a_ready_made_image_has_nothing_to_lock() -> None:
    with pytest.raises(ConfigurationError, match="is a ready-made image; there is nothing to lock"):
        resolved(Environment(id="company", image="registry.example/x:1"))
