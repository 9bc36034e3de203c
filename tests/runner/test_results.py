from pathlib import Path
from threading import Event as Flag
from typing import get_args

import jsonschema
import pytest
from pydantic import ValidationError

from environments.scalars import VerdictWord
from reports.verdicts import SYMBOLS
from runner import execute
from runner.collect import collect
from runner.results import (
    CHECKS,
    CellResult,
    EnvironmentResult,
    Results,
    Run,
    Verdict,
    json_schema,
    read,
    to_json,
)
from runner.store import Store
from tests.runner.fakes import LOADED, Recorded, make_plan
from tests.runner.test_execute import Seen

RUN = Run(id="r", started="2026-11-20T10:00:00+00:00", engine="venv", matrix_sha256="0", version="0.1.0")


@pytest.fixture
def made(tmp_path: Path) -> Results:
    """Results as a run makes them, with one environment that is not there."""
    plan = make_plan(tmp_path, "a", "b", probes=("dense", "conv"), formats=("keras", "savedmodel"))
    store = Store(tmp_path / "state")
    engine = Recorded(broken={"b": "No Python."})
    execute.execute(plan, engine, store, Seen(), cancel=Flag(), unavailable={}, workers=2)
    return collect(plan, store, RUN)


def test_real_results_hold_the_published_schema(made: Results) -> None:
    import json

    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    data = json.loads(to_json(made))
    assert data["schema"] == "crossload/results/1"
    assert [error.message for error in validator.iter_errors(data)] == []
    data["cells"][0]["verdict"] = "fine"
    assert not validator.is_valid(data)


def test_they_are_read_as_they_were_written(made: Results, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text(to_json(made))
    assert read(path) == made


def test_numbers_that_json_does_not_have_are_null() -> None:
    results = Results(
        run=RUN,
        environments=(),
        artifacts=(),
        cells=(
            CellResult(
                producer="a",
                consumer="b",
                probe="p",
                format="h5",
                verdict=Verdict.DIVERGENT,
                max_abs_diff=float("nan"),
            ),
        ),
    )
    assert '"max_abs_diff": null' in to_json(results)


def test_what_is_no_result_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text('{"schema": "crossload/results/2"}')
    with pytest.raises(ValidationError):
        read(path)
    with pytest.raises(ValidationError):
        EnvironmentResult.model_validate({"id": "a", "status": "ready", "colour": "red"})


def test_the_verdicts_of_matrix_page_and_results_are_the_same_words() -> None:
    words = [str(verdict) for verdict in Verdict]
    assert words == list(get_args(VerdictWord))
    assert {str(verdict) for verdict in SYMBOLS} == set(words)
    assert all(verdict.meaning.endswith(".") for verdict in Verdict)


def test_the_checks_of_an_agent_are_those_of_a_cell() -> None:
    assert tuple(LOADED["checks"]) == CHECKS  # type: ignore[arg-type]
