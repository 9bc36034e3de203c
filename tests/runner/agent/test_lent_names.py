"""Names are lent to functions that are made of bytecode, and to nothing else."""

import math
import sys
import types
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from runner.agent.lent_names import lent

STACK: Any = SimpleNamespace(tf=None, keras=SimpleNamespace(backend="the backend"))


def loader(code: types.CodeType, around: Any = None) -> Any:
    return types.FunctionType(code, around or {})


@pytest.fixture
def utils(monkeypatch: pytest.MonkeyPatch) -> Any:
    module: Any = types.ModuleType("some_keras_utils")
    module.func_load = loader
    monkeypatch.setitem(sys.modules, "some_keras_utils", module)
    return module


def code_of(function: Any) -> types.CodeType:
    code: types.CodeType = function.__code__
    return code


def test_a_function_finds_what_stood_around_it(utils: Any) -> None:
    edits: list[str] = []
    with lent(STACK, edits):
        function = utils.func_load(
            code_of(lambda x: [np.abs(y) + math.pi for y in x if not hasattr(y, "keras") or y.K])
        )
    assert function([-1.0]) == [1.0 + math.pi]
    assert edits == [
        "a function of the file is given the name math",
        "a function of the file is given the name np",
    ]


def test_without_them_it_does_not_and_afterwards_all_is_as_before(utils: Any) -> None:
    with lent(STACK, []):
        pass
    assert utils.func_load is loader
    with pytest.raises(NameError):
        utils.func_load(code_of(lambda x: np.abs(x)))(1)


def test_what_a_module_has_stays_what_it_is(utils: Any) -> None:
    edits: list[str] = []
    with lent(STACK, edits):
        function = utils.func_load(code_of(lambda: K), {"K": "its own"})  # type: ignore[name-defined]  # noqa: F821
    assert function() == "its own"
    assert edits == []


def test_the_loader_is_put_back_after_an_error(utils: Any) -> None:
    with pytest.raises(ZeroDivisionError), lent(STACK, []):
        raise ZeroDivisionError
    assert utils.func_load is loader
