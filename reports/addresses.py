"""Where things are: the pages of the site, and what follows the ``#`` in them.

A cell, a pair, a cause, a probe and a run have addresses made of names, so that a link means the same in the next run.
Places that only one page itself leads to, in a grid and among the artifacts, are numbered, to keep 70,000 short.
"""

import zlib
from functools import lru_cache

from reports.grid import Entry, Square
from reports.text import slug
from reports.upgrade import Upgrade
from runner.results import CellResult

#: The longest name of a file that is made of a name.
_LONGEST = 80

_part = lru_cache(maxsize=4096)(slug)


def cell_id(cell: CellResult) -> str:
    """The address of a cell."""
    return f"{_part(cell.probe)}/{_part(cell.format)}/{_part(cell.producer)}/{_part(cell.consumer)}"


def pair_id(form: str, pair: Square | Upgrade) -> str:
    """The address of one pair in one format."""
    return "/".join(_part(name) for name in (form, pair.producer, pair.consumer))


def upgrade_id(producer: str, consumer: str) -> str:
    """The address of a move from one environment to another, all formats together."""
    return f"upgrade:{_part(producer)}/{_part(consumer)}"


def probe_id(name: str) -> str:
    """The address of a probe."""
    return f"probe:{_part(name)}"


def group_id(name: str) -> str:
    """The address of a group of probes."""
    return f"group:{_part(name)}"


def environment_id(name: str) -> str:
    """The address of an environment."""
    return f"environment:{_part(name)}"


@lru_cache(maxsize=4096)
def file_name(name: str) -> str:
    """A name as a file is called that is made of it: never hidden, never a path, never too long for a disk."""
    plain = _part(name)
    if len(plain) <= _LONGEST and plain[:1] not in ("", ".", "-", "~") and not plain.endswith(".html"):
        return plain
    return f"_{plain[:40].strip('.')}~{zlib.crc32(name.encode('utf-8', 'surrogatepass')):08x}"


def run_folder(run: str) -> str:
    """The folder of a run's own pages, below the site."""
    return f"runs/{file_name(run)}"


@lru_cache(maxsize=4096)
def probe_page(name: str) -> str:
    """The page of a probe, below its run's folder; so are those that follow."""
    return f"probes/{file_name(name)}.html"


@lru_cache(maxsize=4096)
def environment_page(name: str) -> str:
    """The page of an environment."""
    return f"environments/{file_name(name)}.html"


def cause_page(reason: str) -> str:
    """The page of a cause, or of what has none, by the id of its reason."""
    kind, _, name = reason.partition(":")
    return f"causes/{file_name(name if kind == 'cause' else f'{kind}-{name}')}.html"


def cell_page(entry: Entry, *, broken: bool = False) -> str:
    """The page and the place of a cell; ``broken`` for one whose artifact was broken on purpose."""
    page = "faults.html" if broken else probe_page(entry.cell.probe)
    return f"{page}#{cell_id(entry.cell)}"
