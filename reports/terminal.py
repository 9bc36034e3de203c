"""A run, or the answer to a question, on one screen of a terminal.

A run is a grid, producers down and consumers across, all probes and formats together, and under it the causes of
most cells. An answer is a table of versions. Both say the same without colour: a symbol for each verdict, and words.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from rich.cells import cell_len
from rich.columns import Columns
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.console import Group as RichGroup
from rich.table import Table
from rich.text import Text

from reports import answer_headline, answer_words, outcomes
from reports.answer import Answer, Target
from reports.answer_moves import moves
from reports.faults import faults
from reports.grid import Grid, build
from reports.remedies import sentences, share
from reports.reused import reused
from reports.text import clip, line, short_names, visible
from reports.verdicts import SYMBOLS, Tally, answer, tally
from reports.why import Reason, reasons
from runner.results import Results, Verdict

_STYLES: Mapping[Verdict, str] = {
    Verdict.IDENTICAL: "green",
    Verdict.DEGRADED: "yellow",
    Verdict.DIVERGENT: "bold magenta",
    Verdict.LOAD_FAILED: "red",
    Verdict.CRASHED: "bold red",
    Verdict.TIMED_OUT: "red",
    Verdict.SAVE_FAILED: "blue",
    Verdict.UNSUPPORTED: "dim",
    Verdict.UNAVAILABLE: "cyan",
    Verdict.NOT_RUN: "dim",
}

_HOW_TO_READ = (
    "Down: saved by. Across: loaded by, in the same order. The symbol is the verdict that needs most attention"
    " in all probes and formats; a number beside it counts the identical cells."
)

#: The longest name that the grid shows; a longer one is cut, the page has it whole.
_NAME = 26

#: The width from which the legend has room for its sentences.
_SENTENCES = 116

#: Surprises told before the rest is left to the page.
_SURPRISES = 3

#: Causes listed before the rest is left to the page.
_REASONS = 6

#: Characters of a cell of the table of versions, and of the code to type.
_SAID, _CODE = 160, 4000


def summary(results: Results) -> RenderableType:
    """A summary that fits the width of the console it is printed on, from 80 columns for six environments."""
    return _Summary(results)


def answered(answer: Answer) -> RenderableType:
    """What a check found out, in 80 columns or more. Print it with ``crop=False``: code to type is never wrapped."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name in ("version", "outcome", "lost, or why", "works with"):
        table.add_column(name, overflow="fold", no_wrap=name == "outcome")
    for group in (*answer.groups, *answer.sides):
        for target in group.targets:
            table.add_row(*_version(target, answer, same=target is not group.first))
    told: list[RenderableType] = [
        Text(visible(answer_headline.headline(answer)), style="bold"),
        Text(visible(answer_headline.safe(answer))),
        Text(),
        table,
    ]
    for move in moves(answer):
        told += [Text(), Text.assemble((f"{move.title}: ", "bold"), visible(move.advice))]
        if move.code:
            code = visible(clip(move.code, _CODE))
            told.append(Text(code, style="cyan", no_wrap=True, overflow="ignore"))
    told += [Text(), Text(visible(" ".join(answer_words.facts(answer))), style="dim")]
    return RichGroup(*told)


def _version(target: Target, answer: Answer, *, same: bool) -> list[Text]:
    """One row; ``same`` is for a version in which everything is as in the one above."""
    cell = target.cell
    words = Text(visible(line(answer_words.because(target, answer), _SAID)))
    if same and words:
        words = Text("as above", style="dim")
    works = "" if same or not target.works else visible(answer_words.verified(target.works))
    name = Text(visible(target.name), style="bold" if target.stack == answer.last_safe else "")
    return [name, _entry(cell.verdict), words, Text(line(works, _SAID))]


@dataclass(frozen=True)
class _Summary:
    results: Results

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        grid = build(self.results)
        yield Text(answer(grid.tally), style="bold")
        yield from _paragraph(reused(self.results))
        yield from _paragraph(sentences(share(entry.cell for entry in grid.entries)))
        yield Text()
        yield _table(grid, options.max_width)
        yield Text()
        yield Text(_HOW_TO_READ, style="dim")
        yield Text()
        yield _legend(grid.tally, sentences=options.max_width >= _SENTENCES)
        yield from _surprises(grid)
        told = reasons(self.results, outcomes.group(grid.entries), grid.environments)
        yield from _reasons(told, options.max_width)
        names = {probe.name: probe.fault for probe in self.results.probes if probe.fault}
        yield from _faults(sum(fault.undetected for fault in faults(grid, names)))


