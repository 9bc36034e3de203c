"""Between the ways in which Keras 2 and Keras 3 write a configuration down. Changes it in place; total on any JSON.

Keras 2: ``{"class_name", "config"}``, and in a functional model a call is ``[[layer, node, tensor, kwargs], …]``.
Keras 3: ``{"module", "class_name", "config", "registered_name", "build_config"}``, and a call is ``{"args": […],
"kwargs": {…}}`` with ``__keras_tensor__`` objects. In Keras 2 the first call of a nested model is its own; Keras 3
does not count it.
"""

from __future__ import annotations

from typing import Any, Mapping

from .configuration import walk

_TENSOR = "__keras_tensor__"
#: Keys that Keras 3 puts beside ``class_name`` and ``config``.
_BESIDE = ("module", "registered_name", "build_config", "compile_config", "shared_object_id")
#: Layers whose one argument is a list, even of one.
_MERGING = (
    "Add",
    "Subtract",
    "Multiply",
    "Average",
    "Maximum",
    "Minimum",
    "Concatenate",
    "Dot",
    "Attention",
    "AdditiveAttention",
)
_GRAPHS = ("Functional", "Model")
#: Keys under which a wrapper keeps its layer.
_WRAPPED = ("layer", "backward_layer", "cell")


def to_keras_2(config: Any, rule: Mapping[str, Any]) -> list[str]:
    """Write it down as Keras 2 does. ``rule["calls"]`` names the arguments that layers take one after another."""
    said: list[str] = []
    for item in list(walk(config)):
        if _functional(item):
            said += _graph_to_2(item, rule)
    for item in list(walk(config)):
        said += _plain_style(item)
    return said


def to_keras_3(config: Any, rule: Mapping[str, Any]) -> list[str]:
    """Write it down as Keras 3 does."""
    said: list[str] = []
    for item in list(walk(config)):
        if _functional(item):
            said += _graph_to_3(item, rule)
        elif item.get("class_name") == "Sequential":
            said += _layers_in_a_list(item)
            said += _input_first(item)
    for item in list(walk(config)):
        said += _policy_by_name(item)
        said += _without_own_modules(item)
        said += _wrapped_with_a_place(item)
        said += _lambda_to_3(item)
    return said


def _functional(item: Any) -> bool:
    """Whether it is a model with a graph; the class may be the user's own."""
    config = item.get("config")
    return (
        isinstance(item.get("class_name"), str)
        and isinstance(config, dict)
        and isinstance(config.get("layers"), list)
        and "input_layers" in config
        and "output_layers" in config
    )


