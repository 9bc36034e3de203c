from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from environments.spec import Environment
from runner.plan import CellKey, Plan, Task, in_order, keras_version
from tests.runner.fakes import artifact, make_lock, make_plan


@pytest.fixture
def mixed(tmp_path: Path) -> Plan:
    """One environment with Keras 2, one with Keras 3, one without TensorFlow."""
    old = Environment(id="old", tensorflow="2.15.1")
    new = Environment(id="new", tensorflow="2.18.1")
    jax = Environment(id="jax", keras="3.15.1", backend="jax")
    plan = make_plan(tmp_path, "x", formats=("keras", "savedmodel", "export"))
    return Plan(
        environments=(old, new, jax),
        locks={
            "old": make_lock(old, "keras==2.15.0\ntensorflow==2.15.1\n"),
            "new": make_lock(new, "keras==3.8.0\ntensorflow==2.18.1\n"),
            "jax": make_lock(jax, "keras==3.15.1\njax==0.4.30\n"),
        },
        probes=plan.probes,
        formats=plan.formats,
    )


def test_every_artifact_is_loaded_everywhere(tmp_path: Path) -> None:
    plan = make_plan(tmp_path, "a", "b", "c", probes=("dense", "conv"), formats=("keras", "h5"))
    assert len(plan.artifacts()) == 3 * 2 * 2
    assert len(set(plan.cells())) == len(plan.cells()) == 3 * 3 * 2 * 2
    assert plan.artifacts()[0] == artifact("a", "dense", "keras")
    assert plan.cells()[1] == CellKey(producer="a", consumer="b", probe="dense", format="keras")
    assert plan.cells()[1].artifact == plan.artifacts()[0]


def test_formats_that_an_environment_cannot_write_are_not_in_its_task(mixed: Plan) -> None:
    def saves(name: str) -> list[str]:
        return [key.format for key in mixed.save_task(name).artifacts]

    assert saves("old") == ["keras", "savedmodel", "export"]
    assert saves("new") == ["keras", "export"]
    assert saves("jax") == ["keras"]
    assert len(mixed.artifacts()) == 9  # but they are planned, and shown


def test_what_is_loaded_was_saved_and_can_be_tried(mixed: Plan) -> None:
    saved = [artifact("old", format=name) for name in ("keras", "savedmodel", "export")]
    assert mixed.load_task("jax", saved).artifacts == (artifact("old"),)
    assert [key.format for key in mixed.load_task("new", saved).artifacts] == [
        "keras",
        "savedmodel",
        "export",
    ]


def test_what_others_left_in_the_folder_is_not_loaded(mixed: Plan) -> None:
    elsewhere = [artifact("gone"), artifact("old", probe="gone"), artifact("old", format="h5")]
    assert mixed.load_task("old", elsewhere) == Task(environment="old", phase="load", artifacts=())


def test_a_task_has_a_key_and_an_artifact_a_name() -> None:
    assert Task(environment="tf2.15.1-cpu", phase="save", artifacts=()).key == "save-tf2.15.1-cpu"
    assert str(artifact("tf2.15.1-cpu", "dense", "h5")) == "tf2.15.1-cpu/dense/h5"


def test_an_unknown_environment_is_an_error(mixed: Plan) -> None:
    with pytest.raises(KeyError):
        mixed.environment("none")


@pytest.mark.parametrize(
    ("keras", "body", "version"),
    [
        ("bundled", "keras==2.15.0\ntensorflow==2.15.1\n", "2.15.0"),
        ("bundled", "tensorflow-cpu==2.5.3\n", "2.5.3"),
        ("legacy", "keras==3.8.0\ntensorflow==2.18.1\ntf-keras==2.18.0\n", "2.18.0"),
        ("nightly", "keras-nightly==3.16.0.dev1\ntf-nightly==2.23.0.dev1\n", "3.16.0.dev1"),
        ("bundled", "numpy==1.26.4\n", ""),
    ],
)
def test_the_keras_that_counts_is_the_one_that_makes_models(keras: str, body: str, version: str) -> None:
    environment = Environment(id="x", tensorflow="2.18.1", keras=keras)
    assert keras_version(environment, make_lock(environment, body)) == version


def test_of_an_image_only_running_it_tells(tmp_path: Path) -> None:
    company = Environment(id="company", image="registry.example/serving:1")
    plan = Plan(
        environments=(company,), locks={}, probes=make_plan(tmp_path, "x").probes, formats=("savedmodel",)
    )
    assert keras_version(company, None) == ""
    assert len(plan.save_task("company").artifacts) == 1


def test_a_grid_is_read_from_old_to_new() -> None:
    found = in_order(
        [
            Environment(id="jax", keras="3.15.1", backend="jax"),
            Environment(id="nightly", tensorflow="nightly"),
            Environment(id="2.18", tensorflow="2.18.1"),
            Environment(id="2.18-cuda", tensorflow="2.18.1", device="cuda"),
            Environment(id="2.18-3.10", tensorflow="2.18.1", keras="3.10.0"),
            Environment(id="2.18-3.8", tensorflow="2.18.1", keras="3.8.0"),
            Environment(id="2.18-legacy", tensorflow="2.18.1", keras="legacy"),
            Environment(id="2.9", tensorflow="2.9.3"),
        ]
    )
    assert [item.id for item in found] == [
        "2.9",
        "2.18-legacy",
        "2.18-3.8",
        "2.18-3.10",
        "2.18",
        "2.18-cuda",
        "nightly",
        "jax",
    ]


@pytest.mark.parametrize(
    ("environment", "changes", "told"),
    [
        ("old", {"formats": ("h5",)}, "The probe dense is not about this format."),
        ("old", {"requires": {"keras": ">=3"}}, "The probe dense needs keras >=3; old has 2.15.0."),
        ("jax", {"requires": {"tensorflow": ""}}, "The probe dense needs TensorFlow."),
        ("new", {"requires": {"keras": ">=3", "tensorflow": ">=2.16"}, "formats": ("keras",)}, ""),
        ("new", {"fault": "bit_flip"}, ""),
        (
            "new",
            {"fault": "missing_shard"},
            "The fault missing_shard is not for what is written here: it is a single file.",
        ),
    ],
)
def test_a_probe_says_what_it_needs(
    mixed: Plan, environment: str, changes: dict[str, Any], told: str
) -> None:
    plan = replace(mixed, probes=(replace(mixed.probes[0], **changes),))
    key = artifact(environment, "dense", "keras")
    assert plan.obstacle(key) == told
    assert plan.saves(key) == (not told)
    assert [item.format for item in plan.save_task(environment).artifacts if item == key] == ["keras"] * (
        not told
    )
