"""What an architecture is made of: layers, classes, functions by name, compile settings and code. Total on any JSON."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from runner.agent.configuration import walk
from runner.inspection import lambdas
from runner.inspection.graphs import refers_to_uncounted_call
from runner.inspection.lambdas import Bytecode

_MOST = 2_000
#: Markers that Keras writes as classes.
_MARKERS = re.compile(r"__\w+__$|(TensorShape|InputSpec|TypeSpec|CompileConfig)$")
_MODELS = frozenset(("Functional", "Model", "Sequential"))
#: Keys of a layer whose value names a function.
_FUNCTIONS = re.compile(r"(\w+_)?activation$")
#: Names that losses and metrics answer to beside those of functions and classes.
_ACCURACY = frozenset(("accuracy", "acc", "crossentropy", "ce"))


@dataclass(frozen=True, kw_only=True)
class Object:
    """One class or function that the file names."""

    name: str
    #: Where the file says that it is from; empty where it does not say.
    module: str = ""
    #: Whether it stands in the compile settings alone, which can be left out when loading.
    compile_only: bool = False
    #: Whether it stands there as an object with a configuration, and not as a word.
    configured: bool = True


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """What stands in the configurations of one file."""

    #: The model's own class.
    kind: str = ""
    #: Class of a layer -> how often; the layers of models inside are counted.
    layers: Mapping[str, int] = field(default_factory=dict)
    objects: tuple[Object, ...] = ()
    #: ``Class.key`` of every configuration.
    keys: frozenset[str] = frozenset()
    modules: frozenset[str] = frozenset()
    loss: str = ""
    metrics: tuple[str, ...] = ()
    optimizer: str = ""
    compiled: bool = False
    bytecode: tuple[Bytecode, ...] = ()
    #: Whether a SavedModel holds slots of an optimizer, which only that optimizer's class can restore.
    slots: bool = False
    #: Lambda layers whose function is code in the file.
    lambdas: tuple[str, ...] = ()
    #: Whether its graph asks for calls that only Keras 2 counts.
    uncounted_calls: bool = False
    #: Paths and addresses in the configuration, with the key they stand under.
    references: tuple[str, ...] = ()


def describe(model: Any, training: Any) -> Architecture:
    """The architecture of a model's configuration and its compile settings; either may be missing, or be anything."""
    objects: dict[str, Object] = {}
    keys: set[str] = set()
    modules: set[str] = set()
    code: list[Bytecode] = []
    named: list[str] = []
    references: list[str] = []
    own = (
        {key: value for key, value in model.items() if key != "compile_config"}
        if isinstance(model, dict)
        else model
    )
    for compile_only, part in ((False, own), (True, training)):
        for item in walk(part):
            for found in _objects(item, compile_only):
                objects.setdefault(found.name, found)
            name, config = item.get("class_name"), item.get("config")
            if isinstance(item.get("module"), str):
                modules.add(item["module"])
            if isinstance(name, str) and isinstance(config, dict):
                keys.update(f"{name}.{key}" for key in config if isinstance(key, str))
                references += _references(name, config)
                if name in ("Lambda", "__lambda__"):
                    inside = list(lambdas.of_layer(config))
                    code += inside
                    if inside and name == "Lambda":
                        named.append(str(config.get("name", ""))[:100])
        if compile_only and isinstance(training, dict):
            for word in _words(
                [training.get("loss"), training.get("metrics"), training.get("weighted_metrics")]
            ):
                objects.setdefault(word, Object(name=word, compile_only=True, configured=False))
    return Architecture(
        kind=str(model.get("class_name", ""))[:100] if isinstance(model, dict) else "",
        layers=_layers(own),
        objects=tuple(objects.values())[:_MOST],
        keys=frozenset(sorted(keys)[: 10 * _MOST] + sorted(_compile_keys(training))),
        modules=frozenset(sorted(modules)[:_MOST]),
        bytecode=tuple(dict.fromkeys(code))[:_MOST],
        lambdas=tuple(named)[:_MOST],
        uncounted_calls=refers_to_uncounted_call(own),
        references=tuple(dict.fromkeys(references))[:_MOST],
        **_training(training),
    )


