"""A made-up run that looks like a real one, for tests and for looking at pages.

The verdicts follow the outcomes that were seen by hand (DESIGN, section 9). The texts are written like real ones;
``hostile=True`` adds what a model file could carry to break a page.
"""

from collections.abc import Iterator
from typing import TypeVar

from runner.results import (
    ArtifactResult,
    CellResult,
    CheckValue,
    EnvironmentResult,
    Failure,
    Format,
    Probe,
    Results,
    Run,
    Tolerance,
    Verdict,
)
from tests.reports import explained

ENVIRONMENTS = (
    ("tf2.12.1-cpu", "2.12.1", "2.12.0", 2),
    ("tf2.15.1-cpu", "2.15.1", "2.15.0", 2),
    ("tf2.16.2-keras3.4.1-cpu", "2.16.2", "3.4.1", 3),
    ("tf2.18.1-cpu", "2.18.1", "3.8.0", 3),
    ("tf2.21.0-cpu", "2.21.0", "3.15.1", 3),
    ("tf2.18.1-legacy-cpu", "2.18.1", "2.18.0 (tf-keras)", 2),
)

PROBES = (
    ("dense", "The smallest trained classifier: if this breaks, everything does."),
    (
        "conv_batchnorm",
        "Two layers of one class, and batch norm's moving averages: the order of weights shows.",
    ),
    ("recurrent", "LSTM and GRU: their kernels are laid out differently between Keras 2 and 3."),
    ("two_in_two_out", "Functional, two inputs and two outputs: names and the shape of nests must survive."),
    ("subclassed", "A subclassed model: nothing describes it but its code."),
    ("custom_registered", "A custom layer that is registered and has get_config, as the guides ask for."),
    ("custom_no_config", "A custom layer without get_config, as many people write it."),
    ("preprocessing", "Normalization and StringLookup inside the model: state that is not a weight."),
)

FORMATS = (
    ("keras", "model.save('m.keras')", "m.keras"),
    ("h5", "model.save('m.h5')", "m.h5"),
    ("savedmodel", "model.save('m'), Keras 2 only", "m"),
    ("export", "model.export('m'), for serving", "m"),
    ("weights", "model.save_weights('m.weights.h5')", "m.weights.h5"),
    ("checkpoint", "tf.train.Checkpoint(model).write('m')", "m"),
)

KINDS = {
    "keras": "zip",
    "h5": "hdf5",
    "savedmodel": "savedmodel",
    "export": "savedmodel",
    "weights": "hdf5",
    "checkpoint": "checkpoint",
}

_Named = TypeVar("_Named", Probe, CellResult, ArtifactResult)

HOSTILE = (
    "</style></script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    " '\"`{{ 7*7 }} NUL[\x00] ANSI[\x1b[31mred\x1b[0m] RTL[\u202egnp.exe\u202c] " + "very-long-" * 400
)

_HDF5_IS_OLD = (
    "UserWarning: You are saving your model as an HDF5 file via `model.save()`. This file format is considered legacy."
    " We recommend using instead the native Keras format, e.g. `model.save('my_model.keras')`."
)

TRACEBACK = """Traceback (most recent call last):
  File "/work/in/agent/cell.py", line 118, in load
    model = keras.models.load_model(path)
  File "/env/lib/python3.11/site-packages/keras/src/saving/saving_api.py", line {line}, in load_model
    return legacy_h5_format.load_model_from_hdf5(filepath)
  File "/env/lib/python3.11/site-packages/keras/src/legacy/saving/h5.py", line 133, in load_model_from_hdf5
    model = saving_utils.model_from_config(
  File "/env/lib/python3.11/site-packages/keras/src/layers/layer.py", line 288, in __init__
    raise {type}(
{type}: {message}
"""


