import typing
from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from environments import scalars
from runner.results import Verdict


def said(kind: Any, text: str) -> str:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(text)
    return caught.value.errors()[0]["msg"]


@pytest.mark.parametrize("text", ["2.15.1", "2.15.0.post1", "2.16.0rc1", "nightly"])
def test_exact_versions_are_kept_as_typed(text: str) -> None:
    assert TypeAdapter(scalars.TensorFlow).validate_python(text) == text


@pytest.mark.parametrize(
    "text", ["2.1.", "v2.15.1", "2.15.*", ">=2.15", "latest", "2.15.1 ", "", "bundled", "٢.١.٣"]
)
def test_what_is_no_version_is_refused(text: str) -> None:
    assert "is not an exact version; write one such as 2.15.1 (or nightly)" in said(scalars.TensorFlow, text)


def test_half_a_version_is_answered_with_a_whole_one() -> None:
    assert "'2.10' is not a whole version; write the whole version, such as 2.10.1" in said(
        scalars.TensorFlow, "2.10"
    )
    assert "such as 3.8.0 (or bundled, legacy, nightly)" in said(scalars.Keras, "3.8")


@pytest.mark.parametrize("text", ["3", "2.7", "3.11.4", "3.x", "python3.11", "-3.1", "3.111"])
def test_python_is_major_and_minor(text: str) -> None:
    assert "write major.minor, such as 3.11" in said(scalars.Python, text)


@pytest.mark.parametrize(("text", "seconds"), [("60", 60.0), ("0.5", 0.5), ("86400", 86400.0)])
def test_seconds(text: str, seconds: float) -> None:
    assert TypeAdapter(scalars.Seconds).validate_python(text) == seconds


@pytest.mark.parametrize("text", ["-1", "0", "0.0", "nan", "inf", "1e9", "86401", "60s", "1_000", " 60", ""])
def test_no_seconds(text: str) -> None:
    said(scalars.Seconds, text)


@pytest.mark.parametrize(
    ("text", "size"),
    [("2g", 2 * 1024**3), ("512m", 512 * 1024**2), ("2G", 2 * 1024**3), ("64m", 64 * 1024**2)],
)
def test_memory_is_bytes(text: str, size: int) -> None:
    assert TypeAdapter(scalars.Memory).validate_python(text) == size


@pytest.mark.parametrize("text", ["2x", "2", "2gb", "-2g", "0g", "63m", "1025g", "1.5g", "g", ""])
def test_no_memory(text: str) -> None:
    said(scalars.Memory, text)


def test_days() -> None:
    assert TypeAdapter(scalars.Day).validate_python("2024-02-29") == date(2024, 2, 29)
    for text in ("2024-2-9", "2023-02-29", "2024-13-01", "20240701", "2024-07-01T00:00:00", "soon", ""):
        assert "is not a day" in said(scalars.Day, text)


@pytest.mark.parametrize("text", ["-x", ".x", "a b", "a/b", "", "é", "x" * 64, "a\n"])
def test_a_name_is_safe_in_a_path_and_in_a_container_name(text: str) -> None:
    assert "cannot be a name" in said(scalars.Identifier, text)


def test_images() -> None:
    for text in ("python:{python}-slim", "registry.example:5000/ml/x@sha256:" + "0" * 64):
        assert TypeAdapter(scalars.BaseImage).validate_python(text) == text
    assert "only {python} is filled in" in said(scalars.BaseImage, "python:{version}")
    assert "is not an image reference" in said(scalars.Image, "--privileged")
    assert "without https://" in said(scalars.Mirror, "https://mirror.example")
    assert (
        TypeAdapter(scalars.Mirror).validate_python("mirror.example:5000/hub/") == "mirror.example:5000/hub"
    )


def test_cells_and_packages() -> None:
    assert TypeAdapter(scalars.Cell).validate_python("a/*/b/keras") == "a/*/b/keras"
    for text in ("a", "a/b/c", "a/b//d", "a/b/c/d/e"):
        assert "write producer/consumer/probe/format" in said(scalars.Cell, text)
    assert "write one such as pandas==2.2.3" in said(scalars.Package, "--index-url x")
    assert "which a lock cannot hold" in said(scalars.Package, "x @ https://example.com/x.whl")


def test_the_words_are_those_of_the_results() -> None:
    verdicts = [str(verdict) for verdict in Verdict]
    assert list(typing.get_args(scalars.VerdictWord)) == verdicts
    assert set(typing.get_args(scalars.GateWord)) == {
        "regression",
        "new_failure",
        "unexpected_pass",
        *verdicts[1:],
    }
