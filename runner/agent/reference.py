"""What the producer saw of its own model right after saving it: the reference that consumers are held against."""

from __future__ import annotations

import json
import os
from typing import Any, Callable, Iterator, Mapping, Sequence

import numpy as np

from . import formats, observe
from .arrays import Array, Skeleton, digest, flatten, plain, rebuild, to_numpy
from .caught import first_line
from .settings import settings
from .stack import Stack, seed

#: How far rounding moves an output before it is worth the time to see how far it moves the loss.
_NOISY = 1e-5


class Reference:
    """Facts as JSON, and arrays by name: inputs, targets, outputs, and how far a training step moved variables."""

    def __init__(self, facts: dict[str, Any], arrays: Mapping[str, Array]) -> None:
        self.facts = facts
        self._arrays = arrays

    def arrays(self, prefix: str) -> list[Array]:
        """The arrays ``prefix_0``, ``prefix_1``, … in order."""
        count = sum(name.startswith(prefix + "_") for name in self._arrays)
        return [self._arrays["{}_{}".format(prefix, index)] for index in range(count)]

    def nest(self, name: str) -> Any:
        """``inputs`` or ``targets``, nested as the probe gave them."""
        skeleton: Skeleton = self.facts[name]
        return rebuild(skeleton, iter(self.arrays(name[:-1])))

    def add(self, label: str, inputs: Any, outputs: Any, noise: Sequence[float]) -> None:
        """One more batch that the producer's model took; ``noise`` is how far rounding alone moves each output."""
        batches = self.facts.setdefault("batches", [])
        arrays = dict(self._arrays)
        number = len(batches)
        batches.append(
            {
                "label": label,
                "inputs": _store(arrays, "batch{}.input".format(number), inputs),
                "outputs": observe.signature(outputs),
                "noise": [float(one) for one in noise],
            }
        )
        _store(arrays, "batch{}.output".format(number), outputs)
        self._arrays = arrays

    def batches(self) -> Iterator[tuple[dict[str, Any], Any, list[Array]]]:
        """The batches that were added: facts, inputs and output arrays."""
        for number, facts in enumerate(self.facts.get("batches", [])):
            leaves = self.arrays("batch{}.input".format(number))
            yield facts, rebuild(facts["inputs"], iter(leaves)), self.arrays("batch{}.output".format(number))

    def with_facts(self, facts: dict[str, Any]) -> Reference:
        """The same arrays with other facts."""
        return Reference(facts, self._arrays)

    def dtypes(self) -> list[str]:
        """The dtype of each output."""
        return [tensor[1] for tensor in self.facts["structure"]["outputs"]["tensors"]]

    def write(self, folder: str) -> None:
        """Store it beside the payload."""
        with open(os.path.join(folder, "reference.json"), "w") as stream:
            json.dump(self.facts, stream, sort_keys=True)
        np.savez(os.path.join(folder, "reference.npz"), **self._arrays)


def read(folder: str) -> Reference:
    """What :meth:`Reference.write` stored."""
    with open(os.path.join(folder, "reference.json")) as stream:
        facts = json.load(stream)
    with np.load(os.path.join(folder, "reference.npz"), allow_pickle=False) as stored:
        return Reference(facts, {name: stored[name] for name in stored.files})


def observed(
    stack: Stack,
    model: Any,
    inputs: Any,
    targets: Any,
    format_name: str,
    saved_by: str,
    call: Callable[[Any], Any] | None = None,
    way: str = "",
    noise: Sequence[float] = (),
) -> Reference:
    """Look at a model. The training step comes last, because it changes what is looked at.

    ``call`` gives the outputs of a model that cannot be called eagerly, or takes too long then; there is no training
    step for it, and consumers are told in which ``way`` it was run. ``noise`` is how far rounding alone moves each
    output, where that is known.
    """
    arrays: dict[str, Array] = {}
    facts: dict[str, Any] = {"saved_by": saved_by}
    facts.update(formats.names_of(model))
    facts["inputs"] = _store(arrays, "input", inputs)
    if targets is not None:
        facts["targets"] = _store(arrays, "target", targets)
    outputs = call(inputs) if call else observe.call(model, inputs)
    facts["way"] = way
    _store(arrays, "output", outputs)
    if format_name == "export":
        facts["structure"] = {"outputs": observe.signature(outputs)}
        return Reference(facts, arrays)
    facts["structure"] = observe.structure(model, outputs)
    if format_name in (
        "weights",
        "checkpoint",
    ):  # there the code alone says what a layer does, and what is frozen
        del facts["structure"]["flags"], facts["structure"]["trainable"]
    else:
        facts["config"] = settings(model)
    facts["by_layer"] = observe.by_layer(model)
    facts["weights"] = [digest(array) for array in observe.weights(model)]
    if (
        targets is not None and observe.compiled(model) and format_name != "json"
    ):  # an architecture has no loss
        _trained(stack, model, inputs, targets, format_name, facts, arrays, noise)
    return Reference(facts, arrays)


def _trained(
    stack: Stack,
    model: Any,
    inputs: Any,
    targets: Any,
    format_name: str,
    facts: dict[str, Any],
    arrays: dict[str, Array],
    noise: Sequence[float],
) -> None:
    """Loss, optimizer and one step. A model that cannot be trained on is a model still, and its file a file."""
    try:
        facts["loss"] = observe.loss(model, inputs, targets, eagerly=not facts["way"])
        if max(noise, default=0.0) > _NOISY:
            facts["loss_noise"] = observe.loss_noise(model, inputs, targets, facts["loss"], not facts["way"])
        if format_name != "weights":  # a weights file promises no optimizer
            facts["optimizer"] = observe.optimizer(model)
        if facts["way"]:
            facts["untrainable"] = "it is not run eagerly, and a step would take too long"
            return
        facts["stochastic"] = observe.stochastic(model, inputs)
        seed(stack)
        step = observe.training(model, inputs, targets)
        facts["step_loss"] = step["loss"]
        arrays.update(("moved_{}".format(index), moved) for index, moved in enumerate(step["moved"]))
    except Exception as error:
        facts["untrainable"] = first_line(error)


def _store(arrays: dict[str, Array], prefix: str, nest: Any) -> Skeleton:
    leaves, skeleton = flatten(nest)
    arrays.update(("{}_{}".format(prefix, index), plain(to_numpy(leaf))) for index, leaf in enumerate(leaves))
    return skeleton
