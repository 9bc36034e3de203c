"""Which classes and functions Keras does not have, so that whoever loads the file must bring them.

``builtins.json`` lists what the Keras of seven releases answers to by name: everything public in its layers, losses,
metrics, optimizers, initializers, regularizers, constraints and activations, asked in real environments.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from packaging.version import InvalidVersion, Version

from runner.inspection.architecture import Architecture, Object

#: Packages of classes that Keras itself registers, or that stand for its own.
_OWN = ("Custom", "Keras", "keras", "Addons")
_MODULES = ("keras", "tensorflow.keras", "tensorflow.python.keras", "tf_keras", "keras.api")
#: Known to Keras, and not public under that name.
_INSIDE = frozenset(
    (
        "Functional", "Model", "Sequential", "TFOpLambda", "TensorFlowOpLayer", "SlicingOpLambda", "ClassMethod",
        "InstanceMethod", "InstanceProperty", "Policy", "PolicyV1", "DTypePolicy", "FloatDTypePolicy",
        "QuantizedDTypePolicy", "QuantizedFloat8DTypePolicy", "DTypePolicyMap", "Operation", "KerasTensor", "Variable",
        "StateInitializer", "LossFunctionWrapper", "CompileMetrics", "CompileLoss", "SeedGenerator", "GetItem", "Merge",
        "RandomHeight", "RandomWidth", "ThresholdedReLU", "RevivedNetwork", "FunctionInitializer", "SymbolicArguments",
        "LinearWrapper", "TensorShape", "InputSpec", "TypeSpec", "ListWrapper", "DotProductAttention",
        "BackendVariable", "SumOverBatchSize",
        "SumOverBatchSizeMetricWrapper", "SoftMax", "linear", "softmax_v2", "relu6", "hard_swish", "hard_silu",
    )
)  # fmt: skip

#: Operations of Keras 3, which HDF5 names without their modules. Source: keras/src/ops of 3.8 and 3.15.
_OPERATIONS = frozenset(
    (
        "Absolute", "Arange", "Argmax", "Argmin", "BroadcastTo", "Cast", "Clip", "Cos",
        "Cumsum", "Einsum", "Equal", "Exp", "ExpandDims", "FloorDivide", "GetItem", "Greater",
        "GreaterEqual", "Less", "LessEqual", "Log", "LogicalAnd", "LogicalNot", "LogicalOr", "Matmul",
        "Max", "Min", "Mod", "Negative", "Norm", "NotEqual", "OneHot", "OnesLike",
        "Power", "Prod", "Repeat", "Roll", "Round", "Sin", "Split", "Sqrt",
        "Square", "Squeeze", "Stack", "Take", "TakeAlongAxis", "Tile", "TopK", "Transpose",
        "TrueDivide", "Where", "ZerosLike",
    )
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Need:
    """One thing to bring as ``custom_objects``."""

    name: str
    module: str
    compile_only: bool


def of(architecture: Architecture) -> tuple[Need, ...]:
    """What the file names and no Keras has, those for loading first, then those for compiling."""
    found = [
        Need(name=item.name, module=item.module, compile_only=item.compile_only)
        for item in architecture.objects
        if _foreign(item)
    ]
    return tuple(sorted(found, key=lambda need: (need.compile_only, need.name)))


def own_classes(classes: Iterable[str]) -> tuple[str, ...]:
    """Of names of classes, those that no Keras has."""
    return tuple(
        name for name in sorted(classes) if not name.startswith("__") and _foreign(Object(name=name))
    )


def missing_in(architecture: Architecture, keras: str) -> tuple[Object, ...]:
    """Classes that some Keras has and the one of that version has not, as far as that is certain.

    Between two releases that were asked, a class is missing for certain only where neither of them has it.
    """
    try:
        version = Version(keras)
    except InvalidVersion:
        return ()
    releases, names = _builtins()
    before = [index for index, release in enumerate(releases) if release <= version]
    after = [index for index, release in enumerate(releases) if release >= version]
    asked = {index for index in (before[-1:] + after[:1]) if releases[index].major // 3 == version.major // 3}
    found = []
    for item in architecture.objects:
        name = item.name.split(">")[-1]
        if not item.configured or name in _INSIDE or name not in names or not name[:1].isupper() or not asked:
            continue
        if not any(names[name][index] == "1" for index in asked):
            found.append(item)
    return tuple(found)


def _foreign(item: Object) -> bool:
    package, _, rest = item.name.rpartition(">")
    module = item.module
    if module and not any(module == own or module.startswith(f"{own}.") for own in (*_MODULES, "builtins")):
        return True
    name = rest or item.name
    if package and package not in _OWN:
        return True
    if name in _INSIDE or name in _OPERATIONS or name in _builtins()[1]:
        return False
    # Keras 3 names operations by their classes, in modules of its own.
    return not module.startswith(("keras.src", "keras.ops", "keras.layers", "tf_keras.src"))


@cache
def _builtins() -> tuple[tuple[Version, ...], dict[str, str]]:
    """The releases that were asked, and for each name a digit for each of them."""
    data = json.loads((Path(__file__).parent / "builtins.json").read_text("utf-8"))
    names = {name: digits for digits, listed in data["names"].items() for name in listed}
    return tuple(Version(release) for release in data["versions"]), names
