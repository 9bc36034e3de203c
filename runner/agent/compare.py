"""What the consumer sees held against what the producer saw: one value and one sentence per check."""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType
from typing import Any, Mapping, Sequence

import numpy as np

from .arrays import Array, Skeleton, Tolerances, coarser, difference

SAME = ("same", "")
#: The share of sampled values of a training step that may lie apart. Optimizers that normalise gradients turn
#: rounding noise into whole steps where the gradient is zero in exact arithmetic (a bias before a batch norm).
STRAY_SHARE = 0.05
#: How far one sampled value may have moved differently, as a share of the farthest that any value moved.
STRAY_STEP = 0.01
#: How many times as far as one other rounding moved an output it may lie: versions differ in many roundings.
NOISE = 16.0


#: Classes that go by another name: a graph of layers was a plain Model before TF 2.3, and Keras 3 has no name of its
#: own for a ReLU with a threshold.
_RENAMED = {"Model": "Functional", "ThresholdedReLU": "ReLU"}


def structure(reference: Mapping[str, Any], found: Mapping[str, Any]) -> tuple[str, str]:
    """Outputs, layers, parameters and vocabularies; a changed trainability alone counts as lost, not as wrong.

    A class that another of its name stands in for is told and is no difference: the outputs tell whether it is one.
    """
    one, two = reference["outputs"], found["outputs"]
    if one["nest"] != two["nest"]:
        return "differs", "the outputs are {} where {} was".format(_nest(two["nest"]), _nest(one["nest"]))
    for index, (before, now) in enumerate(zip(one["tensors"], two["tensors"])):
        if before != now:
            return "differs", "output {} is {} where {} was".format(index, _tensor(now), _tensor(before))
    if "layers" not in reference or "layers" not in found:  # an export has outputs only
        return SAME
    if _class(reference["class"]) != _class(found["class"]):
        return "differs", "the model is a {} where a {} was".format(found["class"], reference["class"])
    if _renamed(reference["layers"]) != _renamed(found["layers"]):
        return "differs", _layers(reference["layers"], found["layers"])
    if reference["parameters"] != found["parameters"]:
        return "differs", "{} parameters where {} were".format(found["parameters"], reference["parameters"])
    for (name, before), (_, now) in zip(reference["vocabularies"], found["vocabularies"]):
        if before != now:
            return "differs", "the vocabulary of layer {} changed".format(name)
    for (name, before), (_, now) in zip(reference.get("flags", ()), found["flags"]):
        if before != now:
            words = ("trainable", "frozen") if now else ("frozen", "trainable")
            return "lost", "layer {} is {} where it was {}".format(name, *words)
    if reference.get("trainable", found["trainable"]) != found["trainable"]:
        return "lost", "{} parameters are trainable where {} were".format(
            found["trainable"], reference["trainable"]
        )
    return "same", _stood_in(reference.get("origins", ()), found.get("origins", ()), found["layers"])


def _stood_in(before: Sequence[Sequence[str]], now: Sequence[Sequence[str]], layers: Sequence[Any]) -> str:
    """What is told of the first layer whose class is Keras's where it was the model's own, or the other way."""
    whose = {"own": "the model's own", "keras": "Keras's own"}
    for (name, one), (_, two), (kind, _) in zip(before, now, layers):
        if one != two and one in whose and two in whose:
            return "layer {} is {} {} where {} was".format(name, whose[two], kind, whose[one])
    return ""


def weights(reference: Sequence[str], found: Sequence[str]) -> tuple[str, str]:
    """Digests of every variable. Loading copies and never computes, so there is no tolerance."""
    if reference == found:
        return SAME
    missing = Counter(reference) - Counter(found)
    if not missing and len(reference) == len(found):
        return "same", "in another order"  # the outputs tell whether each is in its place
    if not missing:
        return "differs", "{} variables where {} were".format(len(found), len(reference))
    return "differs", "{} of {} variables hold other values".format(sum(missing.values()), len(reference))


def exchanged(reference: Mapping[str, Sequence[str]], found: Mapping[str, Sequence[str]]) -> str:
    """Layers that kept their names and hold what another layer held; empty where there are none."""
    for name, before in sorted(reference.items()):
        now = found.get(name)
        if now is not None and list(now) != list(before):
            owners = sorted(other for other, held in reference.items() if list(held) == list(now))
            if owners:
                return "layer {} holds the weights of layer {}".format(name, owners[0])
    return ""


def outputs(
    reference: Sequence[Array],
    dtypes: Sequence[str],
    found: Sequence[Array],
    found_dtypes: Sequence[str],
    tolerances: Tolerances,
    noise: Sequence[float] = (),
) -> tuple[str, str, float | None]:
    """Every output array; gives the value, the sentence and the largest absolute difference.

    ``noise`` is how far rounding alone moved each output where it was made.
    """
    largest: float | None = None
    sentences: list[str] = []
    for index, (one, two) in enumerate(zip(reference, found)):
        more = NOISE * noise[index] if index < len(noise) else 0.0
        dtype = coarser(dtypes[index], found_dtypes[index])
        apart, sentence = difference(one, two, dtype, tolerances, more)
        if apart is not None:
            largest = apart if largest is None else max(largest, apart)
        if sentence:
            sentences.append("output {} {}".format(index, sentence))
    return ("differs" if sentences else "same"), "; ".join(sentences), largest