def results(*, hostile: bool = False, environments: int = 6) -> Results:
    """A whole run: every cell of the given number of environments, eight probes and six formats, and faults."""
    chosen = tuple(_environment(number) for number in range(environments))
    sound = [explained.cell(cell) for cell in _cells(chosen, hostile)]
    return Results(
        run=Run(
            id="2026-11-20T06-40-12Z-3f9a",
            started="2026-11-20T06:40:12+00:00",
            finished="2026-11-20T06:44:37+00:00",
            engine="venv",
            matrix_sha256="9c1185a5c5e9fc54612808977ee8f548b2258d31a1b2c3d4e5f60718293a4b5c",
            version="0.1.0",
            matrix="matrix.yaml",
            selection="default",
            command="crossload run",
            host="Linux x86_64, 2 cores, 16 GB",
            isolation="The venv engine does not isolate model code: it runs as you, with your files and your network.",
            notes=(
                "No Docker daemon answered, so environments were made with the venv engine on this machine.",
            ),
        ),
        environments=chosen,
        probes=explained.probes(
            tuple(
                Probe(name=name, why=why, source=f"runner/probes/{name}.py", sha256="ab" * 32)
                for name, why in PROBES
            )
        ),
        formats=tuple(Format(name=name, meaning=meaning) for name, meaning, _ in FORMATS),
        tolerances=(
            Tolerance(dtype="float32", relative=1e-5, absolute=1e-6, reason="Kernels sum in another order."),
            Tolerance(dtype="float16", relative=1e-2, absolute=1e-3, reason="Ten bits of fraction."),
            Tolerance(dtype="int64", relative=0.0, absolute=0.0, reason="Integers are exact."),
        ),
        artifacts=(
            *(explained.artifact(artifact) for artifact in _artifacts(chosen)),
            *explained.broken_artifacts(chosen),
        ),
        cells=(*sound, *explained.broken_cells(sound)),
        causes=explained.CAUSES,
        remedies=explained.REMEDIES,
    )


