import pytest
from pydantic import ValidationError

from environments import explain
from environments.explain import did_you_mean
from environments.schema import MatrixFile
from environments.yaml_nodes import read


def told(text: str) -> list[str]:
    document = read(text.encode(), "m.yaml")
    found = explain.empty_values(document)
    try:
        MatrixFile.model_validate(document.value)
    except ValidationError as error:
        found += explain.problems(error, document, MatrixFile)
    return [f"{p.position.line}:{p.position.column}: {p.message}" for p in sorted(found)]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("devise", " (did you mean 'device'?)"),
        ("DEVICE", " (did you mean 'device'?)"),
        ("zzz", " (there is: tensorflow, keras, device)"),
    ],
)
def test_did_you_mean(word: str, said: str) -> None:
    assert did_you_mean(word, ["tensorflow", "keras", "device"]) == said


def test_a_long_list_is_not_poured_out() -> None:
    assert did_you_mean("zzz", [f"tf2.{n}.0-cpu" for n in range(20)]) == ""
    assert did_you_mean("zzz", []) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", ["1:1: expected a map of keys and values such as version: 1, found a list"]),
        ("version: 1", ["1:1: the key 'matrix' is missing; add it"]),
        (
            "version: 1\nmatrix:\n  devise: [cpu]",
            ["3:3: unknown key 'devise' (did you mean 'device'?)"],
        ),
        (
            "version: 1\nmatrix:\n  include:\n    - tensorflw: 2.15.1",
            ["4:7: unknown key 'tensorflw' (did you mean 'tensorflow'?)"],
        ),
        (
            "version: 1\nmatrix:\n  exclude: [{devic: cpu}]",
            ["3:14: unknown key 'devic' (did you mean 'device'?)"],
        ),
        (
            "version: 1\nmatrix: {}\nbases:\n  mine: {imag: x}",
            [
                "4:3: the key 'image' is missing under 'mine'; add it",
                "4:10: unknown key 'imag' (did you mean 'image'?)",
            ],
        ),
        (
            "version: 1\nmatrix: {}\ngate: {fail_in: [regression]}",
            ["3:8: unknown key 'fail_in' (did you mean 'fail_on'?)"],
        ),
        (
            "version: 1\nmatrix: {}\ndefaults: {time: 60}\nexpected: [{sell: x}]",
            [
                "3:12: unknown key 'time' (did you mean 'timeout'?)",
                "4:11: the key 'cell' is missing under 'expected'; add it",
                "4:11: the key 'expires' is missing under 'expected'; add it",
                "4:11: the key 'reason' is missing under 'expected'; add it",
                "4:11: the key 'verdict' is missing under 'expected'; add it",
                "4:13: unknown key 'sell' (did you mean 'cell'?)",
            ],
        ),
        (
            "version: 1\nmatrix: {tensorflow: 2.15.1}",
            ["2:22: expected a list for 'tensorflow', found the text '2.15.1'; write [2.15.1]"],
        ),
        (
            "version: 1\nmatrix: {include: {tensorflow: 2.15.1}}",
            ["2:19: expected a list for 'include', found a map; write one entry a line, each after '- '"],
        ),
        (
            "version: 1\nmatrix: {include: [2.15.1]}",
            ["2:20: expected a map of keys and values for 'include', found the text '2.15.1'"],
        ),
        (
            "version: 1\nmatrix: {tensorflow: [[2.15.1], {a: b}]}",
            [
                "2:23: expected one word or text for 'tensorflow', found a list",
                "2:33: expected one word or text for 'tensorflow', found a map",
            ],
        ),
        (
            "version: 1\nmatrix: {device: [gpu, [cpu]]}",
            [
                "2:19: unknown device 'gpu' (did you mean 'cpu'?)",
                "2:24: expected one of cpu, cuda for 'device', found a list",
            ],
        ),
        (
            "version: 1\nmatrix: {}\nformats: [hdf5]\ngate: {fail_on: [regresion]}",
            [
                "3:11: unknown format 'hdf5' (did you mean 'h5'?)",
                "4:18: unknown gate word 'regresion' (did you mean 'regression'?)",
            ],
        ),
        (
            "version: 1\nmatrix: {device: []}",
            ["2:18: the list 'device' is empty; write at least one entry, or remove the key"],
        ),
        (
            "version: 1\nmatrix:\n  tensorflow:\n    -\n  keras:\n",
            [
                "4:6: an entry of 'tensorflow' is empty; write a value, or remove it",
                "5:9: nothing is written after 'keras'; write a value, or remove the key",
            ],
        ),
        (
            "version: 1\nmatrix: {}\ndefaults:\n  env: {1A: x}",
            ["4:9: '1A' cannot be the name of a variable; use letters, digits and '_'"],
        ),
    ],
)
def test_each_mistake_is_a_sentence_at_its_place(text: str, said: list[str]) -> None:
    assert told(text) == said


def test_every_kind_of_mistake_has_a_sentence_of_ours() -> None:
    """pydantic's own words ("Input should be …") would mean nothing to the reader of a YAML file."""
    for wrong in ("x", "[]", "{}", "[x]", "{x: y}", "[[x]]", "[{x: y}]", "''"):
        for key in ("version", "matrix", "as_of", "registry_mirror", "defaults", "bases", "selections"):
            told_of = told(f"version: 1\nmatrix: {{}}\n{key}x: 1\n{key}: {wrong}")
            assert "Input should" not in "\n".join(told_of)
        for key in ("probes", "formats", "expected", "gate"):
            assert "Input should" not in "\n".join(told(f"version: 1\nmatrix: {{}}\n{key}: {wrong}"))
        for key in ("tensorflow", "keras", "backend", "device", "python", "exclude", "include"):
            assert "Input should" not in "\n".join(told(f"version: 1\nmatrix: {{{key}: {wrong}}}"))
        for key in ("id", "tensorflow", "backend", "as_of", "image", "packages", "env", "timeout", "memory"):
            text = f"version: 1\nmatrix: {{include: [{{{key}: {wrong}}}]}}"
            assert "Input should" not in "\n".join(told(text))
