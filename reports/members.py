"""The cells of one story, a few lines each, drawn without the template engine: a run has tens of thousands of them.

All text goes through :func:`_shown`, which makes it visible and escapes it, as the template engine would.
"""

from collections.abc import Callable
from functools import lru_cache

from markupsafe import Markup, escape

from reports.addresses import cell_id
from reports.grid import Entry
from reports.outcomes import Outcome
from reports.templating import LIMIT, moment
from reports.text import clip, line, visible
from runner.results import ArtifactResult, CellResult

#: Characters of the line that says most.
_TELLING = 300


def members(
    story: Outcome,
    *,
    place: Callable[[Entry], str],
    artifact_place: Callable[[ArtifactResult | None], str],
    command: Callable[[CellResult], str],
) -> Markup:
    """An item of a list for each cell of the story: what is its own, and what to type to run it again.

    ``place`` is where its panel closes to, ``artifact_place`` where its artifact is told of (may be empty).
    """
    return Markup(
        "\n".join(_member(story, e, place(e), artifact_place(e.artifact), command) for e in story.entries)
    )


def _member(
    story: Outcome, entry: Entry, back: str, artifact: str, command: Callable[[CellResult], str]
) -> str:
    cell = entry.cell
    here = cell_id(cell)
    words = f"{cell.seconds:.2f} s"
    if cell.attempts > 1:
        words += f", {cell.attempts} attempts"
    if cell.cached:
        words += ", from an earlier run" + (f" ({_shown(moment(cell.ran))})" if cell.ran else "")
    if cell.max_abs_diff:
        words += f", differs by {cell.max_abs_diff:.1g}"
    if artifact:
        words += f', <a href="#{artifact}">artifact</a>'
    own = ""
    if cell.telling and cell.telling != story.telling:
        own = f'<p class="telling">{_shown(line(cell.telling, _TELLING))}</p>'
    printed = ""
    if cell.output and not story.output:
        text = _shown(clip(cell.output, LIMIT))
        printed = f"<details><summary>Printed output</summary><pre>{text}</pre></details>"
    return (
        f'<li id="{here}"><a href="#{here}"><b>{_name(cell.producer)} → {_name(cell.consumer)}</b> '
        f'{_name(cell.probe)}, {_name(cell.format)}</a><a class="close" href="#{back}">Close</a>'
        f"<p>{words}</p>{own}<code>{_shown(command(cell))}</code>{printed}</li>"
    )


def _shown(text: str) -> str:
    return str(escape(visible(text)))


#: Names come again and again.
_name = lru_cache(maxsize=4096)(_shown)
