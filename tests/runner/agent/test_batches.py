"""Several batches: made from what a model takes, kept in a reference, and held against what another model does."""

import re
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runner.agent import batches, observe, reference
from runner.agent.checks import Checks
from runner.agent.reference import Reference
from runner.agent.specification import Specification, Tensor
from runner.agent.stack import Stack

TOLERANCES = {
    "float32": {"relative": 1e-5, "absolute": 1e-6},
    "float64": {"relative": 1e-9, "absolute": 1e-12},
}
SEQUENCE = Specification([Tensor("x", (None, None, 3), "float32")], "leaf", (8, 3))


def doubled(inputs: Any, training: bool = False) -> Any:
    return inputs * 2


def differs_at_eight(inputs: Any, training: bool = False) -> Any:
    return inputs * 2 + (1e-3 if inputs.shape[1] == 8 else 0)


def differs_far_out(inputs: Any, training: bool = False) -> Any:
    return np.where(inputs > 200, 200, inputs) * np.float32(2)


def refuses_odd(inputs: Any, training: bool = False) -> Any:
    if inputs.shape[1] % 2:
        raise ValueError("only even lengths")
    return inputs * 2


def reference_of(model: Any, folder: Path) -> tuple[Reference, dict[str, Any]]:
    """What home keeps of a function, once it has been written and read."""
    record: dict[str, Any] = {"notes": []}
    first, *others = batches.tried_batches(model, SEQUENCE, "", record)
    made = Reference(
        {
            "inputs": "leaf",
            "structure": {"outputs": observe.signature(first.outputs)},
            "noise": first.noise,
            "label": first.label,
        },
        {"input_0": first.inputs, "output_0": first.outputs},
    )
    for batch in others:
        made.add(batch.label, batch.inputs, batch.outputs, batch.noise)
    made.write(str(folder))
    return reference.read(str(folder)), record


def held(model: Any, made: Reference, folder: Path) -> dict[str, Any]:
    record: dict[str, Any] = {"checks": {}, "details": {}, "error": None, "max_abs_diff": None}
    keras = types.SimpleNamespace(__version__="3.0", layers=types.SimpleNamespace(Dense=int))
    stack = Stack(keras, None, "jax")
    Checks(stack, model, "export", made, TOLERANCES, str(folder), record).run()
    assert record["error"] is None
    return record


def test_what_does_the_same_is_the_same(tmp_path: Path) -> None:
    made, record = reference_of(doubled, tmp_path)
    assert record["notes"] == []
    assert len(made.facts["batches"]) >= 8
    assert held(doubled, made, tmp_path)["checks"]["outputs"] == "same"


@pytest.mark.parametrize(
    ("model", "said"), [(differs_at_eight, "x 8, usual values"), (differs_far_out, "0 to 255")]
)
def test_what_differs_at_some_sizes_or_values_alone_is_caught(tmp_path: Path, model: Any, said: str) -> None:
    made, _ = reference_of(doubled, tmp_path)
    found = held(model, made, tmp_path)
    assert found["checks"]["outputs"] == "differs"
    assert said in found["details"]["outputs"]


def test_where_the_first_inputs_differ_it_is_told_which_do_not(tmp_path: Path) -> None:
    def differs_below_zero(inputs: Any, training: bool = False) -> Any:
        return np.where(inputs < 0, inputs, inputs * np.float32(2))

    made, _ = reference_of(doubled, tmp_path)
    found = held(differs_below_zero, made, tmp_path)["details"]["outputs"]
    assert re.match(
        r"for 2 x 4, usual values and \d+ more of \d+ batches, and not for 2 x 4, 0 to 255: ", found
    )
    wholly = held(lambda inputs, training=False: inputs * 2 + 1, made, tmp_path)["details"]["outputs"]
    assert wholly.startswith("output 0 differs by 1")


def test_what_is_looked_at_whole_is_padded_where_a_mask_hides_padding() -> None:
    """Keras 2.10 divides the loss of a masked sequence by all steps, Keras 2.11 by those that are not masked."""
    masked = Specification([Tensor("x", (None, None, 3), "float32", blank=0.0)], "leaf", (8, 3))
    first, *others = batches.tried_batches(doubled, masked, "", {"notes": []})
    assert first.label == "2 x 4, padded at the end"
    assert not first.inputs[:, 2:].any()
    assert others[0].label == "2 x 4, usual values"
    plain, *_ = batches.tried_batches(doubled, SEQUENCE, "", {"notes": []})
    assert plain.label == "2 x 4, usual values"


def test_what_predict_does_not_run_is_not_said_to_fail(tmp_path: Path) -> None:
    class AtEight:
        def __call__(self, inputs: Any, training: bool = False) -> Any:
            return differs_at_eight(inputs)

        def predict(self, inputs: Any, verbose: int) -> Any:
            raise ValueError("Invalid dtype: bytes8")

    made, _ = reference_of(doubled, tmp_path)
    found = held(AtEight(), made, tmp_path)
    assert found["checks"]["outputs"] == "differs"
    assert "x 8, usual values" in found["details"]["outputs"]


