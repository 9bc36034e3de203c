"""uv as a program: where it is, and which of the host's variables it is given.

Company networks reach packages through an index, a proxy or a certificate bundle of their own, told by
variables that pip users set already. They are translated for uv here, in one place, and credentials inside
them are kept out of every text that is shown or stored.
"""

import os
import re
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import uv

from environments.errors import InfrastructureError

#: Variables that say where packages come from and how to get there. All may carry credentials.
_NETWORK = re.compile(
    r"UV_(DEFAULT_INDEX|INDEX|INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|INDEX_STRATEGY|INSECURE_HOST"
    r"|HTTP_TIMEOUT|HTTP_RETRIES|NATIVE_TLS|INDEX_[A-Z0-9_]+_(USERNAME|PASSWORD))"
    r"|(?i:HTTPS?_PROXY|NO_PROXY|ALL_PROXY)"
)
#: Variables that name a file of certificates, in the order in which the first that is set wins.
_CERTIFICATES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "CURL_CA_BUNDLE")
#: Variables of the caller that would make uv act on another environment than the one it is told.
_MISLEADING = (
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "PYTHONPATH",
    "PYTHONHOME",
    "UV_PROJECT_ENVIRONMENT",
    "UV_PYTHON",
)
#: What is before ``@`` in a URL's host part, however badly it is quoted.
_USERINFO = re.compile(r"(\b[a-zA-Z][a-zA-Z0-9+.-]*://)[^\s/]*@")
_MASK = "***"
_CAUSE = re.compile(r"(?i)cause(?:d by)?: ")
_ERROR = re.compile(r"(?i)error: ")
#: How uv begins the second line of a cause that is wider than a terminal.
_ONWARDS = " " * 9
#: Shorter values are left alone: masking "a" everywhere would make a log unreadable.
_SHORTEST_SECRET = 4


def binary() -> Path:
    """The uv program that is installed with this project. Raises InfrastructureError when it is missing."""
    try:
        return Path(uv.find_uv_bin())
    except FileNotFoundError as error:
        raise InfrastructureError(
            "The uv program is missing from this Python. Install it again: pip install --force-reinstall uv"
        ) from error


def network(host: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The host's index and proxy variables, as uv reads them, pip's own translated.

    Certificates are not among them (see :func:`certificates`): their file must be there as well.
    """
    found = {name: value for name, value in host.items() if value and _NETWORK.fullmatch(name)}
    if not _is_url(found.get("UV_FIND_LINKS", "")):
        found.pop("UV_FIND_LINKS", None)  # A folder of the host, which a container does not have.
    if not found.keys() & {"UV_DEFAULT_INDEX", "UV_INDEX_URL"} and _is_url(host.get("PIP_INDEX_URL", "")):
        found["UV_DEFAULT_INDEX"] = host["PIP_INDEX_URL"]
    if not found.keys() & {"UV_INDEX", "UV_EXTRA_INDEX_URL"}:
        extra = [word for word in host.get("PIP_EXTRA_INDEX_URL", "").split() if _is_url(word)]
        if extra:
            found["UV_INDEX"] = " ".join(extra)
    return found


def certificates(host: Mapping[str, str] = os.environ) -> Path | None:
    """The host's own bundle of certificates, or None where none is named or the named file is not there."""
    for name in _CERTIFICATES:
        path = Path(host.get(name) or "/nonexistent")
        if path.is_file():
            return path
    return None


def environment(
    extra: Mapping[str, str] | None = None, host: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """The variables for a uv process on the host: the caller's own, made safe, then ``extra``."""
    kept = {name: value for name, value in host.items() if name not in _MISLEADING}
    bundle = certificates(host)
    if bundle is not None:
        kept["SSL_CERT_FILE"] = str(bundle)
    return {**kept, **network(host), **(extra or {})}


def masked(text: str, host: Mapping[str, str] = os.environ) -> str:
    """``text`` without the credentials that URLs in it carry or that the host's variables hold."""
    for secret in sorted(_secrets(host), key=len, reverse=True):
        text = text.replace(secret, _MASK)
    return _USERINFO.sub(rf"\1{_MASK}@", text)


def telling(words: str) -> str:
    """The line of a failed command that says most: the last error, as installers and Python print it.

    Of a chain as uv prints it (``error: ...``, then ``cause: ...`` from the outside in) the error and the innermost
    cause: what lies between repeats them.
    """
    lines: list[str] = []
    for line in words.splitlines():
        if lines and line.startswith(_ONWARDS) and _CAUSE.match(lines[-1]):
            lines[-1] += f" {line.strip()}"
        elif line.strip():
            lines.append(line.strip())
    causes = list(takewhile(_CAUSE.match, reversed(lines)))
    if causes and len(causes) < len(lines):
        outermost = lines[-len(causes) - 1]
        return f"{_ERROR.sub('', outermost)[:200]}: {_CAUSE.sub('', causes[0])[:200]}"
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or [""])[-1][:300]


def _secrets(host: Mapping[str, str]) -> set[str]:
    found: set[str] = set()
    for name, value in network(host).items():
        if name.endswith("_PASSWORD"):
            found.add(value)
        for word in value.split():
            password = _password(word)
            found |= {password, unquote(password)}
    return {secret for secret in found if len(secret) >= _SHORTEST_SECRET}


def _password(url: str) -> str:
    """The password in a URL (with or without uv's ``name=`` before it); a lone user name is a token."""
    try:
        parts = urlsplit(url[url.find("=") + 1 :] if re.match(r"[\w-]+=", url) else url)
        return parts.password or parts.username or ""
    except ValueError:
        return ""


def _is_url(text: str) -> bool:
    return text.startswith(("http://", "https://"))
