"""Which remedies are tried: by verdict, format, versions and cause."""

import json
from typing import Any

import pytest

from runner.remedies.choice import MOST, candidates, made_with
from runner.results import Failure, Verdict
from runner.symptoms import Stack, Symptoms


def symptoms(**changes: Any) -> Symptoms:
    known: dict[str, Any] = {
        "verdict": Verdict.LOAD_FAILED,
        "format": "keras",
        "actual_format": "zip",
        "producer": Stack(keras="3.15.1", backend="tensorflow"),
        "consumer": Stack(keras="3.4.1", backend="tensorflow"),
    }
    return Symptoms(**{**known, **changes})


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in found]


@pytest.mark.parametrize("verdict", ["identical", "save_failed", "unsupported", "unavailable", "not_run"])
def test_nothing_is_tried_where_nothing_is_to_be_won(verdict: str) -> None:
    assert candidates(symptoms(verdict=Verdict(verdict))) == []


def test_the_cheapest_come_first_and_not_too_many() -> None:
    found = candidates(symptoms())
    assert ids(found) == ["compile_false", "recompile", "repair", "rebuild"]
    assert len(found) == MOST
    assert json.loads(json.dumps(found)) == found


def failed_in(*frames: str) -> Failure:
    shown = [f'  File "/keras/any.py", line {number}, in {frame}' for number, frame in enumerate(frames)]
    message = "ValueError: Unknown layer {'optimizer': 'metric', 'loss': 'compile_config'}"
    return Failure(type="ValueError", message=message, traceback="\n".join([*shown, message]))


def test_leaving_the_compile_configuration_out_is_not_tried_where_the_architecture_failed() -> None:
    error = failed_in("load\n    return keras.models.load_model(path)", "deserialize_keras_object")
    assert ids(candidates(symptoms(error=error))) == ["repair", "rebuild", "weights_by_order"]
    named = ids(candidates(symptoms(error=error), ("compile_false",)))
    assert named[:2] == ["compile_false", "repair"]


@pytest.mark.parametrize(
    "frame", ["compile_from_config", "load\n    args = compile_args_from_training_config(config)"]
)
def test_it_is_tried_where_that_failed(frame: str) -> None:
    found = ids(candidates(symptoms(error=failed_in("load_model", frame))))
    assert found == ["compile_false", "recompile", "repair", "rebuild"]


def test_a_file_that_was_not_read_tells_nothing_of_what_would_fail() -> None:
    cell = symptoms(actual_format="hdf5", error=failed_in("load_model"))
    assert ids(candidates(cell))[:3] == ["rename", "compile_false", "recompile"]


def test_what_the_cause_names_comes_before_the_rest() -> None:
    found = candidates(symptoms(), ("repair", "no_such_remedy"))
    assert ids(found)[0] == "repair"


def test_repair_gets_the_rules_between_the_two_versions() -> None:
    repair = next(item for item in candidates(symptoms()) if item["id"] == "repair")
    dropped = {rule["key"] for rule in repair["rules"] if rule["do"] == "drop"}
    assert dropped == {"quantization_config", "ragged", "optional"}
    newer = symptoms(consumer=Stack(keras="3.15.1", backend="tensorflow"))
    repair = next(item for item in candidates(newer) if item["id"] == "repair")
    assert not any(rule["do"] == "drop" for rule in repair["rules"])


def test_a_copy_is_repaired_for_a_wrong_answer_only_where_the_cause_says_so() -> None:
    cell = symptoms(verdict=Verdict.DIVERGENT, format="h5", actual_format="hdf5")
    assert "repair" not in ids(candidates(cell))
    assert ids(candidates(cell, ("repair", "rebuild")))[:2] == ["repair", "rebuild"]


def test_the_files_own_version_counts_more_than_the_producers() -> None:
    old = symptoms(facts={"keras_version": "2.15.0"}, consumer=Stack(keras="3.15.1", backend="tensorflow"))
    rebuild = next(item for item in candidates(old) if item["id"] == "rebuild")
    assert "to_keras_3" in {rule["do"] for rule in rebuild["rules"]}


def test_a_version_of_the_keras_inside_tensorflow_is_one() -> None:
    old = symptoms(facts={"keras_version": "2.2.4-tf"}, consumer=Stack(keras="3.15.1", backend="tensorflow"))
    assert made_with(old) == "2.2.4"


def test_without_the_models_code_nothing_is_built_from_it() -> None:
    old = symptoms(format="h5", actual_format="hdf5", facts={"code": False, "keras_version": "2.1.5"})
    assert ids(candidates(old)) == ["compile_false", "recompile", "repair", "rebuild"]


def test_an_archive_of_another_generation_is_rebuilt_and_not_copied() -> None:
    assert "repair" not in ids(candidates(symptoms(consumer=Stack(keras="2.15.0", backend="tensorflow"))))
    h5 = symptoms(format="h5", actual_format="hdf5", consumer=Stack(keras="2.15.0", backend="tensorflow"))
    assert "repair" in ids(candidates(h5))


def test_a_misnamed_file_is_renamed_first() -> None:
    assert ids(candidates(symptoms(actual_format="hdf5")))[0] == "rename"
    assert "rename" not in ids(candidates(symptoms()))


def test_what_runs_code_of_the_file_needs_leave() -> None:
    cell = symptoms(facts={"lambda": True})
    assert "safe_mode_off" not in ids(candidates(cell, ("safe_mode_off",)))
    assert "safe_mode_off" in ids(candidates(cell, unsafe=True))


def test_a_degraded_cell_is_offered_only_what_wins_something_back() -> None:
    lost = symptoms(
        verdict=Verdict.DEGRADED, format="h5", actual_format="hdf5", lost=("optimizer", "training")
    )
    assert ids(candidates(lost)) == ["recompile"]
    assert candidates(symptoms(verdict=Verdict.DEGRADED, lost=("resave",))) == []


def test_a_saved_model_needs_tensorflow() -> None:
    made = symptoms(format="savedmodel", actual_format="savedmodel")
    assert {"saved_model_load", "tfsm_layer"} <= set(ids(candidates(made)))
    jax = symptoms(
        format="savedmodel", actual_format="savedmodel", consumer=Stack(keras="3.4.1", backend="jax")
    )
    assert not {"saved_model_load", "tfsm_layer"} & set(ids(candidates(jax)))


def test_custom_objects_are_given_to_the_others_too_when_the_cause_is_that() -> None:
    found = candidates(symptoms(), ("custom_objects",))
    assert found[0] == {"id": "custom_objects", "way": "load", "code": True}
    assert all(item.get("code") for item in found)


def test_what_is_rewritten_is_allowed_to_run_where_the_user_said_so() -> None:
    cell = symptoms(facts={"lambda": True}, consumer=Stack(keras="3.15.1", backend="tensorflow"))
    told = {item["id"]: item for item in candidates(cell, ("repair", "rebuild"), unsafe=True)}
    assert (told["repair"]["safe_mode"], told["rebuild"]["names"]) == (False, True)
    told = {item["id"]: item for item in candidates(cell, ("repair", "rebuild"))}
    assert "safe_mode" not in told["repair"]


def test_a_strangers_file_under_a_wrong_name_is_renamed() -> None:
    cell = symptoms(format="h5", actual_format="hdf5", facts={"misnamed": True})
    assert ids(candidates(cell))[0] == "rename"
