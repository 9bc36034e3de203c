"""Telling a webhook what changed: one JSON body, signed, tried a few times, and never a reason for a run to fail.

``CROSSLOAD_WEBHOOK`` is the address and ``CROSSLOAD_WEBHOOK_SECRET`` what bodies are signed with; the matrix has
neither, since it is committed. The signature is ``X-Crossload-Signature-256: sha256=<hex>``, the HMAC of the body
as it was sent. ``X-Crossload-Delivery`` is the same for each try of one message, so that a receiver can tell repeats.
"""

import hashlib
import hmac
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from typing import IO, Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from environments.errors import ConfigurationError
from runner import version
from runner.results import Results
from runner.transitions import Comparison, Seen

SCHEMA = "crossload/notice/1"
URL, SECRET = "CROSSLOAD_WEBHOOK", "CROSSLOAD_WEBHOOK_SECRET"

#: Tries in all, seconds that one may take, and the pause after the first, which doubles.
ATTEMPTS, TIMEOUT, PAUSE = 4, 5.0, 1.0
#: Seconds after which nobody waits any longer.
PATIENCE = 30.0
#: Cells that a message names.
_CELLS = 500


@dataclass(frozen=True, kw_only=True)
class Hook:
    """Where messages go. The address may itself be a secret, so it is never shown whole."""

    url: str
    secret: str = ""

    @property
    def host(self) -> str:
        """What of the address may be shown."""
        return urlsplit(self.url).hostname or "unknown"


def hook(environ: Mapping[str, str]) -> Hook | None:
    """The webhook that the environment variables name; None for none. Raises ConfigurationError for no address."""
    url = environ.get(URL, "").strip()
    if not url:
        return None
    try:
        parts = urlsplit(url)
        right = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        right = False
    if not right or any(character <= " " or character > "~" for character in url):
        raise ConfigurationError(f"{URL} is no http(s) address, such as https://example.org/hook.")
    return Hook(url=url, secret=environ.get(SECRET, ""))


def body(results: Results, comparison: Comparison, *, page: str = "") -> bytes:
    """What is sent. Fields are only ever added."""
    run = results.run
    told = comparison.transitions[:_CELLS]
    return json.dumps(
        {
            "schema": SCHEMA,
            "run": {
                name: getattr(run, name) for name in ("id", "started", "finished", "matrix", "selection")
            },
            "before": comparison.old,
            "page": page,
            "worse": comparison.worse,
            "counts": {str(kind): count for kind, count in comparison.counts.items()},
            "transitions": [
                {
                    **one.cell._asdict(),
                    "kind": str(one.kind),
                    "before": _seen(one.before),
                    "after": _seen(one.after),
                    "sentence": one.sentence,
                }
                for one in told
            ],
            "left_out": len(comparison.transitions) - len(told),
        },
        ensure_ascii=True,
    ).encode()


def signature(secret: str, content: bytes) -> str:
    """The value of the signature's header."""
    return f"sha256={hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()}"


def announce(
    environ: Mapping[str, str],
    results: Results,
    comparison: Comparison,
    *,
    page: str = "",
    patience: float = PATIENCE,
    pause: float = PAUSE,
) -> str:
    """Tell the webhook, if there is one and anything changed; gives a sentence on how that went, or an empty one.

    It takes ``patience`` seconds at most, whatever the other side does, and raises nothing: a run is not worse because
    nobody listened.
    """
    try:
        to = hook(environ)
    except ConfigurationError as error:
        return f"Nobody was told what changed. {error}"
    if to is None or not comparison.transitions:
        return ""
    content = body(results, comparison, page=page)
    delivery = uuid5(NAMESPACE_URL, f"crossload:{comparison.old}:{comparison.new}").hex
    outcome: list[str] = []
    until = time.monotonic() + patience

    def work() -> None:
        outcome.append(_deliver(to, content, delivery, until=until, pause=pause))

    # A server that sends a byte a minute is within every timeout; the thread ends with the process.
    thread = threading.Thread(target=work, name="notify", daemon=True)
    thread.start()
    thread.join(patience)
    return outcome[0] if outcome else f"{to.host} was not told what changed: no answer in {patience:g} s."


def _deliver(to: Hook, content: bytes, delivery: str, *, until: float, pause: float) -> str:
    why = ""
    for attempt in range(1, ATTEMPTS + 1):
        why, again, wait = _send(to, content, delivery)
        if not why:
            return f"{to.host} was told what changed."
        wait = max(wait, pause * 2 ** (attempt - 1))
        if not again or attempt == ATTEMPTS or time.monotonic() + wait >= until:
            break
        time.sleep(wait)
    tries = "1 try" if attempt == 1 else f"{attempt} tries"
    return f"{to.host} was not told what changed, after {tries}: {why}."


def _send(to: Hook, content: bytes, delivery: str) -> tuple[str, bool, float]:
    """One try: why it failed (empty: it did not), whether another may help, and the pause that is asked for."""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"crossload/{version.text()}",
        "X-Crossload-Delivery": delivery,
    }
    if to.secret:
        headers["X-Crossload-Signature-256"] = signature(to.secret, content)
    request = urllib.request.Request(to.url, data=content, headers=headers, method="POST")
    try:
        with _OPENER.open(request, timeout=TIMEOUT):
            return "", False, 0.0
    except urllib.error.HTTPError as error:
        with error:
            asked = error.headers.get("Retry-After", "")
            wait = float(asked) if asked.isdecimal() and len(asked) < 6 else 0.0
            return f"status {error.code}", error.code == 429 or error.code >= 500, wait
    except urllib.error.URLError as error:
        return f"{error.reason}", True, 0.0
    except (OSError, HTTPException, ValueError) as error:
        return f"{type(error).__name__}: {error}".rstrip(": "), True, 0.0


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer like any other that is not 2xx: what is signed goes where it was meant to go."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        return None


_OPENER = urllib.request.build_opener(_Stay)


def _seen(seen: Seen | None) -> dict[str, Any] | None:
    if seen is None:
        return None
    return {"verdict": str(seen.verdict), "cause": seen.cause, "lost": list(seen.lost)}
