from runner.tolerances import TOLERANCES


def test_every_dtype_has_one_tolerance_with_its_reason() -> None:
    names = [item.dtype for item in TOLERANCES]
    assert len(set(names)) == len(names)
    assert {"float16", "bfloat16", "float32", "float64", "other"} <= set(names)
    assert all(len(item.reason) > 10 for item in TOLERANCES)


def test_what_is_not_a_float_is_exact() -> None:
    (other,) = [item for item in TOLERANCES if item.dtype == "other"]
    assert (other.relative, other.absolute) == (0.0, 0.0)


def test_a_coarser_dtype_has_a_wider_tolerance() -> None:
    width = {item.dtype: item.relative for item in TOLERANCES}
    assert width["float64"] < width["float32"] < width["float16"] < width["bfloat16"]


def test_an_approximate_gelu_is_not_within_the_tolerance() -> None:
    # The smallest known change of meaning moves outputs by 1e-4; versions of one meaning agree to 1e-7.
    (float32,) = [item for item in TOLERANCES if item.dtype == "float32"]
    assert 1e-7 < float32.absolute + float32.relative * 1.0 < 1e-4
