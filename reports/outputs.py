"""What is written beside ``results.json`` for other programs: all pure functions of results, and of what changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from environments.files import replace_text
from reports import answer_markdown, badges, csv_file, feed, junit, markdown
from reports.answer import Answer, answer
from reports.feed import Night
from reports.junit import Known
from reports.trend import Past
from runner.results import Results
from runner.transitions import Comparison


@dataclass(frozen=True, kw_only=True)
class Context:
    """What is known of a run beside its results; all of it may be missing."""

    #: With the run before.
    comparison: Comparison | None = None
    #: Cells whose verdict the matrix expects, with the reason.
    known: Known | None = None
    #: Plain sentences on what the gate found.
    gate: Sequence[str] = ()
    #: Earlier runs and this one, for the feed; None: no feed is written.
    nights: Sequence[Night] | None = None
    #: All runs that the history has, this one too, newest first; for the list of runs and the trends.
    runs: Sequence[Past] = ()
    #: Ids of runs that the history has let go of: their pages go too.
    dropped: Sequence[str] = ()
    #: What a check found out of one file, where it was asked more than the results say.
    answer: Answer | None = None
    #: Where the site is published, such as https://example.org/crossload; empty where that is not known.
    address: str = ""

    @property
    def compared(self) -> Comparison | None:
        """With the run before, where there was one."""
        return self.comparison if self.comparison and self.comparison.old else None


def write(results: Results, folder: Path, context: Context | None = None) -> None:
    """Write them all, each beside its place and then renamed. Raises OSError."""
    for name, text in files(results, context or Context()):
        keep(folder / name, text)


def keep(path: Path, text: str) -> None:
    """Write a file that is not there, or is another. Raises OSError."""
    try:
        if path.read_bytes() == text.encode():
            return
    except OSError:
        pass
    replace_text(path, text)


def files(results: Results, context: Context) -> Iterator[tuple[str, str]]:
    """The path below the site and the text of every output, one at a time: together they may be large."""
    yield "junit.xml", junit.junit(results, context.known)
    yield "cells.csv", csv_file.csv_text(results, context.known)
    yield "summary.md", _summary(results, context)
    yield from badges.badges(results).items()
    if context.nights is not None:
        yield "feed.xml", feed.feed(context.nights, matrix=results.run.matrix, address=context.address)


def _summary(results: Results, context: Context) -> str:
    if results.question is not None:
        return answer_markdown.markdown(context.answer or answer(results))
    return markdown.summary(results, comparison=context.comparison, gate=context.gate, page=context.address)
