from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments import releases
from environments.errors import ConfigurationError, EnvironmentUnavailable
from environments.registry import File
from environments.releases import Release
from environments.schema import MatrixFile
from tests.environments import shelf

MATRIX = MatrixFile.model_validate(
    {"version": "1", "matrix": {"tensorflow": ["2.15.1"]}, "defaults": {"timeout": "90"}}
)


def _file(name: str, day: str = "2024-01-02", requires_python: str = "", yanked: bool = False) -> File:
    return File(
        name=name,
        url=name,
        uploaded=datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None,
        requires_python=requires_python,
        yanked=yanked,
    )


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with shelf.opened(monkeypatch) as place:
        place.listing("tensorflow", {_wheel("tensorflow", "2.0.4", "37"): "2021-01-05"})
        place.listing(
            "tensorflow-cpu",
            {
                _wheel("tensorflow_cpu", "2.9.1", "38"): "2022-05-23",
                _wheel("tensorflow_cpu", "2.9.1", "310"): "2022-05-24",
                _wheel("tensorflow_cpu", "2.16.1", "311"): "2024-03-09",
                _wheel("tensorflow_cpu", "2.16.1", "312"): "2024-03-09",
                _wheel("tensorflow_cpu", "2.22.0rc0", "313"): "2026-09-23",
            },
        )
        place.listing(
            "keras",
            {
                "keras-2.15.0-py3-none-any.whl": "2023-11-07",
                "keras-3.0.5-py3-none-any.whl": "2024-02-14",
                "keras-3.1.1-py3-none-any.whl": "2024-03-19",
                "keras-3.2.0rc0-py3-none-any.whl": "2024-03-20",
                "keras-3.15.1-py3-none-any.whl": "2026-07-29",
            },
        )
        yield


def _wheel(package: str, version: str, python: str) -> str:
    return f"{package}-{version}-cp{python}-cp{python}-manylinux2014_x86_64.whl"


def test_releases_are_told_from_the_names_of_wheels_for_linux() -> None:
    found = releases.of_files(
        [
            _file(
                "tensorflow_cpu-2.10.0-cp310-cp310-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
                "2022-09-06",
            ),
            _file("tensorflow_cpu-2.9.0-cp39-cp39-manylinux2010_x86_64.whl", "2022-05-17"),
            _file("tensorflow_cpu-2.9.0-cp38-cp38-manylinux2010_x86_64.whl", "2022-05-16"),
            _file("tensorflow_cpu-2.9.0-cp36-cp36m-manylinux2010_x86_64.whl", "2022-05-18"),
            _file("tensorflow_cpu-2.8.0-cp39-cp39-win_amd64.whl"),
            _file("tensorflow_cpu-2.7.0-cp39-cp39-manylinux2014_aarch64.whl"),
            _file("tensorflow_cpu-2.6.0-cp39-cp39-musllinux_1_1_x86_64.whl"),
            _file("tensorflow-cpu-2.5.0.tar.gz"),
            _file("Keras-0.2.0-py3.5.egg"),
        ]
    )
    assert found == (
        Release(version="2.9.0", uploaded=date(2022, 5, 16), pythons=("3.8", "3.9")),
        Release(version="2.10.0", uploaded=date(2022, 9, 6), pythons=("3.10",)),
    )


def test_a_wheel_for_any_python_is_for_those_that_it_allows() -> None:
    (found,) = releases.of_files(
        [_file("keras-3.8.0-py3-none-any.whl", requires_python=">=3.9,<3.12,!=3.10.*")]
    )
    assert found.pythons == ("3.9", "3.11")


def test_what_was_withdrawn_is_no_release() -> None:
    wheel = "keras-3.8.0-py3-none-any.whl"
    assert releases.of_files([_file(wheel, yanked=True)]) == ()
    assert len(releases.of_files([_file(wheel, yanked=True), _file(wheel)])) == 1


def test_a_registry_that_tells_no_days_still_has_releases() -> None:
    (found,) = releases.of_files([_file("keras-3.8.0-py3-none-any.whl", day="")])
    assert found.uploaded is None


@given(st.lists(st.text(max_size=60)))
def test_names_of_files_may_be_anything(names: list[str]) -> None:
    releases.of_files([_file(name) for name in names])


@pytest.mark.usefixtures("registry")
def test_tensorflow_for_processors_has_two_names() -> None:
    assert [item.version for item in releases.tensorflows()] == ["2.0.4", "2.9.1", "2.16.1", "2.22.0rc0"]
    assert [item.final for item in releases.tensorflows()] == [True, True, True, False]


@pytest.mark.usefixtures("registry")
def test_an_old_release_is_resolved_as_of_its_day_on_the_newest_python_that_it_has() -> None:
    made = releases.made("2.9.1", file=MATRIX)
    assert (made.id, made.keras, made.python) == ("tf2.9.1-cpu", "bundled", "3.10")
    assert made.as_of == date(2022, 6, 20)
    assert made.timeout == 90  # what holds for every environment of the matrix
    assert made.base_image == "python:3.10-slim"


@pytest.mark.usefixtures("registry")
def test_a_release_that_takes_keras_as_a_package_gets_the_one_of_its_day() -> None:
    made = releases.made("2.16.1", file=MATRIX)
    assert (made.id, made.keras, made.python) == ("tf2.16.1-keras3.1.1-cpu", "3.1.1", "3.11")


@pytest.mark.usefixtures("registry")
def test_a_later_keras_moves_the_day() -> None:
    made = releases.made("2.16.1", "3.15.1", file=MATRIX)
    assert (made.id, made.as_of) == ("tf2.16.1-keras3.15.1-cpu", date(2026, 8, 26))


@pytest.mark.usefixtures("registry")
def test_legacy_is_keras_2_beside_it() -> None:
    made = releases.made("2.16.1", "legacy", file=MATRIX)
    assert (made.id, dict(made.variables)["TF_USE_LEGACY_KERAS"]) == ("tf2.16.1-legacy-cpu", "1")


@pytest.mark.usefixtures("registry")
def test_what_cannot_be_is_said() -> None:
    with pytest.raises(
        EnvironmentUnavailable, match=r"no TensorFlow 2.9.2 for Linux \(did you mean '2.9.1'\?\)"
    ):
        releases.made("2.9.2", file=MATRIX)
    with pytest.raises(ConfigurationError, match="has Keras 2 inside already"):
        releases.made("2.9.1", "legacy", file=MATRIX)


def test_the_keras_of_a_day_is_final_and_not_older_than_3() -> None:
    tensorflow = Release(version="2.16.1", uploaded=date(2024, 3, 9), pythons=("3.11",))
    kerases = [
        Release(version=version, uploaded=date.fromisoformat(day), pythons=("3.11",))
        for version, day in [("2.15.0", "2023-11-07"), ("3.0.5", "2024-02-14"), ("3.1.0rc0", "2024-03-01")]
    ]
    found = releases.of_its_day(tensorflow, kerases)
    assert found is not None
    assert found.version == "3.0.5"
    assert releases.of_its_day(tensorflow, kerases[:1]) is None
    assert releases.of_its_day(replace(tensorflow, uploaded=None), kerases) is None
