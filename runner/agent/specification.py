"""What a model takes: the shape, dtype and range of each input, read from the model or from its architecture."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

from .arrays import Skeleton, flatten
from .kinds import Config

Layer = Dict[str, Any]

#: Keys of a layer's configuration that say how wide it is.
_WIDTHS = ("units", "filters", "output_dim", "key_dim", "value_dim", "num_heads")
#: Keys whose numbers are no sizes of an input.
_NO_SIZES = (
    *_WIDTHS, "seed", "axis", "axes", "batch_size", "batch_shape", "batch_input_shape", "groups", "rank", "max_tokens",
    "input_dim", "vocabulary_size", "num_tokens", "steps_per_execution",
)  # fmt: skip
#: Sizes beyond this are not tried for their own sake.
_FAR = 1024
#: Layers that hand whole numbers on to an embedding as they are.
_PASSING = {
    "InputLayer", "Reshape", "Flatten", "Permute", "RepeatVector", "Dropout", "SpatialDropout1D", "Masking", "Lambda",
    "Activation",
}  # fmt: skip
_RECURRENT = ("LSTM", "GRU", "SimpleRNN", "RNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
#: Layer -> the key that bounds the whole numbers it takes.
_BOUNDS = {"Embedding": "input_dim", "CategoryEncoding": "num_tokens"}


class Tensor(NamedTuple):
    """One input. ``shape`` begins with the batch; None is free. ``high``: whole numbers below it are taken.

    ``words`` and ``numbers`` are some that a layer knows; a step that holds nothing but ``blank`` is masked.
    """

    name: str
    shape: Tuple[Optional[int], ...]
    dtype: str
    high: Optional[int] = None
    words: Tuple[str, ...] = ()
    numbers: Tuple[int, ...] = ()
    blank: Optional[float] = None


class Specification(NamedTuple):
    """All inputs, and what the sizes of free dimensions may depend on."""

    tensors: List[Tensor]
    nest: Skeleton = "leaf"
    #: Widths of layers, the most frequent first.
    widths: Tuple[int, ...] = ()
    #: What a size has to exceed: what croppings and windows without padding take away together.
    least: int = 0
    #: What a size may have to be a multiple of: all strides together.
    multiple: int = 1
    #: How many layers go through a sequence step by step.
    recurrent: int = 0
    #: Other sizes that layers were made for (windows, crops, lengths), the most frequent first: where an input is
    #: larger than one of them along one axis and smaller along another, versions have come to differ.
    landmarks: Tuple[int, ...] = ()
    #: How many layers there are.
    layers: int = 0


def of_config(config: Config) -> Specification | None:
    """What an architecture says of its inputs; None where it says nothing."""
    found = [tensor for tensor in _inputs(config) if tensor is not None]
    if not found:
        return None
    nest: Skeleton = "leaf" if len(found) == 1 else {"list": ["leaf"] * len(found)}
    return _with_sizes(found, nest, config)


def of_model(model: Any, config: Config) -> Specification | None:
    """What a loaded model takes; None where it does not say. ``config`` is its architecture, {} where unknown."""
    leaves, nest = flatten(_takes(model))
    if not leaves:
        return of_config(config)
    known = {tensor.name: tensor for tensor in _inputs(config) if tensor is not None}
    in_order = list(known.values())
    tensors = []
    for index, leaf in enumerate(leaves):
        if not hasattr(leaf, "shape") or not hasattr(leaf, "dtype"):
            return of_config(config)
        name = re.sub(r":\d+$", "", str(getattr(leaf, "name", "") or "input_{}".format(index)))
        said = known.get(name) or (in_order[index] if len(in_order) == len(leaves) else None)
        high = said.high if said else None
        words, numbers = _known(model)
        tensors.append(Tensor(name, _shape(leaf.shape), _dtype(leaf.dtype), high, words, numbers))
    if nest == {"list": ["leaf"]}:
        nest = "leaf"
    return _with_sizes(tensors, nest, config)


def of_signature(wanted: Any) -> Specification | None:
    """What a serving signature takes: a dict of tensor specifications by name."""
    tensors = [
        Tensor(str(name), _shape(spec.shape), _dtype(spec.dtype)) for name, spec in sorted(wanted.items())
    ]
    if not tensors:
        return None
    return Specification(tensors, {"dict": {tensor.name: "leaf" for tensor in tensors}})


def of_vocabulary(specification: Specification, model: Any) -> list[Specification]:
    """The same inputs as whole numbers that every Embedding of the model knows; empty where it has none.

    For a model whose code does not say what becomes of its inputs, and that takes no others.
    """
    if hasattr(model, "_flatten_layers"):  # those in lists and within other layers, too
        layers = list(model._flatten_layers())
    else:
        layers = list(getattr(model, "layers", []))
    sizes = [layer.input_dim for layer in layers if type(layer).__name__ == "Embedding"]
    sizes = [size for size in sizes if isinstance(size, int)]
    if not sizes:
        return []
    bounded = [
        tensor
        if tensor.high is not None or tensor.dtype in ("string", "bool")
        else tensor._replace(high=min(sizes))
        for tensor in specification.tensors
    ]
    return [specification._replace(tensors=bounded)] if bounded != specification.tensors else []


def layers_of(config: Any) -> Iterator[Layer]:
    """Every layer of an architecture, those inside of models and wrappers included."""
    if isinstance(config, dict):
        if isinstance(config.get("class_name"), str) and isinstance(config.get("config"), (dict, list)):
            yield config
        for value in config.values():
            for layer in layers_of(value):
                yield layer
    elif isinstance(config, list):
        for value in config:
            for layer in layers_of(value):
                yield layer


def _takes(model: Any) -> Any:
    """The nest of symbolic inputs, or of specifications, that the model was made or saved with."""
    for name in ("_inputs_struct", "_nested_inputs", "inputs", "_saved_model_inputs_spec"):
        try:
            found = getattr(model, name, None)
        except Exception:  # a property that raises before the model is built
            continue
        if found is not None and flatten(found)[0]:
            return found
    return []


def _inputs(config: Config) -> list[Tensor | None]:
    """The inputs that a model's configuration names, in their order."""
    inner = config.get("config")
    layers = inner.get("layers") if isinstance(inner, dict) else inner
    named = _names(inner.get("input_layers")) if isinstance(inner, dict) else []
    if isinstance(layers, list) and named:
        by_name = {_name(layer): layer for layer in layers if isinstance(layer, dict)}
        return [_tensor(by_name.get(name, {}), name, _bound(layers, name)) for name in named]
    if isinstance(layers, list) and layers and isinstance(layers[0], dict):
        first = _tensor(layers[0], _name(layers[0]), _chain(layers)) or next(iter(_inputs(layers[0])), None)
        if first is not None:
            return [first]
    built = config.get("build_config") or inner
    shape = built.get("input_shape") or built.get("build_input_shape") if isinstance(built, dict) else None
    if isinstance(shape, list) and all(size is None or isinstance(size, int) for size in shape):
        high = _chain(layers) if isinstance(layers, list) else None
        return [Tensor("input", tuple(shape), "float32", high)]
    return []


