"""Nests are taken apart and put together; arrays are digested and compared."""

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.agent import arrays

TOLERANCES = {
    "float32": {"relative": 1e-5, "absolute": 1e-6},
    "float16": {"relative": 1e-2, "absolute": 1e-3},
}

nests = st.recursive(
    st.integers(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
numbers = st.floats(width=32) | st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -0.0])


def with_lists(nest: Any) -> Any:
    if isinstance(nest, dict):
        return {key: with_lists(value) for key, value in nest.items()}
    return [with_lists(item) for item in nest] if isinstance(nest, list | tuple) else nest


def floats(*values: float) -> Any:
    return np.array(values, dtype="float32")


@given(nests)
def test_a_nest_is_rebuilt_from_its_leaves_and_its_skeleton_as_json(nest: Any) -> None:
    leaves, skeleton = arrays.flatten(nest)
    rest = iter(leaves)
    assert arrays.rebuild(json.loads(json.dumps(skeleton)), rest) == with_lists(nest)
    assert list(rest) == []


def test_a_skeleton_in_full() -> None:
    leaves, skeleton = arrays.flatten({"b": (1, 2), "a": [], 3: {"x": 4}})
    assert leaves == [4, 1, 2]
    assert skeleton == {
        "dict": {"3": {"dict": {"x": "leaf"}}, "a": {"list": []}, "b": {"list": ["leaf", "leaf"]}}
    }
    assert arrays.flatten(7) == ([7], "leaf")


def test_the_order_of_a_dicts_keys_does_not_matter() -> None:
    assert arrays.flatten({"a": 1, "b": 2}) == arrays.flatten({"b": 2, "a": 1})


class Sparse:
    dense_shape = (2, 2)


class Ragged:
    def to_tensor(self) -> "Tensor":
        return Tensor([[1, 0], [2, 3]])


class Tensor:
    def __init__(self, value: Any) -> None:
        self.value = value

    def numpy(self) -> Any:
        return np.array(self.value)


class Torch:
    def detach(self) -> "Torch":
        return self

    def cpu(self) -> Tensor:
        return Tensor([5])


def test_tensors_become_arrays() -> None:
    assert arrays.to_numpy(Tensor([1, 2])).tolist() == [1, 2]
    assert arrays.to_numpy(Ragged()).tolist() == [[1, 0], [2, 3]]
    assert arrays.to_numpy(Torch()).tolist() == [5]
    assert arrays.to_numpy([1.5]).tolist() == [1.5]


def test_kinds() -> None:
    assert [arrays.kind(value) for value in (Ragged(), Sparse(), Tensor([]), 1)] == [
        "ragged",
        "sparse",
        "dense",
        "dense",
    ]


def test_objects_become_utf8_in_the_same_shape() -> None:
    found = arrays.to_numpy(np.array([["Grüße", b"\xff\x00x"], ["", 5]], dtype=object))
    assert found.dtype.kind == "S"
    assert found.tolist() == [["Grüße".encode(), b"\xff\x00x"], [b"", b"5"]]
    assert arrays.to_numpy(np.zeros((0, 3), dtype=object)).shape == (0, 3)


def test_a_dtype_of_numpys_own_is_stored_as_it_is() -> None:
    for name in ("float16", "float64", "int8", "bool", "S3", "complex64"):
        assert arrays.plain(np.zeros(2, dtype=name)).dtype.name == np.dtype(name).name


@pytest.mark.parametrize(
    "other",
    [
        floats(1, 2, 3),
        floats(1, 2).reshape(1, 2),
        np.array([1, 2], dtype="float64"),
        np.array([1, 2], dtype="int32"),
        np.nextafter(floats(1, 2), 9, dtype="float32"),
    ],
)
def test_a_digest_sees_dtype_shape_and_every_bit(other: Any) -> None:
    assert arrays.digest(other) != arrays.digest(floats(1, 2))


def test_a_digest_does_not_see_the_order_in_memory() -> None:
    array: Any = np.arange(6, dtype="float32").reshape(2, 3)
    assert arrays.digest(np.asfortranarray(array)) == arrays.digest(array)
    assert len(arrays.digest(array)) == 32


def test_a_sample_has_the_ends_and_no_more_than_asked() -> None:
    array: Any = np.arange(10_000).reshape(100, 100)
    found = arrays.sample(array)
    assert (found.size, found[0], found[-1], found.dtype.name) == (2048, 0, 9999, "float64")
    assert arrays.sample(array, most=10_000).tolist() == list(range(10_000))
    assert arrays.sample(np.float32(3)).tolist() == [3]


