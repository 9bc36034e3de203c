import pytest
from docker.auth import INDEX_NAME
from docker.models.images import Image

from environments.engines.docker_images import mirrored, pinned


@pytest.mark.parametrize(
    ("reference", "mirror", "expected"),
    [
        ("python:3.11-slim", "", "python:3.11-slim"),
        ("python:3.11-slim", "mirror.example:5000", "mirror.example:5000/python:3.11-slim"),
        ("python:3.11-slim", "mirror.example:5000/", "mirror.example:5000/python:3.11-slim"),
        ("python:3.11-slim", "mirror.example/library", "mirror.example/library/python:3.11-slim"),
        ("tensorflow/tensorflow:2.15.0", "mirror.example", "mirror.example/tensorflow/tensorflow:2.15.0"),
        ("registry.example/ml/serving:1", "mirror.example", "registry.example/ml/serving:1"),
        ("localhost/python", "mirror.example", "localhost/python"),
        ("host:5000/python", "mirror.example", "host:5000/python"),
    ],
)
def test_the_mirror_stands_before_references_without_a_registry(
    reference: str, mirror: str, expected: str
) -> None:
    assert mirrored(reference, mirror) == expected


def image(*digests: str) -> Image:
    return Image(attrs={"Id": "sha256:id", "RepoDigests": list(digests)})


def test_the_digest_is_the_one_of_the_asked_repository() -> None:
    found = pinned(
        image("other.example/python@sha256:a", "mirror.example:5000/python@sha256:b"),
        "mirror.example:5000/python:1",
    )
    assert (found.digest, found.id) == ("sha256:b", "sha256:id")


def test_short_and_long_names_of_one_repository_are_the_same() -> None:
    assert pinned(image(f"{INDEX_NAME}/library/python@sha256:a"), "python:3.11-slim").digest == "sha256:a"


def test_an_image_of_no_registry_is_known_by_its_id() -> None:
    assert pinned(image(), "python:3.11-slim").digest == "sha256:id"
    assert pinned(image("other.example/python@sha256:a"), "python:3.11-slim").digest == "sha256:id"
