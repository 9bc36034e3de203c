"""One shape per verdict, drawn by us: fonts differ in which of these characters they have.

The page uses each shape twice. Where it stands beside text it is an SVG symbol; in the cells of a large grid it is
a mask of the style sheet, because two elements less in each of 70,000 cells is what keeps a page quick.
"""

from collections.abc import Mapping
from urllib.parse import quote

from runner.results import Verdict

#: Inside of an SVG of 16 by 16; strokes are two wide, ``solid`` is filled.
SHAPES: Mapping[Verdict, str] = {
    Verdict.IDENTICAL: '<path d="M2.8 8.6l3.4 3.5 7-8"/>',
    Verdict.DEGRADED: '<circle cx="8" cy="8" r="5.4"/><path class="solid" d="M8 2.6a5.4 5.4 0 0 0 0 10.8z"/>',
    Verdict.DIVERGENT: '<path d="M2.5 5.8h11M2.5 10.2h11M11 2.2L5 13.8"/>',
    Verdict.LOAD_FAILED: '<path d="M3.6 3.6l8.8 8.8M12.4 3.6l-8.8 8.8"/>',
    Verdict.CRASHED: '<path d="M8 2v7.4M8 13v.6"/>',
    Verdict.TIMED_OUT: '<path d="M3.6 2.2h8.8M3.6 13.8h8.8M4.8 2.2c0 4.4 6.4 7.2 6.4 11.6M11.2 2.2c0 4.4-6.4 7.2-6.4'
    ' 11.6"/>',
    Verdict.SAVE_FAILED: '<circle cx="8" cy="8" r="5.6"/><path d="M4.2 11.8l7.6-7.6"/>',
    Verdict.UNSUPPORTED: '<path d="M4 8h8"/>',
    Verdict.UNAVAILABLE: '<path d="M5 5.4a3 3 0 1 1 4.6 2.6C8.5 8.7 8 9.2 8 10.2M8 13.3v.5"/>',
    Verdict.NOT_RUN: '<path d="M3 8h.01M8 8h.01M13 8h.01"/>',
}

_MASK = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="none" stroke="#000" stroke-width="2"'
    ' stroke-linecap="round" stroke-linejoin="round">{}</svg>'
)


def css() -> str:
    """The rules that give the class of each verdict its colours and its shape."""
    return "\n".join(_rules(verdict, shape) for verdict, shape in SHAPES.items()) + "\n"


def _rules(verdict: Verdict, shape: str) -> str:
    mask = quote(_MASK.format(shape.replace('class="solid"', 'fill="#000" stroke="none"')), safe=" =/:.,")
    return (
        f".v-{verdict} {{ --back: var(--{verdict}); --fore: var(--{verdict}-ink);"
        f" --shape: url('data:image/svg+xml,{mask}'); }}\n"
        f".f-{verdict} {{ fill: var(--{verdict}-bar); }}"
    )