@given(st.lists(numbers, max_size=8))
def test_an_array_does_not_differ_from_itself(values: list[float]) -> None:
    array = floats(*values)
    assert arrays.difference(array, array.copy(), "int32", {}) == (0.0, "")


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=8))
def test_without_a_relative_tolerance_it_is_the_same_both_ways(pairs: list[tuple[float, float]]) -> None:
    one, two = (floats(*column) for column in zip(*pairs, strict=True))
    there, back = (arrays.difference(a, b, "float32", {}) for a, b in ((one, two), (two, one)))
    assert there == back
    apart, sentence = there
    equal = all(
        a == b or (math.isnan(a) and math.isnan(b)) for a, b in zip(one.tolist(), two.tolist(), strict=True)
    )
    assert (sentence == "") == equal
    if any(math.isfinite(a) != math.isfinite(b) for a, b in pairs):
        assert apart is None


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ([math.nan, 1], [1, math.nan]),
        ([math.inf], [-math.inf]),
        ([math.inf], [math.nan]),
        ([math.inf, 2], [3, 2]),
    ],
)
def test_nan_and_infinity_have_their_places(one: list[float], two: list[float]) -> None:
    found = arrays.difference(floats(*one), floats(*two), "float32", TOLERANCES)
    assert found == (None, "NaN or infinity in other places")


def test_the_rest_is_compared_beside_nan() -> None:
    one, two = floats(math.nan, math.inf, 1), floats(math.nan, math.inf, 2)
    assert arrays.difference(one, two, "float32", TOLERANCES) == (
        1.0,
        "differs by 1, allowed 1.1e-05 for float32",
    )


def test_the_tolerance_counts_from_the_largest_value_of_the_reference() -> None:
    large = floats(1000, 0)
    assert arrays.difference(large, floats(1000, 0.009), "float32", TOLERANCES)[1] == ""
    assert arrays.difference(large, floats(1000, 0.011), "float32", TOLERANCES)[1] != ""
    small = floats(0, 0)
    assert arrays.difference(small, floats(0, 9e-7), "float32", TOLERANCES)[1] == ""
    assert arrays.difference(small, floats(0, 2e-6), "float32", TOLERANCES)[1] != ""


def test_what_has_no_tolerance_is_exact() -> None:
    apart, sentence = arrays.difference(np.array([1, 2]), np.array([1, 3]), "int64", TOLERANCES)
    assert (apart, sentence) == (1.0, "differs by 1 in whole numbers")
    assert arrays.difference(np.array([True]), np.array([False]), "bool", TOLERANCES)[1] != ""


def test_large_whole_numbers_do_not_run_together() -> None:
    one, two = np.array([2**60]), np.array([2**60 + 1])
    assert arrays.difference(one, two, "int64", TOLERANCES)[1] != ""
    assert arrays.difference(one, one.copy(), "int64", TOLERANCES) == (0.0, "")


def test_complex_numbers_keep_their_imaginary_part() -> None:
    one = np.array([1 + 1j], dtype="complex64")
    assert arrays.difference(one, one.conj(), "complex64", TOLERANCES)[0] == 2.0
    assert arrays.difference(one, one.copy(), "complex64", TOLERANCES) == (0.0, "")


def test_shapes_are_told() -> None:
    found = arrays.difference(np.zeros((2, 3)), np.zeros((3, 2)), "float64", {})
    assert found == (None, "shape [3, 2] where [2, 3] was")


def test_nothing_equals_nothing() -> None:
    assert arrays.difference(np.zeros((0, 3)), np.zeros((0, 3)), "float64", {}) == (0.0, "")


def test_text_is_text_in_any_dtype() -> None:
    one, two = np.array(["ä", "b"]), np.array(["ä".encode(), b"b"])
    assert arrays.difference(one, two, "string", {}) == (None, "")
    assert arrays.difference(one, np.array(["ä", "c"]), "string", {}) == (None, "other text")


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("float32", "float16", "float16"),
        ("bfloat16", "float16", "bfloat16"),
        ("float64", "float32", "float32"),
        ("int32", "float32", "float32"),
        ("int32", "int64", "int32"),
    ],
)
def test_the_coarser_dtype(one: str, two: str, expected: str) -> None:
    assert arrays.coarser(one, two) == expected
    if "float" in expected:
        assert arrays.coarser(two, one) == expected