def loss(
    reference: Mapping[str, float],
    found: Mapping[str, float],
    dtype: str,
    tolerances: Tolerances,
    noise: Mapping[str, float] = MappingProxyType({}),
) -> tuple[str, str]:
    """The loss, then the metrics: by name where the names agree, else by value (names changed over time).

    ``noise`` is how far rounding alone moved each where it was made.
    """
    if "loss" not in found:
        return "lost", "there is no loss"
    sentence = _number(reference["loss"], found["loss"], dtype, tolerances, noise.get("loss", 0.0))
    if sentence:
        return "differs", "loss {:.7g} where {:.7g} was".format(found["loss"], reference["loss"])
    before, now = _metrics(reference), _metrics(found)
    if len(now) < len(before):
        return "lost", "metrics {} where {} were".format(sorted(now) or "none", sorted(before))
    if set(before) <= set(now):
        pairs = [(name, before[name], now[name]) for name in sorted(before)]
    else:
        names = sorted(before, key=lambda name: before[name])
        pairs = list(zip(names, sorted(before.values()), sorted(now.values())))
    for name, one, two in pairs:
        if _number(one, two, dtype, tolerances, noise.get(name, 0.0)):
            return "differs", "metric {} {:.7g} where {:.7g} was".format(name, two, one)
    return SAME


def optimizer(reference: Mapping[str, Any], found: Mapping[str, Any] | None) -> tuple[str, str]:
    """Iterations, slots, learning rate and the other settings."""
    if found is None:
        return "lost", "there is no optimizer"
    lost = []
    if reference["iterations"] != found["iterations"]:
        lost.append("iterations {} where {} was".format(found["iterations"], reference["iterations"]))
    missing = sum((Counter(reference["slots"]) - Counter(found["slots"])).values())
    if missing:
        lost.append("{} of {} slot variables gone".format(missing, len(reference["slots"])))
    if abs(reference["learning_rate"] - found["learning_rate"]) > 1e-5 * abs(reference["learning_rate"]):
        lost.append(
            "learning rate {:.6g} where {:.6g} was".format(found["learning_rate"], reference["learning_rate"])
        )
    if reference["class"] == found["class"]:
        before, now = reference.get("settings", {}), found.get("settings", {})
        for key in sorted(set(before) | set(now)):
            one, two = before.get(key, 0.0), now.get(key, 0.0)
            if abs(one - two) > 1e-5 * max(abs(one), abs(two)):
                lost.append("{} {:.6g} where {:.6g} was".format(key, two, one))
    return ("lost", "; ".join(lost)) if lost else SAME


def training(
    reference: Mapping[str, Any],
    found: Mapping[str, Any],
    order: Sequence[int] | None,
    dtype: str,
    tolerances: Tolerances,
) -> tuple[str, str]:
    """The loss of one step and how far the variables moved. ``order[i]`` finds the producer's variable i here."""
    if _number(reference["loss"], found["loss"], dtype, tolerances):
        return "differs", "the step's loss is {:.7g} where {:.7g} was".format(
            found["loss"], reference["loss"]
        )
    if order is None:
        return SAME  # the variables differed already; there is nothing to pair
    before = np.concatenate([np.zeros(0)] + reference["moved"])
    now = np.concatenate([np.zeros(0)] + [found["moved"][index] for index in order])
    if before.shape != now.shape:
        return "differs", "the variables have other shapes"
    if not before.size:
        return SAME
    stray = float(np.mean(np.abs(before - now) > STRAY_STEP * max(float(np.abs(before).max()), 1e-12)))
    if stray > STRAY_SHARE:
        return "differs", "{:.0%} of the values moved differently".format(stray)
    return SAME


def pairing(reference: Sequence[str], found: Sequence[str]) -> list[int] | None:
    """Where each of the producer's variables is found here, by digest; None when one is missing."""
    places: dict[str, list[int]] = {}
    for index, one in enumerate(found):
        places.setdefault(one, []).append(index)
    order = []
    for one in reference:
        if not places.get(one):
            return None
        order.append(places[one].pop(0))
    return order


def _number(one: float, two: float, dtype: str, tolerances: Tolerances, noise: float = 0.0) -> str:
    return difference(np.asarray([one]), np.asarray([two]), dtype, tolerances, NOISE * noise)[1]


def _metrics(logs: Mapping[str, float]) -> dict[str, float]:
    """The metrics among the logs. Whether the losses of single outputs are listed too varies by version."""
    return {name: value for name, value in logs.items() if name != "loss" and not name.endswith("_loss")}


def _class(name: str) -> str:
    """What a class goes by now, where only its name has changed."""
    return _RENAMED.get(name, name)


def _renamed(layers: Sequence[Any]) -> list[Any]:
    return [[_class(name), count] for name, count in layers]


def _layers(before: Sequence[Any], now: Sequence[Any]) -> str:
    if len(before) != len(now):
        return "{} layers where {} were".format(len(now), len(before))
    for index, (one, two) in enumerate(zip(before, now)):
        if one != two:
            return "layer {} is {} with {} variables where {} with {} was".format(
                index, two[0], two[1], one[0], one[1]
            )
    return ""


def _nest(skeleton: Skeleton) -> str:
    if isinstance(skeleton, str):
        return "one tensor"
    if "dict" in skeleton:
        return "a dict of {}".format(sorted(skeleton["dict"]))
    return "a list of {}".format(len(skeleton["list"]))


def _tensor(described: Sequence[Any]) -> str:
    return "{} {} {}".format(*described)
