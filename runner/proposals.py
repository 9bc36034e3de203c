"""Entries of ``expected`` that would cover what a run saw: as few globs as cover its cells and no others. Pure."""

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product

from runner.results import Verdict
from runner.transitions import INFRASTRUCTURE, CellName, Seen

#: Which of the four names of a cell a glob keeps; those that keep least come first.
_MASKS = sorted(product((False, True), repeat=4), key=sum)
#: What a glob may cover beside its own: nothing is claimed of these.
_SILENT = INFRASTRUCTURE | {Verdict.UNSUPPORTED}


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """One entry: a glob over cells that all have this outcome, and how many they are."""

    glob: str
    verdict: Verdict
    cause: str
    cells: int


def propose(
    cells: Mapping[CellName, Seen], verdicts: Collection[Verdict], *, known: Collection[CellName] = ()
) -> tuple[Proposal, ...]:
    """Entries for all cells with one of these verdicts, but for those that are ``known`` already.

    No entry matches a cell with another outcome, so none of them says anything that the run did not see. Of entries
    that would do, the widest comes first.
    """
    telling = {name: seen for name, seen in cells.items() if seen.verdict not in _SILENT}
    around = [Counter(_key(name, mask) for name in telling) for mask in _MASKS]
    groups: dict[tuple[Verdict, str], list[CellName]] = {}
    for name, seen in telling.items():
        if seen.verdict in verdicts:
            groups.setdefault((seen.verdict, seen.cause), []).append(name)
    found = []
    for (verdict, cause), names in sorted(groups.items()):
        found += _cover(names, set(names) - set(known), around, verdict, cause)
    return tuple(found)


def text(
    proposals: Collection[Proposal], reasons: Mapping[str, str], *, run: str, expires: date, owner: str = ""
) -> str:
    """The YAML to paste into a matrix. ``reasons`` are the titles of causes, by id; quoted as JSON is."""
    lines = ["expected:"]
    for item in proposals:
        reason = reasons.get(item.cause) or f"as run {run} saw it; write down why"
        lines += [
            f"  - cell: {_quoted(item.glob)}  # {item.cells} cell{'s' if item.cells != 1 else ''}",
            f"    verdict: {item.verdict}",
            *([f"    cause: {_quoted(item.cause)}"] if item.cause in reasons else []),
            f"    reason: {_quoted(reason)}",
            *([f"    owner: {_quoted(owner)}"] if owner else []),
            f"    expires: {expires.isoformat()}",
        ]
    return "\n".join(lines) + "\n" if proposals else "expected: []\n"


def _cover(
    names: list[CellName],
    wanted: set[CellName],
    around: list[Counter[tuple[str, ...]]],
    verdict: Verdict,
    cause: str,
) -> list[Proposal]:
    """Globs that cover the wanted names: the widest that cover none but ``names``, first those that cover most."""
    possible: list[tuple[int, int, tuple[str, ...]]] = []
    for place, mask in enumerate(_MASKS):
        own = Counter(_key(name, mask) for name in names)
        possible += [(-count, place, key) for key, count in own.items() if around[place][key] == count]
    covered_by: dict[tuple[int, tuple[str, ...]], list[CellName]] = {}
    for name in wanted:
        for place, mask in enumerate(_MASKS):
            covered_by.setdefault((place, _key(name, mask)), []).append(name)
    left = set(wanted)
    found = []
    for count, place, key in sorted(possible):
        new = left.intersection(covered_by.get((place, key), ()))
        if new:
            left -= new
            found.append(Proposal(glob=_glob(key), verdict=verdict, cause=cause, cells=-count))
        if not left:
            break
    return found


def _quoted(word: str) -> str:
    """The word as YAML reads it back; JSON's escapes are YAML's, but for characters beyond four digits."""
    return json.dumps(word, ensure_ascii=False)


def _key(name: CellName, mask: tuple[bool, ...]) -> tuple[str, ...]:
    return tuple(part if kept else "" for part, kept in zip(name, mask, strict=True))


def _glob(key: tuple[str, ...]) -> str:
    """The key as a glob; what is special in a name stands for itself."""
    return "/".join(
        "".join(f"[{sign}]" if sign in "*?[" else sign for sign in part) if part else "*" for part in key
    )
