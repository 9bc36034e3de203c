"""The state of an optimizer from a file into an optimizer: iterations, and the slots of each weight."""

from __future__ import annotations

import re
from typing import Any, Sequence

from .arrays import Array, to_numpy
from .assigning import Refused

#: What other versions called a slot -> what it is called here. Sources: Keras's optimizers of 2.10, 2.11 and 3.
_KINDS = {
    "m": "momentum",
    "momentum": "momentum",
    "v": "velocity",
    "velocity": "velocity",
    "rms": "velocity",
    "vhat": "velocity_hat",
    "v_hat": "velocity_hat",
    "velocity_hat": "velocity_hat",
    "u": "norm",
    "norm": "norm",
    "mg": "average_gradient",
    "average_gradient": "average_gradient",
    "accumulator": "accumulator",
    "accumulated_grad": "accumulated_grad",
    "accum_grad": "accumulated_grad",
    "accumulated_delta_var": "accumulated_delta_var",
    "accum_var": "accumulated_delta_var",
    "linear": "linear",
    "average": "average",
}
#: A slot of the optimizers before TensorFlow 2.
_UNNAMED = re.compile(r"(^|/)Variable(_\d+)?(:0)?$")


def restore(model: Any, stored: Sequence[tuple[str, Array]], edits: list[str]) -> str:
    """Give the model's optimizer the state of a file. Raises Refused, with a sentence, where they do not fit.

    Gives the order of the file where a few lines can go by it: ``by_weight``, as here, or ``by_slot``.
    """
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None:
        raise Refused("The model has no optimizer.")
    if not stored:
        raise Refused("The file has no optimizer state.")
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    _build(optimizer, model)
    here = [(_name(one), one) for one in _variables(optimizer)]
    targets = [(name, one) for name, one in here if not _is_count(name, one) and not _is_rate(name, one)]
    arrays = [(name, one) for name, one in stored if not _is_count(name, one) and not _is_rate(name, one)]
    arrays = [(name, one) for name, one in arrays if one.shape or targets and not targets[-1][1].shape]
    arrays = _in_use(arrays, len(targets))
    if len(targets) != len(arrays):
        raise Refused("The optimizer has {} slots here and {} in the file.".format(len(targets), len(arrays)))
    pairs = _pairs(targets, arrays)
    for target, array in pairs:
        if tuple(int(size) for size in target.shape) != tuple(array.shape):
            raise Refused(
                "A slot is {} in the file and {} here.".format(list(array.shape), list(target.shape))
            )
    for target, array in pairs:
        target.assign(array)
    counts = [one for name, one in stored if _is_count(name, one)]
    if counts:
        optimizer.iterations.assign(int(to_numpy(counts[0])))
    edits.append(
        "the optimizer's {} slots and its count of steps were read from the file".format(len(targets))
    )
    return _order(here, stored, pairs) if optimizer is model.optimizer else ""


def _in_use(arrays: list[tuple[str, Array]], wanted: int) -> list[tuple[str, Array]]:
    """Without what Keras 2.1.3 to 2.3 write for each weight of an Adam without amsgrad: one number, a zero."""
    unused = arrays[wanted:]
    if all(one.shape == (1,) and not to_numpy(one).any() for _, one in unused) and len(unused) * 2 == wanted:
        return arrays[:wanted]
    return arrays


def _order(
    here: Sequence[tuple[str, Any]], stored: Sequence[tuple[str, Array]], pairs: Sequence[tuple[Any, Array]]
) -> str:
    """How a few lines can pair them that go by the order: the count of steps is the first, learning rates aside."""
    one, other = (
        [(name, item) for name, item in items if not _is_rate(name, item)] for items in (here, stored)
    )
    if len(one) != len(other) or not (_is_count(*one[0]) and _is_count(*other[0])):
        return ""
    found = {(id(target), id(array)) for target, array in pairs}
    arrays = [array for _, array in other[1:]]
    if found == {(id(target), id(array)) for (_, target), array in zip(one[1:], arrays)}:
        return "by_weight"
    several = len({_kind(name) for name, _ in one[1:]})
    each = len(arrays) // several
    turned = [array for index in range(each) for array in arrays[index::each]]
    if found == {(id(target), id(array)) for (_, target), array in zip(one[1:], turned)}:
        return "by_slot"
    return ""


def _pairs(
    targets: Sequence[tuple[str, Any]], arrays: Sequence[tuple[str, Array]]
) -> list[tuple[Any, Array]]:
    """Slots of one kind in the order of the weights; where the file does not name them, all in their order."""
    kinds_here, kinds_there = _by_kind(targets), _by_kind(arrays)
    if {kind: len(items) for kind, items in kinds_here.items()} == {
        kind: len(items) for kind, items in kinds_there.items()
    } and "" not in kinds_here:
        return [
            (target, array)
            for kind in kinds_here
            for target, array in zip(kinds_here[kind], kinds_there[kind])
        ]
    # Keras 2.11 and later write a weight's slots one after another; before TensorFlow 2 a kind's came together, and
    # were all called Variable.
    here = list(kinds_here.values())
    together = all(_UNNAMED.search(name) for name, _ in arrays)
    if len({len(items) for items in here}) == 1 and together:
        return list(zip([target for items in here for target in items], [array for _, array in arrays]))
    if len({len(items) for items in here}) == 1:
        return list(zip([one for slots in zip(*here) for one in slots], [array for _, array in arrays]))
    return [(target, array) for (_, target), (_, array) in zip(targets, arrays)]


def _by_kind(items: Sequence[tuple[str, Any]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for name, item in items:
        found.setdefault(_kind(name), []).append(item)
    return found


def _kind(name: str) -> str:
    parts = name.split(":")[0].split("/")
    for part in [parts[-1]] + parts[1:-1]:  # Adam/dense/kernel/m, Adam/m/dense/kernel
        if part in _KINDS:
            return _KINDS[part]
    for known in sorted(_KINDS, key=len, reverse=True):  # adam/dense_kernel_momentum
        if len(known) > 1 and parts[-1].endswith("_" + known):
            return _KINDS[known]
    return ""


def _is_count(name: str, value: Any) -> bool:
    whole = str(getattr(value.dtype, "name", value.dtype)).startswith(("int", "uint"))
    return not tuple(value.shape) and (whole or re.search(r"(^|/)iter", name) is not None)


def _is_rate(name: str, value: Any) -> bool:
    return "learning_rate" in name or name == "vars/1" and not tuple(value.shape)


def _build(optimizer: Any, model: Any) -> None:
    if hasattr(optimizer, "build"):
        if not getattr(optimizer, "built", getattr(optimizer, "_built", False)):
            optimizer.build(model.trainable_variables)
    elif hasattr(optimizer, "_create_all_weights"):
        optimizer._create_all_weights(model.trainable_variables)


def _variables(optimizer: Any) -> list[Any]:
    variables = optimizer.variables
    try:
        return list(variables)
    except TypeError:  # a method before Keras 2.11
        return list(variables())


def _name(variable: Any) -> str:
    return str(getattr(variable, "path", "") or getattr(variable, "name", ""))
