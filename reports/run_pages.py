"""The pages of one run: its answer, and a page for each probe, each environment and each cause.

They lie in a folder of their own and are functions of the run's results and of what changed in it, so that they stay
as they are when later runs come. The latest run's first page is also the first page of the site.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from reports import remedies, sheets
from reports.addresses import cause_page, environment_page, file_name, probe_page, run_folder
from reports.changes import together
from reports.faults import Reaction
from reports.feed import title
from reports.grid import Grid, Sheet
from reports.members import members
from reports.outcomes import Outcome, group
from reports.templating import command, draw
from reports.verdicts import answer
from reports.view import QUIET, View, alike, artifact_key, numbers
from reports.why import Reason
from runner.results import ArtifactResult
from runner.transitions import Comparison

#: Reasons that have a page, ways of one reason that are told, and cells of one way or one fault that are linked.
_REASONS, _STORIES, _CELLS = 120, 25, 60
#: Causes that are named for each move from one environment to another, and changed cells on the first page.
_CHANGES, _MOVED = 12, 200


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a page lies, as its links need it."""

    #: From the page to the top of the site, and to the folder of its run: empty or with a slash at the end.
    root: str
    here: str


#: A page in the run's folder, and one in a folder below.
_TOP = Place(root="../../", here="")
_BELOW = Place(root="../../../", here="../")


def pages(view: View, comparison: Comparison | None = None) -> Iterator[tuple[str, str]]:
    """Path below the run's folder and text of each page, one at a time: together they are large."""
    yield "index.html", first(view, comparison)
    order = view.grid.sheets
    for at, sheet in enumerate(order):
        near = (order[at - 1] if at else None, order[at + 1] if at + 1 < len(order) else None)
        yield probe_page(sheet.probe.name), _probe(view, sheet, near)
    for name in view.grid.environments:
        yield environment_page(name), _environment(view, name)
    for reason in view.reasons[:_REASONS]:
        yield cause_page(reason.id), _cause(view, reason)
    if view.faults:
        yield "faults.html", _faults(view)
    if view.unsaved:
        yield "unsaved.html", _draw("unsaved_page.html.j2", view, _TOP, unsaved=view.unsaved)


def first(view: View, comparison: Comparison | None = None, *, latest: bool = False, **more: object) -> str:
    """The first page of a run; ``latest`` for the one at the top of the site, that leads to the run's pages."""
    grid = view.grid
    place = Place(root="", here=f"{run_folder(view.results.run.id)}/") if latest else _TOP
    return _draw(
        "first.html.j2",
        view,
        place,
        latest=latest,
        trend=more.get("trend", ""),
        feed=more.get("feed", False),
        answer=answer(grid.tally),
        scope=_scope(grid),
        lead=remedies.sentences(remedies.share(entry.cell for entry in grid.entries)),
        tried=any(reason.tried for reason in view.reasons),
        comparison=comparison,
        changed=title(comparison) if comparison else "",
        together=together(comparison.transitions) if comparison else (),
        moved=comparison.transitions[:_MOVED] if comparison else (),
        linked={(cell.producer, cell.consumer, cell.probe, cell.format): cell for cell in view.results.cells}
        if comparison and comparison.transitions
        else {},
        broken_probes={probe.name for probe in view.results.probes if probe.fault},
        old_folder=file_name(comparison.old) if comparison else "",
        new_folder=file_name(comparison.new) if comparison else "",
        upgrades=view.upgrades,
        helped=view.helped,
        reasons=view.reasons,
        listed_reasons=_REASONS,
        undetected=sum(fault.undetected for fault in view.faults),
        faults=view.faults,
        unsaved=view.unsaved,
        unsaved_count=sum(len(reason.artifacts) for reason in view.unsaved),
    )


