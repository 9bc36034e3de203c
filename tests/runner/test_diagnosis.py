import json
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from runner.causes import UNCLASSIFIED, load
from runner.diagnosis import Diagnosis, diagnose
from runner.results import Failure, Verdict
from runner.symptoms import Stack, Symptoms

HERE = Path(__file__).parent / "causes"
#: Texts of real runs: which probe, saved where, loaded where.
CAPTURED = json.loads((HERE / "captured.json").read_text())
#: One line of a report or of a source, for what was not provoked.
QUOTED = yaml.safe_load((HERE / "quoted.yaml").read_text())


def symptoms(entry: dict[str, Any]) -> Symptoms:
    error = entry.get("error")
    if "message" in entry:
        error = {name: entry.get(name, "") for name in ("type", "message", "traceback")}
    verdict = Verdict(entry.get("verdict", "load_failed"))
    same = {"keras": "3.15.1", "tensorflow": "2.21.0", "python": "3.11.7", "backend": "tensorflow"}
    producer = Stack(**{**same, **entry.get("producer", {})})
    consumer = None if verdict is Verdict.SAVE_FAILED else Stack(**{**same, **entry.get("consumer", {})})
    return Symptoms(
        verdict=verdict,
        format=entry.get("format", "keras"),
        producer=producer,
        consumer=consumer,
        actual_format=entry.get("actual_format", ""),
        stage=entry.get("stage", ""),
        error=Failure(**error) if error else None,
        output=entry.get("output", ""),
        warnings=tuple(entry.get("warnings", ())),
        checks=entry.get("checks", {}),
        details=entry.get("details", {}),
        lost=tuple(entry.get("lost", ())),
        facts=entry.get("facts", {}),
        tags=tuple(entry.get("tags", ())),
        fault=entry.get("fault", ""),
    )


@pytest.mark.parametrize("entry", CAPTURED, ids=[f"{e['cause']}-{n}" for n, e in enumerate(CAPTURED)])
def test_what_a_real_run_said(entry: dict[str, Any]) -> None:
    found = diagnose(symptoms(entry))
    assert found.cause == entry["cause"], entry["origin"]
    assert found.telling
    assert found.signature


@pytest.mark.parametrize("entry", QUOTED, ids=[f"{e['cause']}-{n}" for n, e in enumerate(QUOTED)])
def test_what_a_report_or_a_source_says(entry: dict[str, Any]) -> None:
    assert diagnose(symptoms(entry)).cause == entry["cause"]


def test_every_cause_is_tested_on_a_text() -> None:
    tested = {entry["cause"] for entry in (*CAPTURED, *QUOTED)}
    assert {cause.id for cause in load()} - tested == set()
    assert len({entry["cause"] for entry in CAPTURED}) >= 80


def test_what_is_well_has_no_cause() -> None:
    for verdict in (Verdict.IDENTICAL, Verdict.UNSUPPORTED, Verdict.UNAVAILABLE, Verdict.NOT_RUN):
        assert diagnose(symptoms({"verdict": verdict})) == Diagnosis()


def test_what_no_cause_explains_is_grouped_with_its_like() -> None:
    one, two = (
        diagnose(symptoms({"type": "Oddity", "message": f"The {name} of '{name}' is at {number}"}))
        for name, number in (("layer_1", 3), ("layer_2", 44))
    )
    assert one.cause == two.cause == UNCLASSIFIED
    assert one.signature == two.signature
    assert one.telling == "Oddity: The layer_1 of 'layer_1' is at 3"


def test_the_most_specific_cause_wins_and_names_what_it_found() -> None:
    found = diagnose(
        symptoms(
            {
                "producer": {"keras": "2.15.0"},
                "consumer": {"keras": "3.4.1"},
                "type": "ValueError",
                "message": "Unrecognized keyword arguments passed to LSTM: {'time_major': False}",
            }
        )
    )
    assert found.cause == "keras2_recurrent_keys"
    assert found.telling == "LSTM of this Keras does not know {'time_major': False}."


def test_a_key_is_blamed_on_the_side_that_is_newer() -> None:
    entry = {"type": "TypeError", "message": "Thing.__init__() got an unexpected keyword argument 'new'"}
    newer = entry | {"producer": {"keras": "3.15.1"}, "consumer": {"keras": "3.4.1"}}
    older = entry | {"producer": {"keras": "3.4.1"}, "consumer": {"keras": "3.15.1"}}
    assert diagnose(symptoms(newer)).cause == "key_of_newer_keras"
    assert diagnose(symptoms(older)).cause == "key_of_older_keras"
    assert diagnose(symptoms(entry)).cause == "key_not_accepted"


def test_a_version_that_cannot_be_read_fits_no_specifier_and_harms_nothing() -> None:
    entry = {"consumer": {"keras": "my image"}, "type": "ValueError", "message": "Bad CRC-32 for file 'x'"}
    assert diagnose(symptoms(entry)).cause == "checksum_wrong"


_text = st.one_of(st.text(max_size=300), st.sampled_from([e.get("message", "") for e in QUOTED]))


@given(
    verdict=st.sampled_from(list(Verdict)),
    type_=_text,
    message=_text,
    traceback=_text,
    output=_text,
    detail=_text,
    check=st.sampled_from(["same", "differs", "lost", "failed", "not_run"]),
    keras=st.one_of(st.text(max_size=9), st.sampled_from(["2.15.0", "3.15.1"])),
)
def test_it_never_raises_and_is_bounded(
    verdict: Verdict,
    type_: str,
    message: str,
    traceback: str,
    output: str,
    detail: str,
    check: str,
    keras: str,
) -> None:
    checks = dict.fromkeys(("structure", "weights", "outputs", "loss", "training"), check)
    found = diagnose(
        Symptoms(
            verdict=verdict,
            format="keras",
            producer=Stack(keras=keras),
            consumer=None if verdict is Verdict.SAVE_FAILED else Stack(keras="3.15.1"),
            error=Failure(type=type_, message=message, traceback=traceback),
            output=output,
            checks=checks,
            details=dict.fromkeys(checks, detail),
            warnings=(detail,),
        )
    )
    assert len(found.telling) <= 300
    assert len(found.signature) <= 200


def test_it_is_fast_enough_to_be_asked_for_every_cell() -> None:
    several = [symptoms(entry) for entry in (*CAPTURED, *QUOTED)]
    for one in several:
        diagnose(one)  # patterns are compiled once
    start = time.process_time()
    for one in several:
        diagnose(one)
    assert (time.process_time() - start) / len(several) < 0.005  # measured: 0.0003 s
