"""The answer to "can I upgrade?": what became of one model file, from its home to the newest version.

Pure, from the results of a check: one artifact, and a cell for each environment. The words for it are in
:mod:`reports.answer_words`; the terminal, Markdown and the page show the same ones.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from reports.grid import Entry
from reports.outcomes import brief
from reports.remedies import UNCLASSIFIED, best, filled
from reports.versions import Stack, stacks
from runner.results import ArtifactResult, Cause, CellResult, Question, Remedy, Results, Verdict

#: What is lost -> the check that says so, where that has another name.
_CHECK_OF: Mapping[str, str] = {"trainability": "structure", "compile": "loss"}

#: Ways of loading at home that are nobody's work-around.
_AS_IT_IS = ("plain", "custom_objects")
#: Verdicts that say nothing about the version: it was not tried, or there is nothing to hold it against.
_UNKNOWN = (Verdict.UNAVAILABLE, Verdict.NOT_RUN, Verdict.SAVE_FAILED)


class Fate(StrEnum):
    """What a verdict means for somebody who wants to move there."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Works:
    """A remedy that was run in the target and after which the model predicts the same."""

    remedy: Remedy
    title: str
    #: How to do it by hand, in about three lines; empty where nobody wrote it down.
    code: str
    #: The version in which it was run, where that is not the target itself.
    through: str


@dataclass(frozen=True, kw_only=True)
class Target:
    """One version, and what the file does there."""

    stack: Stack
    cell: CellResult
    fate: Fate
    #: None where nobody knows it, or nothing is wrong.
    cause: Cause | None
    works: Works | None

    @property
    def name(self) -> str:
        """The version as people say it."""
        return self.stack.name


