"""A SavedModel as something that gives outputs: by an endpoint found in it, with inputs by their names."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from . import stand_in
from .arrays import flatten, kind, to_numpy
from .stack import Stack

#: Endpoints in the order in which they are looked for.
_ENDPOINTS = ("serving_default", "serve", "call", "predict")
#: What TensorFlow runs by itself; it gives nothing.
_INITIALIZER = "__saved_model_init_op"


def saved_model(
    stack: Stack, path: str, facts: Mapping[str, Any], inputs: Any = None, edits: list[str] | None = None
) -> Any:
    """``tf.saved_model.load``. Raises ValueError, with a sentence, when it has no endpoint to call.

    ``inputs`` are what it is going to be called with; ``edits`` is told of an endpoint that is not the usual
    one, and of what stands in for something in the file.
    """
    restored = stand_in.load(stack.tf, path, edits)
    name = _told(_endpoint(restored.signatures, inputs), edits)
    return Endpoint(stack.tf, restored.signatures[name], restored.signatures[name], facts, restored)


def tfsm_layer(
    stack: Stack, path: str, facts: Mapping[str, Any], inputs: Any = None, edits: list[str] | None = None
) -> Any:
    """``keras.layers.TFSMLayer``. Raises what Keras raises, or AttributeError where it has no such layer."""
    restored = stand_in.load(stack.tf, path, edits)
    name = _told(_endpoint(restored.signatures, inputs), edits)
    unsafe = getattr(getattr(stack.keras, "config", None), "enable_unsafe_deserialization", None)
    if unsafe is not None:
        unsafe()  # newer releases take the layer for code that the file brings, and it is
    layer = stack.keras.layers.TFSMLayer(path, call_endpoint=name)
    return Endpoint(stack.tf, restored.signatures[name], layer, facts, restored)


def _endpoint(signatures: Mapping[str, Any], inputs: Any = None) -> str:
    """The first by a usual name; of several the first that takes such inputs, as one may be for raw text."""
    names = [name for name in _ENDPOINTS if name in signatures]
    names += [str(name) for name in sorted(signatures) if name not in names and name != _INITIALIZER]
    for name in names if inputs is not None and len(names) > 1 else ():
        if _takes(signatures[name].structured_input_signature[1], inputs):
            return name
    if names and names[0] in _ENDPOINTS:
        return names[0]
    if len(signatures) == 1:
        return str(next(iter(signatures)))
    raise ValueError("The SavedModel has {} signatures, and none by a usual name.".format(len(signatures)))


def _told(name: str, edits: list[str] | None) -> str:
    if edits is not None and name != _ENDPOINTS[0]:
        edits.append("called the endpoint {}".format(name))
    return name


def _takes(wanted: Mapping[str, Any], inputs: Any) -> bool:
    """Whether a signature's inputs are of the number, the shapes and the kind (text or numbers) of these."""
    leaves, _ = flatten(inputs)
    names = sorted(wanted)
    if isinstance(inputs, dict) and set(inputs) == set(wanted):
        leaves = [inputs[name] for name in names]
    return len(leaves) == len(wanted) and all(
        _compatible(wanted[name], leaf) and _is_text(wanted[name].dtype) == _is_text(to_numpy(leaf).dtype)
        for name, leaf in zip(names, leaves)
    )


def _is_text(dtype: Any) -> bool:
    return getattr(dtype, "kind", "") in ("S", "U", "O") or getattr(dtype, "name", "") == "string"


class Endpoint:
    """Calls a signature with the inputs of a model, and gives outputs nested as the model's were."""

    def __init__(self, tf: Any, signature: Any, function: Any, facts: Mapping[str, Any], owner: Any) -> None:
        self._tf, self._signature, self._function, self._facts = tf, signature, function, facts
        self._owner = owner  # without it the variables are gone

    def __call__(self, inputs: Any, training: bool = False) -> Any:
        """The outputs for one batch."""
        wanted = self._signature.structured_input_signature[1]
        named = self._named(inputs, wanted)
        given = {name: self._tensor(value, wanted[name].dtype) for name, value in named.items()}
        if self._function is self._signature:
            found = self._function(**given)
        else:
            found = self._function(given if len(given) > 1 else next(iter(given.values())))
        return self._nested(found)

    def _tensor(self, value: Any, dtype: Any) -> Any:
        found = self._tf.constant(value)
        return found if found.dtype == dtype else self._tf.cast(found, dtype)

    def _named(self, inputs: Any, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Inputs by the names of the signature: by name, else by order where names were made up, else by shape."""
        if isinstance(inputs, dict) and set(inputs) == set(wanted):
            return dict(inputs)
        leaves, _ = flatten(inputs)
        if len(leaves) != len(wanted):
            raise ValueError(
                "The endpoint takes {} inputs, and the model {}.".format(len(wanted), len(leaves))
            )
        names = list(self._facts.get("input_names", []))
        if set(names) == set(wanted):
            return dict(zip(names, leaves))
        names = sorted(wanted)
        if all(_compatible(wanted[name], leaf) for name, leaf in zip(names, leaves)):
            return dict(zip(names, leaves))
        raise ValueError("The endpoint calls its inputs {}, and nothing tells which is which.".format(names))

    def _nested(self, found: Any) -> Any:
        """The outputs in the order and nest of the model's own."""
        nest = self._facts["structure"]["outputs"]["nest"]
        if not isinstance(found, dict):
            return found
        if isinstance(nest, dict) and "dict" in nest and set(nest["dict"]) == set(found):
            return found
        if nest == "leaf" and len(found) == 1:
            return next(iter(found.values()))
        names = list(self._facts.get("output_names", []))
        if set(names) == set(found):
            return [found[name] for name in names]
        return self._by_shape([found[name] for name in sorted(found)])

    def _by_shape(self, found: Sequence[Any]) -> Any:
        """In the order of the names, unless shapes tell of another one."""
        described = self._facts["structure"]["outputs"]["tensors"]
        shapes = [[kind(one), [int(size) for size in to_numpy(one).shape]] for one in found]
        wanted = [[one[0], one[2]] for one in described]
        if shapes != wanted and sorted(map(str, shapes)) == sorted(map(str, wanted)):
            left = list(zip(shapes, found))
            return [left.pop(next(i for i, one in enumerate(left) if one[0] == shape))[1] for shape in wanted]
        return list(found)


def _compatible(wanted: Any, leaf: Any) -> bool:
    shape = wanted.shape.as_list() if wanted.shape.rank is not None else None
    found = list(to_numpy(leaf).shape)
    return shape is None or (
        len(shape) == len(found) and all(one in (None, two) for one, two in zip(shape, found))
    )
