"""What of a file or folder goes into a job, whichever engine takes it there: the same, in the same order."""

from collections.abc import Iterator
from os import stat_result
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from environments.errors import ConfigurationError


def walk(name: str, path: Path) -> Iterator[tuple[str, Path, stat_result]]:
    """``name`` for ``path``, then names below it for what is in it, each with what it is: a file or a folder.

    Links are followed, a folder comes before what is in it, in alphabetical order. Raises ConfigurationError for
    what can be read as neither and for a link to a folder above itself, OSError for what cannot be read.
    """
    return _walk(name, path, above=())


def _walk(
    name: str, path: Path, above: tuple[tuple[int, int], ...]
) -> Iterator[tuple[str, Path, stat_result]]:
    found = path.stat()
    if S_ISREG(found.st_mode):
        yield name, path, found
        return
    if not S_ISDIR(found.st_mode):
        raise ConfigurationError(f"{path} is neither a file nor a folder, so no environment can be given it.")
    here = (found.st_dev, found.st_ino)
    if here in above:
        raise ConfigurationError(f"{path} is a link to a folder above itself. Remove the link.")
    yield name, path, found
    for entry in sorted(path.iterdir()):
        yield from _walk(f"{name}/{entry.name}", entry, (*above, here))
