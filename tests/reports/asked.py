"""Results of a check, as short as a test can say them: what became of one model file in each version."""

from collections.abc import Mapping
from typing import Any

from runner.results import (
    ArtifactResult,
    Cause,
    CellResult,
    EnvironmentResult,
    Failure,
    Probe,
    Question,
    Remedy,
    RemedyMeaning,
    Results,
    Run,
    Verdict,
)

#: Environment -> its Keras.
KERAS: Mapping[str, str] = {
    "tf2.9.3-cpu": "2.9.0",
    "tf2.12.1-cpu": "2.12.0",
    "tf2.14.1-cpu": "2.14.0",
    "tf2.15.1-cpu": "2.15.0",
    "tf2.16.2-keras3.4.1-cpu": "3.4.1",
    "tf2.16.2-cpu": "3.15.1",
    "tf2.18.1-keras3.8.0-cpu": "3.8.0",
    "tf2.18.1-cpu": "3.15.1",
    "tf2.18.1-legacy-cpu": "2.18.0",
    "tf2.21.0-cpu": "3.15.1",
}

BATCHES = ("2 x 32, usual values", "2 x 7, usual values", "2 x 7, zeros")

IDENTICAL: Mapping[str, Any] = {"verdict": Verdict.IDENTICAL}
DEGRADED: Mapping[str, Any] = {
    "verdict": Verdict.DEGRADED,
    "lost": ("optimizer",),
    "cause": "optimizer_dropped",
    "checks": {"outputs": "same", "optimizer": "lost"},
    "details": {"optimizer": "iterations 0 where 4 was"},
    "remedies": (Remedy(id="recompile", verdict=Verdict.IDENTICAL),),
}
FAILED: Mapping[str, Any] = {
    "verdict": Verdict.LOAD_FAILED,
    "cause": "lr_argument",
    "telling": "ValueError: Argument(s) not recognized: {'lr': 0.001}",
    "error": Failure(type="ValueError", message="Argument(s) not recognized: {'lr': 0.001}"),
    "remedies": (
        Remedy(id="recompile", verdict=Verdict.LOAD_FAILED, telling="the same"),
        Remedy(id="compile_false", verdict=Verdict.DEGRADED, lost=("optimizer", "compile")),
    ),
}
STUCK: Mapping[str, Any] = {
    "verdict": Verdict.LOAD_FAILED,
    "cause": "unclassified",
    "telling": "TypeError: it cannot be",
    "signature": "TypeError: it cannot be",
    "remedies": (Remedy(id="compile_false", verdict=Verdict.LOAD_FAILED, telling="the same"),),
}
DIVERGENT: Mapping[str, Any] = {
    "verdict": Verdict.DIVERGENT,
    "cause": "resize_redefined",
    "checks": {"structure": "same", "weights": "same", "outputs": "differs"},
    "details": {"outputs": "for 2 x 7, usual values: output 0 differs by up to 0.25 in 14 of 14 numbers"},
    "max_abs_diff": 0.25,
}
GONE: Mapping[str, Any] = {
    "verdict": Verdict.UNAVAILABLE,
    "details": {"load": "No wheel of tensorflow 2.14.1 for this machine."},
}
UNHELD: Mapping[str, Any] = {
    "verdict": Verdict.NOT_RUN,
    "checks": {"outputs": "not_applicable"},
    "details": {"outputs": "it loads and predicts; there is no reference"},
}


def checked(
    fates: Mapping[str, Mapping[str, Any]],
    *,
    home: str = "tf2.12.1-cpu",
    file: str = "model.h5",
    **question: Any,
) -> Results:
    """The results of ``crossload check model.h5``: environment -> what differs from an identical cell."""
    given: dict[str, Any] = {
        "what": "an HDF5 file with a whole model",
        "writer": "Keras 2.12.0",
        "why_home": "Keras 2.12.0 is the Keras of TensorFlow 2.12.",
        "loaded": "plain",
        "reference": True,
        "batches": BATCHES,
    }
    name = file.rsplit("/", 1)[-1]
    return Results(
        run=Run(
            id="2026-11-20T12-00-00Z-1a2b",
            started="2026-11-20T12:00:00+00:00",
            finished="2026-11-20T12:00:42+00:00",
            engine="venv",
            matrix_sha256="9c" * 32,
            version="0.1.0",
            matrix="matrix.yaml",
            command=f"crossload check {file}",
            isolation="The venv engine does not isolate model code.",
        ),
        environments=tuple(
            EnvironmentResult(
                id=one,
                status="unavailable" if fates.get(one) == GONE else "ready",
                error="No wheel of tensorflow 2.14.1 for this machine." if fates.get(one) == GONE else None,
                tensorflow=one.split("-")[0].removeprefix("tf"),
                keras=KERAS[one],
                backend="tensorflow",
            )
            for one in dict.fromkeys((home, *fates))
        ),
        probes=(Probe(name=name, why="A model file that was there already.", source=file, sha256=""),),
        artifacts=(
            ArtifactResult(
                producer=home,
                probe=name,
                format="h5",
                status="saved",
                name=name,
                actual_format="hdf5",
                bytes=31_264,
            ),
        ),
        cells=tuple(
            CellResult(
                **{
                    "producer": home,
                    "consumer": one,
                    "probe": name,
                    "format": "h5",
                    **_as_it_is(IDENTICAL),
                    **fate,
                }
            )
            for one, fate in fates.items()
        ),
        causes=(
            Cause(
                id="lr_argument",
                title="An optimizer argument that Keras 3 does not know",
                sentence="Keras 2 called the learning rate lr; Keras 3 stops at it.",
                remedies=("compile_false",),
                links=("https://github.com/keras-team/keras/issues/19282",),
            ),
            Cause(
                id="optimizer_dropped",
                title="The optimizer's state is dropped",
                sentence="Its names changed.",
            ),
            Cause(
                id="resize_redefined",
                title="A layer computes something else at odd sizes",
                sentence="The rounding of sizes changed.",
            ),
        ),
        remedies=(
            RemedyMeaning(
                id="compile_false",
                title="Load without compiling",
                sentence="Predictions need neither optimizer nor loss.",
                code='from tensorflow import keras\n\nmodel = keras.models.load_model("{path}", compile=False)\n',
            ),
            RemedyMeaning(
                id="recompile", title="Compile again", sentence="From the file's own words.", code=""
            ),
        ),
        question=Question(**{"file": file, "home": home, **given, **question}),
    )


def _as_it_is(fate: Mapping[str, Any]) -> dict[str, Any]:
    names = ("structure", "weights", "outputs", "loss", "optimizer")
    return {**fate, "checks": dict.fromkeys(names, "same"), "seconds": 0.2}


def typical(file: str = "model.h5", **question: Any) -> Results:
    """Identical in Keras 2, failing in Keras 3, with a remedy; and tf-keras beside it."""
    return checked(
        {
            "tf2.12.1-cpu": IDENTICAL,
            "tf2.15.1-cpu": IDENTICAL,
            "tf2.16.2-keras3.4.1-cpu": FAILED,
            "tf2.21.0-cpu": FAILED,
            "tf2.18.1-legacy-cpu": IDENTICAL,
        },
        file=file,
        **question,
    )
