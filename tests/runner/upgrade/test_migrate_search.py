"""The order in which chains are tried, what counts as the result, and when it is given up; models are in tests/real."""

from collections.abc import Mapping, Sequence

import pytest

from runner.results import Verdict
from runner.upgrade.migrate_search import Carried, Found, Hop, Looked, Route, Stop, Way, search

START = Stop(sha256="start", format="h5")
PLAIN = Way()
SAME = Looked(verdict=Verdict.IDENTICAL, ways=(PLAIN,))
NO = Looked(verdict=Verdict.LOAD_FAILED, why="Unknown layer: Odd")
ROUTE = Route(target="new", land=("keras", "h5"), between={"old": ("h5", "keras"), "mid": ("keras",)})


class Bench:
    """Answers from a table; ``<artifact> in <environment>``. An artifact is called by the hops that made it."""

    def __init__(self, looked: Mapping[str, Looked], failing: Mapping[str, str], patience: int) -> None:
        self._looked, self._failing, self._patience = looked, failing, patience
        self.asked: list[str] = []

    def load(self, stop: Stop, environment: str, *, remedies: bool) -> Looked:
        name = f"{stop.sha256} in {environment}"
        self.asked.append(name)
        return self._looked.get(name, NO)

    def carry(self, stop: Stop, environment: str, hops: Sequence[tuple[Way, str]]) -> Sequence[Carried]:
        found = []
        for way, name in hops:
            made = f"{stop.sha256}>{environment}.{name}" + (f"[{way.id}]" if way.id else "")
            self.asked.append(made)
            hop = Hop(environment=environment, way=way, format=name)
            why = self._failing.get(made, "")
            stopped = Stop(sha256=made, format=name, hops=(*stop.hops, hop))
            found.append(Carried(hop=hop, stop=None if why else stopped, why=why))
        return found

    def spent(self) -> str:
        return "The time is over." if len(self.asked) >= self._patience else ""


def look(
    looked: Mapping[str, Looked],
    *,
    failing: Mapping[str, str] | None = None,
    route: Route = ROUTE,
    patience: int = 99,
    as_it_is: bool = False,
) -> tuple[Found, list[str]]:
    bench = Bench(looked, failing or {}, patience)
    return search(bench, START, route, as_it_is=as_it_is), bench.asked


def name(found: Found) -> str:
    assert found.stop is not None
    return found.stop.sha256


def test_a_file_that_loads_there_is_saved_there_and_loaded_again() -> None:
    found, asked = look({"start in new": SAME, "start>new.keras in new": SAME})
    assert name(found) == "start>new.keras"
    assert asked == ["start in new", "start>new.keras", "start>new.keras in new"]


def test_where_nothing_is_to_be_written_a_file_that_is_the_same_there_is_the_result() -> None:
    found, asked = look({"start in new": SAME}, as_it_is=True)
    assert found.stop == START
    assert asked == ["start in new"]


def test_a_file_that_is_less_there_is_carried_all_the_same() -> None:
    less = Looked(verdict=Verdict.DEGRADED, ways=(Way(lost=("optimizer",)),), why="lost: optimizer")
    found, _ = look({"start in new": less, "start>new.keras in new": less}, as_it_is=True)
    assert name(found) == "start>new.keras"
    assert found.opened.lost == ("optimizer",)


def test_the_way_that_loses_least_comes_first() -> None:
    whole, bare = Way(id="recompile"), Way(id="compile_false", lost=("optimizer", "compile"))
    looked = Looked(verdict=Verdict.LOAD_FAILED, ways=(whole, bare))
    found, asked = look({"start in new": looked, "start>new.keras[recompile] in new": SAME})
    assert name(found) == "start>new.keras[recompile]"
    assert not any("compile_false" in one for one in asked)


