from datetime import date

import pytest

from environments.errors import ConfigurationError
from environments.expand import expand, one
from environments.schema import Include, MatrixFile
from environments.spec import Environment
from environments.yaml_nodes import Location, Plain, read

GIB = 1024**3


def expanded(text: str) -> tuple[tuple[Environment, ...], list[tuple[Location, str]]]:
    told: list[tuple[Location, str]] = []
    value: Plain = read(f"version: 1\n{text}".encode(), "m.yaml").value
    found = expand(MatrixFile.model_validate(value), lambda at, said: told.append((at, said)))
    return found.environments, told


def ids(text: str) -> list[str]:
    environments, told = expanded(text)
    assert told == []
    return [environment.id for environment in environments]


def only(text: str) -> Environment:
    [environment], told = expanded(text)
    assert told == []
    return environment


def problems(text: str) -> list[tuple[Location, str]]:
    return expanded(text)[1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("matrix: {tensorflow: [2.15.1]}", ["tf2.15.1-cpu"]),
        (
            "matrix: {tensorflow: [2.16.2, 2.18.1], keras: [bundled, 3.8.0, legacy]}",
            [
                "tf2.16.2-cpu",
                "tf2.16.2-keras3.8.0-cpu",
                "tf2.16.2-legacy-cpu",
                "tf2.18.1-cpu",
                "tf2.18.1-keras3.8.0-cpu",
                "tf2.18.1-legacy-cpu",
            ],
        ),
        ("matrix: {tensorflow: [2.15.1], device: [cpu, cuda]}", ["tf2.15.1-cpu", "tf2.15.1-cuda"]),
        (
            "matrix: {tensorflow: [2.15.1], python: ['3.10', '3.11']}",
            ["tf2.15.1-py3.10-cpu", "tf2.15.1-py3.11-cpu"],
        ),
        ("matrix: {tensorflow: [2.15.1], python: ['3.10']}", ["tf2.15.1-cpu"]),
        (
            "matrix: {tensorflow: [2.18.1], keras: [bundled, 3.8.0], backend: [tensorflow, jax, torch]}",
            ["tf2.18.1-cpu", "tf2.18.1-keras3.8.0-cpu", "keras3.8.0-jax-cpu", "keras3.8.0-torch-cpu"],
        ),
        ("matrix: {include: [{tensorflow: nightly}]}", ["tfnightly-cpu"]),
        ("matrix: {include: [{tensorflow: 2.21.0, keras: nightly}]}", ["tf2.21.0-kerasnightly-cpu"]),
        ("matrix: {include: [{tensorflow: 2.15.1, keras: bundled}]}", ["tf2.15.1-cpu"]),
        ("matrix: {include: [{tensorflow: 2.15.1, id: mine}]}", ["mine"]),
    ],
)
def test_ids_say_what_an_environment_is(text: str, expected: list[str]) -> None:
    assert ids(text) == expected


def test_exclude_takes_from_the_product_and_include_adds() -> None:
    text = """
matrix:
  tensorflow: [2.12.1, 2.13.1, 2.15.1]
  device: [cpu, cuda]
  exclude:
    - {tensorflow: "2.1[23].*", device: cuda}
  include:
    - {tensorflow: 2.12.1, device: cuda}
"""
    assert ids(text) == ["tf2.12.1-cpu", "tf2.13.1-cpu", "tf2.15.1-cpu", "tf2.15.1-cuda", "tf2.12.1-cuda"]


@pytest.mark.parametrize(
    ("tensorflow", "default", "python"),
    [
        ("2.15.1", "3.11", "3.11"),
        ("2.10.1", "3.11", "3.10"),
        ("2.5.3", "3.11", "3.9"),
        ("2.21.0", "3.9", "3.13"),
        ("2.99.0", "3.11", "3.11"),
        ("nightly", "3.12", "3.12"),
    ],
)
def test_the_default_python_gives_way_to_what_has_wheels(tensorflow: str, default: str, python: str) -> None:
    text = f"matrix: {{include: [{{tensorflow: {tensorflow}}}]}}\ndefaults: {{python: '{default}'}}"
    assert only(text).python == python


def test_a_python_that_is_written_wins() -> None:
    environment = only("matrix: {include: [{tensorflow: 2.10.1, python: '3.12'}]}")
    assert (environment.python, environment.base_image) == ("3.12", "python:3.12-slim")


