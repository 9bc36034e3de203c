"""An Atom feed of what changed from run to run: an entry for each run in which anything did, with its cells.

A run in which nothing moved has no entry: the feed is quiet when nothing happens. Ids are made of the ids of runs,
so that a reader never shows an entry twice, wherever the site moves to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from reports.text import line
from reports.xml_text import tag, text
from runner.transitions import Comparison, Kind, Transition

#: Entries that are kept, newest first, and cells that one of them names.
_ENTRIES = 50
_CELLS = 500


@dataclass(frozen=True, kw_only=True)
class Night:
    """One run, held against the one before it."""

    comparison: Comparison
    #: When the newer of the two was finished: ISO 8601 with its offset.
    time: str
    #: The page of the newer run, relative to the feed or absolute; empty where there is none.
    page: str = ""


def feed(nights: Sequence[Night], *, matrix: str, address: str = "") -> str:
    """The whole file. ``matrix`` names what is run; ``address`` is where the site is published, where that is known."""
    told = sorted(
        (night for night in nights if night.comparison.transitions), key=lambda n: n.time, reverse=True
    )
    base = f"{address.rstrip('/')}/" if address else ""
    newest = max((night.time for night in nights), default="1970-01-01T00:00:00+00:00")
    head = [
        tag("id", {}, uuid5(NAMESPACE_URL, f"crossload:{matrix}").urn),
        tag("title", {}, text(f"crossload: {line(matrix) or 'matrix'}")),
        tag("subtitle", {}, "Cells whose outcome changed from one run to the next."),
        tag("updated", {}, text(newest)),
        tag("author", {}, tag("name", {}, "crossload")),
        tag("generator", {}, "crossload"),
    ]
    if base:
        head += [
            tag("link", {"rel": "self", "type": "application/atom+xml", "href": f"{base}feed.xml"}),
            tag("link", {"rel": "alternate", "type": "text/html", "href": base}),
        ]
    entries = [_entry(night, base) for night in told[:_ENTRIES]]
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<feed xmlns="http://www.w3.org/2005/Atom">',
            *head,
            *entries,
            "</feed>\n",
        ]
    )


def title(comparison: Comparison) -> str:
    """What changed, counted: ``3 worse, 1 better``."""
    counts = {kind: count for kind, count in comparison.counts.items() if kind is not Kind.UNCHANGED}
    return ", ".join(f"{count:,} {kind}" for kind, count in counts.items() if count) or "nothing changed"


def _entry(night: Night, base: str) -> str:
    found = night.comparison
    page = night.page if "://" in night.page else f"{base}{night.page or 'index.html'}"
    return tag(
        "entry",
        {},
        "".join(
            [
                tag("id", {}, uuid5(NAMESPACE_URL, f"crossload:{found.old}:{found.new}").urn),
                tag("title", {}, text(title(found))),
                tag("updated", {}, text(night.time)),
                tag("link", {"rel": "alternate", "type": "text/html", "href": page}),
                *(tag("category", {"term": kind}) for kind in _kinds(found.transitions)),
                tag("content", {"type": "text"}, text(_content(found), 200_000)),
            ]
        ),
    )


def _content(found: Comparison) -> str:
    lines = [f"Run {found.new}, held against {found.old}. Unchanged: {found.unchanged:,}.", ""]
    lines += [f"{one.kind}: {one.cell} ({one.sentence})" for one in found.transitions[:_CELLS]]
    if len(found.transitions) > _CELLS:
        lines.append(f"… and {len(found.transitions) - _CELLS:,} more, on the page.")
    return "\n".join(lines)


def _kinds(transitions: Iterable[Transition]) -> Iterable[Kind]:
    present = {one.kind for one in transitions}
    return (kind for kind in Kind if kind in present)
