"""What a user reads at the end: the path and its losses, the code, or what stood in the way."""

import ast
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from environments.spec import Environment
from runner.adopted import Adopted
from runner.commands.migrate_told import report
from runner.plan import ArtifactKey, Plan
from runner.probe_files import ProbeFile
from runner.results import Verdict
from runner.upgrade.check import At
from runner.upgrade.migrate import Migration, told
from runner.upgrade.migrate_search import Found, Hop, Stop, Tried, Way

LOAD = 'from tensorflow import keras\n\nmodel = keras.models.load_model("{path}")\n'
OLD = Hop(environment="tf2.15.1-cpu", way=Way(code=LOAD, lost=("optimizer",)), format="h5")
NEW = Hop(
    environment="tf2.21.0-cpu",
    way=Way(
        id="repair",
        code="import my_model\n" + LOAD.replace("{path}", "{renamed}"),
        lost=("optimizer", "compile"),
        edits=("dropped time_major = false of LSTM\x1b[31m",),
    ),
    format="keras",
)


def migration(found: Found, **record: Any) -> Migration:
    probe = ProbeFile(name="m.h5", path=Path("_no_code.py"), why="", sha256="", source="", adopted=True)
    home = Environment(id="tf2.9.3-cpu", tensorflow="2.9.3")
    plan = Plan(environments=(home,), locks={}, probes=(probe,), formats=("h5",))
    key = ArtifactKey(producer=home.id, probe="m.h5", format="h5")
    known = {"loaded": "plain", "ways": {"plain": None}, "predict": None, **record}
    return Migration(
        at=At(home=home, adopted=Adopted(plan=plan, key=key, record=known)),
        target="tf2.21.0-cpu",
        found=found,
    )


def said(found: Found, out: str | None = "m.keras", code: str | None = None, **record: Any) -> str:
    model, wrote = Path("m.h5"), Path(out) if out else None
    return "\n".join(report(migration(found, **record), model, wrote, Path(code) if code else None))


CARRIED = Found(
    tried=(),
    stop=Stop(sha256="0", format="keras", hops=(OLD, NEW)),
    opened=Way(lost=("optimizer", "compile", "resave")),
)


def test_the_path_says_what_each_hop_lost() -> None:
    text = said(CARRIED)
    assert "1. tf2.15.1-cpu: loaded as it is, saved as h5. Lost here: the optimizer's state\n" in text
    assert "2. tf2.21.0-cpu: loaded by repair, saved as keras. Lost here: loss and metrics\n" in text
    assert "What was saved last does not bring back: saving it in the same format" in text
    assert text.endswith("Written: m.keras")


def test_each_hop_is_told_as_code_with_the_files_in_it() -> None:
    text = said(CARRIED, code="src/layers.py")
    assert (
        '# 1. in tf2.15.1-cpu\n  from tensorflow import keras\n  \n  model = keras.models.load_model("m.h5")'
        in text
    )
    assert 'model.save("hop1.h5")' in text
    assert (
        'import layers\n  from tensorflow import keras\n  \n  model = keras.models.load_model("copy-of-hop1.h5")'
        in text
    )
    assert 'model.save("m.keras")' in text


@pytest.mark.parametrize("name", ["my_model.h5", 'a"b\\n {renamed}.h5'])
def test_the_code_names_the_file_whatever_it_is_called(name: str) -> None:
    lines = list(report(migration(CARRIED), Path(name), Path(name), Path("layers.py")))
    code = lines[lines.index("How to do it again:") + 1 : lines.index(f"Written: {name}")]
    found = [
        node.value for node in ast.walk(ast.parse(dedent("\n".join(code)))) if isinstance(node, ast.Constant)
    ]
    assert found == [name, "hop1.h5", "copy-of-hop1.h5", name]


def test_text_from_the_file_does_not_reach_the_terminal_as_it_is() -> None:
    assert "\x1b" not in said(CARRIED)


