"""Inputs for a model of which only the file is known: several batches, at sizes and values that tell versions apart.

A model can load without an error and predict otherwise only where a free dimension happens to be as large as a layer
is wide (a sum then broadcasts along another axis), only at odd sizes (padding), or only for values beyond the usual
(a redefined activation). So both are varied. All of it is deterministic: the same file gets the same inputs.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence

import numpy as np

from . import values
from .arrays import Array, flatten, rebuild
from .specification import Specification, Tensor

#: Axis -> size of a free dimension. Inputs of one model share the sizes of an axis.
Sizes = Dict[int, int]

#: What one batch may hold in its widest layer, in values: 64 MiB as float32.
WIDEST = 16 * 1024 * 1024
#: As far as this goes there are two rows, so that what mixes up rows shows.
TWO_ROWS = 512 * 1024
#: The same for all batches together: a large model gets fewer of them.
TOTAL = 12 * 1024 * 1024
#: Batches at most, and at least where the model is large.
MOST, FEWEST = 32, 3
#: Sizes that layers were made for, of which as many are tried.
_MARKS = 4
#: Sizes that models are made for, tried after small ones.
_COMMON = (16, 32, 64, 128, 224, 256, 299, 512, 1024)
#: Seen on TF 2.15: 255 eager steps of one LSTM take as long as convolutions of 3 million values.
_STEP = 12_000
#: The same for one layer that is called eagerly, whatever its size.
_LAYER = 4_000
#: Layers at full resolution are no wider than this; the wide ones come after the sizes have shrunk.
_WIDE = 64
#: A probability below this is certain: there the 1e-7 by which versions clip it shows in the loss.
_CERTAIN = 0.01
#: Steps of recurrent layers, one after another, from which on a model is not trained on: eager steps keep every
#: gradient (315 steps of three LSTM took more than 2 GiB on TF 1.15, 1,000 of one more than a minute on TF 2.15).
_LONG = 256
#: For a long sequence that is not called eagerly as much is affordable as would be four times as costly.
TRACED_TOTAL = 4 * TOTAL


class Batch(NamedTuple):
    """One batch: what is in it, and how large it is."""

    kind: str
    rows: int
    sizes: Sizes

    def label(self) -> str:
        """Words for it: ``zeros``, ``usual, 2 x 17 x 17``."""
        return (
            " x ".join([str(self.rows)] + [str(self.sizes[axis]) for axis in sorted(self.sizes)])
            + ", "
            + self.kind
        )


def firsts(specification: Specification) -> Iterator[Batch]:
    """Batches to try until the model takes one: small sizes that agree with no width first, then what is common."""
    known = list(_sizes(specification))
    tried: List[Batch] = []
    for most_rows in (2, 1):
        for sizes in known:
            two = Batch(values.USUAL, 2, sizes)
            rows = most_rows if volume(specification, two) <= TWO_ROWS else 1
            batch = Batch(values.USUAL, rows, sizes)
            fits = not sizes or volume(specification, batch) <= WIDEST
            if fits and batch not in tried:
                tried.append(batch)
                yield batch


def others(specification: Specification, first: Batch, total: int = TOTAL) -> list[Batch]:
    """Further batches, those that tell most at the front; as many as a model of this size can bear.

    ``total``: the values that all may hold together.
    """
    sizes, rows = first.sizes, first.rows
    fitting = [width for width in specification.widths if width > specification.least][:4]
    alike = [dict.fromkeys(sizes, width) for width in fitting]
    varied = [Batch(values.USUAL, rows, found) for found in [*alike, *_apart(specification, sizes, fitting)]]
    varied.insert(len(alike) + 2, Batch(values.USUAL, 1 if rows > 1 else 2, sizes))
    varied += [Batch(values.USUAL, width, sizes) for width in fitting[:1] if width <= 64]
    valued = [Batch(kind, rows, sizes) for kind in values.kinds(specification.tensors)]
    mixed = [batch for pair in zip(varied, valued) for batch in pair]
    mixed += varied[len(valued) :] + valued[len(varied) :]
    chosen: List[Batch] = []
    largest = max(WIDEST, volume(specification, first))
    calls = specification.layers * _LAYER
    left = total - volume(specification, first) - calls
    for batch in mixed:
        size = volume(specification, batch)
        if batch == first or batch in chosen or size > largest or len(chosen) == MOST - 1:
            continue
        if left >= size + calls or len(chosen) < FEWEST - 1:
            chosen.append(batch)
            left -= size + calls
    return chosen


def _apart(specification: Specification, sizes: Sizes, fitting: Sequence[int]) -> list[Sizes]:
    """Sizes that differ from the first ones: odd and even, small and large, and both along different axes."""
    if not sizes:
        return []
    free, step, least = sorted(sizes), max(specification.multiple, 1), specification.least
    small, large = max(least + 1, 1), 2 * max(sizes.values()) + 1
    found = [{axis: size + step for axis, size in sizes.items()}]
    if len(free) > 1:
        found += [{**dict.fromkeys(free, small), axis: large} for axis in free]
        found += [{**sizes, axis: sizes[axis] + step} for axis in free]
        found += [{**sizes, axis: width} for axis in free for width in fitting[:1]]
    found += [dict.fromkeys(free, large), dict.fromkeys(free, small)]
    for mark in [mark for mark in specification.landmarks if mark - 1 > least][:_MARKS]:
        found += [dict.fromkeys(free, mark + by) for by in (0, -1, 1)]
        if len(free) > 1:
            found += [{**dict.fromkeys(free, mark - 1), axis: mark + 2} for axis in free]
    return found


def nest(specification: Specification, batch: Batch) -> Any:
    """The batch's arrays, nested as the model takes them."""
    return rebuild(specification.nest, iter(arrays(specification, batch)))


