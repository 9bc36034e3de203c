"""Functions out of a file get the names that stood around them where they were written: tf, np, keras, K, math.

A lambda is stored as bytecode, without the imports of its module. Older releases of Keras ran it among their own
imports, so that some of these names happened to be there; newer ones do not have them.
"""

from __future__ import annotations

import builtins
import dis
import math
import sys
import types
from contextlib import contextmanager
from typing import Any, Dict, Iterator

import numpy as np

from .stack import Stack

#: What every Keras calls the function that makes a function of bytecode.
_LOADER = "func_load"


@contextmanager
def lent(stack: Stack, edits: list[str]) -> Iterator[None]:
    """While inside, functions that Keras makes of bytecode know these names; each that is used is told in ``edits``.

    Only those functions: nothing else in the process sees the names.
    """
    names = _names(stack)
    places = [
        (module, vars(module)[_LOADER])
        for module in list(sys.modules.values())
        if isinstance(module, types.ModuleType) and isinstance(vars(module).get(_LOADER), types.FunctionType)
    ]
    try:
        for module, load in places:
            setattr(module, _LOADER, _lending(load, names, edits))
        yield
    finally:
        for module, load in places:
            setattr(module, _LOADER, load)


def _names(stack: Stack) -> Dict[str, Any]:
    kept = stack.tf.keras if stack.tf is not None else stack.keras
    found = {"np": np, "numpy": np, "math": math, "keras": kept, "K": kept.backend, "backend": kept.backend}
    if stack.tf is not None:
        found.update(tf=stack.tf, tensorflow=stack.tf)
    return found


def _lending(load: Any, names: Dict[str, Any], edits: list[str]) -> Any:
    def made(*args: Any, **more: Any) -> Any:
        function = load(*args, **more)
        if not isinstance(function, types.FunctionType):
            return function
        around = dict(function.__globals__)
        for name in sorted(_used(function.__code__) & set(names)):
            if name not in around and not hasattr(builtins, name):
                around[name] = names[name]
                sentence = "a function of the file is given the name {}".format(name)
                if sentence not in edits:
                    edits.append(sentence)
        again = types.FunctionType(
            function.__code__, around, function.__name__, function.__defaults__, function.__closure__
        )
        again.__kwdefaults__ = function.__kwdefaults__
        return again

    return made


def _used(code: types.CodeType) -> set[str]:
    """The names that a function, and those inside of it, look up."""
    found = {
        step.argval for step in dis.get_instructions(code) if step.opname in ("LOAD_GLOBAL", "LOAD_NAME")
    }
    for inside in code.co_consts:
        if isinstance(inside, types.CodeType):
            found |= _used(inside)
    return found
