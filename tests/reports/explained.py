"""What a diagnosis and the remedies add to the made-up run of :mod:`tests.reports.sample`.

Cells get a cause, a signature, a telling line and remedies; failed saves a cause; probes get groups; and the
smallest probe is broken on purpose in three ways.
"""

import re
from collections.abc import Iterator

from runner.results import (
    ArtifactResult,
    Cause,
    CellResult,
    EnvironmentResult,
    Failure,
    Probe,
    Remedy,
    RemedyMeaning,
    Verdict,
)

TAGS = {
    "dense": ("architecture",),
    "conv_batchnorm": ("layers", "normalisation"),
    "recurrent": ("layers", "rnn"),
    "two_in_two_out": ("architecture", "functional"),
    "subclassed": ("custom", "subclassed"),
    "custom_registered": ("custom",),
    "custom_no_config": ("custom",),
    "preprocessing": ("state",),
}

CAUSES = (
    Cause(
        id="keras3_file_in_keras2",
        title="A Keras 3 configuration read by Keras 2",
        sentence="Keras 3 writes an input layer's shape as batch_shape; Keras 2 calls it batch_input_shape and stops at"
        " a key that it does not know.",
        remedies=("configuration_repair", "rebuild_weights_by_order"),
        links=("https://github.com/keras-team/keras/issues/19282",),
    ),
    Cause(
        id="compile_config",
        title="The optimizer's state does not come back",
        sentence="The names of the optimizer's variables changed between Keras 2 and 3, so that its state is dropped.",
        remedies=("recompile",),
    ),
    Cause(
        id="rnn_layout",
        title="The kernels of a recurrent layer are laid out differently",
        sentence="The weights load by position into gates of another order: nothing is raised, and the outputs differ.",
        remedies=("rebuild_weights_by_name",),
        links=("https://github.com/keras-team/keras/issues/20568", "javascript:alert(1)"),
    ),
    Cause(
        id="wrong_container",
        title="The file is not what its ending says",
        sentence="TensorFlow 2.12 asked for m.keras writes a SavedModel directory of that name; Keras 3 wants a"
        " zip file.",
        remedies=("rename", "tfsm_layer"),
    ),
    Cause(
        id="not_serialisable",
        title="The model cannot be described",
        sentence="A layer has no get_config, or the model is subclassed: its configuration cannot be written.",
    ),
)

REMEDIES = (
    RemedyMeaning(
        id="compile_false",
        title="compile=False",
        sentence="The model is loaded without its optimizer and loss; predictions need neither.",
        code='model = keras.models.load_model("{path}", compile=False)\n',
    ),
    RemedyMeaning(
        id="recompile",
        title="Compile again",
        sentence="The model is loaded without its optimizer and compiled from the recorded configuration.",
        code='model = keras.models.load_model("m.keras", compile=False)\n'
        'model.compile(optimizer="adam", loss="binary_crossentropy")',
    ),
    RemedyMeaning(
        id="configuration_repair",
        title="A repaired configuration",
        sentence="A copy of the file gets a configuration that this version understands.",
        code="crossload repair m.h5 --for tf2.15.1-cpu --out repaired.h5\n"
        'model = keras.models.load_model("repaired.h5")',
    ),
    RemedyMeaning(
        id="legacy",
        title="Keras 2 on the same TensorFlow",
        sentence="The file is loaded with tf-keras, which is Keras 2 on a new TensorFlow.",
        code='import os; os.environ["TF_USE_LEGACY_KERAS"] = "1"\nimport tensorflow as tf\n'
        'model = tf.keras.models.load_model("m.keras")',
    ),
)

#: Part of an exception's message -> the cause.
_CAUSES = {
    "batch_shape": "keras3_file_in_keras2",
    "File not found": "wrong_container",
    "'>' not supported": "compile_config",
}

FAULTS = {
    "bit_flip": "One bit of the largest weight was turned over (byte 20,480 of 31,264).",
    "truncated": "The last third of the file was cut off.",
    "disk_full": "The disk was full after 8 kB; the save raised OSError and left a file of 8 kB behind.",
}


def probes(known: tuple[Probe, ...]) -> tuple[Probe, ...]:
    """The probes with their groups, and those that are broken on purpose."""
    tagged = tuple(probe.model_copy(update={"tags": TAGS[probe.name]}) for probe in known)
    broken = (
        tagged[0].model_copy(update={"name": f"{tagged[0].name}+{fault}", "fault": fault}) for fault in FAULTS
    )
    return (*tagged, *broken)


