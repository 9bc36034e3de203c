"""Against a real HTTP server on this machine."""

import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from environments.errors import ConfigurationError
from runner.notify import ATTEMPTS, announce, body, hook
from runner.results import Results, Run, Verdict
from runner.transitions import CellName, Comparison, Seen, compare

CELL = CellName("tf2.15.1-cpu", "tf2.21.0-cpu", "dense", "h5")
RESULTS = Results(
    run=Run(
        id="r2", started="2026-11-20T06:00:00+00:00", engine="venv", matrix_sha256="", version="1", matrix="m"
    ),
    environments=(),
    artifacts=(),
    cells=(),
)


def _comparison(before: Verdict = Verdict.IDENTICAL, after: Verdict = Verdict.DIVERGENT) -> Comparison:
    return compare({CELL: Seen(verdict=before)}, {CELL: Seen(verdict=after)}, named=("r1", "r2"))


class Listener:
    """A server that answers as ``answers`` say, the last one over and over, and keeps what it was told."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str]]] = [(204, {})]
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.times: list[float] = []
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                told.heard.append((dict(self.headers), content))
                told.times.append(time.monotonic())
                status, headers = told.answers[min(len(told.heard), len(told.answers)) - 1]
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            do_GET = do_POST  # noqa: N815  a redirect that was followed would arrive as one

            def log_message(self, *arguments: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook/of-secret-name"


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()
    thread = threading.Thread(target=found.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()


def _announce(url: str, secret: str = "", comparison: Comparison | None = None, patience: float = 5.0) -> str:
    environ = {"CROSSLOAD_WEBHOOK": url, "CROSSLOAD_WEBHOOK_SECRET": secret}
    return announce(
        environ, RESULTS, comparison or _comparison(), page="https://x", patience=patience, pause=0.01
    )


def test_it_is_told_what_changed_and_can_check_who_says_so(listener: Listener) -> None:
    assert _announce(listener.url, "s3cret") == "127.0.0.1 was told what changed."
    ((headers, content),) = listener.heard
    expected = hmac.new(b"s3cret", content, hashlib.sha256).hexdigest()
    assert headers["X-Crossload-Signature-256"] == f"sha256={expected}"
    told = json.loads(content)
    assert told["schema"] == "crossload/notice/1"
    assert (told["run"]["id"], told["before"], told["page"]) == ("r2", "r1", "https://x")
    assert told["counts"]["worse"] == 1
    assert told["transitions"] == [
        {
            "producer": "tf2.15.1-cpu",
            "consumer": "tf2.21.0-cpu",
            "probe": "dense",
            "format": "h5",
            "kind": "worse",
            "before": {"verdict": "identical", "cause": "", "lost": []},
            "after": {"verdict": "divergent", "cause": "", "lost": []},
            "sentence": "identical -> divergent",
        }
    ]


def test_without_a_secret_nothing_is_signed(listener: Listener) -> None:
    _announce(listener.url)
    assert "X-Crossload-Signature-256" not in listener.heard[0][0]


def test_it_is_quiet_where_nothing_moved_and_where_nobody_asked(listener: Listener) -> None:
    still = _comparison(after=Verdict.IDENTICAL)
    assert _announce(listener.url, comparison=still) == ""
    assert announce({}, RESULTS, _comparison()) == ""
    assert not listener.heard


@pytest.mark.parametrize("status", [500, 503, 429])
def test_trouble_that_may_pass_is_tried_again_as_the_same_delivery(listener: Listener, status: int) -> None:
    listener.answers = [(status, {}), (status, {}), (200, {})]
    assert _announce(listener.url) == "127.0.0.1 was told what changed."
    assert len({headers["X-Crossload-Delivery"] for headers, _ in listener.heard}) == 1
    assert len(listener.heard) == 3


def test_it_gives_up_in_the_end(listener: Listener) -> None:
    listener.answers = [(500, {})]
    assert _announce(listener.url) == "127.0.0.1 was not told what changed, after 4 tries: status 500."
    assert len(listener.heard) == ATTEMPTS


@pytest.mark.parametrize(("status", "headers"), [(404, {}), (401, {}), (302, {"Location": "/elsewhere"})])
def test_an_answer_that_stays_is_final_and_no_redirect_is_followed(
    listener: Listener, status: int, headers: dict[str, str]
) -> None:
    listener.answers = [(status, headers)]
    assert f"after 1 try: status {status}" in _announce(listener.url)
    assert len(listener.heard) == 1


def test_the_pause_that_is_asked_for_is_made_unless_it_is_too_long(listener: Listener) -> None:
    listener.answers = [(429, {"Retry-After": "1"}), (200, {})]
    assert "was told" in _announce(listener.url)
    assert listener.times[1] - listener.times[0] >= 1
    listener.heard.clear()
    listener.answers = [(429, {"Retry-After": "3600"})]
    began = time.monotonic()
    assert "after 1 try: status 429" in _announce(listener.url)
    assert time.monotonic() - began < 60  # not the hour that it was told


def test_a_server_that_never_answers_holds_nobody_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        said = _announce(f"http://127.0.0.1:{silent.getsockname()[1]}/", patience=0.3)
        assert said == "127.0.0.1 was not told what changed: no answer in 0.3 s."
        assert time.monotonic() - began < 60


def test_nobody_there_is_a_sentence_that_keeps_the_address_to_itself() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    said = _announce(f"http://127.0.0.1:{port}/hook/of-secret-name?token=abc")
    assert said.startswith("127.0.0.1 was not told what changed, after 4 tries: ")
    assert "secret-name" not in said
    assert "abc" not in said


@pytest.mark.parametrize(
    "url", ["ftp://x", "example.org/hook", "https://", "http://x y", "http://x:port/", "file:///x"]
)
def test_what_is_no_address_is_said_and_fails_no_run(url: str) -> None:
    with pytest.raises(ConfigurationError, match="CROSSLOAD_WEBHOOK is no"):
        hook({"CROSSLOAD_WEBHOOK": url})
    assert "CROSSLOAD_WEBHOOK is no" in _announce(url)


def test_a_long_list_is_cut_and_counted() -> None:
    cells = {CellName("p", "c", f"x{i}", "h5"): Seen(verdict=Verdict.IDENTICAL) for i in range(900)}
    told = json.loads(body(RESULTS, compare(cells, {})))
    assert (len(told["transitions"]), told["left_out"], told["worse"]) == (500, 400, True)
    assert told["transitions"][0]["after"] is None
