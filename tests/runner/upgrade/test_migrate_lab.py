"""What a hop asks of an environment, and what is believed of the answer; the environments here are scripts."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from environments import lock as locks
from environments import matrix as matrices
from environments.engines import Exit
from runner.adopted import Adopted
from runner.plan import ArtifactKey, Plan
from runner.probe_files import ProbeFile
from runner.results import Run, Verdict
from runner.store import Store
from runner.upgrade.migrate_lab import HopLab
from runner.upgrade.migrate_search import Way
from runner.upgrade.watching import Silent
from runner.upgrade.workshop import Workshop
from tests.runner.fakes import (
    DONE,
    LOADED,
    Recorded,
    Say,
    carried,
    make_lock,
    ready_event,
    saved,
    trying,
    well,
)

HOME, NEW = "tf2.15.1-cpu", "tf2.21.0-cpu"
#: The agent of an environment is one job, whatever it is asked.
KEY_HOME, KEY_NEW = f"{HOME}-r", f"{NEW}-r"
SEEN = {**LOADED, "edits": []}


def carrying(**changes: Any) -> Any:
    """An agent that carries: what it saves, and ``changes`` to what it says of it."""

    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        if task["phase"] != "carry":
            return well(task, out, say)
        say(ready_event())
        for place, item in enumerate(task["cells"]):
            say(carried(item["key"], out, item["save_as"], **changes))
            assert (out / "carried" / str(place) / "payload").is_dir()
        return DONE

    return script


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    (tmp_path / "matrix.yaml").write_text('version: 1\nmatrix: {tensorflow: ["2.15.1", "2.21.0"]}\n')
    matrix = matrices.load(tmp_path / "matrix.yaml")
    for item in matrix.environments:
        locks.write(make_lock(item), tmp_path / "environments" / "locks")
    store = Store(tmp_path / "state")
    run = Run(id="r", started="2026-01-01T00:00:00+00:00", engine="recorded", matrix_sha256="", version="1")
    with Workshop(
        matrix, store, Recorded(), cancel=Event(), watcher=Silent(lambda sentence: None), run=run
    ) as workshop:
        yield workshop


def lab(
    shop: Workshop,
    tmp_path: Path,
    engine: Recorded | None = None,
    seconds: float = 60,
    tags: tuple[str, ...] = (),
    facts: Mapping[str, Any] | None = None,
) -> HopLab:
    """One for a file that is at home in :data:`HOME`."""
    if engine is not None:
        shop.engine = engine
    home = next(item for item in shop.matrix.environments if item.id == HOME)
    path = tmp_path / "code.py"
    path.write_text("CODE_AT_LOADING = False\n")
    probe = ProbeFile(name="m.h5", path=path, why="", sha256="0", source="m.h5", tags=tags, adopted=True)
    key = ArtifactKey(producer=HOME, probe="m.h5", format="h5")
    told = saved({"producer": HOME, "probe": "m.h5", "format": "h5"}, tmp_path / "adopted")["value"]
    assert shop.store.keep(tmp_path / "adopted" / "m.h5" / "h5", told["sha256"])
    plan = Plan(environments=(home,), locks={HOME: shop.lock(home)}, probes=(probe,), formats=("h5",))
    return HopLab(
        shop,
        Adopted(plan=plan, key=key, record={**told, "loaded": "plain", "facts": dict(facts or {})}),
        shop.matrix.environments,
        seconds=seconds,
    )


def test_a_hop_is_an_artifact_that_any_environment_loads(shop: Workshop, tmp_path: Path) -> None:
    engine = Recorded({KEY_NEW: [carrying()]})
    bench = lab(shop, tmp_path, engine)
    (carried,) = bench.carry(bench.start, NEW, [(Way(id="repair", do={"way": "load"}), "keras")])
    assert carried.stop is not None
    assert [(hop.environment, hop.way.id, hop.format) for hop in carried.stop.hops] == [
        (NEW, "repair", "keras")
    ]
    assert bench.payload(carried.stop).read_text() == f"keras of {NEW}"
    looked = bench.load(carried.stop, HOME, remedies=False)
    assert (looked.verdict, looked.plain is not None) == (Verdict.IDENTICAL, True)
    assert engine.jobs[-1] == (KEY_HOME, [f"{NEW}/m.h5/keras"])


def test_a_hop_of_a_file_without_code_is_done_by_hand_without_code(shop: Workshop, tmp_path: Path) -> None:
    broken = {**LOADED, "checks": {}, "error": {"type": "ValueError", "message": "no", "traceback": ""}}
    compiled = {"optimizer": {"name": "adam"}, "loss": {"name": "mse"}}

    def tried(remedy: str) -> Mapping[str, Any]:
        return {**SEEN, "compiled": compiled} if remedy == "recompile" else broken

    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        ready = ready_event()
        say({**ready, "facts": {**ready["facts"], "tensorflow": "2.21.0", "keras": "3.12.0"}})
        return trying(broken, tried)(task, out, say)

    facts = {"adopted": True, "code": False, "name": "m.h5", "keras_version": "2.9.0"}
    bench = lab(
        shop, tmp_path, Recorded({KEY_HOME: [carrying(actual_format="hdf5")], KEY_NEW: [script]}), facts=facts
    )
    (carried,) = bench.carry(bench.start, HOME, [(Way(), "h5")])
    assert carried.stop is not None
    (way,) = bench.load(carried.stop, NEW, remedies=True).ways
    assert 'model.compile(optimizer="adam", loss="mse")' in way.code
    assert "my_model" not in way.code


def test_nothing_is_loaded_twice(shop: Workshop, tmp_path: Path) -> None:
    engine = Recorded()
    bench = lab(shop, tmp_path, engine)
    assert bench.load(bench.start, NEW, remedies=True) == bench.load(bench.start, NEW, remedies=True)
    assert len(engine.jobs) == 1


def test_the_file_can_be_loaded_after_home_has_saved_it_anew(shop: Workshop, tmp_path: Path) -> None:
    bench = lab(shop, tmp_path, Recorded({KEY_HOME: [carrying()]}))
    (carried,) = bench.carry(bench.start, HOME, [(Way(), "h5")])
    assert carried.stop is not None
    for stop in (bench.start, carried.stop, bench.start):
        assert bench.load(stop, NEW, remedies=True).verdict is Verdict.IDENTICAL
        again = bench.load(stop, HOME, remedies=False)
        assert again.verdict is Verdict.IDENTICAL


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (
            {
                "status": "save_failed",
                "stage": "load",
                "error": {"type": "ValueError", "message": "no\nmore"},
            },
            "loading raised ValueError: no",
        ),
        (
            {
                "status": "save_failed",
                "stage": "save",
                "error": {"type": "OSError", "message": ""},
            },
            "saving as keras raised OSError: (no message)",
        ),
        (
            {"seen": {**SEEN, "checks": {"outputs": "differs"}, "details": {"outputs": "0.5 apart"}}},
            "what was loaded to be saved is divergent: 0.5 apart",
        ),
        ({"sha256": "0" * 64}, "what was saved did not come back whole"),
    ],
)
def test_a_hop_that_does_not_hold_is_none(
    shop: Workshop, tmp_path: Path, changes: dict[str, Any], why: str
) -> None:
    bench = lab(shop, tmp_path, Recorded({KEY_NEW: [carrying(**changes)]}))
    (carried,) = bench.carry(bench.start, NEW, [(Way(), "keras")])
    assert (carried.stop, carried.why) == (None, why)


def test_an_agent_that_died_is_told_of_each_hop(shop: Workshop, tmp_path: Path) -> None:
    def died(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        return Exit(status=-9, problem="It ran out of memory.")

    bench = lab(shop, tmp_path, Recorded({KEY_NEW: [died]}))
    found = bench.carry(bench.start, NEW, [(Way(), "keras"), (Way(), "h5")])
    assert [one.why for one in found] == ["It ran out of memory."] * 2


def test_a_name_does_not_lead_out_of_the_store(shop: Workshop, tmp_path: Path) -> None:
    bench = lab(shop, tmp_path, Recorded({KEY_NEW: [carrying(name="../../../../etc/passwd")]}))
    (carried,) = bench.carry(bench.start, NEW, [(Way(), "keras")])
    assert carried.stop is not None
    assert bench.payload(carried.stop).name == "passwd"
    assert bench.payload(carried.stop).parent == shop.store.object(carried.stop.sha256) / "payload"


def test_what_the_agent_is_told_is_plain_data(shop: Workshop, tmp_path: Path) -> None:
    asked: list[Mapping[str, Any]] = []

    def listening(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        asked.append(json.loads(json.dumps(task)))
        return DONE

    bench = lab(shop, tmp_path, Recorded({KEY_NEW: [listening]}))
    bench.carry(bench.start, NEW, [(Way(id="x", do={"way": "load", "compile": False}), "keras")])
    (task,) = asked
    assert (task["phase"], task["environment"]) == ("carry", NEW)
    (item,) = task["cells"]
    assert (item["format"], item["save_as"], item["way"]) == (
        "h5",
        "keras",
        {"way": "load", "compile": False},
    )


def test_time_that_is_over_is_said(shop: Workshop, tmp_path: Path) -> None:
    assert lab(shop, tmp_path).spent() == ""
    assert "0 minutes" in lab(shop, tmp_path, seconds=0).spent()


def test_a_person_loads_a_model_with_its_own_code_as_well(shop: Workshop, tmp_path: Path) -> None:
    alone = lab(shop, tmp_path)
    plain = alone.load(alone.start, NEW, remedies=True).plain
    assert plain is not None
    assert plain.code.endswith('model = keras.models.load_model("{path}")\n')
    bench = lab(shop, tmp_path, tags=("custom",))
    plain = bench.load(bench.start, NEW, remedies=True).plain
    assert plain is not None
    assert plain.code.endswith(
        'load_model("{path}", custom_objects=getattr(my_model, "CUSTOM_OBJECTS", vars(my_model)))\n'
    )
