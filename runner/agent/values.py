"""Values for the inputs of a model of which only the file is known: of several kinds, as versions differ at some.

A redefined activation shows beyond the usual range, a changed epsilon next to nothing, a mask where there is padding.
"""

from __future__ import annotations

from typing import Any, Sequence

import numpy as np

from .arrays import Array
from .specification import Tensor

_WORDS = ("", "the cat sat", "Über 100 %", "zzzz unknown", "a", "The End.")
#: Texts that are longer than what a layer cuts them to are made of this many.
_MANY = 40
#: Below what any layer adds to a norm before it divides by it: 1e-12 to a sum of squares, 1e-7 to a norm.
_TINY = 1e-8
USUAL, NEGATIVE, LARGE, SMALL = "usual values", "negative values", "large values", "small values"
PADDED, LED = "padded at the end", "padded at the start"
EMPTY, LONG, KNOWN = "empty texts", "long texts", "known words"
#: What values a batch has.
KINDS = {
    USUAL: "about the size of 1, of both signs",
    "0 to 255": "an image that nobody scaled",
    NEGATIVE: "below zero, down to about -10",
    "zeros": "all 0",
    "ones": "all 1",
    LARGE: "thousands, of both signs",
    SMALL: "thousandths, of both signs, and in every second row next to nothing",
    PADDED: "steps at the end that a mask hides",
    LED: "steps at the start, and in every second row in the middle, that a mask hides",
    EMPTY: "no text at all",
    LONG: "texts of many words",
    KNOWN: "only words that the model knows",
}
_NUMBERS = ("0 to 255", NEGATIVE, "zeros", "ones", LARGE, SMALL)
#: Tokens, places in a vocabulary and flags are no quantities: other batches tell versions apart.
_TOKENS = (PADDED, "zeros", LED, "ones", LARGE)
_TEXTS = (EMPTY, LONG, KNOWN)


def kinds(tensors: Sequence[Tensor]) -> list[str]:
    """The kinds of values, beside usual ones, that are different arrays for some of the inputs."""
    numbers, tokens, padded, texts = False, False, False, False
    for tensor in tensors:
        text, token = tensor.dtype == "string", tensor.dtype == "bool" or tensor.high is not None
        texts, tokens, numbers = texts or text, tokens or token, numbers or not (text or token)
        padded = padded or tensor.blank is not None
    chosen = [*_NUMBERS] if numbers else []
    chosen[2:2] = [PADDED, LED] if padded and numbers else []
    chosen += [kind for kind in _TOKENS if tokens and kind not in chosen]
    return chosen + (list(_TEXTS) if texts else [])


def array(tensor: Tensor, kind: str, shape: tuple[int, ...], index: int) -> Array:
    """The values of one kind for the input of that ``index``. All of it is deterministic."""
    random = np.random.RandomState(1000 + index)
    if tensor.dtype == "string":
        return _text(kind, tensor, shape)
    if tensor.dtype == "bool":
        return _whole(kind, 2, shape, random).astype("bool")
    dtype = _plain(tensor.dtype)
    if tensor.high is not None:
        return _whole(kind, max(tensor.high, 1), shape, random, tensor.blank is not None).astype(dtype)
    if np.dtype(dtype).kind in "iu":
        return _counted(kind, np.dtype(dtype), tensor.numbers, shape, random)
    values = _real(kind, shape, random).astype(dtype)
    return values if tensor.blank is None else _padded(kind, values, 1, tensor.blank)


def _text(kind: str, tensor: Tensor, shape: tuple[int, ...]) -> Array:
    words = list(tensor.words) if kind == KNOWN and tensor.words else list(tensor.words) + list(_WORDS)
    if kind == EMPTY:
        words = [""]
    elif kind == LONG:  # every one begins with another word
        line = [words[place % len(words)] or "." for place in range(_MANY + len(words))]
        words = [" ".join(line[place : place + _MANY]) for place in range(len(words))]
    # Every row begins elsewhere, so that rows differ.
    chosen = [words[place % len(words)].encode("utf-8") for place in range(1, int(np.prod(shape)) + 1)]
    return np.array(chosen, dtype="S").reshape(shape)


def _whole(kind: str, high: int, shape: tuple[int, ...], random: Array, hidden: bool = False) -> Array:
    """Whole numbers below ``high``; 0 often means "nothing here", so some batches begin or end with it.

    Where it is ``hidden`` by a mask it stands in those alone, so that they tell what the mask does.
    """
    least = 1 if high > 1 and (hidden or kind in (PADDED, LED)) else 0
    values = random.randint(least, high, size=shape)
    if kind == "zeros":
        return np.zeros(shape, dtype="int64")
    if kind == "ones":
        return np.full(shape, min(1, high - 1))
    if kind == LARGE:
        return np.full(shape, high - 1)
    return _padded({NEGATIVE: PADDED, SMALL: LED}.get(kind, kind), values, len(shape) - 1, 0)


def _counted(kind: str, dtype: Any, numbers: Sequence[int], shape: tuple[int, ...], random: Array) -> Array:
    """Whole numbers that nothing bounds but their type: places, counts, pixels, or keys that a layer knows."""
    least, most = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    known = [number for number in numbers if least <= number <= most]
    if kind == USUAL and known:
        return random.choice(np.array([*known, 0, 1], dtype=dtype), size=shape)
    low, high = {
        "0 to 255": (0, 256), NEGATIVE: (-10, 1), "zeros": (0, 1), "ones": (1, 2), LARGE: (1000, 9000), SMALL: (0, 10),
    }.get(kind, (0, 2))  # fmt: skip
    values = random.randint(max(low, least), max(min(high, most + 1), max(low, least) + 1), size=shape)
    return _padded(kind, values.astype(dtype), len(shape) - 1, 0)


def _padded(kind: str, values: Array, axis: int, blank: float) -> Array:
    """The same with steps along ``axis`` that hold nothing, where the kind of the batch is that."""
    if kind not in (PADDED, LED) or not 0 < axis < values.ndim or values.shape[axis] < 2:
        return values
    steps = np.moveaxis(values, axis, 1)  # a view
    half = steps.shape[1] // 2
    if kind == PADDED:
        steps[:, -half:] = blank
    else:
        steps[::2, :half] = blank
        steps[1::2, half // 2 : half // 2 + half] = blank
    return values


def _real(kind: str, shape: tuple[int, ...], random: Array) -> Array:
    if kind == "zeros":
        return np.zeros(shape)
    if kind == "ones":
        return np.ones(shape)
    if kind == "0 to 255":
        return random.randint(0, 256, size=shape)
    values = random.standard_normal(shape)
    if kind == NEGATIVE:
        return -4.0 * np.abs(values)
    if kind == SMALL:
        values = values * 0.001
        if len(shape) > 1:
            values[1::2] *= _TINY / 0.001
        return values
    return values * (2000.0 if kind == LARGE else 1.0)


def _plain(dtype: str) -> str:
    """A dtype that NumPy has."""
    return "float32" if "bfloat16" in dtype or "float8" in dtype else dtype