def _objects(item: Mapping[str, Any], compile_only: bool) -> Iterator[Object]:
    name, config = item.get("class_name"), item.get("config")
    module = item.get("module")
    where = module if isinstance(module, str) else ""
    if name == "function" and isinstance(config, str):
        yield Object(name=config[:200], module=where, compile_only=compile_only)
    elif isinstance(name, str) and "config" in item and not _MARKERS.match(name):
        registered = item.get("registered_name")
        full = registered if isinstance(registered, str) and ">" in registered else name
        yield Object(name=full[:200], module=where, compile_only=compile_only)
    if name == "Lambda" and isinstance(config, dict) and config.get("function_type") == "function":
        if isinstance(config.get("function"), str):
            yield Object(name=config["function"][:200], configured=True)
        return
    for key, value in item.items():
        if isinstance(key, str) and isinstance(value, str) and _FUNCTIONS.match(key):
            yield Object(name=value[:200], compile_only=compile_only, configured=False)


def _words(value: Any) -> Iterator[str]:
    """Names of functions in a nest of lists and dictionaries; not those of configured objects."""
    pending, count = [value], 0
    while pending and count < _MOST:
        item = pending.pop()
        count += 1
        if isinstance(item, str) and item.lower() not in _ACCURACY:
            yield item[:200]
        elif isinstance(item, list):
            pending += item
        elif isinstance(item, dict) and "class_name" not in item:
            pending += item.values()


def _layers(model: Any) -> dict[str, int]:
    """Classes of layers: what stands in lists of layers, and what wraps or is wrapped."""
    counts: dict[str, int] = {}
    for item in walk(model):
        inner = item.get("config")
        listed = inner.get("layers") if isinstance(inner, dict) else inner
        if not isinstance(listed, list):
            continue
        for layer in listed:
            if isinstance(layer, dict) and isinstance(layer.get("class_name"), str):
                name = layer["class_name"][:100]
                counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST])


def _training(training: Any) -> dict[str, Any]:
    if not isinstance(training, dict) or not training:
        return {}
    optimizer = training.get("optimizer_config", training.get("optimizer"))
    return {
        "compiled": True,
        "optimizer": _named(optimizer),
        "loss": _named(training.get("loss")),
        "metrics": tuple(dict.fromkeys(_all_names(training.get("metrics"))))[:50],
    }


def _compile_keys(training: Any) -> set[str]:
    """``optimizer.key`` whatever its class; ``loss=word``, ``loss.key`` and ``loss.key=word`` of every loss."""
    if not isinstance(training, dict):
        return set()
    optimizer = training.get("optimizer_config", training.get("optimizer"))
    config = optimizer.get("config") if isinstance(optimizer, dict) else None
    keys = {f"optimizer.{key}" for key in list(config)[:200]} if isinstance(config, dict) else set()
    keys |= {f"loss={word}" for word in _words(training.get("loss"))}
    for item in walk(training.get("loss")):
        config = item.get("config")
        if "class_name" in item and isinstance(config, dict):
            keys |= {f"loss.{key}" for key in list(config)[:200]}
            keys |= {f"loss.{key}={value[:40]}" for key, value in config.items() if isinstance(value, str)}
    return keys


def _named(value: Any) -> str:
    return ", ".join(dict.fromkeys(_all_names(value)))[:300]


def _all_names(value: Any) -> list[str]:
    found: list[str] = []
    pending = [value]
    while pending and len(found) < 50:
        item = pending.pop(0)
        if isinstance(item, str):
            found.append(item[:100])
        elif isinstance(item, list):
            pending = item[:200] + pending
        elif isinstance(item, dict) and isinstance(item.get("class_name"), str):
            config = item.get("config")
            inner = config.get("fn") or config.get("name") if isinstance(config, dict) else config
            plain = item["class_name"] in ("function", "MeanMetricWrapper", "LossFunctionWrapper")
            found.append((inner if plain and isinstance(inner, str) else item["class_name"])[:100])
        elif isinstance(item, dict):
            pending = list(item.values())[:200] + pending
    return found


def _references(name: str, config: Mapping[str, Any]) -> list[str]:
    """What a layer would open outside of the file: a vocabulary by its path, another SavedModel, a module's address."""
    found = []
    for key, value in config.items():
        if not isinstance(value, str) or not isinstance(key, str) or len(value) > 4096:
            continue
        if (name == "TFSMLayer" and key == "filepath") or (name.endswith("KerasLayer") and key == "handle"):
            found.append(f"{name[:60]}: {value[:200]}")
        elif key in ("vocabulary", "idf_weights", "filepath", "filename") and value:
            found.append(f"{name[:60]}.{key}: {value[:200]}")
    return found
