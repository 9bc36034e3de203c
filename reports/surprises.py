"""Producers that wrote something else than they were asked for, and said nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from runner.results import ArtifactResult

#: What a format should be on disk. A format that is not listed is taken as it comes.
EXPECTED: Mapping[str, str] = {
    "keras": "zip",
    "h5": "hdf5",
    "savedmodel": "savedmodel",
    "export": "savedmodel",
    "weights": "hdf5",
    "checkpoint": "checkpoint",
}

_IN_WORDS: Mapping[str, str] = {
    "zip": "a .keras zip file",
    "hdf5": "an HDF5 file",
    "savedmodel": "a SavedModel directory",
    "checkpoint": "a checkpoint",
    "empty": "nothing at all",
    "unknown": "something that is none of the known formats",
}


@dataclass(frozen=True, kw_only=True)
class Surprise:
    """A producer that wrote something else than it was asked for."""

    producer: str
    #: What it wrote, in words: "a SavedModel directory".
    wrote: str
    #: The whole story, as one sentence.
    sentence: str


def surprises(artifacts: Iterable[ArtifactResult]) -> tuple[Surprise, ...]:
    """What one producer wrote in one format that was not what it was asked for, told once for each kind.

    TensorFlow 2.12 asked for ``m.keras`` writes an HDF5 file of that name and says nothing.
    """
    saved = [artifact for artifact in artifacts if artifact.status == "saved" and artifact.actual_format]
    kinds: dict[str, list[ArtifactResult]] = {}
    for artifact in saved:
        if artifact.actual_format != EXPECTED.get(artifact.format, artifact.actual_format):
            kinds.setdefault(artifact.actual_format, []).append(artifact)
    told = []
    for kind, odd in kinds.items():
        wrote = _IN_WORDS.get(kind, kind)
        asked = odd[0].name or odd[0].format
        which = "every probe" if len(odd) == len(saved) else f"{len(odd)} of {len(saved)} probes"
        told.append(
            Surprise(
                producer=odd[0].producer,
                wrote=wrote,
                sentence=f"{odd[0].producer} was asked for {asked} and wrote {wrote} of that name"
                f" without saying so ({which}).",
            )
        )
    return tuple(told)
