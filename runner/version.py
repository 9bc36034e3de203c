"""The version of this program."""

from importlib import metadata


def text() -> str:
    """As the package says; ``unknown`` where it runs without having been installed."""
    try:
        return metadata.version("crossload")
    except metadata.PackageNotFoundError:
        return "unknown"
