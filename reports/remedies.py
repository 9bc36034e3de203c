"""Work-arounds that were run: whether one helps a cell, and how many cells of a run are helped."""

import json
import re
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from reports.text import line
from reports.verdicts import TROUBLE, Tally, tally
from runner.results import ArtifactResult, CellResult, Remedy, RemedyMeaning, Verdict

#: What the diagnosis calls a cell whose cause it does not know.
UNCLASSIFIED = "unclassified"

_FATES: Mapping[Verdict, str] = {
    Verdict.DIVERGENT: "Loads without an error and is wrong",
    Verdict.LOAD_FAILED: "Fails",
    Verdict.CRASHED: "Crashes",
    Verdict.TIMED_OUT: "Runs past its time limit",
}

#: The ending under which Keras reads what a file really is.
_ENDINGS: Mapping[str, str] = {"hdf5": ".h5", "zip": ".keras", "savedmodel": ""}

_ANY_NAME = "path/to/your_model"


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One remedy across the cells in which it was run."""

    id: str
    title: str
    sentence: str
    code: str
    #: Cells in which it was run, and those that are better off with it.
    tried: int
    helped: int
    tally: Tally
    #: Where it was run, where that was not the consumer itself.
    environments: tuple[str, ...]
    #: What it said most often where it did not help.
    telling: str


@dataclass(frozen=True, kw_only=True)
class Share:
    """How far a run's trouble is explained and can be helped."""

    troubled: int
    helped: int
    known: int
    #: Cells in which any remedy was run.
    tried: int


def helps(cell: CellResult, remedy: Remedy) -> bool:
    """Whether the model then predicts the same and less is lost than without the remedy.

    A cell that was degraded from the start is not helped by a remedy that leaves it as it was.
    """
    if not remedy.verified:
        return False
    if cell.verdict is not Verdict.DEGRADED or remedy.verdict is Verdict.IDENTICAL:
        return True
    return set(remedy.lost) < set(cell.lost)


def best(cell: CellResult) -> Remedy | None:
    """The remedy to show first: one in the consumer itself, that loses least; among equals the cheapest."""
    working = [remedy for remedy in cell.remedies if helps(cell, remedy)]
    return min(working, key=lambda remedy: (bool(remedy.environment), len(remedy.lost)), default=None)


def outcome(remedy: Remedy) -> str:
    """What a remedy leads to: ``identical except optimizer``."""
    if remedy.verdict is Verdict.DEGRADED:
        return f"identical except {', '.join(remedy.lost)}" if remedy.lost else "nearly identical"
    return remedy.verdict.replace("_", " ")


def headline(cell: CellResult, title: str) -> str:
    """``Fails; this works: Load without compiling (identical except optimizer)``, or that nothing tried helps.

    ``title`` is that of the best remedy; its id where it is empty.
    """
    lost = f"Loses {', '.join(cell.lost)}" if cell.lost else "Loses something"
    fate = _FATES.get(cell.verdict, lost)
    remedy = best(cell)
    if remedy is None:
        count = len(cell.remedies)
        none = "the one remedy that was tried does not help"
        return f"{fate}; {none if count == 1 else f'none of the {count} remedies that were tried helps'}"
    where = f" in {remedy.environment}" if remedy.environment else ""
    return f"{fate}; this works: {title or remedy.id}{where} ({outcome(remedy)})"


def filled(code: str, artifacts: Iterable[ArtifactResult]) -> str:
    """The code with the name of the file in its place; a made-up one where the artifacts have several names."""
    known = {(artifact.name, artifact.actual_format) for artifact in artifacts if artifact.name}
    name, actual = known.pop() if len(known) == 1 else (_ANY_NAME, "")
    stem = PurePosixPath(name).stem.removesuffix(".weights")
    renamed = f"{stem}{_ENDINGS.get(actual, '.renamed')}"
    return with_names(code, name, renamed).strip("\n")


def with_names(code: str, path: str, renamed: str) -> str:
    """The code with the file and the copy of it in their places, whatever its maker liked to call it."""
    places = {"{path}": _quoted(path), "{renamed}": _quoted(renamed), "{shell}": _in_a_shell(path)}
    # In one go: a name that looks like a place is none.
    return re.sub("|".join(map(re.escape, places)), lambda found: places[found[0]], code)


def _in_a_shell(name: str) -> str:
    """A name as a shell takes it, on one line."""
    if not name.isprintable():
        return "MODEL"
    return shlex.quote(f"./{name}" if name.startswith("-") else name)


def _quoted(name: str) -> str:
    """A name as it stands between quotes in Python."""
    return json.dumps(name)[1:-1]


def tried(cells: Iterable[CellResult], meanings: Mapping[str, RemedyMeaning]) -> tuple[Tried, ...]:
    """Every remedy that was run in these cells, the one that helps most first; among equals what loses least."""
    found: dict[str, list[tuple[CellResult, Remedy]]] = {}
    for cell in cells:
        for remedy in cell.remedies:
            found.setdefault(remedy.id, []).append((cell, remedy))
    told = [_tried(name, runs, meanings.get(name)) for name, runs in found.items()]
    return tuple(sorted(told, key=lambda one: (-one.helped, -one.tally.of(Verdict.IDENTICAL))))


def _tried(name: str, runs: list[tuple[CellResult, Remedy]], meaning: RemedyMeaning | None) -> Tried:
    said = Counter(
        line(remedy.telling) for cell, remedy in runs if remedy.telling and not helps(cell, remedy)
    )
    codes = Counter(remedy.code for cell, remedy in runs if remedy.code and helps(cell, remedy))
    return Tried(
        id=name,
        title=meaning.title if meaning else name,
        sentence=meaning.sentence if meaning else "",
        code=next((code for code, _ in codes.most_common(1)), "") or (meaning.code if meaning else ""),
        tried=len(runs),
        helped=sum(helps(cell, remedy) for cell, remedy in runs),
        tally=tally(remedy.verdict for _, remedy in runs),
        environments=tuple(dict.fromkeys(remedy.environment for _, remedy in runs if remedy.environment)),
        telling=next((text for text, _ in said.most_common(1)), ""),
    )


def share(cells: Iterable[CellResult]) -> Share:
    """Count the cells that fail or differ, and those of them that are explained and helped."""
    troubled = [cell for cell in cells if cell.verdict in TROUBLE]
    return Share(
        troubled=len(troubled),
        helped=sum(best(cell) is not None for cell in troubled),
        known=sum(cell.cause not in ("", UNCLASSIFIED) for cell in troubled),
        tried=sum(bool(cell.remedies) for cell in troubled),
    )


def sentences(share: Share) -> str:
    """The share as a reader is told it; empty where nothing fails or differs."""
    if not share.troubled:
        return ""
    cells = (
        "1 cell that fails or differs"
        if share.troubled == 1
        else f"{share.troubled:,} cells that fail or differ"
    )
    remedied = (
        f"Of {cells}, {_part(share.helped, share.troubled)} have a remedy that was run and works."
        if share.tried
        else f"No remedy was run for the {cells}."
    )
    return f"{remedied} The cause is known for {_part(share.known, share.troubled)}."


def _part(count: int, whole: int) -> str:
    """A count with its percentage, which is 0 for none and 100 for all alone."""
    if 0 < count < whole / 100:
        return f"{count:,} (less than 1 %)"
    return f"{count:,} ({count * 100 // whole} %)"