def arrays(specification: Specification, batch: Batch) -> list[Array]:
    """One array for each input."""
    return [
        values.array(tensor, batch.kind, _filled(tensor, batch), index)
        for index, tensor in enumerate(specification.tensors)
    ]


def long(specification: Specification | None, inputs: Any) -> bool:
    """Whether so many steps follow each other that these inputs are not trained on, and not looked at eagerly."""
    if specification is None or not specification.recurrent:
        return False
    longest = max([np.shape(leaf)[1] for leaf in flatten(inputs)[0] if np.ndim(leaf) > 1] or [1])
    return bool(specification.recurrent * longest >= _LONG)


def targets(loss: Any, outputs: Any) -> Any:
    """Targets to train one step with; None where the model came without a loss. ``outputs`` are arrays."""
    if loss is None:
        return None
    leaves, skeleton = flatten(outputs)
    losses, _ = flatten(loss)
    names = [
        str(getattr(item, "name", None) or getattr(item, "__name__", None) or item).lower() for item in losses
    ]
    if not names:
        return None
    if len(names) != len(leaves):
        names = [names[0]] * len(leaves)
    return rebuild(skeleton, iter([_target(name, leaf) for name, leaf in zip(names, leaves)]))


def _target(loss: str, output: Array) -> Array:
    """Values for one output. Where the model is certain they agree with it: a certain mistake costs what the
    clipping of a version makes of it (Keras 2.0 to 2.3 add 1e-7 to a probability, later ones take the logits).
    """
    random = np.random.RandomState(2000)
    if "sparse" in loss:
        chosen = random.randint(0, max(output.shape[-1], 1), size=output.shape[:-1])
        taken = np.take_along_axis(output, chosen[..., None], axis=-1)[..., 0]
        return np.where(taken < _CERTAIN, output.argmax(axis=-1), chosen)
    if "hinge" in loss:
        return (random.randint(0, 2, size=output.shape) * 2 - 1).astype("float32")
    if "binary" in loss:
        coins = random.randint(0, 2, size=output.shape)
        return np.where(output < _CERTAIN, 0, np.where(output > 1 - _CERTAIN, 1, coins)).astype("float32")
    shares = random.uniform(0.05, 1.0, size=output.shape).astype("float32")
    if "categorical" not in loss:
        return shares
    shares = np.where((output < _CERTAIN) & (output < output.max(axis=-1, keepdims=True)), 0.0, shares)
    return (shares / shares.sum(axis=-1, keepdims=True)).astype("float32")


def _sizes(specification: Specification) -> Iterator[Sizes]:
    """Sizes of the free dimensions, the likeliest first."""
    free = sorted({axis for tensor in specification.tensors for axis in _free(tensor)})
    if not free:
        yield {}
        return
    taken, step, least = set(specification.widths), max(specification.multiple, 1), specification.least
    smallest = -(-(least + 3) // step) * step
    off = [size for size in range(smallest, smallest + 200 * step, step) if size not in taken]
    # Not square first: what mixes up two axes shows only then.
    yield {axis: off[place] for place, axis in enumerate(free)}
    for size in off[:3]:
        yield dict.fromkeys(free, size)
    for size in (
        [2 * off[0] + 1] + [least + size for size in _COMMON] + list(_COMMON) + list(specification.widths)
    ):
        yield dict.fromkeys(free, size)


def _free(tensor: Tensor) -> list[int]:
    return [axis for axis, size in enumerate(tensor.shape) if size is None and axis > 0]


def _filled(tensor: Tensor, batch: Batch) -> tuple[int, ...]:
    sizes: List[Optional[int]] = list(tensor.shape)
    for axis in _free(tensor):
        sizes[axis] = batch.sizes[axis]
    if sizes and sizes[0] is None:
        sizes[0] = batch.rows
    return tuple(int(size or 0) for size in sizes)


def volume(specification: Specification, batch: Batch) -> int:
    """Values in the widest layer, as if every layer kept the input's places: an upper bound that is easy to know.

    A recurrent layer's step costs about as much as this many values, whatever it holds.
    """
    widest = min(max(specification.widths or (1,)), _WIDE)
    total = 0
    for tensor in specification.tensors:
        shape = _filled(tensor, batch)
        places = (
            int(np.prod(shape[:-1], dtype="int64")) if len(shape) > 2 else int(np.prod(shape, dtype="int64"))
        )
        steps = max(shape[1], 1) if len(shape) > 1 else 1
        total += places * widest + specification.recurrent * steps * _STEP
    return total
