"""The package registry, read directly: what files it has of a package, and since when.

uv answers "does this resolve", not "what is there": its own questions to the registry cannot be asked for. So this
reads the same pages, from the index that uv would install from, with the credentials and certificates it would use.
"""

import base64
import functools
import json
import re
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser
from http.client import HTTPException
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from environments import uv
from environments.errors import InfrastructureError

#: Seconds for one answer of the connection, and for a whole page.
_PATIENCE, _LONGEST = 30.0, 300.0
#: Bytes of a page that lists files; the longest known one (every nightly of a large package) has 12 MiB.
_PAGE = 64 * 1024**2
_CHUNK = 256 * 1024
#: The JSON form where the index has it, else the pages that pip reads. Source: PEP 691.
_ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_ADVICE = "Check the network, the proxy and the index (UV_DEFAULT_INDEX or PIP_INDEX_URL), then type: crossload doctor"


@dataclass(frozen=True, kw_only=True)
class File:
    """One file of a package, as its index lists it."""

    name: str
    url: str
    #: When it was uploaded; None where the index does not say (before PEP 700).
    uploaded: datetime | None
    #: Which Pythons it is for, as a specifier (``>=3.9``); empty where the index does not say.
    requires_python: str
    #: Withdrawn by its authors: installers take it only where it is asked for by its exact version.
    yanked: bool


@functools.cache
def indexes() -> tuple[str, ...]:
    """The URLs of the indexes that uv installs from, in the order in which it asks them; with credentials.

    Raises InfrastructureError where uv does not say.
    """
    command = [str(uv.binary()), "pip", "compile", "-", "--emit-index-url", "--no-header", "--quiet"]
    # In a folder of its own, so that no project's configuration applies: as for resolving.
    with tempfile.TemporaryDirectory(prefix="crossload-index-") as folder:
        asked = subprocess.run(
            [*command, "--python", sys.executable, "--no-python-downloads"],
            input="",
            capture_output=True,
            text=True,
            cwd=folder,
            env=uv.environment(),
            check=False,
        )
    extra = re.findall(r"^--extra-index-url (\S+)", asked.stdout, re.MULTILINE)
    found = (*extra, *re.findall(r"^--index-url (\S+)", asked.stdout, re.MULTILINE))
    if not found:
        raise InfrastructureError(
            f"uv does not say where packages come from: {uv.masked(uv.telling(asked.stderr)) or 'no answer'}."
            f" {_ADVICE}"
        )
    return found


@functools.cache
def files(package: str) -> tuple[File, ...]:
    """The files that the registry has of a package, from the first index that knows it; asked once a process.

    Raises InfrastructureError when no index can be reached, refuses, knows the package or answers in a form that
    can be read.
    """
    for index in indexes():
        page = f"{index.rstrip('/')}/{package}/"
        try:
            kind, content = _get(page, limit=_PAGE)
        except urllib.error.HTTPError as error:
            if error.code in (404, 410):
                continue
            raise _refused(page, error) from error
        except (OSError, HTTPException, ValueError) as error:
            raise _unreachable(page, error) from error
        return _listed(page, kind, content)
    raise InfrastructureError(f"No package registry that is configured here knows {package}. {_ADVICE}")


def download(file: File, *, limit: int) -> bytes:
    """The content of a file, which may have at most ``limit`` bytes. Raises InfrastructureError."""
    try:
        return _get(file.url, limit=limit)[1]
    except urllib.error.HTTPError as error:
        raise _refused(file.url, error) from error
    except (OSError, HTTPException, ValueError) as error:
        raise _unreachable(file.url, error) from error


def _get(url: str, *, limit: int) -> tuple[str, bytes]:
    """The media type and the content. Raises OSError, HTTPException or ValueError."""
    plain, credentials = _split(url)
    if urlsplit(plain).scheme not in ("http", "https"):
        raise ValueError("only http and https are read")
    bundle = uv.certificates()
    context = ssl.create_default_context(cafile=str(bundle) if bundle else None)
    request = urllib.request.Request(plain, headers={"Accept": _ACCEPT, "User-Agent": "crossload"})
    if credentials:
        # Not sent on to another host that this one points to.
        request.add_unredirected_header("Authorization", credentials)
    until = time.monotonic() + _LONGEST
    try:
        opened = urllib.request.urlopen(request, timeout=_PATIENCE, context=context)
    except urllib.error.HTTPError as error:
        error.close()  # It holds the connection.
        raise
    with opened as answer:
        content = bytearray()
        while chunk := answer.read1(_CHUNK):
            content += chunk
            if len(content) > limit:
                raise ValueError(f"the answer is longer than {limit:,} bytes")
            if time.monotonic() > until:
                raise TimeoutError(f"the answer took longer than {_LONGEST:.0f} seconds")
        promised = answer.headers.get("Content-Length", "")
        if promised.isdigit() and len(content) != int(promised):
            raise ValueError("the answer ended early")
        return str(answer.headers.get_content_type()), bytes(content)


def _split(url: str) -> tuple[str, str]:
    """A URL without its credentials, and those as a header says them."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url, ""
    host = parts.netloc.rpartition("@")[2]
    pair = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    return urlunsplit(parts._replace(netloc=host)), f"Basic {base64.b64encode(pair.encode()).decode()}"


def _listed(page: str, kind: str, content: bytes) -> tuple[File, ...]:
    try:
        text = content.decode()
        if kind.endswith("json"):
            return tuple(_from_json(page, item) for item in json.loads(text)["files"])
        reader = _Links(page)
        reader.feed(text)
        reader.close()
        return tuple(reader.found)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        where = uv.masked(page)
        raise InfrastructureError(f"What {where} answers is no list of packages. {_ADVICE}") from error


def _from_json(page: str, item: dict[str, Any]) -> File:
    return File(
        name=str(item["filename"]),
        url=urljoin(page, str(item["url"])),
        uploaded=_time(item.get("upload-time")),
        requires_python=str(item.get("requires-python") or ""),
        yanked=bool(item.get("yanked")) or item.get("yanked") == "",
    )


class _Links(HTMLParser):
    """The links of a page of the simple index (PEP 503), with what was added to them since."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self._page = page
        self.found: list[File] = []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        link = (given.get("href") or "").partition("#")[0]
        if tag == "a" and link:
            self.found.append(
                File(
                    name=unquote(link.rpartition("/")[2]),
                    url=urljoin(self._page, link),
                    uploaded=_time(given.get("data-upload-time")),
                    requires_python=given.get("data-requires-python") or "",
                    yanked="data-yanked" in given,
                )
            )


def _time(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None


def _refused(url: str, error: urllib.error.HTTPError) -> InfrastructureError:
    what = f"The package registry answers {error.code} {error.reason} for {uv.masked(url)}."
    return InfrastructureError(f"{what} {_ADVICE}")


def _unreachable(url: str, error: Exception) -> InfrastructureError:
    reason = uv.masked(str(getattr(error, "reason", "") or error or type(error).__name__))
    return InfrastructureError(f"The package registry cannot be read: {uv.masked(url)}: {reason}. {_ADVICE}")