def _tensor(layer: Layer, name: str, high: int | None) -> Tensor | None:
    inner = layer.get("config")
    if not isinstance(inner, dict):
        return None
    shape = inner.get("batch_input_shape") or inner.get("batch_shape")
    if not isinstance(shape, (list, tuple)):
        return None
    return Tensor(name, _shape(shape), _dtype(inner.get("dtype")), high)


def _names(value: Any) -> list[str]:
    """The layers in ``[["a", 0, 0], …]``, ``["a", 0, 0]`` or a dict of these."""
    if isinstance(value, dict):
        return [name for key in sorted(value) for name in _names(value[key])]
    if not isinstance(value, list) or not value:
        return []
    if isinstance(value[0], str):
        return [value[0]]
    return [name for item in value for name in _names(item)]


def _bound(layers: list[Layer], start: str) -> int | None:
    """The smallest vocabulary among the embeddings that an input of a graph reaches unchanged."""
    reached, found = {start}, []
    changed = True
    while changed:
        changed = False
        for layer in layers:
            name = _name(layer)
            if name in reached or not reached & set(_mentioned(layer.get("inbound_nodes"))):
                continue
            bound = _taken(layer)
            if bound is not None:
                found.append(bound)
            elif layer.get("class_name") in _PASSING:
                reached.add(name)
                changed = True
    return min(found) if found else None


def _chain(layers: list[Layer]) -> int | None:
    """The same for layers that follow each other."""
    for layer in layers:
        bound = _taken(layer)
        if bound is not None:
            return bound
        if layer.get("class_name") not in _PASSING:
            return None
    return None


def _taken(layer: Layer) -> int | None:
    inner = layer.get("config")
    key = _BOUNDS.get(str(layer.get("class_name")))
    if isinstance(inner, dict) and key is not None:
        return inner[key] if isinstance(inner.get(key), int) else None
    if layer.get("class_name") == "TimeDistributed" and isinstance(inner, dict):
        return _taken(inner["layer"]) if isinstance(inner.get("layer"), dict) else None
    within = next((tensor for tensor in _inputs(layer) if tensor is not None), None)  # a model as a layer
    return within.high if within else None


