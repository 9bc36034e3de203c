"""The snippets of remedies, pasted as they are: each runs where its remedy works, and predicts the same."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reports.remedies import best, filled
from runner.collect import collect
from runner.plan import ArtifactKey, Plan
from runner.provenance import AGENT
from runner.remedies import by_hand
from runner.remedies.choice import candidates
from runner.remedies.data import plain, remedy
from runner.results import ArtifactResult, Failure, Results, Verdict
from runner.store import Store
from runner.symptoms import Stack, Symptoms
from runner.told import saved_artifacts
from runner.tolerances import BOUNDS
from runner.verdicts import judge
from tests.real.conftest import IDS, Stacks
from tests.real.test_agent import RUN, plan_of, run
from tests.real.test_check import MATRIX, crossload, save
from tests.real.test_remedies import DRIVER, HEAD, KERAS, NOT_REGISTERED, UNKNOWN_LOSS

pytestmark = [pytest.mark.real, pytest.mark.timeout(1200)]

TF212, TF215, KERAS34, KERAS315 = IDS
TWO = "two_inputs_two_outputs"
PLAIN_LAMBDA = '''"""Python code in the file."""
{head}
def build_model():
    entry = keras.Input(shape=(4,))
    model = keras.Model(entry, keras.layers.Lambda(lambda x: x * 2.0)(keras.layers.Dense(1)(entry)))
    model.compile(optimizer="sgd", loss="mse")
    return model
'''
#: Formats of the probes in this file: each save takes a second.
FEW = '\nFORMATS = ("keras", "h5")\n'
OWN = {"unknown_loss": UNKNOWN_LOSS, "not_registered": NOT_REGISTERED, "plain_lambda": PLAIN_LAMBDA}
#: Remedy, producer, consumer, probe, format.
CASES = [
    ("rename", TF212, KERAS315, "dense", "keras"),
    ("compile_false", TF215, TF215, "unknown_loss", "h5"),
    ("recompile", KERAS315, KERAS315, TWO, "h5"),
    ("recompile", TF212, KERAS315, TWO, "keras"),
    ("custom_objects", KERAS315, KERAS315, "not_registered", "keras"),
    ("custom_objects", TF215, TF215, "not_registered", "h5"),
    ("safe_mode_off", KERAS315, KERAS315, "plain_lambda", "keras"),
    ("safe_mode_off", TF215, TF215, "plain_lambda", "keras"),
    ("repair", KERAS315, KERAS34, TWO, "keras"),
    ("repair", KERAS315, KERAS34, "dense", "h5"),
    ("repair", KERAS315, KERAS34, TWO, "json"),
    ("rebuild", KERAS315, TF215, TWO, "keras"),
    ("rebuild", KERAS315, TF212, TWO, "h5"),
    ("weights_by_order", KERAS315, TF212, TWO, "keras"),
    ("weights_by_order", TF215, KERAS315, TWO, "h5"),
    ("weights_by_order", KERAS315, TF215, TWO, "json"),
    ("weights_by_order", TF212, KERAS315, TWO, "weights"),
    ("weights_by_order", TF215, KERAS315, TWO, "checkpoint"),
    ("weights_by_order", KERAS315, TF215, TWO, "checkpoint"),
    ("weights_by_order", TF215, KERAS315, TWO, "savedmodel"),
    ("weights_by_name", TF215, TF212, TWO, "h5"),
    ("saved_model_load", TF215, KERAS315, TWO, "savedmodel"),
    ("tfsm_layer", TF215, KERAS315, "dense", "savedmodel"),
]
#: Runs each snippet in a folder and a process of its own, with TensorFlow imported once.
PASTED = """
import json, os, sys, traceback
import numpy as np
import tensorflow as tf

def leaves(nest):
    if isinstance(nest, dict):
        nest = [nest[key] for key in sorted(nest)]
    return [leaf for item in nest for leaf in leaves(item)] if isinstance(nest, (list, tuple)) else [nest]