@dataclass(frozen=True, kw_only=True)
class Group:
    """Neighbouring versions with the same outcome."""

    targets: tuple[Target, ...]
    #: Whether nothing newer was tried on its line.
    open_end: bool

    @property
    def first(self) -> Target:
        """The oldest; its words are an example of theirs."""
        return self.targets[0]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Everything that is known of the question."""

    question: Question
    artifact: ArtifactResult | None
    home: Stack
    #: Whether there is something to hold other versions against.
    reference: bool
    #: The main line of TensorFlow releases, and what leaves it (tf-keras, nightly, another backend); oldest first.
    groups: tuple[Group, ...]
    sides: tuple[Group, ...]
    #: The newest version such that every known one from home up to it is safe; None where home is not.
    last_safe: Stack | None
    #: The first version above home in which it is not.
    first_break: Target | None
    #: The newest version of the main line above home; None where none was tried.
    newest: Target | None
    #: Versions to say how to move to: the newest, and those that were asked for.
    moves: tuple[Target, ...]

    @property
    def targets(self) -> tuple[Target, ...]:
        """All versions, the main line first."""
        return tuple(target for group in (*self.groups, *self.sides) for target in group.targets)

    @property
    def unknown(self) -> tuple[Target, ...]:
        """Versions of which nothing could be known."""
        return tuple(target for target in self.targets if target.fate is Fate.UNKNOWN)


def answer(results: Results, *, may_lose: Collection[str] | None = None, asked: Iterable[str] = ()) -> Answer:
    """Answer the question of a check.

    ``may_lose`` are the losses that are accepted, by the words of ``CellResult.lost`` or by the names of checks;
    None accepts all. ``asked`` are environments to say how to move to beside the newest. Raises ValueError where
    the results are those of a whole run, which ask nothing.
    """
    question = results.question
    if question is None:
        raise ValueError("These results are of a whole run and not of one model file.")
    cells = [cell for cell in results.cells if cell.producer == question.home]
    known = stacks(results.environments, [question.home, *(cell.consumer for cell in cells)])
    home = known[question.home]
    told = _Told(results, known, may_lose)
    order = list(known)
    targets = sorted((told.target(cell) for cell in cells), key=lambda one: order.index(one.stack.id))
    line = "" if home.branch == "tf-keras" else home.branch
    main = [one for one in targets if one.stack.branch == line or one.stack == home]
    aside = [one for one in targets if one not in main]
    above = [one for one in main if one.stack != home and home.reaches(one.stack)]
    breaks = [one for one in above if one.fate is Fate.UNSAFE]
    newest = above[-1] if above else None
    wanted = [one for one in targets if one.stack.id in set(asked) and one.stack != home and one != newest]
    at_home = _fate_at(home, targets)
    as_it_is = at_home is Fate.SAFE or (at_home is Fate.UNKNOWN and question.loaded in _AS_IT_IS)
    reference = question.reference and as_it_is
    return Answer(
        question=question,
        artifact=results.artifacts[0] if results.artifacts else None,
        home=home,
        reference=question.reference,
        groups=_groups(main),
        sides=tuple(
            group
            for branch in dict.fromkeys(one.stack.branch for one in aside)
            for group in _groups([one for one in aside if one.stack.branch == branch])
        ),
        last_safe=_last_safe(home, above, breaks) if reference else None,
        first_break=breaks[0] if breaks else None,
        newest=newest,
        moves=(*([newest] if newest else []), *wanted),
    )


def exit_code(answer: Answer) -> int:
    """0 when every target is safe, 1 when one is not, 3 when that could not be known of all of them."""
    fates = {target.fate for target in answer.targets}
    if Fate.UNSAFE in fates:
        return 1
    return 0 if fates == {Fate.SAFE} else 3


def fate(cell: CellResult, may_lose: Collection[str] | None = None) -> Fate:
    """Whether somebody can live with a cell; see :func:`answer` for ``may_lose``."""
    if cell.verdict in _UNKNOWN:
        return Fate.UNKNOWN
    accepted = may_lose is None or all(
        word in may_lose or _CHECK_OF.get(word, word) in may_lose for word in cell.lost
    )
    safe = cell.verdict is Verdict.IDENTICAL or (cell.verdict is Verdict.DEGRADED and accepted)
    return Fate.SAFE if safe else Fate.UNSAFE


def _fate_at(home: Stack, targets: Iterable[Target]) -> Fate:
    return next((one.fate for one in targets if one.stack == home), Fate.UNKNOWN)


def _last_safe(home: Stack, above: Iterable[Target], breaks: Sequence[Target]) -> Stack:
    """The newest safe version that is not reached through a break.

    A break with a newer Keras is not on the way: 2.16 with the Keras of today may fail where 2.18 with that of its
    day does not. A version of which nothing is known stops nobody.
    """
    reached = [
        one.stack
        for one in above
        if one.fate is Fate.SAFE and not any(broken.stack.reaches(one.stack) for broken in breaks)
    ]
    return reached[-1] if reached else home


def _groups(targets: Sequence[Target]) -> tuple[Group, ...]:
    """Neighbours that ended in the same way."""
    found: list[list[Target]] = []
    for target in targets:
        if found and _like(found[-1][-1]) == _like(target):
            found[-1].append(target)
        else:
            found.append([target])
    return tuple(Group(targets=tuple(same), open_end=same is found[-1]) for same in found)


def _like(target: Target) -> object:
    cell, works = target.cell, target.works
    differs = tuple(name for name, value in cell.checks.items() if value == "differs" and name != "config")
    return (
        cell.verdict,
        target.cause.id if target.cause else cell.signature or cell.telling or _words(cell),
        cell.lost,
        differs if cell.verdict is Verdict.DIVERGENT else (),
        (works.remedy.id, works.remedy.verdict, works.remedy.lost, works.through) if works else None,
    )


def _words(cell: CellResult) -> str:
    trouble = cell.verdict not in (Verdict.IDENTICAL, Verdict.DEGRADED, Verdict.DIVERGENT)
    return brief(Entry(cell=cell, artifact=None)) if trouble else ""


class _Told:
    """Cells with what the results say of their causes and remedies."""

    def __init__(
        self, results: Results, known: Mapping[str, Stack], may_lose: Collection[str] | None
    ) -> None:
        self._known, self._may_lose, self._artifacts = known, may_lose, results.artifacts
        self._causes = {cause.id: cause for cause in results.causes}
        self._meanings = {meaning.id: meaning for meaning in results.remedies}

    def target(self, cell: CellResult) -> Target:
        return Target(
            stack=self._known[cell.consumer],
            cell=cell,
            fate=fate(cell, self._may_lose),
            cause=self._cause(cell.cause),
            works=self._works(cell),
        )

    def _cause(self, name: str) -> Cause | None:
        if name in ("", UNCLASSIFIED):
            return None
        return self._causes.get(name) or Cause(id=name, title=name.replace("_", " "), sentence="")

    def _works(self, cell: CellResult) -> Works | None:
        remedy = best(cell)
        if remedy is None:
            return None
        meaning = self._meanings.get(remedy.id)
        code = remedy.code or (meaning.code if meaning else "")
        through = self._known.get(remedy.environment)
        return Works(
            remedy=remedy,
            title=meaning.title if meaning else remedy.id.replace("_", " "),
            code=filled(code, self._artifacts),
            through=through.name if through else remedy.environment,
        )