def test_of_what_was_saved_the_one_that_lost_least_is_taken() -> None:
    way = Way(id="recompile")
    worse = Looked(verdict=Verdict.DEGRADED, ways=(Way(lost=("optimizer", "training")),))
    better = Looked(verdict=Verdict.DEGRADED, ways=(Way(lost=("optimizer",)),))
    found, _ = look(
        {
            "start in new": Looked(verdict=Verdict.LOAD_FAILED, ways=(way,)),
            "start>new.keras[recompile] in new": worse,
            "start>new.h5[recompile] in new": better,
        }
    )
    assert name(found) == "start>new.h5[recompile]"
    assert found.opened.lost == ("optimizer",)


def test_what_does_not_load_again_is_not_the_result() -> None:
    found, _ = look({"start in new": SAME, "start>new.h5 in new": SAME})
    assert name(found) == "start>new.h5"
    told = [one for one in found.tried if one.hops]
    assert [(one.hops[0].format, one.verdict) for one in told] == [("keras", Verdict.LOAD_FAILED)]


def test_then_one_environment_between_and_the_first_of_its_formats() -> None:
    found, asked = look(
        {
            "start in old": SAME,
            "start>old.keras in new": SAME,
            "start>old.keras>new.keras in new": SAME,
        }
    )
    assert name(found) == "start>old.keras>new.keras"
    assert asked[:4] == ["start in new", "start in old", "start>old.h5", "start>old.keras"]
    assert "start in mid" not in asked  # it is as near to the goal, and was not needed


def test_then_two_between() -> None:
    found, _ = look(
        {
            "start in old": SAME,
            "start>old.keras in mid": SAME,
            "start>old.keras>mid.keras in new": SAME,
            "start>old.keras>mid.keras>new.keras in new": SAME,
        }
    )
    assert name(found) == "start>old.keras>mid.keras>new.keras"


@pytest.mark.parametrize(("hops", "expected"), [(1, 1), (2, 3)])
def test_no_more_hops_than_allowed(hops: int, expected: int) -> None:
    route = Route(target="new", land=("keras",), between={"old": ("keras",), "mid": ("keras",)}, hops=hops)
    found, asked = look({"start in old": SAME}, route=route)
    assert found.stop is None
    assert found.limit == ""
    assert len([one for one in asked if " in " in one]) - ("start>old.keras in new" in asked) == expected


def test_without_a_path_it_is_told_what_failed_where() -> None:
    found, _ = look({"start in old": SAME}, failing={"start>old.keras": "saving raised OSError: full"})
    assert found.stop is None
    told = {(one.environment, one.format, one.why) for one in found.tried}
    assert ("new", "", "Unknown layer: Odd") in told
    assert ("old", "keras", "saving raised OSError: full") in told


def test_it_is_given_up_when_the_time_is_over() -> None:
    found, asked = look({"start in old": SAME}, patience=1)
    assert (found.stop, found.limit) == (None, "The time is over.")
    assert asked == ["start in new"]


def test_what_loads_and_cannot_be_saved_there_is_the_file_itself() -> None:
    failing = {"start>new.keras": "no", "start>new.h5": "no"}
    found, _ = look({"start in new": SAME}, failing=failing)
    assert found.stop == START


def test_a_model_that_holds_code_may_need_to_be_allowed_to_run_it() -> None:
    allowed = Way(id="safe_mode_off", do={"way": "load", "safe_mode": False})
    looked = Looked(verdict=Verdict.LOAD_FAILED, ways=(allowed,))
    made = "start>new.keras[safe_mode_off] in new"
    found, _ = look({"start in new": looked, made: looked})
    assert name(found) == "start>new.keras[safe_mode_off]"
    assert found.opened.id == "safe_mode_off"


def test_any_other_remedy_is_no_way_to_load_the_result() -> None:
    looked = Looked(verdict=Verdict.LOAD_FAILED, ways=(Way(id="compile_false", do={"compile": False}),))
    found, _ = look({"start in new": looked, "start>new.keras[compile_false] in new": looked})
    assert found.stop is None


def test_no_environment_twice_on_one_way() -> None:
    _, asked = look({"start in old": SAME, "start in mid": SAME})
    assert not any(one.count(">old") > 1 or one.count(">mid") > 1 for one in asked)
    assert len(asked) == len(set(asked))
