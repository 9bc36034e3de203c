"""Where a migrated model is written: beside its place, then renamed; never over the file that it came from."""

import os
import shutil
import tempfile
from pathlib import Path

from environments.errors import InfrastructureError, UsageError

#: Format -> the ending of its name. Folders have none.
ENDINGS = {"keras": ".keras", "h5": ".h5", "weights": ".weights.h5"}
#: What a SavedModel folder has, and no other folder that is worth keeping.
_MARKS = ("saved_model.pb", "saved_model.pbtxt")


def format_of(out: Path | None, asked: str) -> str:
    """The format of the result: as asked, else as the name of ``out`` ends; empty where neither says.

    Raises UsageError where the two do not fit: Keras chooses its reader by the name.
    """
    if out is None:
        return asked
    name = out.name.lower()
    endings = ((".weights.h5", "weights"), (".keras", "keras"), (".h5", "h5"), (".hdf5", "h5"))
    told = next((word for ending, word in endings if name.endswith(ending)), "")
    if not told and not asked:
        raise UsageError(
            f"The name {out} does not say what to write. End it in .keras or .h5, or say --format savedmodel."
        )
    if told and asked and told != asked:
        raise UsageError(f"{out} is the name of a {told} file and --format says {asked}. Change one of them.")
    if not told and asked in ENDINGS:
        raise UsageError(f"A file of the format {asked} ends in {ENDINGS[asked]}: -o {out}{ENDINGS[asked]}")
    return asked or told


def suggested(model: Path, target: str, format_name: str) -> Path:
    """Where it is written if the user names no place: here, by the model's name and the target's."""
    whole = model.absolute().name
    stem = whole
    for ending in (".weights.h5", ".keras", ".hdf5", ".h5"):
        if whole.lower().endswith(ending):
            stem = whole[: -len(ending)]
            break
    return Path(f"{stem}-{target}{ENDINGS.get(format_name, '')}")


def free(out: Path, model: Path, *, force: bool) -> None:
    """Make sure that ``out`` may be written. Raises UsageError with what to type instead."""
    real, source = (
        Path(os.path.realpath(out)),
        Path(os.path.realpath(model)),
    )  # a loop of links is no trouble here
    if real == source or source in real.parents or real in source.parents:
        raise UsageError(f"{out} is the model itself, which is never changed. Name another place with -o.")
    if not out.parent.is_dir():
        raise UsageError(f"There is no folder {out.parent} to write {out.name} to. Make it, or name another.")
    if not os.access(out.parent, os.W_OK | os.X_OK):
        raise InfrastructureError(f"{out} cannot be written: Permission denied. Name another place with -o.")
    if not os.path.lexists(out):
        return
    if not force:
        raise UsageError(f"{out} exists. Name another place with -o, or replace it: --force")
    if out.is_dir() and not out.is_symlink() and not any((out / mark).is_file() for mark in _MARKS):
        raise UsageError(f"{out} is a folder and no SavedModel, so it is not replaced. Name another place.")


def write(payload: Path, out: Path, *, force: bool) -> None:
    """Copy a file or folder to ``out``: beside it first, then renamed.

    Raises InfrastructureError when it cannot be written, and UsageError when ``out`` has come into being meanwhile.
    """
    try:
        aside = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
        try:
            part = aside / "new"
            if payload.is_dir():
                shutil.copytree(payload, part)
            else:
                shutil.copyfile(payload, part)
            _put(part, out, aside / "old", force)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        raise InfrastructureError(
            f"{out} cannot be written: {error.strerror}. Free some space, or name another place with -o."
        ) from error


def _put(part: Path, out: Path, old: Path, force: bool) -> None:
    if os.path.lexists(out):
        if not force:
            raise UsageError(f"{out} has come into being meanwhile and is left as it is. Run it again.")
        if part.is_dir() or (out.is_dir() and not out.is_symlink()):
            out.rename(old)  # a folder does not go over another in one step
    part.rename(out)