def check(folder):
    os.chdir(folder)
    sys.path.insert(0, folder)
    names = {}
    with open("snippet.py") as stream:
        exec(compile(stream.read(), "snippet.py", "exec"), names)
    import my_model
    reference = np.load("reference.npz")
    expected = [reference[name] for name in sorted(reference.files) if name.startswith("output_")]
    inputs = my_model.inputs()
    if "predict" in names:  # each of these inputs is of another width
        of_width = {wanted.shape[-1]: name for name, wanted in names["wanted"].items()}
        found = names["predict"](**{of_width[leaf.shape[-1]]: leaf for leaf in leaves(inputs)})
    else:
        found = names["model"](inputs)
    found = sorted((np.asarray(leaf) for leaf in leaves(found)), key=np.shape)
    expected.sort(key=np.shape)
    assert [leaf.shape for leaf in found] == [leaf.shape for leaf in expected]
    for one, other in zip(found, expected):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    model = names.get("model")
    state = getattr(getattr(model, "optimizer", None), "iterations", None)
    return "steps {}".format(int(np.asarray(state))) if state is not None else "predicts"

for folder in sys.argv[1:]:
    child = os.fork()
    if not child:
        try:
            said = check(folder)
        except BaseException:
            said = traceback.format_exc()
        with open(os.path.join(folder, "said"), "w") as stream:
            stream.write(said)
        os._exit(0)
    os.waitpid(child, 0)
"""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One case: how its remedy came out, its snippet, and what that said when it was pasted."""

    verdict: Verdict
    code: str
    said: str


def symptoms_of(case: Sequence[str], artifact: ArtifactResult) -> Symptoms:
    identifier, producer, consumer, probe, kind = case
    lost = identifier == "recompile" and kind == "h5"
    return Symptoms(
        verdict=Verdict.DEGRADED if lost else Verdict.LOAD_FAILED,
        format=kind,
        producer=Stack(keras=KERAS[producer], backend="tensorflow"),
        consumer=Stack(keras=KERAS[consumer], backend="tensorflow"),
        actual_format=artifact.actual_format,
        error=None if lost else Failure(type="ValueError", message="as loading said"),
        facts=artifact.facts,
        lost=("optimizer",) if lost else (),
        tags=("custom",) if probe in OWN else (),
    )


@pytest.fixture(scope="module")
def outcomes(stacks: Stacks, tmp_path_factory: pytest.TempPathFactory) -> Mapping[tuple[str, ...], Outcome]:
    """Every case: its artifact saved, its remedy run as in a run, and its snippet run as by a person."""
    state = tmp_path_factory.mktemp("pasted")
    for name, text in OWN.items():
        (state / f"{name}.py").write_text(text.format(head=FEW + HEAD))
    producers = (TF212, TF215, KERAS315)
    words = [TWO, "dense", *(str(state / f"{name}.py") for name in OWN)]
    plan = plan_of(stacks, producers, words, ["keras", "h5", "savedmodel", "weights", "checkpoint", "json"])
    run(stacks, plan, [plan.save_task(name) for name in producers], state)
    store = Store(state)
    artifacts = {
        (item.producer, item.probe, item.format): item for item in collect(plan, store, RUN).artifacts
    }
    places = {
        (key.producer, key.probe, key.format): store.object(sha)
        for key, sha in saved_artifacts(plan, store, plan.artifacts()).items()
    }

    def of(consumer: str) -> dict[tuple[str, ...], Outcome]:
        here = [case for case in CASES if case[2] == consumer]
        python = str(stacks.ready[consumer].python)
        records = remedied(plan, here, artifacts, places, python, state / consumer)
        folders = {case: state / consumer / str(index) for index, case in enumerate(here)}
        codes = {}
        for case, folder in folders.items():
            identifier, producer, _, probe, kind = case
            artifact, place = artifacts[producer, probe, kind], places[producer, probe, kind]
            known = remedy(identifier)
            assert known is not None
            edits = tuple(records[case]["edits"])
            template = by_hand.code(identifier, symptoms_of(case, artifact), edits) or plain(known)
            codes[case] = filled(template, [artifact])
            shutil.copytree(place / "payload", folder)
            shutil.copy(place / "reference.npz", folder)
            shutil.copy(plan.probe(probe).path, folder / "my_model.py")
            (folder / "snippet.py").write_text(codes[case])
        call(python, "-c", PASTED, *map(str, folders.values()), folder=state / consumer)
        return {
            case: Outcome(
                verdict=judge(checks=records[case]["checks"], failed=records[case]["error"] is not None)[0],
                code=codes[case],
                said=(folder / "said").read_text(),
            )
            for case, folder in folders.items()
        }

    with ThreadPoolExecutor(2) as runners:
        found = list(runners.map(of, IDS))
    return {case: outcome for one in found for case, outcome in one.items()}