def _layers(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [layer for layer in config["layers"] if isinstance(layer, dict)]


def _name(layer: Mapping[str, Any]) -> Any:
    inner = layer.get("config")
    return layer.get("name", inner.get("name") if isinstance(inner, dict) else None)


def _shifted(config: Mapping[str, Any]) -> set[str]:
    """Names of the models inside that begin with their input: those whose own first call Keras 2 counts."""
    found = set()
    for layer in _layers(config):
        inner = layer.get("config")
        inside = inner.get("layers") if isinstance(inner, dict) else None
        if isinstance(inside, list) and inside and isinstance(inside[0], dict):
            if inside[0].get("class_name") == "InputLayer" and isinstance(_name(layer), str):
                found.add(_name(layer))
    return found


def _graph_to_2(item: dict[str, Any], rule: Mapping[str, Any]) -> list[str]:
    config, said = item["config"], []
    shifted = _shifted(config)
    # Keras 3 writes all of a graph's calls one way, so one call tells which way the ends are written.
    new = any(isinstance(node, dict) and "args" in node for layer in _layers(config) for node in calls(layer))
    for layer in _layers(config):
        nodes = calls(layer)
        if not any(isinstance(node, dict) and "args" in node for node in nodes):
            continue
        takes = _takes(layer, rule)
        written: list[Any] = []
        dropped: list[int] = []
        for node in nodes:
            if isinstance(node, dict) and "args" in node:
                node = _call_to_2(node, takes, shifted, dropped)
            written.append(node)
        layer["inbound_nodes"] = written
        said.append("calls in the graph are written as Keras 2 writes them")
        said += [
            "changes meaning: argument {} of {} has no name in Keras 2".format(index, _name(layer))
            for index in dropped
        ]
    if new:
        for key in ("input_layers", "output_layers"):
            config[key] = _ends(config[key], shifted, 1)
    if item["class_name"] == "Model":
        item["class_name"] = "Functional"
    return said


def calls(layer: Mapping[str, Any]) -> list[Any]:
    """The calls of a layer that its configuration lists."""
    nodes = layer.get("inbound_nodes")
    return nodes if isinstance(nodes, list) else []


def _takes(layer: Mapping[str, Any], rule: Mapping[str, Any]) -> list[str]:
    listed = rule.get("calls")
    names = listed.get(layer.get("class_name")) if isinstance(listed, dict) else None
    return [str(name) for name in names] if isinstance(names, list) else []


def _call_to_2(node: Mapping[str, Any], takes: list[str], shifted: set[str], dropped: list[int]) -> Any:
    """One call; the tensors of the first argument carry the others."""
    arguments = list(node["args"]) if isinstance(node["args"], list) else []
    kwargs = dict(node["kwargs"]) if isinstance(node.get("kwargs"), dict) else {}
    if not arguments:  # every argument was given by name; the first with a tensor goes first
        first = next((key for key in kwargs if _has_tensor(kwargs[key])), None)
        if first is None:
            return []
        arguments = [kwargs.pop(first)]
    for index, value in enumerate(arguments[1:], 1):
        if value is None:
            continue
        if index < len(takes):
            kwargs[takes[index]] = value
        else:
            dropped.append(index)
    # Keras 3 notes what it filled in itself; a training=False would stay so for good in Keras 2.
    said = {
        key: _short(value, shifted)
        for key, value in kwargs.items()
        if value is not None and not (key == "training" and value is False)
    }
    first_argument = arguments[0]
    if _is_tensor(first_argument):
        return [_leaf(first_argument, shifted, said)]
    return _leaves(first_argument, shifted, said)


def _leaves(value: Any, shifted: set[str], kwargs: dict[str, Any]) -> Any:
    if _is_tensor(value):
        return _leaf(value, shifted, kwargs)
    if isinstance(value, dict):
        return {key: _leaves(inner, shifted, kwargs) for key, inner in value.items()}
    if isinstance(value, list):
        return [_leaves(inner, shifted, kwargs) for inner in value]
    return ["_CONSTANT_VALUE", -1, value, dict(kwargs)]


def _leaf(tensor: Mapping[str, Any], shifted: set[str], kwargs: dict[str, Any]) -> list[Any]:
    return list(_short(tensor, shifted)) + [dict(kwargs)]


def _short(value: Any, shifted: set[str]) -> Any:
    """Tensors as ``[layer, node, tensor]``."""
    if _is_tensor(value):
        name, node, index = value["config"]["keras_history"]
        return [name, node + 1 if name in shifted else node, index]
    if isinstance(value, dict):
        return {key: _short(inner, shifted) for key, inner in value.items()}
    return [_short(inner, shifted) for inner in value] if isinstance(value, list) else value


def _ends(value: Any, shifted: set[str], by: int) -> Any:
    """Inputs or outputs of a graph. Keras 3 writes a single one without a list around it; Keras 2 needs the list."""
    if by > 0 and _is_place(value):
        return [_moved(value, shifted, by)]
    if by < 0 and isinstance(value, list) and len(value) == 1 and _is_place(value[0]):
        return _moved(value[0], shifted, by)
    return _ends_inside(value, shifted, by)


def _ends_inside(value: Any, shifted: set[str], by: int) -> Any:
    if _is_place(value):
        return _moved(value, shifted, by)
    if isinstance(value, list):
        return [_ends_inside(one, shifted, by) for one in value]
    if isinstance(value, dict):
        return {key: _ends_inside(one, shifted, by) for key, one in value.items()}
    return value


def _moved(place: list[Any], shifted: set[str], by: int) -> list[Any]:
    name, node, index = place
    return [name, max(0, node + by) if name in shifted else node, index]


def _is_place(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 3
        and isinstance(value[0], str)
        and all(isinstance(one, int) and not isinstance(one, bool) for one in value[1:])
    )


def _is_tensor(value: Any) -> bool:
    if not isinstance(value, dict) or value.get("class_name") != _TENSOR:
        return False
    inner = value.get("config")
    return isinstance(inner, dict) and _is_place(inner.get("keras_history"))


def _has_tensor(value: Any) -> bool:
    if _is_tensor(value):
        return True
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return any(_has_tensor(one) for one in inner)


def _plain_style(item: dict[str, Any]) -> list[str]:
    """An object without what Keras 3 puts beside it."""
    name, said = item.get("class_name"), []
    if not isinstance(name, str) or "config" not in item:
        return []
    registered = item.get("registered_name")
    if any(key in item for key in _BESIDE):
        for key in _BESIDE:
            item.pop(key, None)
        said.append("objects are written as Keras 2 writes them")
    if isinstance(registered, str) and ">" in registered and not registered.startswith("keras"):
        item["class_name"] = registered
    inner = item["config"]
    if isinstance(inner, dict):
        for key, value in inner.items():
            if isinstance(value, dict) and value.get("class_name") == "function":
                inner[key] = value.get("config")
                said.append("functions are given by name")
        function = inner.get("function")
        if isinstance(function, dict) and function.get("class_name") == "__lambda__":
            code = function.get("config")
            if isinstance(code, dict):
                inner["function"] = [code.get("code"), code.get("defaults"), code.get("closure")]
                inner["function_type"] = "lambda"
                said.append("the code of a Lambda is written as Keras 2 writes it")
    return said


def _graph_to_3(item: dict[str, Any], rule: Mapping[str, Any]) -> list[str]:
    config, said = item["config"], []
    shifted = _shifted(config)
    names = {_name(layer) for layer in _layers(config) if isinstance(_name(layer), str)}
    old = False
    for layer in _layers(config):
        nodes = calls(layer)
        if not nodes or not all(_is_old_call(node) for node in nodes):
            continue
        old = True
        keep_list = layer.get("class_name") in _MERGING
        layer["inbound_nodes"] = [_call_to_3(node, names, shifted, keep_list) for node in nodes]
        layer.pop("build_config", None)  # the call builds it, with whatever arguments its build() has here
        said.append("calls in the graph are written as Keras 3 writes them")
    if old:
        for key in ("input_layers", "output_layers"):
            config[key] = _ends(config[key], shifted, -1)
    if item["class_name"] == "Model":
        item["class_name"] = "Functional"
    return said


def _is_old_call(node: Any) -> bool:
    if is_call(node):
        return True
    inner = list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []
    return bool(inner) and all(_is_old_call(one) for one in inner)


def is_call(value: Any) -> bool:
    """Whether it is an output of a call as Keras 2 writes it: ``["base", 1, 0, {}]``."""
    return (
        isinstance(value, list)
        and len(value) in (3, 4)
        and isinstance(value[0], str)
        and isinstance(value[1], int)
        and (value[0] == "_CONSTANT_VALUE" or isinstance(value[2], int))
        and (len(value) == 3 or isinstance(value[3], dict))
    )


def _call_to_3(node: Any, names: set[Any], shifted: set[str], keep_list: bool) -> dict[str, Any]:
    kwargs: dict[str, Any] = {}
    argument = _long_first(node, shifted, kwargs)
    if isinstance(argument, list) and len(argument) == 1 and not keep_list:
        argument = argument[0]
    given = {key: _long(value, names, shifted) for key, value in kwargs.items() if key != "name" or value}
    return {"args": [argument], "kwargs": given}


def _long_first(value: Any, shifted: set[str], kwargs: dict[str, Any]) -> Any:
    if is_call(value):
        if len(value) == 4:
            kwargs.update(value[3])
        if value[0] == "_CONSTANT_VALUE":
            return value[2]
        return _tensor(value, shifted)
    if isinstance(value, dict):
        return {key: _long_first(inner, shifted, kwargs) for key, inner in value.items()}
    return [_long_first(inner, shifted, kwargs) for inner in value]


def _long(value: Any, names: set[Any], shifted: set[str]) -> Any:
    """What a call was given by name: tensors are lists there, and so are plain lists."""
    if _is_place(value) and value[0] in names:
        return _tensor(value, shifted)
    if isinstance(value, dict):
        return {key: _long(inner, names, shifted) for key, inner in value.items()}
    return [_long(inner, names, shifted) for inner in value] if isinstance(value, list) else value


def _tensor(place: list[Any], shifted: set[str]) -> dict[str, Any]:
    name, node, index = place[:3]
    history = [name, max(0, node - 1) if name in shifted else node, index]
    # Shape and dtype are not looked at where a tensor of the graph takes its place.
    return {"class_name": _TENSOR, "config": {"shape": [None], "dtype": "float32", "keras_history": history}}


def _layers_in_a_list(item: dict[str, Any]) -> list[str]:
    """Until Keras 2.2.2 the configuration of a Sequential was the list of its layers; Keras 3 reads no such list."""
    layers = item.get("config")
    if not isinstance(layers, list):
        return []
    item["config"] = {"name": item.get("name") or "sequential", "layers": layers}
    return ["the layers of a Sequential stand under a name of their own"]


def _input_first(item: dict[str, Any]) -> list[str]:
    """The shape that the first layer of a Keras 2 Sequential carries becomes an input of its own."""
    config = item.get("config")
    layers = config.get("layers") if isinstance(config, dict) else None
    if not isinstance(layers, list) or not layers or not isinstance(layers[0], dict):
        return []
    first = layers[0]
    inner = first.get("config")
    if first.get("class_name") in ("InputLayer", "Functional", "Model", "Sequential") or not isinstance(
        inner, dict
    ):
        return []
    if "batch_input_shape" not in inner:
        return []
    shape, dtype = inner.pop("batch_input_shape"), inner.get("dtype")
    if first.get("class_name") == "Embedding":
        dtype = "float32"
    entry: dict[str, Any] = {
        "class_name": "InputLayer",
        "config": {
            "batch_shape": shape,
            "dtype": dtype if isinstance(dtype, str) and "mixed" not in dtype else "float32",
            "name": "{}_input".format(inner.get("name", "first")),
        },
    }
    if "module" in first:
        entry.update(module="keras.layers", registered_name=None)
    layers.insert(0, entry)
    return ["the input shape of the first layer is a layer of its own"]


def _policy_by_name(item: dict[str, Any]) -> list[str]:
    inner = item.get("config")
    if not isinstance(inner, dict):
        return []
    policy = inner.get("dtype")
    if not isinstance(policy, dict) or policy.get("class_name") not in ("Policy", "PolicyV1"):
        return []
    named = policy.get("config")
    if not isinstance(named, dict) or not isinstance(named.get("name"), str):
        return []
    inner["dtype"] = named["name"]
    return ["dtype policy {} is given by its name".format(named["name"])]


def _lambda_to_3(item: dict[str, Any]) -> list[str]:
    """A Lambda's functions: Keras 2 says beside them what they are, Keras 3 within."""
    inner = item.get("config")
    if item.get("class_name") != "Lambda" or not isinstance(inner, dict) or "function_type" not in inner:
        return []
    for key in ("function", "output_shape"):
        value, kind = inner.get(key), inner.get(key + "_type")
        if kind == "lambda" and isinstance(value, list) and len(value) == 3:
            names = ("code", "defaults", "closure")
            inner[key] = {"class_name": "__lambda__", "config": dict(zip(names, value))}
        elif kind == "function" and isinstance(value, str):
            inner[key] = {"class_name": "function", "config": value, "registered_name": value}
    for key in ("function_type", "module", "output_shape_type", "output_shape_module"):
        inner.pop(key, None)
    return ["the code of a Lambda is written as Keras 3 writes it"]


def _wrapped_with_a_place(item: dict[str, Any]) -> list[str]:
    """A layer inside of a wrapper says where its class is; a class of the user's own is found by its name first."""
    inner, said = item.get("config"), []
    if not isinstance(inner, dict) or not isinstance(item.get("class_name"), str):
        return []
    for key in _WRAPPED:
        layer = inner.get(key)
        if isinstance(layer, dict) and isinstance(layer.get("class_name"), str) and "module" not in layer:
            layer.update(module="keras.layers", registered_name=layer["class_name"])
            said.append("the layer inside of {} says where its class is".format(item["class_name"]))
    return said


def _without_own_modules(item: dict[str, Any]) -> list[str]:
    """Private module paths of Keras 2 by what stands for them in public."""
    module, name = item.get("module"), item.get("class_name")
    if not isinstance(module, str) or not isinstance(name, str):
        return []
    if name in _GRAPHS and (module.startswith("keras.") or module == "keras"):
        # The same in every Keras 3, and the class has no public name.
        to = "keras.src.models.functional"
        if (module, item.get("registered_name")) == (to, "Functional"):
            return []
        item.update(module=to, registered_name="Functional")
        return ["{} is looked for in {} instead of {}".format(name, to, module)]
    if module.startswith(("keras.src.engine.", "keras.engine.")):
        item["module"] = "keras"
        return ["{} is looked for in keras instead of {}".format(name, module)]
    return []
