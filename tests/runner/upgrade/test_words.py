from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments import matrix as matrices
from environments.errors import InfrastructureError, UsageError
from environments.matrix import Matrix
from runner.upgrade import words
from runner.upgrade.words import Asked
from tests.environments import shelf
from tests.environments.shelf import Shelf

MATRIX = """version: 1
matrix:
  tensorflow: ["2.12.1", "2.15.1", "2.18.1", "2.21.0"]
  include:
    - {tensorflow: "2.9.3", python: "3.10", as_of: 2022-12-15}
    - {tensorflow: "2.18.1", keras: "3.8.0", as_of: 2025-03-20}
    - {tensorflow: "2.18.1", keras: legacy}
    - {tensorflow: "2.18.1", device: cuda}
    - {keras: "3.15.1", backend: jax}
    - {tensorflow: nightly}
selections: {default: ["tf2.15.1-cpu", "tf2.21.0-cpu"]}
"""
#: Day of TensorFlow -> its release; day of Keras -> its release.
TENSORFLOWS = {
    "2.9.1": "2022-05-23",
    "2.9.3": "2022-11-16",
    "2.16.1": "2024-03-09",
    "2.16.2": "2024-06-28",
    "2.17.0": "2024-07-11",
    "2.18.0": "2024-10-25",
    "2.18.1": "2025-03-12",
    "2.22.0rc0": "2026-09-23",
}
KERASES = {
    "3.0.5": "2024-02-14",
    "3.4.0": "2024-06-25",
    "3.4.1": "2024-06-26",
    "3.5.0": "2024-08-12",
    "3.9.0": "2025-03-04",
}


@pytest.fixture
def matrix(tmp_path: Path) -> Matrix:
    path = tmp_path / "matrix.yaml"
    path.write_text(MATRIX)
    return matrices.load(path)


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    with shelf.opened(monkeypatch) as place:
        wheel = "tensorflow_cpu-{}-cp310-cp310-manylinux2014_x86_64.whl"
        other = "tensorflow_cpu-{}-cp311-cp311-manylinux2014_x86_64.whl"
        place.listing("tensorflow", {})
        place.listing(
            "tensorflow-cpu",
            {name.format(version): day for version, day in TENSORFLOWS.items() for name in (wheel, other)},
        )
        place.listing("keras", {f"keras-{version}-py3-none-any.whl": day for version, day in KERASES.items()})
        yield place


@pytest.mark.parametrize(
    ("word", "tensorflow", "keras"),
    [
        ("2.18", "2.18", ""),
        ("2.18.1", "2.18.1", ""),
        ("tf2.18", "2.18", ""),
        ("TensorFlow 2.18.1", "2.18.1", ""),
        ("tensorflow==2.18.1", "2.18.1", ""),
        ("2.18.1+keras3.8.0", "2.18.1", "3.8.0"),
        ("tf2.18.1-keras3.8.0-cpu", "2.18.1", "3.8.0"),
        ("2.18+legacy", "2.18", "legacy"),
        ("2.18+tf-keras", "2.18", "legacy"),
        ("keras3.4", "", "3.4"),
        ("keras==3.4.1", "", "3.4.1"),
        ("2.22.0rc0", "2.22.0rc0", ""),
        ("2.15.0.post1", "2.15.0.post1", ""),
    ],
)
def test_versions_are_read_from_words(word: str, tensorflow: str, keras: str) -> None:
    assert words.read(word) == Asked(tensorflow=tensorflow, keras=keras)


@pytest.mark.parametrize(
    "word", ["", "2", "latest", "keras", "legacy", "2.18.1.1.1", "2.18+jax", "../2.18", "२.१८"]
)
def test_other_words_are_no_versions(word: str) -> None:
    assert words.read(word) is None


@given(st.text(max_size=40))
def test_any_word_is_read_or_not(word: str) -> None:
    words.read(word)