def _mentioned(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            for name in _mentioned(item):
                yield name
    elif isinstance(value, list):
        for item in value:
            for name in _mentioned(item):
                yield name


def _name(layer: Layer) -> str:
    inner = layer.get("config")
    return str(layer.get("name") or (inner.get("name") if isinstance(inner, dict) else "") or "")


def _with_sizes(tensors: list[Tensor], nest: Skeleton, config: Config) -> Specification:
    widths: Counter[int] = Counter()
    landmarks: Counter[int] = Counter()
    least, multiple = 0, 1
    for layer in layers_of(config):
        inner = layer["config"]
        if not isinstance(inner, dict):
            continue
        widths.update(inner[key] for key in _WIDTHS if isinstance(inner.get(key), int) and inner[key] > 1)
        landmarks.update(
            number
            for key, value in inner.items()
            if key not in _NO_SIZES
            for number in _numbers(value)
            if 1 < number <= _FAR
        )
        window = max(_numbers(inner.get("kernel_size")) + _numbers(inner.get("pool_size")) or [1])
        wide = max(_numbers(inner.get("dilation_rate")) or [1])
        if inner.get("padding") == "valid":
            least += (window - 1) * wide
        least += sum(_numbers(inner.get("cropping"))[:2])
        step = max(_numbers(inner.get("strides")) or [1])
        if "Transpose" not in str(layer["class_name"]):
            multiple = min(multiple * max(step, 1), 128)
    channels = [tensor.shape[-1] for tensor in tensors if len(tensor.shape) > 1 and tensor.shape[-1]]
    order = list(dict.fromkeys(width for width, _ in widths.most_common()))
    order += [channel for channel in channels if channel > 1 and channel not in order]
    names = [str(layer["class_name"]) for layer in layers_of(config)]
    recurrent = sum(name.endswith(_RECURRENT) for name in names)
    marks = tuple(number for number, _ in landmarks.most_common())
    tensors = [_masked(tensor, config) for tensor in tensors]
    return Specification(tensors, nest, tuple(order), least, multiple, recurrent, marks, len(names))


def _numbers(value: Any) -> list[int]:
    if isinstance(value, bool):
        return []
    if isinstance(value, int):
        return [value]
    return [number for item in value for number in _numbers(item)] if isinstance(value, (list, tuple)) else []


def _shape(shape: Any) -> tuple[int | None, ...]:
    if getattr(shape, "rank", 0) is None:
        raise ValueError("The model does not say how many dimensions its input has.")
    sizes = [getattr(size, "value", size) for size in shape]  # TF 1 has Dimension objects
    return tuple(None if size is None else int(size) for size in sizes)


def _dtype(dtype: Any) -> str:
    if isinstance(dtype, dict):  # a Keras 3 policy
        dtype = (dtype.get("config") or {}).get("name")
    name = str(getattr(dtype, "name", None) or dtype or "float32")
    return {"mixed_float16": "float32", "mixed_bfloat16": "float32", "None": "float32"}.get(name, name)


def _known(model: Any) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Some words and numbers that the model's own layers know."""
    words: List[str] = []
    numbers: List[int] = []
    for layer in getattr(model, "layers", []):
        if hasattr(layer, "get_vocabulary"):
            try:
                known = list(layer.get_vocabulary())
            except Exception:  # a lookup layer whose table was not restored
                continue
            words = words or [word for word in known if isinstance(word, str) and word][-8:]
            numbers = numbers or [int(one) for one in known if hasattr(one, "__index__")][-8:]
    return tuple(words), tuple(numbers)


def _masked(tensor: Tensor, config: Config) -> Tensor:
    """The same, with what a layer of the architecture hides: the token 0, or steps that hold only one number."""
    real = "float" in tensor.dtype and tensor.high is None and len(tensor.shape) > 2
    for layer in layers_of(config):
        inner = layer["config"]
        if not isinstance(inner, dict):
            continue
        if tensor.high is not None and inner.get("mask_zero") is True:
            return tensor._replace(blank=0.0)
        skipped = inner.get("mask_value", 0.0)
        if real and layer["class_name"] == "Masking" and isinstance(skipped, (int, float)):
            return tensor._replace(blank=float(skipped)) if math.isfinite(skipped) else tensor
    return tensor
