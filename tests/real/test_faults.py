"""What was broken on purpose, in two real environments: which damage is noticed, and which is not."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from runner.results import ArtifactResult, CellResult, Results, Verdict, read
from tests.real.conftest import IDS, Stacks
from tests.real.test_run import crossload, selected

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]

_, TF215, _, KERAS315 = IDS
FORMATS = ("h5", "keras", "checkpoint")


@pytest.fixture(scope="module")
def results(stacks: Stacks, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Every fault of one probe in three formats, saved and loaded by both."""
    folder = tmp_path_factory.mktemp("faults")
    (folder / "state").mkdir()
    (folder / "state" / "venvs").symlink_to(Path(stacks.ready[TF215].python).parents[2])
    words = selected([TF215, KERAS315], ["dense+*"], FORMATS)
    crossload(
        "run", *words, "--engine", "venv", "--state", str(folder / "state"), "--site", str(folder / "site")
    )
    return read(folder / "site" / "results.json")


@pytest.fixture(scope="module")
def artifacts(results: Results) -> Mapping[tuple[str, str, str], ArtifactResult]:
    return {(item.producer, item.probe.split("+")[1], item.format): item for item in results.artifacts}


@pytest.fixture(scope="module")
def cells(results: Results) -> Mapping[tuple[str, str, str], CellResult]:
    """Those whose consumer made the file: what it says is about the fault, and not about versions."""
    return {
        (item.producer, item.probe.split("+")[1], item.format): item
        for item in results.cells
        if item.producer == item.consumer
    }


def said(cell: CellResult) -> str:
    return f"{cell.error.type}: {cell.error.message}" if cell.error else ""


@pytest.mark.parametrize("environment", [TF215, KERAS315])
def test_a_flipped_weight_is_noticed_by_checksums_alone(
    environment: str, cells: Mapping[tuple[str, str, str], CellResult]
) -> None:
    silent = cells[environment, "bit_flip", "h5"]
    assert silent.verdict is Verdict.DIVERGENT
    assert (silent.error, silent.checks["weights"], silent.checks["outputs"]) == (None, "differs", "differs")
    loud = cells[environment, "bit_flip", "keras"]
    assert loud.verdict is Verdict.LOAD_FAILED
    assert "Bad CRC-32 for file 'model.weights.h5'" in said(loud)
    assert cells[environment, "bit_flip_crc", "keras"].verdict is Verdict.DIVERGENT
    of_checkpoint = cells[environment, "bit_flip", "checkpoint"]
    assert of_checkpoint.verdict is Verdict.LOAD_FAILED
    assert "checksum" in said(of_checkpoint).lower()


@pytest.mark.parametrize("fault", ["truncated", "emptied", "lfs_pointer"])
@pytest.mark.parametrize("environment", [TF215, KERAS315])
def test_a_file_that_is_not_whole_does_not_load(
    environment: str, fault: str, cells: Mapping[tuple[str, str, str], CellResult]
) -> None:
    assert cells[environment, fault, "h5"].verdict is Verdict.LOAD_FAILED
    reason = "truncated file" if fault == "truncated" else "file signature not found"
    assert reason in said(cells[environment, fault, "h5"])
    assert cells[environment, fault, "keras"].verdict is Verdict.LOAD_FAILED
    reason = "file signature not found" if environment == TF215 else "File not found: filepath="
    assert reason in said(cells[environment, fault, "keras"])


@pytest.mark.parametrize("environment", [TF215, KERAS315])
def test_a_member_or_a_shard_that_is_gone_is_named(
    environment: str, cells: Mapping[tuple[str, str, str], CellResult]
) -> None:
    assert "config.json" in said(cells[environment, "missing_config", "keras"])
    assert "model.weights.h5" in said(cells[environment, "missing_weights", "keras"])
    assert ".data-00000-of-00001" in said(cells[environment, "missing_shard", "checkpoint"])
    assert cells[environment, "missing_shard", "h5"].verdict is Verdict.UNSUPPORTED
    assert cells[environment, "missing_shard", "h5"].details == {
        "save": "The fault missing_shard is not for what is written here: it is a single file."
    }


def test_only_keras_2_loads_by_content(cells: Mapping[tuple[str, str, str], CellResult]) -> None:
    assert cells[TF215, "renamed", "h5"].verdict is Verdict.IDENTICAL  # HDF5 in m.keras
    assert cells[KERAS315, "renamed", "h5"].verdict is Verdict.LOAD_FAILED
    assert {cells[name, "renamed", "keras"].verdict for name in (TF215, KERAS315)} == {Verdict.LOAD_FAILED}


@pytest.mark.parametrize("fault", ["disk_full", "killed"])
@pytest.mark.parametrize("format_name", ["h5", "keras"])
@pytest.mark.parametrize("environment", [TF215, KERAS315])
def test_a_partial_save_looks_whole_and_does_not_load(
    environment: str,
    format_name: str,
    fault: str,
    artifacts: Mapping[tuple[str, str, str], ArtifactResult],
    cells: Mapping[tuple[str, str, str], CellResult],
) -> None:
    artifact = artifacts[environment, fault, format_name]
    assert (artifact.status, artifact.actual_format) == ("saved", {"h5": "hdf5", "keras": "zip"}[format_name])
    assert "it looks whole by the names and first bytes of its files." in artifact.fault
    if fault == "killed":
        assert "Ended by signal SIGXFSZ." in artifact.fault
    assert cells[environment, fault, format_name].verdict is Verdict.LOAD_FAILED


@pytest.mark.parametrize("environment", [TF215, KERAS315])
def test_a_directory_that_may_not_be_written_to_is_told_at_once(
    environment: str, artifacts: Mapping[tuple[str, str, str], ArtifactResult]
) -> None:
    for name in FORMATS:
        artifact = artifacts[environment, "read_only", name]
        assert (artifact.status, artifact.stage) == ("save_failed", "save")
        assert "Nothing was left under the name" in artifact.fault
        assert artifact.error
        assert "ermission denied" in artifact.error.message


@pytest.mark.parametrize("environment", [TF215, KERAS315])
def test_without_memory_no_save_says_that_it_worked(
    environment: str, artifacts: Mapping[tuple[str, str, str], ArtifactResult]
) -> None:
    for name in FORMATS:
        assert "Saving ended without an error" not in artifacts[environment, "out_of_memory", name].fault


def test_every_saved_artifact_says_what_was_done(results: Results) -> None:
    silent = [item for item in results.artifacts if item.status == "saved" and not item.fault]
    assert silent == []
    assert {probe.fault for probe in results.probes} == {probe.name.split("+")[1] for probe in results.probes}
    assert json.loads(results.model_dump_json())["artifacts"]