def _paragraph(text: str) -> list[Text]:
    return [Text(text)] if text else []


def _table(grid: Grid, width: int) -> Table:
    names = {name: line(visible(short), _NAME) for name, short in short_names(grid.environments).items()}
    pairs = {(p, c): _pair(grid, p, c) for p in grid.environments for c in grid.environments}
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("saved by", no_wrap=True)
    numbered = len(str(len(grid.environments))) + 1
    left = numbered + max((cell_len(name) for name in names.values()), default=0) + 1
    # Whole fractions where they fit, else the identical cells alone, else the symbol alone.
    share = max(1, (width - left) // max(1, len(grid.environments)) - 1)
    for number, _ in enumerate(grid.environments, start=1):
        table.add_column(str(number), justify="right", no_wrap=True)
    for number, producer in enumerate(grid.environments, start=1):
        row = [_square(pairs[producer, consumer], share) for consumer in grid.environments]
        table.add_row(str(number), Text(names[producer]), *row)
    return table


def _pair(grid: Grid, producer: str, consumer: str) -> Tally:
    at = (grid.environments.index(producer), grid.environments.index(consumer))
    squares = [view.rows[at[0]].squares[at[1]] for view in grid.overviews]
    return tally(entry.cell.verdict for square in squares for entry in square.entries)


def _square(pair: Tally, width: int) -> Text:
    symbol = SYMBOLS[pair.worst]
    identical = pair.of(Verdict.IDENTICAL)
    shapes = (f"{symbol} {identical}/{pair.total}", f"{symbol} {identical}", f"{symbol}{identical}", symbol)
    shape = next((shape for shape in shapes if cell_len(shape) <= width), symbol)
    return Text(shape, style=_STYLES[pair.worst])


def _legend(total: Tally, *, sentences: bool) -> RenderableType:
    if sentences:
        table = Table.grid(padding=(0, 2, 0, 0))
        for verdict, count in total.counts:
            table.add_row(_entry(verdict), Text(f"{count:,}", justify="right"), verdict.meaning)
        return table
    return Columns([_entry(verdict, f" {count:,}") for verdict, count in total.counts], padding=(0, 2, 0, 0))


def _entry(verdict: Verdict, after: str = "") -> Text:
    return Text(f"{SYMBOLS[verdict]} {verdict.replace('_', ' ')}{after}", style=_STYLES[verdict])


def _surprises(grid: Grid) -> list[Text]:
    told = [surprise.sentence for view in grid.overviews for row in view.rows for surprise in row.surprises]
    lines = [Text(f"⚑ {visible(sentence)}", style="yellow") for sentence in told[:_SURPRISES]]
    if len(told) > _SURPRISES:
        lines.append(Text(f"⚑ … and {len(told) - _SURPRISES} more, on the page.", style="yellow"))
    return [Text(), *lines] if lines else []


def _reasons(found: tuple[Reason, ...], width: int) -> list[RenderableType]:
    if not found:
        return []
    free = width - 22
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name in ("cells", "why", "best remedy", "works for"):
        table.add_column(name, justify="right" if name in ("cells", "works for") else "left", no_wrap=True)
    for reason in found[:_REASONS]:
        best = reason.best
        table.add_row(
            f"{reason.cells:,}",
            Text(visible(line(reason.title, free * 2 // 3)), style="" if reason.known else "italic"),
            Text(visible(line(best.title, free // 3)) if best else "–"),
            f"{best.helped:,}" if best else "0" if reason.tried else "none run",
        )
    lines: list[RenderableType] = [Text(), table]
    if len(found) > _REASONS:
        lines.append(Text(f"… and {len(found) - _REASONS} more reasons, on the page.", style="dim"))
    return lines


def _faults(undetected: int) -> list[Text]:
    if not undetected:
        return []
    one = "1 artifact that was broken on purpose loads without complaint and is wrong."
    many = f"{undetected:,} artifacts that were broken on purpose load without complaint and are wrong."
    return [
        Text(),
        Text(f"{SYMBOLS[Verdict.DIVERGENT]} {one if undetected == 1 else many}", style="bold magenta"),
    ]
