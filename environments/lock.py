"""The exact package set of an environment, with hashes."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Lock:
    """A resolved environment: a requirements text in which every package is pinned and hashed."""

    environment_id: str
    #: The requirements text, as the installer reads it.
    text: str
    #: sha256 of ``text``.
    sha256: str
    #: Package -> version.
    packages: tuple[tuple[str, str], ...]