def test_a_file_that_is_the_same_there_needs_nothing() -> None:
    text = said(Found(tried=(), stop=Stop(sha256="0", format="h5")), out=None)
    assert (
        "It loads in tf2.21.0-cpu as it is, and is there what it was at home.\nThere is nothing to do."
        in text
    )
    assert "Written" not in text


def test_what_cannot_be_saved_as_asked_is_not_written_under_that_name() -> None:
    failed = Tried(hops=(), environment="tf2.21.0-cpu", format="keras", verdict=Verdict.SAVE_FAILED, why="no")
    found = Found(tried=(failed,), stop=Stop(sha256="0", format="h5"))
    text = "\n".join(report(migration(found), Path("m.h5"), None, None, "keras"))
    assert (
        "It cannot be saved there as keras, so nothing was written:\n  tf2.21.0-cpu, saving as keras: no"
        in text
    )


def test_outputs_alone_are_said_to_be_no_model() -> None:
    hop = replace(NEW, format="export")
    text = said(Found(tried=(), stop=Stop(sha256="0", format="export", hops=(hop,))), out="served")
    assert "Lost: all but outputs." in text
    assert "is no Keras model any more" in text
    assert 'model.export("served")' in text


def test_a_model_that_holds_code_is_loaded_by_saying_so() -> None:
    text = said(replace(CARRIED, opened=Way(id="safe_mode_off")))
    assert "load it with safe_mode=False" in text


def test_without_a_path_each_obstacle_is_named() -> None:
    tried = (
        Tried(hops=(), environment="tf2.21.0-cpu", verdict=Verdict.LOAD_FAILED, why="Unknown layer: Odd"),
        Tried(
            hops=(OLD,),
            environment="tf2.21.0-cpu",
            format="keras",
            way="repair",
            verdict=Verdict.SAVE_FAILED,
            why="saving as keras raised OSError: full",
        ),
    )
    text = said(Found(tried=tried), out=None)
    assert "There is no path to tf2.21.0-cpu. Nothing was written." in text
    assert "  tf2.21.0-cpu: Unknown layer: Odd\n" in text
    assert (
        "  tf2.15.1-cpu (h5) → tf2.21.0-cpu, saving as keras by repair: saving as keras raised OSError: full"
        in text
    )


def test_what_does_not_load_at_home_asks_for_its_code() -> None:
    ways = {"plain": {"type": "ValueError", "message": "Unknown layer: Odd. Give it\nmore"}}
    text = said(Found(tried=()), out=None, loaded="", ways=ways)
    assert "There is no path: it does not load even there. ValueError: Unknown layer: Odd. Give it" in text
    assert "--custom-objects FILE.py" in text


def test_weights_alone_ask_for_what_builds_the_model() -> None:
    found = migration(
        Found(tried=()), loaded="", ways={"plain": {"type": "ValueError", "message": "No model"}}
    )
    text = "\n".join(report(found, Path("m.h5"), None, None, bare=True))
    assert "These are weights alone. Give what builds the model: --architecture FILE.json" in text
    assert "--custom-objects" not in text


def test_time_that_ran_out_is_not_called_no_path() -> None:
    text = said(Found(tried=(), limit="It was looked for 5 minutes long."), out=None)
    assert "No path was found to tf2.21.0-cpu. It was looked for 5 minutes long." in text
    assert "There is no path" not in text


def test_as_data() -> None:
    data = told(migration(CARRIED))
    assert (data["outcome"], data["lost"], data["format"]) == (
        "carried",
        ["optimizer", "compile", "resave"],
        "keras",
    )
    assert data["hops"][0] == {
        "environment": "tf2.15.1-cpu",
        "loaded_by": "plain",
        "saved_as": "h5",
        "lost": ["optimizer"],
        "edits": [],
    }
    assert told(migration(Found(tried=())))["outcome"] == "none"
