"""Arrays into models, with variables that are no more than a name and an array."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from runner.agent.assigning import Refused, _snake, assign, take_over
from runner.agent.slots import _kind, restore
from runner.agent.stored_weights import Tree, Weights, natural


class Variable:
    def __init__(self, name: str, *shape: int, dtype: str = "float32") -> None:
        self.path = name
        self.value: Any = np.zeros(shape, dtype)
        self.shape, self.dtype = self.value.shape, self.value.dtype

    def assign(self, array: Any) -> None:
        self.value = np.asarray(array)


class Dense:
    def __init__(self, name: str, *shape: int) -> None:
        self.name = name
        self._trainable_variables = [Variable(f"{name}/kernel", *shape), Variable(f"{name}/bias", shape[-1])]
        self._non_trainable_variables: list[Variable] = []
        self.weights = self.trainable_weights = self._trainable_variables
        self.non_trainable_weights = self._non_trainable_variables


class Model:
    def __init__(self, *layers: Dense) -> None:
        self.layers = list(layers)
        self._trainable_variables: list[Variable] = []
        self._non_trainable_variables: list[Variable] = []

    @property
    def weights(self) -> list[Variable]:
        return [one for layer in self.layers for one in layer.weights]

    trainable_variables = weights


def arrays(name: str, *shape: int, start: float = 1.0) -> tuple[str, list[tuple[str, Any]]]:
    kernel: Any = np.full(shape, start, "float32")
    return name, [(f"{name}/bias:0", np.full(shape[-1], -start, "float32")), (f"{name}/kernel:0", kernel)]


def test_by_order_with_other_names_and_a_layers_own_in_another_order() -> None:
    model, edits = Model(Dense("a", 2, 3), Dense("b", 3, 3)), list[str]()
    assign(
        model, Weights(layers=[arrays("x", 2, 3), ("none", []), arrays("y", 3, 3, start=5.0)]), "order", edits
    )
    assert [float(one.value.flat[0]) for one in model.weights] == [1.0, -1.0, 5.0, -5.0]
    assert edits == ["the weights of x went to a", "the weights of y went to b"]


def test_by_name_in_another_order() -> None:
    model = Model(Dense("a", 3, 3), Dense("b", 3, 3))
    assign(model, Weights(layers=[arrays("b", 3, 3, start=2.0), arrays("a", 3, 3, start=1.0)]), "name", [])
    assert float(model.layers[0].weights[0].value[0, 0]) == 1.0
    with pytest.raises(Refused, match="name different things: b, c"):
        assign(model, Weights(layers=[arrays("c", 3, 3), arrays("a", 3, 3)]), "name", [])


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        ([arrays("x", 2, 3)], "1 layers have weights in the file and 2 in the model"),
        ([arrays("x", 3, 2), arrays("y", 3, 3)], r"kernel of a is \[3, 2\] in the file|bias of a is"),
        ([("x", [("k", np.zeros((2, 3)))]), arrays("y", 3, 3)], "a has 2 weights, and the file has 1"),
    ],
)
def test_what_does_not_fit_is_refused(stored: Any, message: str) -> None:
    with pytest.raises(Refused, match=message):
        assign(Model(Dense("a", 2, 3), Dense("b", 3, 3)), Weights(layers=stored), "order", [])


def tree(
    *shapes: tuple[int, ...], names: tuple[str, ...] = ("dense", "dense_1"), told: Any = ("", "")
) -> Weights:
    root, below = Tree(), Tree()
    root.below["layers"] = below
    for number, (shape, name, said) in enumerate(zip(shapes, names, told, strict=True), 1):
        one = below.below[name] = Tree(said)
        one.own = [np.full(shape, number, "float32"), np.full(shape[-1], -number, "float32")]
    return Weights(tree=root)


def test_a_tree_by_class_and_order_whatever_the_counters() -> None:
    model = Model(Dense("p", 3, 3), Dense("q", 3, 3))
    assign(model, tree((3, 3), (3, 3), names=("dense", "dense_2")), "order", [])
    assert [float(one.value.flat[0]) for one in model.weights] == [1.0, -1.0, 2.0, -2.0]


def test_a_tree_that_tells_names_goes_by_them() -> None:
    model = Model(Dense("p", 3, 3), Dense("q", 3, 3))
    assign(model, tree((3, 3), (3, 3), told=("q", "p")), "order", [])
    assert float(model.layers[0].weights[0].value[0, 0]) == 2.0


def test_a_tree_that_leaves_weights_empty_is_refused() -> None:
    with pytest.raises(Refused):
        assign(
            Model(Dense("p", 3, 3), Dense("q", 3, 3)), tree((3, 3), names=("dense",), told=("",)), "order", []
        )


def test_names_as_keras_writes_them() -> None:
    assert [_snake(name) for name in ("Dense", "Conv2DTranspose", "LSTM", "BatchNormalization")] == [
        "dense",
        "conv2d_transpose",
        "lstm",
        "batch_normalization",
    ]
    assert sorted(["dense_10", "dense_2", "dense"], key=natural) == ["dense", "dense_2", "dense_10"]


class Optimizer:
    built = True

    def __init__(self, *names: str) -> None:
        self.iterations = Variable("adam/iteration", dtype="int64")
        self.variables = [self.iterations, *(Variable(name, 2) for name in names)]


@pytest.mark.parametrize(
    "stored",
    [
        ["Adam/m/a/kernel:0", "Adam/v/a/kernel:0", "Adam/m/b/kernel:0", "Adam/v/b/kernel:0"],
        ["Adam/a/kernel/m:0", "Adam/a/kernel/v:0", "Adam/b/kernel/m:0", "Adam/b/kernel/v:0"],
        ["vars/2", "vars/3", "vars/4", "vars/5"],
    ],
)  # fmt: skip
def test_slots_find_their_place_by_kind_or_order(stored: list[str]) -> None:
    model: Any = Model()
    model.optimizer = Optimizer("adam/a_momentum", "adam/b_momentum", "adam/a_velocity", "adam/b_velocity")
    values: list[tuple[str, Any]] = [
        (name, np.full(2, number, "float32")) for number, name in enumerate(stored, 1)
    ]
    edits: list[str] = []
    restore(model, [("iteration:0", np.asarray(7)), *values], edits)
    assert [float(one.value[0]) for one in model.optimizer.variables[1:]] == [1.0, 3.0, 2.0, 4.0]
    assert int(model.optimizer.iterations.value) == 7
    assert edits == ["the optimizer's 4 slots and its count of steps were read from the file"]


@pytest.mark.parametrize("unused", [0, 2])
def test_an_old_adam_names_no_slots_and_has_a_number_for_each_that_it_did_not_use(unused: int) -> None:
    """Keras 2.0 to 2.3: first every m, then every v, then (from 2.1.3) a [0.] in place of every v of amsgrad."""
    model: Any = Model()
    model.optimizer = Optimizer("adam/a_momentum", "adam/a_velocity", "adam/b_momentum", "adam/b_velocity")
    stored: list[tuple[str, Any]] = [
        ("training/Adam/Variable:0", np.full(2, 1.0, "float32")),
        ("training/Adam/Variable_1:0", np.full(2, 2.0, "float32")),
        ("training/Adam/Variable_2:0", np.full(2, 3.0, "float32")),
        ("training/Adam/Variable_3:0", np.full(2, 4.0, "float32")),
    ]
    stored += [(f"training/Adam/Variable_{number}:0", np.zeros(1, "float32")) for number in (4, 5)][:unused]
    order = restore(model, [("Adam/iterations:0", np.asarray(7)), *stored], [])
    assert order == ("" if unused else "by_slot")
    assert [float(one.value[0]) for one in model.optimizer.variables[1:]] == [1.0, 3.0, 2.0, 4.0]
    stored = [
        *stored[:4],
        ("training/Adam/Variable_4:0", np.ones(1)),
        ("training/Adam/Variable_5:0", np.ones(1)),
    ]
    with pytest.raises(Refused, match="has 4 slots here and 6 in the file"):
        restore(model, stored, [])


def test_slots_that_do_not_fit_are_refused() -> None:
    model: Any = Model()
    model.optimizer = Optimizer("adam/a_momentum")
    with pytest.raises(Refused, match="has 1 slots here and 2 in the file"):
        restore(model, [("vars/2", np.zeros(2)), ("vars/3", np.zeros(2))], [])
    with pytest.raises(Refused, match=r"\[3\] in the file"):
        restore(model, [("vars/2", np.zeros(3))], [])
    assert _kind("adam/dense_kernel_velocity") == "velocity"


def test_a_layer_that_computes_with_copies_of_its_weights_makes_them_anew() -> None:
    class Normalization:
        adapt_mean = 3.0
        mean = 0.0

        def finalize_state(self) -> None:
            self.mean = self.adapt_mean

    class Lookup:
        def finalize_state(self) -> None:
            raise AssertionError("its table is there already")

    model: Any = SimpleNamespace(layers=[Normalization(), Lookup()])
    take_over(model)
    assert model.layers[0].mean == 3.0
