"""The remedy that is never run in the cell: Keras 2 on the same TensorFlow, which another column of the grid is."""

from runner.remedies import by_hand
from runner.remedies.data import meanings
from runner.results import CellResult, EnvironmentResult, Remedy, RemedyMeaning, Results, Verdict
from runner.symptoms import Stack, Symptoms

ID = "legacy_keras"
#: Verdicts of a cell that another Keras could better.
_NOT_AS_IT_SHOULD = (
    Verdict.DEGRADED,
    Verdict.DIVERGENT,
    Verdict.LOAD_FAILED,
    Verdict.CRASHED,
    Verdict.TIMED_OUT,
)
#: Verdicts of the other cell that say what that Keras does with the file.
_KNOWN = (Verdict.IDENTICAL, *_NOT_AS_IT_SHOULD)


def legacy(results: Results) -> Results:
    """The results with ``legacy_keras`` in each cell of Keras 3 that a cell of Keras 2 on its TensorFlow answers."""
    beside = _beside(results.environments)
    cells = {(cell.producer, cell.consumer, cell.probe, cell.format): cell for cell in results.cells}
    actual = {(item.producer, item.probe, item.format): item.actual_format for item in results.artifacts}
    tags = {item.name: item.tags for item in results.probes}
    versions = {item.id: Stack(keras=item.keras, backend=item.backend) for item in results.environments}

    def tried(cell: CellResult) -> CellResult:
        other = beside.get(cell.consumer)
        if other is None or cell.verdict not in _NOT_AS_IT_SHOULD:
            return cell
        if any(remedy.id == ID for remedy in cell.remedies):
            return cell
        found = cells.get((cell.producer, other, cell.probe, cell.format))
        if found is None or found.verdict not in _KNOWN:
            return cell
        remedy = Remedy(
            id=ID,
            verdict=found.verdict,
            lost=found.lost,
            environment=other,
            telling=found.telling,
            error=found.error,
            code=by_hand.code(
                ID,
                Symptoms(
                    verdict=found.verdict,
                    format=cell.format,
                    producer=versions[cell.producer],
                    consumer=versions[other],
                    actual_format=actual.get((cell.producer, cell.probe, cell.format), ""),
                    tags=tags.get(cell.probe, ()),
                ),
            ),
            seconds=found.seconds,
        )
        return cell.model_copy(update={"remedies": (*cell.remedies, remedy)})

    changed = tuple(tried(cell) for cell in results.cells)
    explained = results.remedies
    if any(remedy.id == ID for cell in changed for remedy in cell.remedies):
        explained = _with(explained)
    return results.model_copy(update={"cells": changed, "remedies": explained})


def _beside(environments: tuple[EnvironmentResult, ...]) -> dict[str, str]:
    """Environment with Keras 3 -> the one with Keras 2 on the same release of TensorFlow and device."""
    legacies = {
        (_release(item.tensorflow), item.device): item.id
        for item in environments
        if item.tensorflow and item.keras.startswith("2.") and _release(item.tensorflow) >= (2, 16)
    }
    found = {}
    for item in environments:
        if item.keras.startswith("3.") and item.backend in ("", "tensorflow") and item.tensorflow:
            other = legacies.get((_release(item.tensorflow), item.device))
            if other is not None:
                found[item.id] = other
    return found


def _release(version: str) -> tuple[int, ...]:
    """``2.18.1`` -> ``(2, 18)``: a patch release of TensorFlow takes the same tf-keras."""
    parts = version.split(".")[:2]
    return tuple(int(part) for part in parts if part.isdigit())


def _with(explained: tuple[RemedyMeaning, ...]) -> tuple[RemedyMeaning, ...]:
    if any(item.id == ID for item in explained):
        return explained
    return (*explained, *(item for item in meanings() if item.id == ID))
