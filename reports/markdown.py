"""A run as Markdown: for the summary of a CI job, and for whoever reads results in a terminal or a mail.

What matters most comes first, so that a limit takes from the end: the answer and the gate, what changed, the
causes with what was tried against them, the verdicts, the grid.
"""

from collections.abc import Sequence

from reports import outcomes
from reports.feed import title
from reports.grid import Grid, build
from reports.markdown_text import SUMMARY_LIMIT, block, code, fitted, prose, table
from reports.remedies import sentences, share
from reports.templating import moment
from reports.text import short_names
from reports.verdicts import SYMBOLS, answer, tally
from reports.why import Reason, reasons
from runner.results import Results, Verdict
from runner.transitions import Comparison

#: Rows of a table before the rest is left to the page.
_CHANGES, _REASONS, _CODES = 50, 20, 5
#: Environments that a grid has room for on a page of GitHub's width.
_GRID = 20
_LEFT_OUT = "*The rest does not fit here; the page has it.*"


def summary(
    results: Results,
    *,
    comparison: Comparison | None = None,
    gate: Sequence[str] = (),
    page: str = "",
    limit: int = SUMMARY_LIMIT,
) -> str:
    """The summary, at most ``limit`` bytes.

    ``comparison`` is with the run before; ``gate`` has a plain sentence for each rule; ``page`` is the address of
    the page, if it has one.
    """
    grid = build(results)
    parts = [
        f"## crossload: {prose(answer(grid.tally))}",
        *_said(prose(sentences(share(entry.cell for entry in grid.entries)))),
        _run(results, page),
        *_said("\n".join(f"- {prose(sentence)}" for sentence in gate)),
        *_unavailable(results),
        *(changes(comparison) if comparison else ()),
        *_why(reasons(results, outcomes.group(grid.entries), grid.environments)),
        *_verdicts(grid),
        *_grid(grid),
    ]
    return fitted(parts, limit, _LEFT_OUT)


def _said(words: str) -> list[str]:
    return [words] if words else []


def _run(results: Results, page: str) -> str:
    run = results.run
    facts = [f"Run {code(run.id)}", f"started {code(moment(run.started))}", f"engine {code(run.engine)}"]
    facts += ["**interrupted**"] if run.interrupted else []
    if page.startswith("https://") and not set(page) & set("<>() \n|"):
        facts.append(f"[the page](<{page}>)")
    return ", ".join(facts) + "".join(f"\n- {prose(note)}" for note in run.notes)


def _unavailable(results: Results) -> list[str]:
    gone = [item for item in results.environments if item.status == "unavailable"]
    if not gone:
        return []
    rows = [[code(item.id), prose(item.error or "No reason was recorded.", 300)] for item in gone]
    return [
        "### Not available (infrastructure, no verdict on any model)",
        table(["environment", "why"], rows),
    ]


def changes(found: Comparison) -> list[str]:
    """What changed between two runs, as parts of a page."""
    heading = f"### What changed since {code(found.old)}: {prose(title(found))}"
    rows = [
        [str(one.kind), code(str(one.cell)), prose(one.sentence, 200)] for one in found.transitions[:_CHANGES]
    ]
    parts = [heading, table(["", "saved by/loaded by/probe/format", "what"], rows)] if rows else [heading]
    more = len(found.transitions) - _CHANGES
    return [*parts, f"… and {more:,} more, on the page."] if more > 0 else parts


def _why(found: Sequence[Reason]) -> list[str]:
    if not found:
        return []
    rows = []
    for reason in found[:_REASONS]:
        best = reason.best
        helped = (
            f"{best.helped:,} of {reason.cells:,}" if best else "none helps" if reason.tried else "none run"
        )
        why = prose(reason.title, 200) if reason.known else code(reason.title)
        rows.append([f"{reason.cells:,}", why, prose(best.title) if best else "–", helped])
    parts = ["### Why", table(["cells", "why", "best remedy", "works for"], rows, right=[0])]
    if len(found) > _REASONS:
        parts.append(f"… and {len(found) - _REASONS:,} more reasons, on the page.")
    for reason in [one for one in found[:_REASONS] if one.best and one.code][:_CODES]:
        said = f"**{prose(reason.best.title)}** ({prose(reason.title, 200)})" if reason.best else ""
        parts += [said, block(reason.code, "python")]
    return parts


def _verdicts(grid: Grid) -> list[str]:
    rows = [
        [SYMBOLS[verdict], verdict.replace("_", " "), f"{count:,}", prose(verdict.meaning)]
        for verdict, count in grid.tally.counts
    ]
    return ["### Verdicts", table(["", "verdict", "cells", "meaning"], rows, right=[2])] if rows else []


def _grid(grid: Grid) -> list[str]:
    names = short_names(grid.environments)
    if not names or len(names) > _GRID:
        return [f"The grid of {len(names)} environments is on the page."] if names else []
    rows = []
    for at, producer in enumerate(grid.environments):
        row = [str(at + 1), code(names[producer], 40)]
        for to in range(len(grid.environments)):
            pair = tally(
                entry.cell.verdict for view in grid.overviews for entry in view.rows[at].squares[to].entries
            )
            row.append(f"{SYMBOLS[pair.worst]} {pair.of(Verdict.IDENTICAL):,}/{pair.total:,}")
        rows.append(row)
    head = ["", "saved by", *(str(number + 1) for number in range(len(names)))]
    return [
        "### Grid",
        "Across: loaded by, in the same order. The symbol is the verdict that needs most attention; the number counts "
        "identical cells.",
        table(head, rows, right=range(2, len(head))),
    ]
