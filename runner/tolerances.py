"""How far numbers may lie apart and still be the same: the one place, shown on every page."""

from runner.results import Tolerance

#: Bounds are ``absolute + relative * max|reference|``. Measured against the largest value of an array, because a
#: sum that cancels keeps the rounding error of its terms.
TOLERANCES = (
    Tolerance(
        dtype="float64",
        relative=1e-9,
        absolute=1e-12,
        reason="Rounds at 2e-16; a few operations inside float64 models run on float32 constants.",
    ),
    Tolerance(
        dtype="float32",
        relative=1e-5,
        absolute=1e-6,
        reason="Rounds at 6e-8; versions agreed to about 1e-7, and the smallest known change of meaning "
        "(exact against approximate GELU) moves outputs by 1e-4.",
    ),
    Tolerance(
        dtype="float16",
        relative=1e-2,
        absolute=1e-3,
        reason="Rounds at 5e-4, and versions sum in another order.",
    ),
    Tolerance(
        dtype="bfloat16",
        relative=5e-2,
        absolute=5e-3,
        reason="Rounds at 4e-3, and versions sum in another order.",
    ),
    Tolerance(dtype="complex64", relative=1e-5, absolute=1e-6, reason="Two float32 numbers."),
    Tolerance(dtype="complex128", relative=1e-9, absolute=1e-12, reason="Two float64 numbers."),
    Tolerance(
        dtype="other", relative=0.0, absolute=0.0, reason="Whole numbers, truth values and text are exact."
    ),
)

#: The same as an agent is told: dtype -> bounds.
BOUNDS = {item.dtype: {"relative": item.relative, "absolute": item.absolute} for item in TOLERANCES}
