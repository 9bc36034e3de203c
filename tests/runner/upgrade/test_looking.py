from typing import Any

import pytest

from runner.results import CellResult, Verdict
from runner.upgrade.looking import Step, called, good_enough, takes_keras_3


def _cell(verdict: str, **checks: Any) -> CellResult:
    return CellResult(
        producer="a", consumer="b", probe="m", format="h5", verdict=Verdict(verdict), checks=checks
    )


@pytest.mark.parametrize(
    ("found", "load", "outputs", "anything"),
    [
        (_cell("identical", outputs="same"), True, True, True),
        (_cell("degraded", outputs="same"), True, True, False),
        (_cell("divergent", outputs="same", loss="differs"), True, True, False),
        (_cell("divergent", outputs="differs"), True, False, False),
        (_cell("divergent", outputs="not_applicable", weights="differs"), True, None, False),
        (_cell("load_failed"), False, False, False),
        (_cell("crashed"), False, False, False),
        (_cell("timed_out"), False, False, False),
        (_cell("not_run", outputs="not_applicable"), True, None, None),
        (_cell("not_run"), None, None, None),
        (_cell("unavailable"), None, None, None),
    ],
)
def test_what_a_cell_is_worth(
    found: CellResult, load: bool | None, outputs: bool | None, anything: bool | None
) -> None:
    assert (good_enough(found, "load"), good_enough(found, "outputs"), good_enough(found, "anything")) == (
        load,
        outputs,
        anything,
    )


def test_keras_3_is_a_package_from_2_16_on() -> None:
    assert [takes_keras_3(version) for version in ("2.15.1", "2.16.1")] == [False, True]


@pytest.mark.parametrize(
    ("tensorflow", "keras", "name"),
    [
        ("2.15.1", "2.15.0", "2.15.0"),
        ("2.16.1", "2.16.0", "2.16.0 (tf-keras)"),
        ("2.16.1", "3.1.1", "3.1.1"),
        ("2.16.1", "legacy", "2 (tf-keras)"),
    ],
)
def test_keras_2_beside_keras_3_is_called_what_it_is(tensorflow: str, keras: str, name: str) -> None:
    assert called(Step(tensorflow=tensorflow, keras=keras, environment="e", good=True)) == name