def test_sizes_that_home_refuses_are_said_and_asked_of_nobody(tmp_path: Path) -> None:
    made, record = reference_of(refuses_odd, tmp_path)
    assert any("only even lengths" in note for note in record["notes"])
    assert held(refuses_odd, made, tmp_path)["checks"]["outputs"] == "same"


def test_a_batch_that_home_takes_and_another_refuses(tmp_path: Path) -> None:
    def refuses_eight(inputs: Any, training: bool = False) -> Any:
        if inputs.shape[1] == 8:
            raise ValueError("not eight")
        return inputs * 2

    made, _ = reference_of(doubled, tmp_path)
    found = held(refuses_eight, made, tmp_path)
    assert found["checks"]["outputs"] == "failed"
    assert "not eight" in found["details"]["outputs"]


def test_a_model_that_takes_nothing_raises_what_the_first_size_raised() -> None:
    def never(inputs: Any, training: bool = False) -> Any:
        raise TypeError("not this way")

    with pytest.raises(TypeError, match="not this way"):
        batches.tried_batches(never, SEQUENCE, "", {"notes": []})


def test_where_rounding_alone_moves_the_outputs_nothing_is_compared(tmp_path: Path) -> None:
    def chaos(inputs: Any, training: bool = False) -> Any:
        return np.sin(inputs.astype("float64") * 1e9).astype("float32")

    made, record = reference_of(chaos, tmp_path)
    assert any(note.startswith("Rounding alone") for note in record["notes"])
    assert "batches" not in made.facts
    assert not made.arrays("input")[0].any()  # only zeros give what any rounding gives


def test_without_a_reference_only_loading_and_predicting_is_told(tmp_path: Path) -> None:
    alone = Reference({"inputs": "leaf"}, {"input_0": np.ones((2, 8, 3), dtype="float32")})
    found = held(doubled, alone, tmp_path)
    assert found["checks"] == {"outputs": "not_applicable"}
    assert "loads and predicts" in found["details"]["outputs"]
    assert "it loads;" in held(doubled, Reference({}, {}), tmp_path)["details"]["outputs"]


def test_a_users_own_inputs_are_taken_by_name_or_in_order(tmp_path: Path) -> None:
    np.savez(tmp_path / "mine.npz", x=np.ones((1, 4, 3), dtype="float32"))
    (found,) = batches.tried_batches(doubled, SEQUENCE, str(tmp_path / "mine.npz"), {"notes": []})
    assert (found.label, found.outputs.shape) == ("your inputs", (1, 4, 3))


def test_a_long_sequence_is_asked_of_another_call_than_the_models_own(tmp_path: Path) -> None:
    def never(inputs: Any, training: bool = False) -> Any:
        raise AssertionError("called eagerly")

    record: dict[str, Any] = {"notes": []}
    tried = batches.tried_batches(never, SEQUENCE, "", record, lambda inputs: inputs * 2)
    assert len(tried) > 3
    assert np.array_equal(tried[0].outputs, tried[0].inputs * 2)
    assert record["notes"] == []


def test_what_a_model_is_asked_first(tmp_path: Path) -> None:
    np.savez(tmp_path / "mine.npz", x=np.ones((1, 4, 3), dtype="float32"))
    assert batches.first_inputs(SEQUENCE, str(tmp_path / "mine.npz")).shape == (1, 4, 3)
    assert batches.first_inputs(SEQUENCE, "").shape[0] == 2
    assert batches.first_inputs(None, "") is None


def test_a_slow_model_is_held_to_fewer_batches_and_not_said_to_hang(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _ = reference_of(doubled, tmp_path)
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr("runner.agent.checks.time", types.SimpleNamespace(monotonic=lambda: next(clock)))
    found = held(doubled, made, tmp_path)
    assert found["checks"]["outputs"] == "same"
    assert found["details"]["outputs"].startswith("compared for 1 of ")


def test_a_model_that_takes_only_its_vocabulary_is_asked_that() -> None:
    class Embedding:
        input_dim = 7
        name = "table"
        weights: Any = (np.arange(7, dtype="float32"),)

    class Model:
        layers = (Embedding(),)
        weights: Any = Embedding.weights

        def __call__(self, inputs: Any, training: bool = False) -> Any:
            if (inputs < 0).any() or (inputs >= 7).any():
                raise ValueError("indices[0,12] = -1 is not in [0, 7)")
            return np.arange(7.0, dtype="float32")[inputs.astype(int)]

    found = batches.tried_batches(
        Model(), Specification([Tensor("x", (None, 4), "float32")]), "", {"notes": []}
    )
    assert len(found) > 2
    assert all(tried.inputs.max() < 7 and tried.inputs.min() >= 0 for tried in found)