def remedied(
    plan: Plan,
    cases: Sequence[tuple[str, ...]],
    artifacts: Mapping[tuple[str, str, str], ArtifactResult],
    places: Mapping[tuple[str, str, str], Path],
    python: str,
    folder: Path,
) -> dict[tuple[str, ...], Any]:
    """What the agent says of each case's remedy."""
    folder.mkdir()
    cells = []
    for case in cases:
        identifier, producer, _, probe, kind = case
        known = candidates(symptoms_of(case, artifacts[producer, probe, kind]), (identifier,), unsafe=True)
        key = vars(ArtifactKey(producer=producer, probe=probe, format=kind))
        place = str(places[producer, probe, kind])
        chosen = [item for item in known if item["id"] == identifier]
        assert chosen, case
        cells.append({"key": key, "probe": probe, "format": kind, "artifact": place, "remedies": chosen})
    task = {
        "tolerances": BOUNDS,
        "probes": {item.name: str(item.path) for item in plan.probes},
        "cells": cells,
    }
    (folder / "task.json").write_text(json.dumps(task))
    told = call(python, "-c", DRIVER, str(AGENT.parent), str(folder / "task.json"), folder=folder)
    events = [
        json.loads(line.removeprefix("EVENT")) for line in told.splitlines() if line.startswith("EVENT")
    ]
    assert [event["id"] for event in events] == [case[0] for case in cases]
    assert all(event["status"] == "done" for event in events), events
    return {case: event["value"] for case, event in zip(cases, events, strict=True)}


