"""What a user has beside a model file (code, an architecture, inputs), looked at before any environment is made.

Nothing of it is run here. What is wrong with it is said at once, with the place, and not after minutes.
"""

import ast
import io
import json
import re
import tokenize
import zipfile
from pathlib import Path
from typing import IO

from environments.errors import UsageError
from runner.adopted import ModelFile
from runner.inspection import zip as archives

#: More than this is no code and no architecture that somebody wrote, and is not read into memory.
_MOST = 64 * 1024**2

#: Bytes by which a JSON file is told from others, and the dtype of an array: numpy takes no head of more than 10,000.
#: One may say that it has gigabytes, and a few bytes of an archive unpack to as many.
_HEAD = 64 * 1024

#: What reading damaged arrays raises: as an archive, and numpy on a damaged head.
_DAMAGED = (*archives.BROKEN, tokenize.TokenError, TypeError, KeyError, ArithmeticError, MemoryError)


def check(model: ModelFile) -> None:
    """Raises UsageError for a file that is not there, cannot be read, or is not what it is said to be."""
    if model.code is not None:
        _code(model.code)
    if model.architecture is not None:
        _architecture(model.architecture)
    if model.inputs is not None:
        _inputs(model.inputs)


def companion(path: Path) -> Path | None:
    """The JSON file that lies beside weights and goes by their name; None where there is none."""
    stem = re.sub(r"([._-]?weights?)?(\.weights)?$", "", path.stem, flags=re.IGNORECASE)
    names = (
        f"{path.stem}.json",
        f"{stem}.json",
        f"{stem}_architecture.json",
        f"{stem}_arch.json",
        "model.json",
    )
    return next((path.with_name(name) for name in names if _is_architecture(path.with_name(name))), None)


def _code(path: Path) -> None:
    text = _text(path, "--custom-objects or --probe", "Python")
    try:
        ast.parse(text, filename=str(path))
    except SyntaxError as error:
        where = f"{path}:{error.lineno}" if error.lineno else str(path)
        raise UsageError(
            f"{where} is no Python: {error.msg}. Put that right; it was named with --custom-objects or --probe."
        ) from None
    except (ValueError, RecursionError, MemoryError) as error:  # a NUL, or brackets without end
        raise UsageError(f"{path} is no Python: {str(error) or 'it is nested too deep'}.") from None


def _architecture(path: Path) -> None:
    text = _text(path, "--architecture", "JSON")
    try:
        found = json.loads(text)
    except ValueError as error:
        raise UsageError(
            f"{path} is no JSON: {error}. --architecture takes what model.to_json() gives."
        ) from None
    except RecursionError:
        raise UsageError(f"{path} is no architecture: it is nested too deep.") from None
    if not isinstance(found, dict) or "class_name" not in found:
        raise UsageError(
            f"{path} is JSON, but no architecture of a model. --architecture takes what model.to_json() gives."
        )


def _inputs(path: Path) -> None:
    """By the heads of its arrays alone; how the model likes them is seen when it gets them."""
    from numpy.lib import format as npy  # takes a while, and few questions come with inputs

    hint = "Write one with numpy.savez(file, name_of_the_input=array, ...)."
    try:
        with _opened(path, "--inputs") as stream, zipfile.ZipFile(stream) as whole:
            names = [name for name in whole.namelist() if name.endswith(".npy")]
            if not names:
                raise UsageError(f"{path} holds no arrays. {hint}")
            for name in names:
                with whole.open(name) as member:
                    head = io.BytesIO(member.read(_HEAD))
                read = (
                    npy.read_array_header_1_0 if npy.read_magic(head) == (1, 0) else npy.read_array_header_2_0
                )
                _, _, kind = read(head)
                if kind.hasobject:
                    raise UsageError(
                        f"{path}: the array {name.removesuffix('.npy')!r} holds Python objects, which are not "
                        f"read: that could run code. Give it a plain dtype. {hint}"
                    )
    except _DAMAGED as error:
        reason = (
            str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
        )
        raise UsageError(f"{path} is no npz file: {reason}. {hint}") from None


def _text(path: Path, option: str, what: str) -> str:
    with _opened(path, option) as stream:
        found = stream.read(_MOST + 1)
    if len(found) > _MOST:
        raise UsageError(f"{path} is larger than {_MOST >> 20} MiB, so it is no {what} that somebody wrote.")
    try:
        return found.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is no {what}: byte {error.start} is no UTF-8. Name another file with {option}."
        ) from None


def _opened(path: Path, option: str) -> IO[bytes]:
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for
            raise UsageError(f"{path} is no regular file. Name one with {option}.")
        return path.open("rb")
    except (OSError, RuntimeError) as error:  # a loop of links is either, by version
        if isinstance(error, FileNotFoundError):
            raise UsageError(f"There is no file {path}; it was named with {option}.") from None
        reason = (isinstance(error, OSError) and error.strerror) or str(error)
        raise UsageError(f"{path} cannot be read: {reason}. Name another file with {option}.") from None


def _is_architecture(path: Path) -> bool:
    """Whether a file is JSON that names a class, as far as its beginning tells: weights go by such names, too."""
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError:
        return False
    return head.lstrip()[:1] == b"{" and b'"class_name"' in head
