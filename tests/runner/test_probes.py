"""The built-in probes as text: what holds for each of them, and what can be seen without running one."""

import ast
from pathlib import Path

import pytest

from runner.agent.capabilities import FORMATS
from runner.probe_files import find

PROBES = find(["*"], Path())
TREES = {probe.name: ast.parse(probe.path.read_text()) for probe in PROBES}
#: What a probe may import; where its code needs a package that is not there, that is what it is about.
ALLOWED = {"numpy", "keras", "tensorflow", "in_house_signal", "__future__"}
STANDARD = {"math", "os", "pickle", "shutil", "sys", "tempfile", "threading", "types"}
#: Where numbers come from that no one asked for twice: a clock, the system, an unseeded generator.
RANDOM_MODULES = {"random", "secrets", "uuid", "time", "datetime"}


def calls(tree: ast.AST) -> list[tuple[str, ast.Call]]:
    """Every call in a file, with the dotted name that is called."""
    found = [(ast.unparse(node.func), node) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [(name, node) for name, node in found if "(" not in name]


def functions(tree: ast.Module) -> set[str]:
    """The names of a module's own functions."""
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def chance(tree: ast.AST) -> list[str]:
    """The calls in a file that give other numbers each time."""
    found = []
    for name, call in calls(tree):
        seeded = name in ("np.random.RandomState", "np.random.default_rng") and call.args
        if name.startswith(("np.random.", "numpy.random.", "tf.random.", "os.urandom")) and not seeded:
            found.append(name)
    return found + sorted(imported(tree) & RANDOM_MODULES)


def imported(tree: ast.AST) -> set[str]:
    """The top-level names of every import, those inside of functions too."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add("." if node.level else (node.module or "").split(".")[0])
    return names


def test_there_are_the_groups_and_enough_probes() -> None:
    assert {probe.path.parent.name for probe in PROBES} >= {"architecture", "custom", "layers", "misuse"}
    assert len(PROBES) >= 40


def test_each_says_in_one_sentence_what_it_is_about() -> None:
    whys = {probe.name: probe.why for probe in PROBES}
    assert [name for name, why in whys.items() if not why.endswith(".") or not 40 <= len(why) <= 117] == []
    assert len(set(whys.values())) == len(PROBES)
    # A sentence, not the first line of a paragraph.
    assert [probe.name for probe in PROBES if ast.get_docstring(TREES[probe.name]) != probe.why] == []


def test_each_is_small_enough_to_be_read_at_once() -> None:
    assert [probe.name for probe in PROBES if len(probe.path.read_text().splitlines()) > 60] == []


def test_each_gives_the_same_numbers_each_time() -> None:
    assert {name: chance(tree) for name, tree in TREES.items() if chance(tree)} == {}


def test_none_imports_anything_of_ours_or_what_an_environment_has_not() -> None:
    foreign = {name: imported(tree) - ALLOWED - STANDARD for name, tree in TREES.items()}
    assert {name: modules for name, modules in foreign.items() if modules} == {}


def test_each_is_python_3_7() -> None:
    for probe in PROBES:
        ast.parse(probe.path.read_text(), str(probe.path), feature_version=(3, 7))


def test_the_formats_exist_and_are_said_where_a_probe_saves_in_its_own_way() -> None:
    assert [probe.name for probe in PROBES if not set(probe.formats) <= set(FORMATS)] == []
    own = [name for name, tree in TREES.items() if {"save", "load"} & functions(tree)]
    assert {"wrong_extension", "checkpoint_as_model"} <= set(own)
    assert [probe.name for probe in PROBES if probe.name in own and not probe.formats] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import numpy as np\nnp.random.normal(size=3)", ["np.random.normal"]),
        ("import numpy as np\nnp.random.RandomState().normal()", ["np.random.RandomState"]),
        ("import numpy as np\nnp.random.RandomState(1).normal()", []),
        ("import numpy as np\nnp.random.default_rng(1).normal()", []),
        ("def f():\n    import tensorflow as tf\n    return tf.random.normal((3,))", ["tf.random.normal"]),
        ("from random import choice", ["random"]),
    ],
)
def test_chance_is_found_where_it_is(text: str, found: list[str]) -> None:
    assert chance(ast.parse(text)) == found
