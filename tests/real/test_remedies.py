"""Remedies with real TensorFlow: each is held against the reference, as a plain load is."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from runner.agent import configuration
from runner.collect import collect
from runner.plan import Plan
from runner.provenance import AGENT
from runner.remedies.choice import candidates
from runner.results import ArtifactResult, Verdict
from runner.store import Store
from runner.symptoms import Stack, Symptoms
from runner.told import saved_artifacts
from runner.tolerances import BOUNDS
from runner.verdicts import judge
from tests.real.conftest import IDS, Stacks
from tests.real.test_agent import RUN, plan_of, run

pytestmark = [pytest.mark.real, pytest.mark.timeout(1800)]

TF212, TF215, KERAS34, KERAS315 = IDS
KERAS = {TF212: "2.12.0", TF215: "2.15.0", KERAS34: "3.4.1", KERAS315: "3.15.1"}
PROBES = ["dense", "two_inputs_two_outputs", "unknown_loss", "not_registered"]
HEAD = """
import numpy as np
from tensorflow import keras

def inputs():
    return np.random.RandomState(1).normal(size=(6, 4)).astype("float32")

def targets():
    return np.random.RandomState(2).normal(size=(6, 1)).astype("float32")
"""
UNKNOWN_LOSS = '''"""A loss that the file can only name, loaded by one who has the file alone."""
CODE_AT_LOADING = False
{head}
def steep(y_true, y_pred):
    return keras.losses.mean_squared_error(y_true, y_pred) * 3.0

def build_model():
    model = keras.Sequential([keras.layers.Input(shape=(4,)), keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss=steep)
    return model
'''
NOT_REGISTERED = '''"""A layer that is neither registered nor given to those who load it."""
{head}
class Twice(keras.layers.Layer):
    def call(self, inputs):
        return inputs * 2.0

def build_model():
    entry = keras.Input(shape=(4,))
    model = keras.Model(entry, Twice()(keras.layers.Dense(1)(entry)))
    model.compile(optimizer="adam", loss="mse")
    return model
'''
DRIVER = """
import functools, json, sys
sys.path.insert(0, sys.argv[1])
from agent import remedies, stack as stacks
from agent.isolate import in_child, in_company
with open(sys.argv[2]) as stream:
    task = json.load(stream)
stack = stacks.import_stack("tensorflow")
alone = functools.partial(in_child, timeout=120, memory=6 << 30)
together = functools.partial(in_company, timeout=120, memory=6 << 30)
def send(**event):
    if event["event"] == "remedy":
        print("EVENT" + json.dumps(event), flush=True)
for cell in task["cells"]:
    for remedy in cell["remedies"]:  # each for itself, also behind one that is whole
        one = dict(task, cells=[dict(cell, remedies=[remedy])])
        remedies.run_remedies(stack, one, together, alone, send)
