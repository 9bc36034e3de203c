"""The search for a chain of hops that carries a model into another environment, the cheapest first. Pure.

What runs models is behind :class:`Lab`. A chain ends in the target itself: what is written was saved there and
loaded there again.
"""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Protocol

from runner.results import Verdict

#: Ways of loading of which one environment's re-saves are tried, those that lose least.
_WAYS = 3
#: What a hop into one more environment costs beside the hop itself, for each that is nearer; and the same for formats.
_FURTHER, _NEXT_FORMAT = 0.1, 0.05
#: The one remedy that what is written may need: a model that holds Python code is never loaded without it.
_UNSAFE = "safe_mode_off"


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a model is loaded: by a remedy, or plainly (no id). It was run, and outputs were the same."""

    id: str = ""
    #: What the agent is told.
    do: Mapping[str, Any] = field(default_factory=dict)
    #: What a model loaded so has lost of what it was at home.
    lost: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()
    #: How a person does it, in Python with ``{path}`` for the file.
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class Hop:
    """Loaded in an environment, and saved there."""

    environment: str
    way: Way
    format: str


@dataclass(frozen=True, kw_only=True)
class Stop:
    """An artifact on the way, by its content, and how it came about; without hops it is the file itself."""

    sha256: str
    format: str
    hops: tuple[Hop, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What became of loading an artifact in an environment."""

    verdict: Verdict
    #: The ways in which it predicts the same there, the one that loses least first.
    ways: tuple[Way, ...] = ()
    #: Why the plain load is not identical, in a line.
    why: str = ""

    @property
    def plain(self) -> Way | None:
        """The plain load, where that predicts the same."""
        return next((way for way in self.ways if not way.id), None)


@dataclass(frozen=True, kw_only=True)
class Carried:
    """What became of a hop: the next artifact, or why there is none."""

    hop: Hop
    stop: Stop | None = None
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One thing that was tried: an artifact loaded in an environment, or saved there."""

    hops: tuple[Hop, ...]
    environment: str
    #: Where it was saved there: as what, and loaded by which way.
    format: str = ""
    way: str = ""
    verdict: Verdict
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a search came to. Without ``stop`` there is no path; ``limit`` says why it was not looked for to the end."""

    tried: tuple[Tried, ...]
    stop: Stop | None = None
    #: How the result is loaded: plainly, or as a model that holds code.
    opened: Way = Way()
    limit: str = ""


class Lab(Protocol):
    """Runs what the search asks for; never twice the same."""

    def load(self, stop: Stop, environment: str, *, remedies: bool) -> Looked:
        """Load an artifact in a fresh process, and hold it against home; with ``remedies`` by them as well."""

    def carry(self, stop: Stop, environment: str, hops: Sequence[tuple[Way, str]]) -> Sequence[Carried]:
        """Load it there by each way and save it in that format."""

    def spent(self) -> str:
        """Why nothing more may be tried, in a sentence; empty while it may."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """Where a chain may lead, and what is saved there."""

    target: str
    #: Formats of the result, the one that is wanted most first.
    land: tuple[str, ...]
    #: Environments between, the likeliest first, with the formats to go on in.
    between: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: Hops at most, the one in the target included.
    hops: int = 3


def search(lab: Lab, start: Stop, route: Route, *, as_it_is: bool = False) -> Found:
    """The first chain whose result loads in the target as it did at home; of one stop's, the one that loses least.

    With ``as_it_is`` a file that loads identically in the target is the result itself.
    """
    return _Search(lab, route, as_it_is).run(start)


class _Search:
    def __init__(self, lab: Lab, route: Route, as_it_is: bool) -> None:
        self._lab, self._route, self._as_it_is = lab, route, as_it_is
        self._tried: list[Tried] = []
        self._number = count()
        #: What is to be looked at: cost, a number against ties, the stop, and where.
        self._open: list[tuple[float, int, Stop, str]] = []

    def run(self, start: Stop) -> Found:
        self._push(0.0, start, self._route.target)
        while self._open:
            limit = self._lab.spent()
            if limit:
                return self._said(limit=limit)
            _, _, stop, environment = heapq.heappop(self._open)
            looked = self._lab.load(stop, environment, remedies=True)
            self._note(stop, environment, looked.verdict, looked.why)
            if environment != self._route.target:
                self._pass(stop, environment, looked)
                continue
            found = self._land(stop, looked)
            if found is not None:
                return found
            if len(stop.hops) + 2 <= self._route.hops:
                been = {hop.environment for hop in stop.hops}
                for place, name in enumerate(self._route.between):
                    if name not in been:
                        self._push(len(stop.hops) + 1 + place * _FURTHER, stop, name)
        return self._said()

    def _land(self, stop: Stop, looked: Looked) -> Found | None:
        """The result, where the stop can be loaded in the target and what is saved there loads again."""
        if self._as_it_is and not stop.hops and looked.verdict is Verdict.IDENTICAL:
            return self._said(stop=stop)
        landed: list[tuple[Stop, Way]] = []
        for way in looked.ways[:_WAYS]:
            for name in self._route.land:
                landed += self._landed(stop, way, name)
                if landed and landed[-1][1].lost == way.lost:
                    return self._best(landed)  # saving it has lost nothing more, and no later way loses less
        if landed:
            return self._best(landed)
        if not stop.hops and looked.plain is not None:  # it can be used there and not be saved
            return self._said(stop=stop, opened=looked.plain)
        return None

    def _landed(self, stop: Stop, way: Way, name: str) -> list[tuple[Stop, Way]]:
        target = self._route.target
        found = []
        for carried in self._lab.carry(stop, target, [(way, name)]):
            if carried.stop is None:
                self._note(stop, target, Verdict.SAVE_FAILED, carried.why, carried.hop)
                continue
            again = self._lab.load(carried.stop, target, remedies=False)
            opened = again.plain
            if opened is None and any(hop.way.do.get("safe_mode") is False for hop in carried.stop.hops):
                again = self._lab.load(carried.stop, target, remedies=True)
                opened = next((one for one in again.ways if one.id == _UNSAFE), None)
            if opened is None:
                self._note(carried.stop, target, again.verdict, again.why)
            else:
                found.append((carried.stop, opened))
        return found

    def _best(self, landed: Sequence[tuple[Stop, Way]]) -> Found:
        stop, opened = min(landed, key=lambda item: (bool(item[1].id), len(item[1].lost)))
        return self._said(stop=stop, opened=opened)

    def _pass(self, stop: Stop, environment: str, looked: Looked) -> None:
        """Save it in an environment between, and look at what comes of it in the target."""
        if not looked.ways:
            return
        wanted = [(looked.ways[0], name) for name in self._route.between[environment]]
        for place, carried in enumerate(self._lab.carry(stop, environment, wanted)):
            if carried.stop is None:
                self._note(stop, environment, Verdict.SAVE_FAILED, carried.why, carried.hop)
            else:
                cost = len(carried.stop.hops) + place * _NEXT_FORMAT
                self._push(cost, carried.stop, self._route.target)

    def _push(self, cost: float, stop: Stop, environment: str) -> None:
        heapq.heappush(self._open, (cost, next(self._number), stop, environment))

    def _note(self, stop: Stop, environment: str, verdict: Verdict, why: str, hop: Hop | None = None) -> None:
        one = Tried(hops=stop.hops, environment=environment, verdict=verdict, why=why)
        self._tried.append(replace(one, format=hop.format, way=hop.way.id) if hop else one)

    def _said(self, stop: Stop | None = None, opened: Way = Way(), limit: str = "") -> Found:
        return Found(tried=tuple(self._tried), stop=stop, opened=opened, limit=limit)