def call(*command: str, folder: Path) -> str:
    quiet = {"CUDA_VISIBLE_DEVICES": "-1", "PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run(
        command, capture_output=True, text=True, timeout=600, cwd=folder, env={**os.environ, **quiet}
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    return ended.stdout


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_what_is_pasted_predicts_as_the_producer_did(
    outcomes: Mapping[tuple[str, ...], Outcome], case: tuple[str, ...]
) -> None:
    found = outcomes[case]
    assert found.verdict in (Verdict.IDENTICAL, Verdict.DEGRADED), found
    assert "{" + "path}" not in found.code
    assert "crossload" not in found.code
    assert found.said.startswith(("predicts", "steps")), f"{found.said}\n{found.code}"


def test_the_optimizers_state_comes_back_where_the_snippet_says_so(
    outcomes: Mapping[tuple[str, ...], Outcome],
) -> None:
    said = outcomes["recompile", KERAS315, KERAS315, TWO, "h5"].said
    assert int(said.removeprefix("steps ")) > 0


#: Writes a model to the path that follows, and what it gives for some inputs beside it.
STRANGER = """
import sys
import numpy as np, tensorflow as tf
keras = tf.keras
keras.utils.set_random_seed(1)
x, layers = np.random.rand(16, 4).astype("float32"), keras.layers
{model}
model.fit(x, y, epochs=2, verbose=0)
model.save(sys.argv[1])
found = model.evaluate(x, y, verbose=0)
np.savez(sys.argv[1] + ".npz", x=x, y=y, loss=np.ravel(found)[0], given=model(x))
"""
LOGITS = """
y = np.eye(3)[np.random.randint(0, 3, 16)].astype("float32")
model = keras.Sequential([layers.Dense(5, activation="hard_sigmoid", input_shape=(4,)), layers.Dense(3)])
model.compile(keras.optimizers.SGD(0.05, momentum=0.9), keras.losses.CategoricalCrossentropy(from_logits=True),
              metrics=["accuracy"])
"""
SHORT = """
y = np.random.rand(16, 1).astype("float32")
model = keras.Sequential([layers.Dense(5, activation="relu", input_shape=(4,)), layers.Dense(1)])
rate = keras.optimizers.schedules.ExponentialDecay(0.01, 10, 0.9)
model.compile(keras.optimizers.Adam(rate), "mse", metrics=["mae"])
"""
#: What takes a rewritten graph, which no few lines say.
MIXED = """
y = np.eye(3)[np.random.randint(0, 3, 16)].astype("float32")
entry = keras.Input((4,))
middle = layers.Dense(16, activation="relu", dtype=keras.mixed_precision.Policy("mixed_float16"))(entry)
model = keras.Model(entry, layers.Dense(3, activation="softmax", dtype="float32")(middle))
model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
"""
#: Runs the code as it is, then asks the model what the stranger's was asked.
ASKED = """
import sys
import numpy as np
names = {}
exec(compile(open(sys.argv[1]).read(), "snippet.py", "exec"), names)
kept, model = np.load(sys.argv[2]), names["model"]
coarse = float(sys.argv[3])
np.testing.assert_allclose(np.asarray(model(kept["x"])), kept["given"], rtol=coarse, atol=coarse)
loss = np.ravel(model.evaluate(kept["x"], kept["y"], verbose=0))[0]
np.testing.assert_allclose(loss, kept["loss"], rtol=10 * coarse)
before = int(np.asarray(model.optimizer.iterations))
model.train_on_batch(kept["x"], kept["y"])
print("steps", before)
"""


@pytest.mark.parametrize(
    ("producer", "source", "works", "lines", "coarse"),
    [
        (TF212, SHORT, "recompile", ["ExponentialDecay(initial_learning_rate=0.01", 'metrics=["mae"]'], 1e-5),
        (TF215, LOGITS, "recompile", ["CategoricalCrossentropy(from_logits=True)", "def hard_sigmoid"], 1e-5),
        (TF212, MIXED, "rebuild", ["# in a shell: crossload migrate"], 5e-3),
    ],
    ids=["short", "logits", "mixed"],
)
def test_what_is_printed_for_a_strangers_file_runs_as_it_is(
    stacks: Stacks, tmp_path: Path, producer: str, source: str, works: str, lines: list[str], coarse: float
) -> None:
    model = save(stacks, producer, STRANGER.format(model=source), tmp_path / "it's a model.h5")
    said = crossload(stacks, "check", model, "--from", producer, "--to", KERAS315, code=1)["said"]
    results = Results.model_validate_json((tmp_path / "site" / "results.json").read_text())
    remedied = best(results.cells[-1])
    assert remedied is not None
    assert remedied.id == works
    code = filled(remedied.code, results.artifacts)
    assert code in said
    assert "my_model" not in code
    assert all(line in code for line in lines), code
    first = code.splitlines()[0]
    if first.startswith("# in a shell: crossload "):
        words = shlex.split(first.removeprefix("# in a shell: crossload "))
        command = [
            sys.executable,
            "-m",
            "runner",
            *words,
            "--matrix",
            str(MATRIX),
            "--state",
            str(stacks.state),
        ]
        here = {**os.environ, "PYTHONPATH": str(MATRIX.parent)}
        subprocess.run([*command, "--engine", "venv"], check=True, cwd=tmp_path, env=here)
    (tmp_path / "snippet.py").write_text(code)
    python = str(stacks.ready[KERAS315].python)
    told = call(python, "-c", ASKED, "snippet.py", f"{model.name}.npz", str(coarse), folder=tmp_path)
    if works == "recompile":
        assert told.split()[-1] == "2"  # the optimizer goes on where it was