def large(*, environments: int = 14, probes: int = 40) -> Results:
    """A run of the size of a nightly one: the sample's environments and probes over and over."""
    small = results(environments=environments)
    again = [
        (number, {name: f"{name}_{number}" if number else name for name, _ in PROBES})
        for number in range(-(-probes // len(PROBES)))
    ]
    wanted = {name for _, names in again for name in names.values()}
    wanted = set(sorted(wanted)[:probes])

    def renamed(items: tuple[_Named, ...], field: str) -> tuple[_Named, ...]:
        return tuple(
            item.model_copy(update={field: names[getattr(item, field)]})
            for _, names in again
            for item in items
            if names.get(getattr(item, field)) in wanted
        )

    return small.model_copy(
        update={
            "probes": renamed(small.probes, "name"),
            "artifacts": renamed(small.artifacts, "probe"),
            "cells": renamed(small.cells, "probe"),
        }
    )


def _facts(environment: EnvironmentResult) -> int:
    return 2 if environment.keras.startswith("2") else 3


def _environment(number: int) -> EnvironmentResult:
    name, tensorflow, keras, _ = ENVIRONMENTS[number % len(ENVIRONMENTS)]
    return EnvironmentResult(
        id=name if number < len(ENVIRONMENTS) else f"{name}-{number}",
        status="ready",
        engine="venv",
        base="/usr/local/bin/python3.11",
        python="3.11.7",
        tensorflow=tensorflow,
        keras=keras,
        backend="tensorflow",
        devices=("/physical_device:CPU:0",),
        lock_sha256=f"{number:02x}" * 32,
        packages={
            "absl-py": "2.1.0",
            "h5py": "3.11.0",
            "keras": keras,
            "numpy": "1.26.4",
            "protobuf": "4.25.3",
            "tensorflow": tensorflow,
        },
        seconds={"provision": 11.2, "import": 2.4, "save": 21.7, "load": 74.1},
    )


def _unsaved(keras: int, probe: str, form: str) -> Failure | None:
    if form == "h5" and probe == "subclassed":
        message = (
            "Saving the model to HDF5 format requires the model to be a Functional model or a Sequential"
            " model. It does not work for subclassed models, because such models are defined via the body"
            " of a Python method, which isn't safely serializable."
        )
        return Failure(
            type="NotImplementedError",
            message=message,
            traceback=TRACEBACK.format(line=114, type="NotImplementedError", message=message),
        )
    if form in ("keras", "h5") and probe == "custom_no_config" and keras == 2:
        message = "\nLayer Scale was created by passing\nnon-serializable argument values in `__init__()`"
        return Failure(
            type="NotImplementedError",
            message=message,
            traceback=TRACEBACK.format(line=201, type="NotImplementedError", message=message),
        )
    return None


def _artifacts(environments: tuple[EnvironmentResult, ...]) -> Iterator[ArtifactResult]:
    for environment in environments:
        keras = _facts(environment)
        for probe, _ in PROBES:
            for form, _, name in FORMATS:
                if form == "savedmodel" and keras == 3:
                    yield ArtifactResult(
                        producer=environment.id, probe=probe, format=form, status="unsupported"
                    )
                    continue
                error = _unsaved(keras, probe, form)
                quiet = form == "keras" and environment.tensorflow.startswith("2.12")
                yield ArtifactResult(
                    producer=environment.id,
                    probe=probe,
                    format=form,
                    status="save_failed" if error else "saved",
                    sha256="" if error else "5d41402abc4b2a76b9719d911017c592" * 2,
                    bytes=0 if error else 31_264,
                    name=name,
                    actual_format="" if error else "savedmodel" if quiet else KINDS[form],
                    error=error,
                    warnings=(_HDF5_IS_OLD,) if form == "h5" and not error else (),
                    seconds=0.21,
                )


def _cells(environments: tuple[EnvironmentResult, ...], hostile: bool) -> Iterator[CellResult]:
    number = 0
    for probe, _ in PROBES:
        for form, _, _ in FORMATS:
            for producer in environments:
                for consumer in environments:
                    number += 1
                    yield _cell(producer, consumer, probe, form, number, hostile)


def _cell(
    producer: EnvironmentResult,
    consumer: EnvironmentResult,
    probe: str,
    form: str,
    number: int,
    hostile: bool,
) -> CellResult:
    verdict, story = _seen(producer, consumer, probe, form)
    checks: dict[str, CheckValue] = {
        "structure": "same",
        "config": "same",
        "weights": "same",
        "outputs": "same",
        "loss": "same",
        "optimizer": "same",
        "training": "same",
        "resave": "same",
        "reload": "same",
    }
    details: dict[str, str] = {}
    lost: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    error = None
    if verdict is Verdict.DEGRADED:
        checks |= {"optimizer": "lost", "training": "failed"}
        details = {
            "optimizer": "iterations 4 -> 0; 12 of 12 slot variables are gone",
            "training": f"the next training step raised {story}",
        }
        lost = ("optimizer", "training")
    elif verdict is Verdict.DIVERGENT:
        checks |= {"weights": "differs", "outputs": "differs", "loss": "differs"}
        details = {
            "weights": "gru/kernel: 96 of 96 numbers differ",
            "outputs": "largest difference 0.413, allowed 1e-06",
            "loss": "0.6931 instead of 0.2207",
        }
    elif verdict is Verdict.LOAD_FAILED:
        kind, _, message = story.partition(": ")
        line = 180 + len(consumer.id)
        text = TRACEBACK.format(line=line, type=kind, message=message)
        error = Failure(type=kind, message=message, traceback=text)
        checks = dict.fromkeys(checks, "not_run")
    elif verdict is Verdict.CRASHED:
        error = Failure(type="SIGSEGV", message="The process was ended by signal 11.")
        checks = dict.fromkeys(checks, "not_run")
    elif verdict is not Verdict.IDENTICAL:
        checks = dict.fromkeys(checks, "not_run")
    if verdict in (Verdict.IDENTICAL, Verdict.DEGRADED) and _facts(producer) != _facts(consumer):
        checks |= {"config": "differs"}
        details |= {
            "config": "4 keys changed: InputLayer.batch_shape, Dense.dtype, Dense.quantization_config, name"
        }
        warnings = (
            "UserWarning: Skipping variable loading for optimizer 'adam', because it has 13 variables whereas the"
            " saved optimizer has 0 variables.",
        )
    if hostile and number % 97 == 0:
        warnings = (HOSTILE, *warnings)
        details = {**details, "structure": HOSTILE[:120]}
        if error:
            error = Failure(type="<script>Error", message=HOSTILE, traceback=HOSTILE + "\nlast line")
    return CellResult(
        producer=producer.id,
        consumer=consumer.id,
        probe=probe,
        format=form,
        verdict=verdict,
        checks=checks,
        details=details,
        lost=lost,
        max_abs_diff=5.96e-8 * (number % 7) if verdict in (Verdict.IDENTICAL, Verdict.DEGRADED) else None,
        warnings=warnings,
        output="WARNING:tensorflow: No training configuration found in the save file.\n"
        if number % 53 == 0
        else "",
        seconds=0.08 + (number % 17) / 100,
        error=error,
    )


def _seen(
    producer: EnvironmentResult, consumer: EnvironmentResult, probe: str, form: str
) -> tuple[Verdict, str]:
    old_p, old_c = _facts(producer) == 2, _facts(consumer) == 2
    if form == "savedmodel" and not old_p:
        return Verdict.UNSUPPORTED, ""
    if _unsaved(2 if old_p else 3, probe, form):
        return Verdict.SAVE_FAILED, ""
    if form == "savedmodel" and not old_c:
        return Verdict.UNSUPPORTED, ""
    same = producer.id == consumer.id
    if form == "keras":
        if producer.tensorflow.startswith("2.12"):
            if old_c:
                return Verdict.IDENTICAL, ""
            return Verdict.LOAD_FAILED, (
                "ValueError: File not found: filepath=m.keras. Please ensure the file is an accessible `.keras`"
                " zip file."
            )
        if not old_p and old_c:
            return Verdict.LOAD_FAILED, "TypeError: Unrecognized keyword arguments: ['batch_shape']"
        if old_p and not old_c:
            if probe in ("dense", "recurrent"):
                return Verdict.DEGRADED, "TypeError: unsupported operand type(s) for +: 'NoneType' and 'int'"
            return (
                Verdict.LOAD_FAILED,
                "TypeError: '>' not supported between instances of 'NoneType' and 'int'",
            )
        if old_p and consumer.tensorflow.startswith("2.12"):
            return Verdict.LOAD_FAILED, (
                "ValueError: Layer 'dense' expected 2 variables, but received 0 variables during loading."
                " Expected: ['dense/kernel:0', 'dense/bias:0']"
            )
    if form in ("keras", "h5") and consumer.keras.startswith("3.4") and producer.keras.startswith("3.15"):
        return Verdict.LOAD_FAILED, "TypeError: Unrecognized keyword arguments: {'quantization_config': None}"
    if form == "h5":
        if not old_p and old_c:
            return (
                Verdict.LOAD_FAILED,
                "TypeError: Unrecognized keyword arguments: ['batch_shape', 'optional']",
            )
        if probe == "custom_no_config" and not same:
            return Verdict.CRASHED, ""
        if not old_c:
            return Verdict.DEGRADED, 'KeyError: "Unknown variable: <KerasVariable path=dense/kernel>"'
    if form in ("weights", "checkpoint") and old_p != old_c:
        if probe == "recurrent":
            return Verdict.DIVERGENT, ""
        if form == "weights":
            return (
                Verdict.LOAD_FAILED,
                "KeyError: \"Unable to synchronously open object (object 'vars' not found)\"",
            )
    if form == "checkpoint" and probe == "preprocessing" and not same:
        return Verdict.TIMED_OUT, ""
    return Verdict.IDENTICAL, ""
