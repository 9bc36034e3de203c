"""Which formats exist where: as known beforehand, without running anything."""

import pytest

from runner.agent.capabilities import FORMATS, can_load, can_save, numbers


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("2.16.0-rc1", (2, 16, 0)),
        ("3.16.0.dev2026110103", (3, 16, 0)),
        ("2", (2,)),
        ("", ()),
        ("unknown", ()),
        ("2.x", (2,)),
    ],
)
def test_the_numbers_of_a_version(version: str, expected: tuple[int, ...]) -> None:
    assert numbers(version) == expected


ALL = set(FORMATS)


@pytest.mark.parametrize(
    ("backend", "keras", "saves"),
    [
        ("tensorflow", "2.5.3", ALL),
        ("tensorflow", "2.15.0", ALL),
        ("tensorflow", "3.4.1", ALL - {"savedmodel"}),
        ("tensorflow", "3.16.0.dev2026110103", ALL - {"savedmodel"}),
        ("tensorflow", "", ALL),  # an image: only running tells
        ("jax", "3.15.1", {"keras", "h5", "weights", "json"}),
        ("torch", "3.15.1", {"keras", "h5", "weights", "json"}),
    ],
)
def test_what_can_be_saved(backend: str, keras: str, saves: set[str]) -> None:
    assert {name for name in FORMATS if can_save(name, backend, keras)} == saves


@pytest.mark.parametrize(
    ("backend", "loads"),
    [
        ("tensorflow", ALL),  # a SavedModel given to Keras 3 too: its error is what people need to see
        ("jax", {"keras", "h5", "weights", "json"}),
    ],
)
def test_what_can_be_loaded(backend: str, loads: set[str]) -> None:
    assert {name for name in FORMATS if can_load(name, backend)} == loads


@pytest.mark.parametrize("name", ["", "onnx", "KERAS"])
def test_other_formats_do_not_exist(name: str) -> None:
    assert not can_save(name, "tensorflow", "2.15.0")
    assert not can_load(name, "tensorflow")


def test_each_format_is_explained_in_one_sentence() -> None:
    assert all(meaning.endswith(".") and "\n" not in meaning for meaning in FORMATS.values())