def test_an_environment_takes_the_defaults_and_its_own() -> None:
    text = """
matrix:
  include:
    - {tensorflow: 2.15.1, env: {B: mine, CUDA_VISIBLE_DEVICES: ""}, timeout: 5, memory: 1g, as_of: 2024-04-01,
       packages: [pandas], base: big}
    - {tensorflow: 2.16.2, device: cuda}
defaults: {env: {A: "1", B: default}, timeout: 90, memory: 3g, python: "3.10"}
bases:
  big: {image: "registry.example/big:py{python}"}
registry_mirror: mirror.example:5000/
as_of: 2026-01-01
"""
    environments, told = expanded(text)
    assert told == []
    assert environments == (
        Environment(
            id="tf2.15.1-cpu",
            tensorflow="2.15.1",
            python="3.10",
            as_of=date(2024, 4, 1),
            base_image="mirror.example:5000/registry.example/big:py3.10",
            packages=("pandas",),
            variables=(("A", "1"), ("B", "mine"), ("CUDA_VISIBLE_DEVICES", "")),
            timeout=5,
            memory=1 * GIB,
        ),
        Environment(
            id="tf2.16.2-cuda",
            tensorflow="2.16.2",
            device="cuda",
            python="3.10",
            as_of=date(2026, 1, 1),
            base_image="mirror.example:5000/python:3.10-slim",
            gpus=True,
            variables=(("A", "1"), ("B", "default")),
            timeout=90,
            memory=3 * GIB,
        ),
    )


def test_a_ready_made_image_is_taken_as_it_is() -> None:
    environment = only(
        "matrix: {include: [{id: company, image: 'registry.example/x:1', device: cuda}]}\nas_of: 2026-01-01"
    )
    assert environment == Environment(id="company", image="registry.example/x:1", device="cuda", gpus=True)
    assert not environment.locked


def test_nothing_holds_a_nightly_back() -> None:
    environment = only("matrix: {include: [{tensorflow: nightly}]}\nas_of: 2024-01-01")
    assert environment.as_of is None
    assert environment.floating


INCLUDE: Location = ("matrix", "include", 0)


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("{}", ("matrix",), "there is no environment; list versions under tensorflow, or add an include"),
        ("{tensorflow: [2.15.1, 2.15.1]}", ("matrix", "tensorflow", 1), "'2.15.1' is listed twice"),
        ("{tensorflow: [2.15.1], exclude: [{}]}", ("matrix", "exclude", 0), "this entry names nothing"),
        (
            "{tensorflow: [2.15.1], exclude: [{tensorflow: '2.16*'}]}",
            ("matrix", "exclude", 0),
            "this exclude matches no combination of the axes",
        ),
        (
            "{tensorflow: [2.15.1], include: [{tensorflow: 2.15.1}]}",
            INCLUDE,
            "this environment is in the matrix already",
        ),
        (
            "{tensorflow: [2.15.1], include: [{tensorflow: 2.15.1, id: again}]}",
            INCLUDE,
            "this environment is in the matrix already, as 'tf2.15.1-cpu'",
        ),
        (
            "{tensorflow: [2.15.1], include: [{tensorflow: 2.15.1, python: '3.10'}]}",
            INCLUDE,
            "two environments have the id 'tf2.15.1-cpu'; give this one an id of its own",
        ),
    ],
)
def test_dead_and_double_entries_are_told_where_they_stand(text: str, at: Location, said: str) -> None:
    [(where, message)] = problems(f"matrix: {text}")
    assert where == at
    assert message.startswith(said)


def test_a_backend_on_the_axis_needs_a_keras_that_has_it() -> None:
    told = dict(problems("matrix: {tensorflow: [2.15.1], backend: [tensorflow, jax]}"))
    assert told == {
        ("matrix", "backend"): "the backend 'jax' needs an exact version under keras, such as '3.8.0'"
    }


def test_a_base_that_nothing_stands_on_is_dead() -> None:
    text = "matrix: {tensorflow: [2.15.1]}\nbases: {cpu: {image: a}, mine: {image: b}}"
    assert problems(text) == [
        (("bases", "mine"), "no environment stands on the base 'mine'; use it or remove it")
    ]


def test_axes_that_multiply_beyond_reason_are_stopped_before_they_do() -> None:
    versions = ", ".join(f"2.{n}.0" for n in range(400))
    keras = ", ".join(f"3.{n}.0" for n in range(400))
    [(at, said)] = problems(f"matrix: {{tensorflow: [{versions}], keras: [{keras}]}}")
    assert (at, said) == (("matrix",), "the axes make 160000 environments; keep it at or below 500")


def test_what_does_not_stand_in_the_file_is_built_by_its_rules() -> None:
    text = b"version: 1\nmatrix: {tensorflow: [2.15.1]}\nregistry_mirror: m.example\ndefaults: {timeout: 9}"
    file = MatrixFile.model_validate(read(text, "m.yaml").value)
    entry = Include.model_validate({"tensorflow": "2.9.3", "python": "3.10", "as_of": "2022-12-15"})
    found = one(file, entry)
    assert (found.id, found.as_of, found.timeout) == ("tf2.9.3-cpu", date(2022, 12, 15), 9)
    assert found.base_image == "m.example/python:3.10-slim"


def test_what_cannot_be_is_refused() -> None:
    file = MatrixFile.model_validate(read(b"version: 1\nmatrix: {tensorflow: [2.15.1]}", "m.yaml").value)
    with pytest.raises(ConfigurationError, match="has Keras 2 inside already"):
        one(file, Include.model_validate({"tensorflow": "2.9.3", "keras": "legacy"}))