@pytest.mark.parametrize(
    ("word", "ids"),
    [
        ("tf2.15.1-cpu", ["tf2.15.1-cpu"]),
        ("default", ["tf2.15.1-cpu", "tf2.21.0-cpu"]),
        ("tf2.12*", ["tf2.12.1-cpu"]),
        ("2.18", ["tf2.18.1-cpu", "tf2.18.1-keras3.8.0-cpu"]),
        ("2.18.1", ["tf2.18.1-cpu", "tf2.18.1-keras3.8.0-cpu"]),
        ("2.18+legacy", ["tf2.18.1-legacy-cpu"]),
        ("2.18+keras3.8", ["tf2.18.1-keras3.8.0-cpu"]),
        ("keras3.8.0", ["tf2.18.1-keras3.8.0-cpu"]),
        ("keras2.12.0", ["tf2.12.1-cpu"]),
    ],
)
def test_what_the_matrix_has_needs_no_registry(
    matrix: Matrix, monkeypatch: pytest.MonkeyPatch, word: str, ids: list[str]
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    shelf.forget()
    assert [item.id for item in words.several([word], matrix)] == ids


@pytest.mark.usefixtures("registry")
@pytest.mark.parametrize(
    ("word", "identifier"),
    [
        ("2.9.1", "tf2.9.1-cpu"),
        ("2.16", "tf2.16.2-keras3.4.1-cpu"),
        ("2.16.1", "tf2.16.1-keras3.0.5-cpu"),
        ("2.16+keras3.4.0", "tf2.16.2-keras3.4.0-cpu"),
        ("2.17.0+legacy", "tf2.17.0-legacy-cpu"),
        ("keras3.4", "tf2.16.1-keras3.4.1-cpu"),
        ("keras3.0.5", "tf2.16.1-keras3.0.5-cpu"),  # from before any TensorFlow took it
        ("keras3.9.0", "tf2.18.0-keras3.9.0-cpu"),
        ("2.22.0rc0", "tf2.22.0rc0-keras3.9.0-cpu"),
    ],
)
def test_what_it_has_not_is_made(matrix: Matrix, word: str, identifier: str) -> None:
    assert [item.id for item in words.several([word], matrix)] == [identifier]
    assert words.one(word, matrix).id == identifier


@pytest.mark.usefixtures("registry")
def test_words_may_name_the_same_twice(matrix: Matrix) -> None:
    found = words.several(["2.9.1", "tf2.9.1-cpu", "2.15", "default"], matrix)
    assert [item.id for item in found] == ["tf2.9.1-cpu", "tf2.15.1-cpu", "tf2.21.0-cpu"]


@pytest.mark.usefixtures("registry")
@pytest.mark.parametrize(
    ("word", "identifier"),
    [
        ("2.18", "tf2.18.1-keras3.8.0-cpu"),  # not the one with today's Keras
        ("2.18.0", "tf2.18.0-keras3.5.0-cpu"),
        ("2.18.1+legacy", "tf2.18.1-legacy-cpu"),
        ("tf2.18.1-cpu", "tf2.18.1-cpu"),
        ("2.12", "tf2.12.1-cpu"),
    ],
)
def test_a_tensorflow_alone_means_the_keras_of_its_day(matrix: Matrix, word: str, identifier: str) -> None:
    assert words.one(word, matrix).id == identifier


@pytest.mark.usefixtures("registry")
@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("tf2.15.1-cpo", r"did you mean 'tf2.15.1-cpu'\?"),
        ("latest", "is no environment, selection or version"),
        ("2.99", r"has no TensorFlow 2.99 for Linux.*the newest is 2.18.1"),
        ("2.9.7", r"has no TensorFlow 2.9.7 for Linux \(did you mean '2.9.\d'\?\)"),
        ("keras3.77", "has no Keras 3.77"),
        ("keras2.2.4", "older than the Keras inside TensorFlow"),
        ("2.16+keras2.15.0", r"write 2.16\+legacy"),
        ("2.9.1+legacy", "nothing legacy; write 2.9.1"),
    ],
)
def test_a_wrong_word_is_answered_with_what_to_write(matrix: Matrix, word: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        words.several([word], matrix)


def test_one_is_not_several(matrix: Matrix) -> None:
    with pytest.raises(
        UsageError, match=r"names 2 environments, and one is needed: tf2.15.1-cpu, tf2.21.0-cpu\."
    ):
        words.one("default", matrix)


def test_without_a_registry_it_is_said(matrix: Matrix, registry: Shelf) -> None:
    registry.pages.clear()
    with pytest.raises(InfrastructureError, match="registry"):
        words.several(["2.9.1"], matrix)
