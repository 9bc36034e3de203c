import pytest

from environments.feasible import Candidate, bases, troubles
from environments.schema import Include, MatrixFile
from environments.yaml_nodes import Location, read


def told(entry: str, *, of_axes: bool = False, python_axis: bool = False) -> list[tuple[Location, str]]:
    file = MatrixFile.model_validate(read(b"version: 1\nmatrix: {}\nbases: {mine: {image: x}}", "m").value)
    candidate = Candidate(
        entry=Include.model_validate(read(entry.encode(), "m").value),
        location=("matrix", "tensorflow", 0) if of_axes else ("matrix", "include", 0),
        python_axis=python_axis,
    )
    return list(troubles(file, candidate))


@pytest.mark.parametrize(
    "entry",
    [
        "{tensorflow: 2.15.1}",
        "{tensorflow: 2.99.0, keras: legacy, base: mine}",
        "{tensorflow: 2.10.1, python: '3.13'}",
        "{tensorflow: nightly, keras: legacy}",
        "{keras: 3.8.0, backend: torch}",
        "{keras: nightly, backend: jax}",
        "{id: a, image: x, tensorflow: 2.15.1, env: {A: b}}",
    ],
)
def test_what_can_be(entry: str) -> None:
    assert told(entry) == []


@pytest.mark.parametrize(
    ("entry", "at", "said"),
    [
        ("{keras: 3.8.0}", (), "this entry has no tensorflow; add a version, an image, or another backend"),
        ("{backend: jax}", ("keras",), "the backend 'jax' needs an exact version of Keras"),
        ("{backend: jax, keras: legacy}", ("keras",), "the backend 'jax' needs an exact version of Keras"),
        ("{backend: torch, keras: 2.15.0}", ("keras",), "Keras 2.15.0 runs on TensorFlow only"),
        (
            "{backend: jax, keras: 3.8.0, tensorflow: 2.18.1}",
            ("tensorflow",),
            "with backend 'jax' Keras runs without",
        ),
        (
            "{tensorflow: 2.15.1, keras: legacy}",
            ("keras",),
            "TensorFlow 2.15.1 has Keras 2 inside already; write",
        ),
        ("{tensorflow: 2.15.1, base: cupu}", ("base",), "unknown base 'cupu' (did you mean 'cpu'?)"),
        ("{image: x}", (), "an entry with an image needs an id of its own; add id: a-name"),
        ("{id: a, image: x, packages: [y]}", ("packages",), "'packages' has no effect with 'image'"),
        ("{id: a, image: x, as_of: 2024-01-01}", ("as_of",), "'as_of' has no effect with 'image'"),
        ("{tensorflow: nightly, as_of: 2024-01-01}", ("as_of",), "a nightly is resolved anew at each run"),
    ],
)
def test_what_cannot_be_is_told_at_its_key(entry: str, at: Location, said: str) -> None:
    [(where, message)] = told(entry)
    assert where == at
    assert message.startswith(said)


def test_a_combination_of_the_axes_has_one_place() -> None:
    [(at, _)] = told("{tensorflow: 2.15.1, keras: legacy}", of_axes=True)
    assert at == ()


def test_a_python_of_the_axes_must_have_wheels() -> None:
    [(_, said)] = told("{tensorflow: 2.15.1, python: '3.13'}", of_axes=True, python_axis=True)
    assert said == (
        "TensorFlow 2.15.1 has no wheels for Python 3.13 (it has for 3.9, 3.10, 3.11); exclude the combination:"
        " {tensorflow: '2.15.1', python: '3.13'}"
    )
    assert told("{tensorflow: 2.99.0, python: '3.13'}", of_axes=True, python_axis=True) == []


def test_bases_of_the_file_come_before_those_built_in() -> None:
    text = b"version: 1\nmatrix: {}\nbases: {cpu: {image: mine}}"
    found = bases(MatrixFile.model_validate(read(text, "m").value))
    assert {name: base.image for name, base in found.items()} == {
        "cpu": "mine",
        "cuda": "python:{python}-slim",
    }
