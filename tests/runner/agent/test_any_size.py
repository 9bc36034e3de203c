"""A model that home ran traced alone, in a version whose graphs for inputs of any size go wrong."""

import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runner.agent.checks import IN_PREDICT, Checks
from runner.agent.reference import Reference
from runner.agent.stack import Stack
from tests.runner.agent.test_batches import TOLERANCES, doubled, reference_of


class Framework:
    """Graphs of known sizes are right; those of others raise, or give one step for every row."""

    def __init__(self, raises: bool) -> None:
        self._raises = raises

    def TensorSpec(self, shape: Any, dtype: Any) -> Any:  # noqa: N802
        return shape

    def as_dtype(self, dtype: Any) -> Any:
        return dtype

    def convert_to_tensor(self, value: Any) -> Any:
        return value

    def function(self, run: Any, input_signature: Any) -> Any:
        def anyhow(*inputs: Any) -> Any:
            if self._raises:
                raise ValueError("Dimensions must be equal")
            return [leaf[:, :1] for leaf in run(*inputs)]

        return anyhow if None in input_signature[0] else run


class Model:
    """Has no sequence of eager calls, which would take minutes."""

    run_eagerly = False

    def __call__(self, inputs: Any, training: bool) -> Any:
        return doubled(inputs)


@pytest.mark.parametrize("raises", [True, False])
def test_it_is_right_for_every_size_by_itself_and_that_it_is_not_for_any_is_told(
    raises: bool, tmp_path: Path
) -> None:
    made, _ = reference_of(doubled, tmp_path)
    made = Reference({**made.facts, "way": "traced"}, {**made._arrays})
    keras = types.SimpleNamespace(__version__="3.0", layers=types.SimpleNamespace(Dense=int))
    stack = Stack(keras, Framework(raises), "tensorflow")
    model: Any = Model()
    record: dict[str, Any] = {"checks": {}, "details": {}, "error": None, "max_abs_diff": None}
    Checks(stack, model, "export", made, TOLERANCES, str(tmp_path), record).run()
    assert record["error"] is None
    assert record["checks"]["outputs"] == "failed"
    assert record["details"]["outputs"].startswith(IN_PREDICT)
    model.run_eagerly = True  # the work-around: predict calls it eagerly
    record = {"checks": {}, "details": {}, "error": None, "max_abs_diff": None}
    Checks(stack, model, "export", made, TOLERANCES, str(tmp_path), record).run()
    assert record["checks"]["outputs"] == "same", record
    assert np.isfinite(record["max_abs_diff"] or 0.0)
