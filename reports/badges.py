"""Small pictures for a README: how much of a run is identical, in all, for an environment, for a probe.

Each is one SVG file that loads nothing, has a title that is read aloud, and says in words what its colour says.
Widths are those of Verdana; ``textLength`` makes another font take the same room.
"""

from collections.abc import Callable, Iterable, Mapping
from unicodedata import east_asian_width

from reports.grid import environment_ids
from reports.text import line, slug, visible
from reports.verdicts import Tally, tally
from reports.xml_text import attribute, text
from runner.results import CellResult, Results, Verdict

#: Advance widths of Verdana at 11 px, in tenths of a pixel, rounded to the nearest that some characters share.
_WIDTHS: Mapping[str, int] = {
    **dict.fromkeys("'", 30), **dict.fromkeys("il", 30), **dict.fromkeys("jft ", 39), **dict.fromkeys(".,", 40),
    **dict.fromkeys("rI", 47), **dict.fromkeys("J-:;/|()[]!", 50), **dict.fromkeys("cszLF?", 60),
    **dict.fromkeys("eakvxyoPT", 66), **dict.fromkeys("bdghnpqu0123456789E_*$Y", 70),
    **dict.fromkeys("ABCKRSVXZ", 76), **dict.fromkeys("DGHNOQU", 86), **dict.fromkeys("wM+=<>~#", 92),
    **dict.fromkeys("mW@", 110), "%": 118,
}  # fmt: skip
_NAME = 60

#: Verdicts that say nothing about whether two environments go together.
_NO_ANSWER = (Verdict.SAVE_FAILED, Verdict.UNSUPPORTED, Verdict.UNAVAILABLE, Verdict.NOT_RUN)

# White text on each has a contrast of more than 4.5.
_GREEN, _AMBER, _RED, _GREY = "#1a7f37", "#9a6700", "#c0265a", "#57606a"


def badges(results: Results) -> Mapping[str, str]:
    """Every badge by its path below the site: ``badges/overall.svg``, ``badges/environment/….svg``, …"""
    broken = {probe.name for probe in results.probes if probe.fault}
    cells = [cell for cell in results.cells if cell.probe not in broken]
    made = {"badges/overall.svg": _badge("crossload", cells)}
    groups: tuple[tuple[str, Iterable[str], Callable[[CellResult], set[str]]], ...] = (
        ("environment", environment_ids(results), lambda cell: {cell.producer, cell.consumer}),
        ("probe", (probe.name for probe in results.probes if not probe.fault), lambda cell: {cell.probe}),
    )
    for kind, names, of in groups:
        found: dict[str, list[CellResult]] = {name: [] for name in names}
        for cell in cells:
            for name in of(cell):
                found.setdefault(name, []).append(cell)
        made |= {f"badges/{kind}/{slug(name)}.svg": _badge(name, its) for name, its in found.items()}
    return made


def said(counted: Tally) -> tuple[str, str]:
    """What a badge says of cells, and its colour."""
    asked = counted.total - sum(counted.of(verdict) for verdict in _NO_ANSWER)
    lost = counted.of(Verdict.NOT_RUN) + counted.of(Verdict.UNAVAILABLE)
    holes = f", {lost:,} without answer" if lost else ""
    if not asked:
        return (f"{lost:,} without answer" if lost else "nothing run"), _GREY
    identical, wrong = counted.of(Verdict.IDENTICAL), counted.of(Verdict.DIVERGENT)
    silent = f", {wrong:,} silently wrong" if wrong else ""
    colour = _GREEN if identical == asked and not lost else _RED if wrong else _AMBER
    return f"{identical:,} of {asked:,} identical{silent}{holes}", colour


def svg(label: str, message: str, colour: str) -> str:
    """One badge. Text is shown as it is, the label cut to sixty characters."""
    left, right = line(visible(label), _NAME) or "?", visible(message)
    one, two = width(left) + 10, width(right) + 10
    title = f"{left}: {right}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{one + two}" height="20" role="img"'
        f' aria-label="{attribute(title)}"><title>{text(title)}</title>'
        f'<clipPath id="r"><rect width="{one + two}" height="20" rx="3"/></clipPath>'
        f'<g clip-path="url(#r)"><rect width="{one}" height="20" fill="#24292f"/>'
        f'<rect x="{one}" width="{two}" height="20" fill="{colour}"/></g>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">'
        f'<text x="5" y="14" textLength="{one - 10}">{text(left)}</text>'
        f'<text x="{one + 5}" y="14" textLength="{two - 10}">{text(right)}</text></g></svg>\n'
    )


def width(words: str) -> int:
    """How wide text is in Verdana at 11 px, in whole pixels."""
    return -(-sum(_width(character) for character in words) // 10)


def _width(character: str) -> int:
    wide = 110 if east_asian_width(character) in "WF" else 80
    return _WIDTHS.get(character, wide)


def _badge(name: str, cells: Iterable[CellResult]) -> str:
    return svg(name, *said(tally(cell.verdict for cell in cells)))