"""


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What the four environments saved."""

    plan: Plan
    store: Store
    artifacts: Mapping[tuple[str, str, str], ArtifactResult]
    ready: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One remedy in one cell."""

    verdict: Verdict
    lost: tuple[str, ...]
    record: Mapping[str, Any]


@pytest.fixture(scope="module")
def saved(stacks: Stacks, tmp_path_factory: pytest.TempPathFactory) -> Saved:
    state = tmp_path_factory.mktemp("remedies")
    (state / "unknown_loss.py").write_text(UNKNOWN_LOSS.format(head=HEAD))
    (state / "not_registered.py").write_text(NOT_REGISTERED.format(head=HEAD))
    words = [str(state / f"{name}.py") if (state / f"{name}.py").exists() else name for name in PROBES]
    plan = plan_of(stacks, IDS, words, ["keras", "h5", "savedmodel", "checkpoint"])
    run(stacks, plan, [plan.save_task(name) for name in IDS], state)
    store = Store(state)
    found = {(item.producer, item.probe, item.format): item for item in collect(plan, store, RUN).artifacts}
    return Saved(plan=plan, store=store, artifacts=found, ready=stacks.ready)


def tried(
    saved: Saved,
    folder: Path,
    *,
    producer: str,
    consumer: str,
    probe: str,
    kind: str,
    verdict: Verdict = Verdict.LOAD_FAILED,
    lost: tuple[str, ...] = (),
    named: tuple[str, ...] = (),
) -> dict[str, Tried]:
    """Every remedy that would be tried in a cell, each run in the consumer and judged."""
    artifact = saved.artifacts[producer, probe, kind]
    assert artifact.status == "saved", artifact
    (key,) = (
        key
        for key in saved_artifacts(saved.plan, saved.store, saved.plan.artifacts())
        if (key.producer, key.probe, key.format) == (producer, probe, kind)
    )
    place = saved.store.object(saved_artifacts(saved.plan, saved.store, [key])[key])
    file = place / "payload" / artifact.name
    facts = configuration.facts(str(file)) if artifact.actual_format == "zip" else {}
    symptoms = Symptoms(
        verdict=verdict,
        format=kind,
        producer=Stack(keras=KERAS[producer], backend="tensorflow"),
        consumer=Stack(keras=KERAS[consumer], backend="tensorflow"),
        actual_format=artifact.actual_format,
        facts=facts,
        lost=lost,
    )
    cell: dict[str, Any] = {
        "key": vars(key),
        "probe": probe,
        "format": kind,
        "artifact": str(place),
        "remedies": candidates(symptoms, named, unsafe=True),
    }
    probes = {item.name: str(item.path) for item in saved.plan.probes}
    (folder / "task.json").write_text(json.dumps({"tolerances": BOUNDS, "probes": probes, "cells": [cell]}))
    ended = subprocess.run(
        [saved.ready[consumer].python, "-c", DRIVER, str(AGENT.parent), str(folder / "task.json")],
        capture_output=True,
        text=True,
        timeout=600,
        cwd=folder,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    results = {}
    for line in ended.stdout.splitlines():
        if line.startswith("EVENT"):
            event = json.loads(line.removeprefix("EVENT"))
            assert event["status"] == "done", event
            record = event["value"]
            word, gone = judge(checks=record["checks"], failed=record["error"] is not None)
            results[event["id"]] = Tried(verdict=word, lost=gone, record=record)
    assert list(results) == [item["id"] for item in cell["remedies"]]
    return results


@pytest.mark.parametrize("probe", ["dense", "two_inputs_two_outputs"])
@pytest.mark.parametrize("kind", ["keras", "h5"])
def test_an_older_keras_3_takes_the_repaired_configuration(
    saved: Saved, tmp_path: Path, probe: str, kind: str
) -> None:
    found = tried(saved, tmp_path, producer=KERAS315, consumer=KERAS34, probe=probe, kind=kind)
    assert found["compile_false"].verdict is Verdict.LOAD_FAILED
    assert found["rebuild"].verdict is Verdict.IDENTICAL, found["rebuild"]
    assert any("quantization_config" in edit for edit in found["rebuild"].record["edits"])
    assert not any("changes meaning" in edit for edit in found["rebuild"].record["edits"])
    if kind == "keras":
        assert found["repair"].verdict is Verdict.IDENTICAL


@pytest.mark.parametrize("probe", ["dense", "two_inputs_two_outputs"])
@pytest.mark.parametrize("kind", ["keras", "h5"])
@pytest.mark.parametrize("consumer", [TF212, TF215])
def test_keras_2_takes_a_model_of_keras_3(
    saved: Saved, tmp_path: Path, probe: str, kind: str, consumer: str
) -> None:
    named = ("rebuild", "weights_by_order")
    found = tried(saved, tmp_path, producer=KERAS315, consumer=consumer, probe=probe, kind=kind, named=named)
    assert found["rebuild"].verdict is Verdict.IDENTICAL, found["rebuild"]
    assert found["weights_by_order"].verdict is Verdict.IDENTICAL, found["weights_by_order"]


@pytest.mark.parametrize("consumer", [KERAS34, KERAS315])
def test_keras_3_takes_a_functional_archive_of_keras_2(saved: Saved, tmp_path: Path, consumer: str) -> None:
    found = tried(
        saved, tmp_path, producer=TF215, consumer=consumer, probe="two_inputs_two_outputs", kind="keras"
    )
    assert found["compile_false"].verdict is Verdict.LOAD_FAILED
    assert found["rebuild"].verdict is Verdict.IDENTICAL, found["rebuild"]


def test_an_hdf5_file_called_keras_is_renamed_and_wins_its_optimizer_back(
    saved: Saved, tmp_path: Path
) -> None:
    found = tried(saved, tmp_path, producer=TF212, consumer=KERAS315, probe="dense", kind="keras")
    assert found["rename"].verdict is Verdict.DEGRADED
    assert "optimizer" in found["rename"].lost
    assert "m.keras is hdf5, and was copied to m.h5" in found["rename"].record["edits"]
    assert found["recompile"].verdict is Verdict.IDENTICAL, found["recompile"]


def test_an_h5_wins_its_optimizer_back_where_keras_3_forgets_it(saved: Saved, tmp_path: Path) -> None:
    found = tried(
        saved,
        tmp_path,
        producer=KERAS315,
        consumer=KERAS315,
        probe="dense",
        kind="h5",
        verdict=Verdict.DEGRADED,
        lost=("optimizer", "training"),
    )
    assert {name: one.verdict for name, one in found.items()} == {"recompile": Verdict.IDENTICAL}


def test_a_saved_model_predicts_in_keras_3_and_is_never_called_identical(
    saved: Saved, tmp_path: Path
) -> None:
    found = tried(saved, tmp_path, producer=TF215, consumer=KERAS315, probe="dense", kind="savedmodel")
    for name in ("saved_model_load", "tfsm_layer"):
        assert found[name].verdict is Verdict.DEGRADED, found[name]
        assert set(found[name].lost) == {"compile", "optimizer", "training", "resave"}
    assert found["weights_by_order"].record["checks"]["weights"] == "same"


def test_a_loss_that_no_one_knows_is_left_out(saved: Saved, tmp_path: Path) -> None:
    found = tried(saved, tmp_path, producer=TF215, consumer=TF215, probe="unknown_loss", kind="h5")
    assert (found["compile_false"].verdict, "compile" in found["compile_false"].lost) == (
        Verdict.DEGRADED,
        True,
    )


def test_the_models_own_code_is_given(saved: Saved, tmp_path: Path) -> None:
    found = tried(
        saved,
        tmp_path,
        producer=KERAS315,
        consumer=KERAS315,
        probe="not_registered",
        kind="keras",
        named=("custom_objects",),
    )
    assert next(iter(found)) == "custom_objects"
    assert found["custom_objects"].verdict is Verdict.IDENTICAL, found["custom_objects"]


@pytest.mark.parametrize("producer", [TF215, KERAS315])
def test_weights_of_a_checkpoint_by_order(saved: Saved, tmp_path: Path, producer: str) -> None:
    found = tried(saved, tmp_path, producer=producer, consumer=KERAS34, probe="dense", kind="checkpoint")
    assert found["weights_by_order"].record["checks"]["weights"] == "same", found["weights_by_order"]
    assert found["weights_by_order"].record["checks"]["outputs"] == "same"
