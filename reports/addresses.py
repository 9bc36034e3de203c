"""Addresses inside the page: what follows the ``#``.

A cell, a pair, a cause and a probe have addresses made of names, so that a link means the same in the next run.
Places that only the page itself leads to, in a grid and among the artifacts, are numbered, to keep 70,000 short.
"""

from reports.grid import Square
from reports.text import slug
from reports.upgrade import Upgrade
from runner.results import CellResult


def cell_id(cell: CellResult) -> str:
    """The address of a cell."""
    return "/".join(slug(name) for name in (cell.probe, cell.format, cell.producer, cell.consumer))


def pair_id(form: str, pair: Square | Upgrade) -> str:
    """The address of one pair in one format."""
    return "/".join(slug(name) for name in (form, pair.producer, pair.consumer))


def upgrade_id(producer: str, consumer: str) -> str:
    """The address of a move from one environment to another, all formats together."""
    return f"upgrade:{slug(producer)}/{slug(consumer)}"


def probe_id(name: str) -> str:
    """The address of a probe's grid."""
    return f"probe:{slug(name)}"


def group_id(name: str) -> str:
    """The address of a group of probes."""
    return f"group:{slug(name)}"