def _scope(grid: Grid) -> str:
    """What the cells of a run are."""

    def many(count: int, thing: str) -> str:
        return f"one {thing}" if count == 1 else f"{count:,} {thing}s"

    environments, total = len(grid.environments), grid.tally.total
    if not total:
        return ""
    what = f"saved {many(len(grid.sheets), 'model')} in {many(len(grid.formats), 'format')} and loaded"
    cells = "1 cell" if total == 1 else f"{total:,} cells"
    if environments == 1:
        return f"One environment {what} {'it' if total == 1 else 'them'}: {cells}."
    return f"Each of {environments:,} environments {what} what every one of them saved: {cells}."


def _probe(view: View, sheet: Sheet, near: tuple[Sheet | None, Sheet | None]) -> str:
    told = group(entry for _, forms in sheet.rows for form in forms for entry in form)
    artifacts = view.artifacts.get(sheet.probe.name, ())
    stories = numbers(told)
    return _draw(
        "probe.html.j2",
        view,
        _BELOW,
        sheet=sheet,
        near=near,
        forms=[
            (form, [(producer, sheets.cells(forms[at], stories)) for producer, forms in sheet.rows])
            for at, form in enumerate(view.grid.formats)
        ],
        **_stories(view, told, artifacts, home="grid"),
    )


def _stories(
    view: View, told: tuple[Outcome, ...], artifacts: tuple[ArtifactResult, ...], *, home: str
) -> dict[str, object]:
    """What the panels of cells and artifacts need; ``home`` is where they close to."""
    places = {artifact_key(artifact): f"a{number}" for number, artifact in enumerate(artifacts)}

    def artifact_place(artifact: ArtifactResult | None) -> str:
        return places.get(artifact_key(artifact), "") if artifact else ""

    return {
        "stories": told,
        "members": partial(
            members,
            place=sheets.place if home == "grid" else lambda _: home,
            artifact_place=artifact_place,
            command=command,
        ),
        "artifacts": artifacts,
        "artifact_place": artifact_place,
        "quiet": QUIET,
        "home": home,
        "listed": frozenset[int](),
    }


def _environment(view: View, name: str) -> str:
    grid = view.grid
    rows = [next(row for row in over.rows if row.producer == name) for over in grid.overviews]
    at = grid.environments.index(name)
    return _draw(
        "environment.html.j2",
        view,
        _BELOW,
        name=name,
        environment=next((one for one in view.results.environments if one.id == name), None),
        saved=list(zip(grid.formats, rows, strict=True)),
        loaded=[(over.format, [row.squares[at] for row in over.rows]) for over in grid.overviews],
        moves=view.upgrades.get(name, ()),
        shown_reasons={reason.id for reason in view.reasons[:_REASONS]},
        listed_changes=_CHANGES,
        helped=view.helped,
        alike=partial(alike, causes=view.causes),
        quiet=QUIET,
    )


def _cause(view: View, reason: Reason) -> str:
    entries = [entry for story in reason.stories for entry in story.entries]
    pairs = Counter((entry.cell.producer, entry.cell.consumer) for entry in entries)
    return _draw(
        "cause.html.j2",
        view,
        _BELOW,
        reason=reason,
        pairs=pairs,
        most=max(pairs.values(), default=1),
        example=next(iter(reason.stories), None),
        listed_stories=_STORIES,
        listed_cells=_CELLS,
    )


def _faults(view: View) -> str:
    names = {entry.cell.probe for entry in view.grid.faulted}
    artifacts = tuple(artifact for name, of in view.artifacts.items() if name in names for artifact in of)
    stories = numbers(view.broken)
    return _draw(
        "faults.html.j2",
        view,
        _TOP,
        faults=view.faults,
        reactions=tuple(Reaction),
        listed_cells=_CELLS,
        address=partial(sheets.address, stories=stories),
        **_stories(view, view.broken, artifacts, home="faults"),
    )


def _draw(template: str, view: View, at: Place, /, **names: object) -> str:
    shared = {
        "run": view.results.run,
        "results": view.results,
        "grid": view.grid,
        "labels": view.labels,
        "causes": view.causes,
        "meanings": view.meanings,
        "root": at.root,
        "here": at.here,
        "asked": None,
    }
    return draw(template, **{**shared, **names})
