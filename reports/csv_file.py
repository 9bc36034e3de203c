"""One row for each cell, for spreadsheets and data frames.

A spreadsheet runs what begins with ``=``, ``+``, ``-`` or ``@`` (https://owasp.org/www-community/attacks/CSV_Injection),
and an exception's text can begin so: such text gets an apostrophe before it. Numbers are written as they are.
"""

import csv
import io
from collections.abc import Mapping

from reports.grid import Entry
from reports.outcomes import brief, cause
from reports.remedies import best
from reports.text import visible
from runner.results import Results

COLUMNS = (
    "run", "producer", "consumer", "probe", "format", "verdict", "cause", "lost", "message", "remedy", "expected",
    "broken_on_purpose", "max_abs_diff", "seconds", "attempts", "cached",
)  # fmt: skip

_LEADS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def csv_text(results: Results, known: Mapping[tuple[str, str, str, str], str] | None = None) -> str:
    """The whole file, as RFC 4180 has it. ``known`` has the reasons of cells that the matrix expects."""
    faults = {probe.name: probe.fault for probe in results.probes}
    artifacts = {(item.producer, item.probe, item.format): item for item in results.artifacts}
    expected = known or {}
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for cell in results.cells:
        entry = Entry(cell=cell, artifact=artifacts.get((cell.producer, cell.probe, cell.format)))
        names = (cell.producer, cell.consumer, cell.probe, cell.format)
        remedy = best(cell)
        words = (
            results.run.id, *names, cell.verdict, cause(entry), " ".join(cell.lost), brief(entry),
            remedy.id if remedy else "", expected.get(names, ""), faults.get(cell.probe, ""),
        )  # fmt: skip
        numbers = ("" if cell.max_abs_diff is None else repr(cell.max_abs_diff), f"{cell.seconds:.3f}")
        writer.writerow((*map(guarded, words), *numbers, cell.attempts, str(cell.cached).lower()))
    return out.getvalue()


def guarded(words: str) -> str:
    """The words as a spreadsheet shows them: nothing invisible, and nothing that it would run."""
    shown = visible(words)
    return f"'{shown}" if shown.lstrip().startswith(_LEADS) or words.startswith(_LEADS) else shown