def cell(sound: CellResult) -> CellResult:
    """A cell as the diagnosis and the remedies leave it."""
    cause, telling = _diagnosis(sound)
    return sound.model_copy(
        update={
            "cause": cause,
            "telling": telling,
            "signature": re.sub(r"\d+|'[^']*'", "…", telling),
            "remedies": _remedies(sound, cause),
        }
    )


def artifact(sound: ArtifactResult) -> ArtifactResult:
    """An artifact with what was read from it, or why it could not be saved."""
    if sound.status == "saved":
        return sound.model_copy(update={"facts": {"keras_version": "3.8.0", "modules": ["keras.src.models"]}})
    if sound.error is None:
        return sound
    telling = sound.error.message.strip().split("\n")[0]
    return sound.model_copy(update={"cause": "not_serialisable", "signature": telling, "telling": telling})


def _diagnosis(sound: CellResult) -> tuple[str, str]:
    if sound.error:
        telling = f"{sound.error.type}: {sound.error.message.strip().splitlines()[0]}"
        return next((c for text, c in _CAUSES.items() if text in telling), "unclassified"), telling
    if sound.verdict is Verdict.DEGRADED:
        return "compile_config", sound.details["optimizer"]
    if sound.verdict is Verdict.DIVERGENT:
        return "rnn_layout", sound.details["weights"]
    return "", ""


def _remedies(sound: CellResult, cause: str) -> tuple[Remedy, ...]:
    without = Remedy(
        id="compile_false", verdict=Verdict.DEGRADED, lost=("optimizer", "training"), seconds=0.2
    )
    same = (
        Remedy(id="compile_false", verdict=Verdict.LOAD_FAILED, telling=sound.error.message.strip()[:120])
        if (sound.error)
        else without
    )
    if cause == "keras3_file_in_keras2":
        edits = (
            "InputLayer 'input_1': batch_shape renamed to batch_input_shape",
            "dtype policy of 'dense' replaced by 'float32'",
        )
        return (same, Remedy(id="configuration_repair", verdict=Verdict.IDENTICAL, edits=edits))
    if cause == "compile_config":
        if sound.verdict is Verdict.LOAD_FAILED:
            code = 'model = keras.models.load_model("m.keras", compile=False)  # then compile it yourself'
            return (without.model_copy(update={"lost": ("optimizer",), "code": code}),)
        return (without, Remedy(id="recompile", verdict=Verdict.DEGRADED, lost=("optimizer",)))
    if cause == "wrong_container":
        legacy = Remedy(id="legacy", verdict=Verdict.IDENTICAL, environment="tf2.18.1-legacy-cpu")
        return (same, legacy)
    if cause == "rnn_layout":
        return (Remedy(id="compile_false", verdict=Verdict.DIVERGENT, telling="outputs differ by 0.413"),)
    if sound.verdict is Verdict.LOAD_FAILED:
        return (same,)
    return ()


def broken_artifacts(environments: tuple[EnvironmentResult, ...]) -> Iterator[ArtifactResult]:
    """What each environment saved of the probe that is broken on purpose."""
    for environment in environments:
        for fault, sentence in FAULTS.items():
            for form in ("keras", "h5"):
                full = fault == "disk_full"
                yield ArtifactResult(
                    producer=environment.id,
                    probe=f"dense+{fault}",
                    format=form,
                    status="save_failed" if full else "saved",
                    sha256="" if full else "c0" * 32,
                    bytes=0 if full else 31_264,
                    name=f"m.{form}",
                    error=Failure(type="OSError", message="[Errno 28] No space left on device")
                    if full
                    else None,
                    fault=sentence,
                )


def broken_cells(sound: list[CellResult]) -> Iterator[CellResult]:
    """What each environment does with them: Keras 2 never looks at a checksum."""
    for one in sound:
        if one.probe != "dense" or one.format not in ("keras", "h5"):
            continue
        for fault in FAULTS:
            verdict = Verdict.SAVE_FAILED
            if fault == "truncated":
                verdict = Verdict.LOAD_FAILED
            elif fault == "bit_flip":
                zipped = one.format == "keras" and "tf2.12" not in one.producer
                verdict = Verdict.LOAD_FAILED if zipped or one.error else Verdict.DIVERGENT
            update: dict[str, object] = {
                "probe": f"dense+{fault}",
                "verdict": verdict,
                "remedies": (),
                "cause": "",
                "signature": "",
            }
            if verdict is Verdict.LOAD_FAILED and not one.error:
                message = (
                    "Bad CRC-32 for file 'model.weights.h5'" if fault == "bit_flip" else "truncated file: eof"
                )
                update["error"] = Failure(type="BadZipFile", message=message)
                update["telling"] = f"BadZipFile: {message}"
            yield one.model_copy(update=update)
