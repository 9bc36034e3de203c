"""A TensorFlow that stops at the slots of an optimizer that it does not know, as those with Keras 3 do."""

from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from runner.agent import stand_in


def tensorflow(*, names: bool = True, says: str = "'_UserObject' object has no attribute 'add_slot'") -> Any:
    tf: Any = ModuleType("tensorflow")
    known: dict[str, Any] = {}
    tf.Module, tf.Variable, tf.zeros_like = (
        object,
        lambda value: ("variable", value),
        lambda value: ("zeros", value),
    )

    def load(path: str) -> Any:
        if "optimizer" not in known:
            raise AttributeError(says)
        return path, known["optimizer"].object_factory(None).add_slot(var="kernel", slot_name="m")

    def register(identifier: str, predicate: Any, versions: list[Any]) -> None:
        if identifier in known:
            raise AssertionError(f"Duplicate registrations for type '{identifier}'")
        assert predicate(versions[0].object_factory(None))
        known[identifier] = versions[0]

    tf.saved_model = SimpleNamespace(load=load)
    types = ModuleType("load")
    types.__dict__.update(register_revived_type=register, VersionedTypeRegistration=SimpleNamespace)
    if names:
        tf.__internal__ = SimpleNamespace(saved_model=SimpleNamespace(load=types))
    return tf


def test_the_model_is_loaded_with_something_in_the_optimizers_place() -> None:
    tf, edits = tensorflow(), list[str]()
    assert stand_in.load(tf, "here", edits) == ("here", ("variable", ("zeros", "kernel")))
    assert edits == [stand_in.SAID]
    assert stand_in.load(tf, "there") == ("there", ("variable", ("zeros", "kernel")))
    assert edits == [stand_in.SAID]


@pytest.mark.parametrize("tf", [tensorflow(names=False), tensorflow(says="no attribute 'call'")])
def test_any_other_error_stays_what_it_is(tf: Any) -> None:
    edits: list[str] = []
    with pytest.raises(AttributeError, match="no attribute"):
        stand_in.load(tf, "here", edits)
    assert edits == []


def test_what_loads_is_left_alone() -> None:
    tf: Any = SimpleNamespace(saved_model=SimpleNamespace(load=lambda path: path))
    edits: list[str] = []
    assert stand_in.load(tf, "here", edits) == "here"
    assert edits == []
