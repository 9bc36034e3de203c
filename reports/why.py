"""Why cells are not identical: the trouble of a run by cause, and what was tried against it.

``one cause, 214 cells; this remedy fixes 180 of them``. Cells whose cause nobody knows are grouped by signature.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reports.grid import Entry
from reports.outcomes import Outcome, brief
from reports.remedies import UNCLASSIFIED, Tried, best, filled, tried
from reports.text import slug
from reports.verdicts import TROUBLE, Tally, tally
from runner.results import ArtifactResult, Cause, Failure, Results

#: Names that a range spells out before it is written with its ends alone.
_SPELLED = 2


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One cause, or one signature that has none, with all its cells."""

    #: Its address in the page.
    id: str
    title: str
    sentence: str
    links: tuple[str, ...]
    #: Whether it is a cause; else it is a signature and the title is its most telling line.
    known: bool
    #: The line that its cells show most often.
    telling: str
    cells: int
    #: Cells that have a remedy which was run and works.
    helped: int
    tally: Tally
    #: Names with their number of cells, the most frequent first.
    formats: tuple[tuple[str, int], ...]
    probes: tuple[tuple[str, int], ...]
    #: Environments that saved and that loaded, as ranges in the matrix's order.
    producers: str
    consumers: str
    tried: tuple[Tried, ...]
    #: The stories that it was told in, the most frequent first.
    stories: tuple[Outcome, ...]

    @property
    def code(self) -> str:
        """How the remedy that helps most is done by hand, in about three lines; empty where nobody wrote it down."""
        artifacts = (artifact for story in self.stories for artifact in story.artifacts)
        return filled(self.best.code, artifacts) if self.best else ""

    @property
    def best(self) -> Tried | None:
        """The remedy that helps most cells; None where none helps any."""
        return next((one for one in self.tried if one.helped), None)


@dataclass(frozen=True, kw_only=True)
class Unsaved:
    """One reason why models could not be saved, with the artifacts that it cost."""

    title: str
    sentence: str
    links: tuple[str, ...]
    error: Failure
    artifacts: tuple[ArtifactResult, ...]


def reasons(results: Results, outcomes: Iterable[Outcome], environments: Sequence[str]) -> tuple[Reason, ...]:
    """Group the stories of cells that fail or differ; the reason of most cells first."""
    causes = {cause.id: cause for cause in results.causes}
    meanings = {remedy.id: remedy for remedy in results.remedies}
    found: dict[tuple[bool, str], list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.cell.verdict in TROUBLE:
            known = outcome.cause not in ("", UNCLASSIFIED)
            like = outcome.cause if known else outcome.signature or _telling(outcome)
            found.setdefault((known, like), []).append(outcome)
    told = []
    for (known, like), stories in found.items():
        entries = [entry for story in stories for entry in story.entries]
        cells = [entry.cell for entry in entries]
        said = Counter({_telling(story): 0 for story in stories})
        for story in stories:
            said[_telling(story)] += len(story.entries)
        telling = next(text for text, _ in said.most_common(1))
        cause = _cause(causes, like if known else "", telling)
        told.append(
            Reason(
                id=reason_id(like) if known else f"unclassified:{slug(like)}",
                title=cause.title,
                sentence=cause.sentence,
                links=cause.links,
                known=known,
                telling=telling if known else "",
                cells=len(cells),
                helped=sum(best(cell) is not None for cell in cells),
                tally=tally(cell.verdict for cell in cells),
                formats=tuple(Counter(cell.format for cell in cells).most_common()),
                probes=tuple(Counter(cell.probe for cell in cells).most_common()),
                producers=ranges({cell.producer for cell in cells}, environments),
                consumers=ranges({cell.consumer for cell in cells}, environments),
                tried=tried(cells, meanings),
                stories=tuple(sorted(stories, key=lambda story: -len(story.entries))),
            )
        )
    return tuple(sorted(told, key=lambda reason: -reason.cells))


def reason_id(cause: str) -> str:
    """The id of the reason that a cause makes."""
    return f"cause:{slug(cause)}"


def unsaved(results: Results, broken: Iterable[str]) -> tuple[Unsaved, ...]:
    """Group the saves that failed, without those of the probes that are ``broken`` on purpose; most first."""
    causes = {cause.id: cause for cause in results.causes}
    faulted = set(broken)
    found: dict[object, list[ArtifactResult]] = {}
    for artifact in results.artifacts:
        if artifact.status == "save_failed" and artifact.probe not in faulted:
            known = artifact.cause not in ("", UNCLASSIFIED)
            words = artifact.signature or artifact.error
            found.setdefault((artifact.cause, None if known else words), []).append(artifact)
    told = []
    for artifacts in found.values():
        one = artifacts[0]
        error = one.error or Failure(type="unknown", message="The agent recorded no error.")
        cause = _cause(causes, one.cause, one.telling or f"{error.type}: {error.message.strip()}")
        told.append(
            Unsaved(
                title=cause.title,
                sentence=cause.sentence,
                links=cause.links,
                error=error,
                artifacts=tuple(artifacts),
            )
        )
    return tuple(sorted(told, key=lambda reason: -len(reason.artifacts)))


def _telling(story: Outcome) -> str:
    return brief(story.entries[0]) or story.cell.verdict.meaning


def _cause(causes: Mapping[str, Cause], name: str, telling: str) -> Cause:
    """The cause as it is explained; where nobody explains it, its id, or else the line that tells most."""
    if name in ("", UNCLASSIFIED):
        return Cause(id=UNCLASSIFIED, title=telling, sentence="")
    return causes.get(name) or Cause(id=name, title=name, sentence="")


def ranges(names: Iterable[str], order: Sequence[str]) -> str:
    """Names in their order, neighbours as a range: ``a to d (4), f``; ``all 14`` where none is missing."""
    wanted = set(names)
    if len(wanted) > _SPELLED and wanted >= set(order):
        return f"all {len(wanted)} environments"
    parts: list[str] = []
    run: list[str] = []
    for name in (*order, ""):
        if name in wanted:
            run.append(name)
            continue
        parts += run if len(run) <= _SPELLED else [f"{run[0]} to {run[-1]} ({len(run)})"]
        run = []
    return ", ".join([*parts, *sorted(wanted - set(order))])


def titled(entries: Iterable[Entry], results: Results) -> Mapping[str, Cause]:
    """The cause of every id that the entries mention, explained or not."""
    causes = {cause.id: cause for cause in results.causes}
    names = {entry.cell.cause or (entry.artifact.cause if entry.artifact else "") for entry in entries}
    return {name: _cause(causes, name, "") for name in names if name not in ("", UNCLASSIFIED)}
