"""The rows of a probe's grid, drawn without the template engine: a run has 70,000 of these cells.

Nothing of a model gets in here: what is put together is addresses and the words of verdicts.
"""

from collections.abc import Iterable, Mapping

from markupsafe import Markup

from reports.addresses import cell_id
from reports.grid import Entry
from reports.remedies import best
from reports.view import QUIET


def cells(entries: Iterable[Entry], stories: Mapping[int, int]) -> Markup:
    """One producer's row: a cell for each consumer. ``stories`` maps an entry's number to its story's."""
    return Markup("\n".join(_cell(entry, stories) for entry in entries))


def place(entry: Entry) -> str:
    """Where a cell stands in its probe's grid."""
    return cell_id(entry.cell) if entry.cell.verdict in QUIET else f"c{entry.number}"


def address(entry: Entry, stories: Mapping[int, int]) -> str:
    """Where a cell's link leads: to its own place in its story, or to the story alone."""
    return f"story/{stories[entry.number]}" if entry.cell.verdict in QUIET else cell_id(entry.cell)


def _cell(entry: Entry, stories: Mapping[int, int]) -> str:
    cell = entry.cell
    helped = best(cell) is not None
    classes = f"v-{cell.verdict}"
    if cell.producer == cell.consumer:
        classes += " self"
    if helped:
        classes += " helped"
    return (
        f'<td class="{classes}"><a id="{place(entry)}" href="#{address(entry, stories)}">'
        f"<i>{cell.verdict}{', a remedy works' if helped else ''}</i></a>"
    )
