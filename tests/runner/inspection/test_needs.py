import pytest

from runner.inspection import needs
from runner.inspection.architecture import Architecture, Object


def of(*objects: Object) -> Architecture:
    return Architecture(objects=objects)


@pytest.mark.parametrize(
    "item",
    [
        Object(name="Dense"),
        Object(name="Custom>Adam"),
        Object(name="Functional", module="keras.src.engine.functional"),
        Object(name="relu", configured=False),
        Object(name="mean_squared_error", configured=False),
        Object(name="softplus", module="builtins"),
        Object(name="Add", module="keras.src.ops.numpy"),
        Object(name="RMSprop", module="keras.optimizers"),
        Object(name="CuDNNLSTM"),
    ],
    ids=lambda item: item.name,
)
def test_what_keras_has_need_not_be_brought(item: Object) -> None:
    assert needs.of(of(item)) == ()


@pytest.mark.parametrize(
    "item",
    [
        Object(name="tversky_loss", compile_only=True, configured=False),
        Object(name="GarNet"),
        Object(name="Dense", module="my.layers"),
        Object(name="pack>Dense"),
        Object(name="my_loss", module="builtins"),
    ],
    ids=lambda item: item.name,
)
def test_what_keras_has_not_must_be_brought(item: Object) -> None:
    (need,) = needs.of(of(item))
    assert (need.name, need.module, need.compile_only) == (item.name, item.module, item.compile_only)


def test_what_loading_needs_comes_first() -> None:
    found = needs.of(of(Object(name="a_loss", compile_only=True), Object(name="Zebra")))
    assert [need.name for need in found] == ["Zebra", "a_loss"]


@pytest.mark.parametrize(
    ("name", "keras", "missing"),
    [
        ("F1Score", "2.12.0", True),
        ("F1Score", "2.13.1", False),  # 2.12 has it not and 2.15 has: who knows of 2.13
        ("F1Score", "2.15.0", False),
        ("F1Score", "2.9.0", True),
        ("CuDNNLSTM", "1.15.5", False),
        ("CuDNNLSTM", "2.9.0", True),
        ("CuDNNLSTM", "3.4.1", True),
        ("LocallyConnected1D", "3.8.0", True),
        ("LocallyConnected1D", "2.18.0", False),
        ("GroupQueryAttention", "2.15.0", True),
        ("Dense", "3.15.1", False),
        ("NotOfKeras", "2.9.0", False),
        ("F1Score", "", False),
    ],
)
def test_what_a_version_does_not_have(name: str, keras: str, missing: bool) -> None:
    assert bool(needs.missing_in(of(Object(name=name)), keras)) == missing


def test_classes_of_its_own() -> None:
    assert needs.own_classes(["Dense", "Mine", "__tuple__", "TensorShape"]) == ("Mine",)
