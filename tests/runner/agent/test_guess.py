"""Inputs are as the specification says, tell versions apart, and stay small enough."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from runner.agent import guess
from runner.agent.guess import Batch
from runner.agent.specification import Specification, Tensor


def of(*shape: int | None, dtype: str = "float32", high: int | None = None, **more: Any) -> Specification:
    return Specification([Tensor("x", shape, dtype, high)], **more)


def first(specification: Specification) -> Batch:
    return next(guess.firsts(specification))


def test_a_free_dimension_is_first_of_a_size_that_nothing_is_wide_and_then_of_those_that_something_is() -> (
    None
):
    sequence = of(None, None, 6, widths=(8, 3, 32))
    begun = first(sequence)
    assert begun.sizes[1] not in (6, 8, 3, 32)
    later = {batch.sizes[1] for batch in guess.others(sequence, begun)}
    assert {8, 3, 32} <= later
    assert any(size not in (6, 8, 3, 32) for size in later)


def test_two_free_dimensions_differ_at_first_and_each_is_once_as_large_as_a_layer_is_wide() -> None:
    image = of(None, None, None, 3, widths=(16,))
    begun = first(image)
    assert begun.sizes[1] != begun.sizes[2]
    sizes = [batch.sizes for batch in guess.others(image, begun)]
    assert {1: 16, 2: begun.sizes[2]} in sizes
    assert {1: begun.sizes[1], 2: 16} in sizes
    assert {1: 16, 2: 16} in sizes


def test_sizes_exceed_what_is_cropped_and_are_multiples_of_all_strides() -> None:
    cropped = first(of(None, None, 4, widths=(32,), least=10_000))
    assert (cropped.sizes, cropped.rows) == ({1: 10_003}, 1)
    halved = of(None, None, None, 3, widths=(16,), multiple=16)
    assert all(size % 16 == 0 for size in first(halved).sizes.values())


def test_the_number_of_rows_varies_and_is_once_as_large_as_a_layer_is_wide() -> None:
    plain = of(None, 4, widths=(7,))
    rows = {batch.rows for batch in guess.others(plain, first(plain))}
    assert {1, 2, 7} <= rows


def test_a_fixed_batch_stays() -> None:
    fixed = of(5, 4)
    assert {guess.arrays(fixed, batch)[0].shape for batch in guess.others(fixed, first(fixed))} == {(5, 4)}


@given(
    st.lists(st.none() | st.integers(1, 64), min_size=0, max_size=4),
    st.lists(st.integers(2, 2048), max_size=6),
    st.integers(0, 20_000),
    st.sampled_from([1, 2, 32, 128]),
)
def test_whatever_the_model_takes_no_batch_is_large(
    shape: list[int | None], widths: list[int], least: int, multiple: int
) -> None:
    specification = of(None, *shape, widths=tuple(widths), least=least, multiple=multiple)
    for begun in list(guess.firsts(specification))[:2]:
        batches = [begun, *guess.others(specification, begun)]
        assert len(batches) <= guess.MOST
        assert len(set(map(Batch.label, batches))) == len(batches)
        bound = max(guess.WIDEST, guess.volume(specification, begun))
        assert all(guess.volume(specification, batch) <= bound for batch in batches)
        assert begun.sizes == {} or bound == guess.WIDEST


def test_a_large_model_gets_few_batches_and_a_small_one_many() -> None:
    large = of(None, 56, 56, 56, 1, widths=(48,))
    assert first(large).rows == 1
    assert len(guess.others(large, first(large))) == guess.FEWEST - 1
    assert len(guess.others(of(None, 4, widths=(8,)), Batch("usual values", 2, {}))) > 6


def test_targets_fit_the_loss() -> None:
    outputs: Any = np.zeros((2, 5), dtype="float32")
    assert guess.targets(None, outputs) is None
    assert guess.targets({}, outputs) is None
    assert guess.targets("sparse_categorical_crossentropy", outputs).shape == (2,)
    shares = guess.targets("categorical_crossentropy", outputs)
    assert np.allclose(shares.sum(axis=-1), 1)
    assert set(guess.targets("hinge", outputs).ravel().tolist()) <= {-1.0, 1.0}
    both = guess.targets(["mse", "binary_crossentropy"], [outputs, outputs])
    assert [array.shape for array in both] == [(2, 5), (2, 5)]


def test_targets_agree_with_a_model_that_is_certain() -> None:
    sure: Any = np.array([[1.0, 0.0, 1e-9], [0.0, 1.0, 0.0]], dtype="float32")
    assert guess.targets("sparse_categorical_crossentropy", sure).tolist() == [0, 1]
    assert guess.targets("categorical_crossentropy", sure).tolist() == [[1, 0, 0], [0, 1, 0]]
    assert guess.targets("binary_crossentropy", sure).tolist() == [[1, 0, 0], [0, 1, 0]]
    unsure: Any = np.full((64, 1), 0.5, dtype="float32")
    assert set(guess.targets("binary_crossentropy", unsure).ravel().tolist()) == {0.0, 1.0}


def test_a_long_sequence_of_steps_is_not_trained_on() -> None:
    steps: Any = np.zeros((1, 300, 4), dtype="float32")
    assert not guess.long(of(None, 300, 4), steps)
    assert not guess.long(None, steps)
    assert guess.long(of(None, 300, 4, recurrent=1), steps)
    assert not guess.long(of(None, None, 4, recurrent=2), steps[:, :100])


def test_an_image_is_also_tried_too_small_one_way_and_large_the_other() -> None:
    """A crop to 5 x 6 of 4 x 9 is another one in Keras 3 than in Keras 2; of every square image it is the same."""
    image = of(None, None, None, 3, landmarks=(5, 6))
    sizes = [batch.sizes for batch in guess.others(image, first(image))]
    assert any(found[1] < 5 and found[2] > 6 for found in sizes)
    assert any(found[1] > 5 and found[2] < 6 for found in sizes)
    assert {1: 5, 2: 5} in sizes
    assert {1: 6, 2: 6} in sizes


def test_a_sequence_is_tried_around_the_lengths_that_layers_were_made_for() -> None:
    sequence = of(None, None, 3, landmarks=(7,))
    lengths = {batch.sizes[1] for batch in guess.others(sequence, first(sequence))}
    assert {6, 7, 8} <= lengths


def test_a_model_of_many_layers_gets_fewer_batches() -> None:
    small, deep = of(None, None, 3, landmarks=(7, 9)), of(None, None, 3, landmarks=(7, 9), layers=400)
    assert len(guess.others(deep, first(deep))) < len(guess.others(small, first(small)))
