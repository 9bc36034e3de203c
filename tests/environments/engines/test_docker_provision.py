from dataclasses import replace

import pytest

from environments.engines.docker_images import Pinned
from environments.engines.docker_provision import _sentence, place
from environments.lock import Lock
from environments.spec import Environment

BASE = Pinned(reference="python:3.11-slim", digest="sha256:a", id="sha256:b")
LOCK = Lock(environment_id="tf", text="six==1.16.0", sha256="", packages=())
ENVIRONMENT = Environment(id="tf")


def test_the_place_depends_on_what_is_installed_on_what() -> None:
    here = place(ENVIRONMENT, LOCK, BASE)
    assert here.python == f"/crossload/envs/{here.key}/bin/python"
    others = [
        place(ENVIRONMENT, replace(LOCK, text="six==1.15.0"), BASE),
        place(ENVIRONMENT, LOCK, replace(BASE, digest="sha256:c")),
        place(replace(ENVIRONMENT, python="3.9"), LOCK, BASE),
    ]
    assert len({here.key, *(other.key for other in others)}) == 4


def test_environments_with_the_same_packages_share_a_place() -> None:
    other = replace(BASE, reference="mirror.example/python:3.11-slim", id="sha256:z")
    assert place(ENVIRONMENT, LOCK, BASE) == place(replace(ENVIRONMENT, id="tf2"), LOCK, other)


@pytest.mark.parametrize("status", ["wrong python", "no uv", "not installed", "not importable", "failed"])
def test_every_outcome_has_a_sentence_that_names_the_environment(status: str) -> None:
    sentence = _sentence(
        {"status": status, "detail": "It ended with status 3."}, ENVIRONMENT, BASE, "ValueError: no."
    )
    assert sentence.startswith("tf ")
    assert sentence.endswith(".")
