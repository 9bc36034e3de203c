import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from environments import schema

SHIPPED = Path(__file__).parents[2] / "matrix.yaml"


def complaints(text: str) -> list[str]:
    """What an editor says: it reads plain YAML, so that 2.10 is a number and a day is a date."""
    value: Any = json.loads(json.dumps(yaml.safe_load(text), default=str))
    validator = jsonschema.Draft202012Validator(schema.json_schema())
    return [error.message for error in validator.iter_errors(value)]


def test_the_committed_schema_is_what_the_models_say() -> None:
    assert schema.PATH.read_text(encoding="utf-8") == schema.schema_text()


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema.json_schema())


def test_the_shipped_matrix_pleases_an_editor() -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=environments/matrix.schema.json\n")
    assert complaints(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\nmatrix: {tensorflow: [2.15.1, 2.1], python: [3.11]}",
        "version: 1\nmatrix: {}\ndefaults: {timeout: 60, memory: 2g, env: {A: 1, B: yes}}\nas_of: 2024-07-01",
    ],
)
def test_what_editors_see_of_sound_files_is_accepted(text: str) -> None:
    assert complaints(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 1\nmatrix: {devise: [cpu]}", "'devise' was unexpected"),
        ("version: 1\nmatrix: {}\nselections: {a: [], b: ['*']}", "should be non-empty"),
        ("version: 1\nmatrix: {device: [gpu]}", "'gpu' is not one of"),
        ("version: 1\nmatrix: {}\ndefaults: {memory: 2x}", "'2x' does not match"),
        ("version: 1\nmatrix: {}\nas_of:", "None is not of type 'string'"),
        ("version: 1\nmatrix: {tensorflow: 2.15.1}", "'2.15.1' is not of type 'array'"),
        ("version: 2\nmatrix: {}", "1 was expected"),
        ("version: 1\nmatrix: {}\nselections: {'a b': ['*']}", "'a b' does not match"),
        ("matrix: {}", "'version' is a required property"),
    ],
)
def test_mistakes_show_in_an_editor_too(text: str, said: str) -> None:
    assert said in "\n".join(complaints(text))
