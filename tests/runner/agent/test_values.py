"""Values of every kind are what the input takes, and reach where versions come to differ."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from runner.agent import values
from runner.agent.arrays import Array
from runner.agent.specification import Tensor


def x(*shape: int | None, dtype: str = "float32", high: int | None = None, **more: Any) -> Tensor:
    return Tensor("x", shape, dtype, high, **more)


def made(tensor: Tensor, kind: str, rows: int) -> Array:
    return values.array(tensor, kind, tuple(size or rows for size in tensor.shape), 0)


def kinds(tensor: Tensor) -> set[str]:
    return set(values.kinds([tensor]))


def test_values_lie_in_and_out_of_the_usual_range() -> None:
    plain = x(None, 4)
    found = {kind: made(plain, kind, 2) for kind in kinds(plain)}
    assert not found["zeros"].any()
    assert (found["ones"] == 1).all()
    assert found["negative values"].max() < 0
    assert found["0 to 255"].max() > 100
    assert np.abs(found["large values"]).max() > 1000
    assert {array.dtype.name for array in found.values()} == {"float32"}


@given(
    st.integers(1, 5000),
    st.sampled_from(["int32", "int64", "float32", "uint8"]),
    st.sampled_from(list(values.KINDS)),
)
def test_whole_numbers_stay_within_the_vocabulary(high: int, dtype: str, kind: str) -> None:
    if dtype == "uint8":
        high = min(high, 256)
    array = made(x(None, 9, dtype=dtype, high=high), kind, 3)
    assert array.dtype.name == dtype
    assert array.min() >= 0
    assert array.max() < high
    assert (array == array.astype("int64")).all()


def test_text_is_made_of_known_words_and_others() -> None:
    words = x(None, 1, dtype="string", words=("cat",))
    array = made(words, "usual values", 8)
    assert array.dtype.kind == "S"
    assert {b"cat", b"", "Über 100 %".encode()} <= set(array.ravel().tolist())


def test_the_same_file_gets_the_same_inputs() -> None:
    one, two = (made(x(None, 3), "usual values", 2).tolist() for _ in range(2))
    assert one == two


def test_tokens_are_padded_and_are_no_quantities() -> None:
    tokens = x(None, 6, dtype="int32", high=9)
    assert {"padded at the end", "padded at the start", "zeros"} <= kinds(tokens)
    assert not {"0 to 255", "negative values"} & kinds(tokens)
    ended = made(tokens, "padded at the end", 2)
    assert ended[:, :3].all()
    assert not ended[:, 3:].any()
    led = made(tokens, "padded at the start", 2)
    assert (led > 0).tolist() == [[False] * 3 + [True] * 3, [True, False, False, False, True, True]]


def test_a_token_that_a_mask_hides_stands_where_there_is_padding_alone() -> None:
    hidden = x(None, 60, dtype="int32", high=9, blank=0.0)
    assert made(hidden, "usual values", 2).min() == 1
    assert made(hidden, "padded at the end", 2).min() == 0
    assert made(x(None, 60, dtype="int32", high=9), "usual values", 2).min() == 0
    assert not made(x(None, 60, dtype="int32", high=1, blank=0.0), "usual values", 2).any()


def test_steps_that_a_masking_layer_skips_are_at_the_end_and_elsewhere() -> None:
    masked = x(None, 6, 2, blank=-1.0)
    ended = made(masked, "padded at the end", 2)
    assert (ended[:, 3:] == -1).all()
    assert (ended[:, :3] != -1).all()
    led = made(masked, "padded at the start", 2)
    assert (led[0, :3] == -1).all()
    assert (led[1, 1:4] == -1).all()
    assert (led[1, 4:] != -1).all()
    assert {"padded at the end", "padded at the start", "0 to 255"} <= kinds(masked)
    assert not {"padded at the end"} & kinds(x(None, 6, 2))


def test_whole_numbers_that_nothing_bounds_are_pixels_and_counts_too() -> None:
    image = x(None, 6, 6, 3, dtype="uint8")
    assert made(image, "0 to 255", 2).max() > 100
    for kind in values.KINDS:
        array = made(image, kind, 2)
        assert (array.dtype.name, array.shape) == ("uint8", (2, 6, 6, 3))
    count = x(None, 6, dtype="int64")
    assert made(count, "negative values", 2).min() < 0
    assert made(count, "large values", 2).max() > 1000


def test_numbers_that_a_layer_knows_are_used() -> None:
    keys = x(None, 1, dtype="int32", numbers=(10, 20, 2**40))
    found = set(made(keys, "usual values", 40).ravel().tolist())
    assert found == {10, 20, 0, 1}


def test_flags_are_all_set_and_all_unset() -> None:
    flags = x(None, 6, dtype="bool")
    assert made(flags, "ones", 2).all()
    assert not made(flags, "zeros", 2).any()
    assert made(flags, "padded at the end", 2)[:, :3].all()


def test_texts_are_empty_and_long_and_known() -> None:
    text = x(None, 1, dtype="string", words=("cat", "dog"))
    assert set(made(text, "empty texts", 2).ravel().tolist()) == {b""}
    assert all(len(one.split()) > 20 for one in made(text, "long texts", 2).ravel())
    assert set(made(text, "known words", 4).ravel().tolist()) == {b"cat", b"dog"}
    assert kinds(text) == {"empty texts", "long texts", "known words"}


def test_small_values_are_next_to_nothing_in_every_second_row() -> None:
    """Keras 2 adds 1e-12 to the squares of what it normalises, Keras 3 does not: it shows at a norm below 1e-6."""
    small = np.abs(made(x(None, 4), "small values", 4))
    assert small[::2].max() > 1e-4
    assert 0 < small[1::2].max() < 1e-6
