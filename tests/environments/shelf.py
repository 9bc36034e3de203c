"""A package registry of a test's own, on this machine."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from environments import registry, releases


@dataclass(kw_only=True)
class Shelf:
    """What it serves: path -> (status, media type, content). What it was asked for is kept."""

    pages: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    def listing(self, package: str, days: Mapping[str, str]) -> None:
        """List files of a package: name -> the day of its upload."""
        files = [
            {"filename": name, "url": f"../../files/{name}", "upload-time": f"{day}T12:00:00Z", "hashes": {}}
            for name, day in days.items()
        ]
        text = json.dumps({"meta": {"api-version": "1.1"}, "name": package, "files": files})
        self.pages[f"/simple/{package}/"] = (200, "application/vnd.pypi.simple.v1+json", text.encode())


@contextmanager
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    """A registry that is asked instead of the usual one, empty at first."""
    shelf = Shelf()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shelf.asked.append((self.path, self.headers.get("Authorization") or ""))
            status, kind, content = shelf.pages.get(self.path, (404, "text/plain", b"nothing here"))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    shelf.url = f"http://127.0.0.1:{server.server_port}/simple"
    for name in ("UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("UV_DEFAULT_INDEX", shelf.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    try:
        forget()
        yield shelf
    finally:
        forget()
        server.shutdown()
        server.server_close()
        thread.join()


def forget() -> None:
    """What the process keeps of the registry."""
    for cached in (registry.indexes, registry.files, releases.tensorflows, releases.kerases):
        cached.cache_clear()
