"""Whether a version is within a range. Pure."""

from functools import lru_cache

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version


@lru_cache(maxsize=4096)
def within(version: str, ranges: str, *, unreadable: bool) -> bool:
    """Whether a version is one of those that a specifier of PEP 440 means, such as ``>=3.1,<3.9``.

    What is not final counts as a version. ``unreadable`` is the answer for what is none: that of a nightly or an image
    before it has run. What explains a failure has to know; what may be tried is tried. An empty range means all.
    """
    if not ranges:
        return True
    try:
        return SpecifierSet(ranges).contains(Version(version), prereleases=True)
    except InvalidVersion:
        return unreadable
