"""What lies beside a model is fine or is refused with a sentence, whatever is in it."""

import json
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.errors import UsageError
from runner.adopted import ModelFile
from runner.upgrade.belongings import check, companion

MODEL = Path("model.h5")


def refused(model: ModelFile) -> str:
    """The sentence; empty where it is let pass."""
    try:
        check(model)
    except UsageError as error:
        return str(error)
    return ""


def test_what_is_as_it_should_be_is_let_pass(tmp_path: Path) -> None:
    code, architecture, inputs = tmp_path / "layers.py", tmp_path / "m.json", tmp_path / "x.npz"
    code.write_text("\ufeffclass Mine:\n    pass\n", encoding="utf-8")
    architecture.write_text(json.dumps({"class_name": "Sequential", "config": []}))
    np.savez_compressed(inputs, x=np.ones((2, 3)), words=np.array(["a", "b"]))
    check(ModelFile(path=MODEL, code=code, architecture=architecture, inputs=inputs))


@given(st.binary(max_size=400))
@pytest.mark.parametrize("name", ["code", "architecture", "inputs"])
def test_whatever_is_in_it_there_is_a_sentence_or_nothing(
    name: str, tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("beside") / "file"
    path.write_bytes(content)
    said = refused(ModelFile(path=MODEL, **{name: path}))
    assert not said or str(path) in said
    assert "\n" not in said


@given(st.binary(min_size=1, max_size=60), st.integers(0, 600))
def test_a_damaged_archive_of_arrays_is_a_sentence_too(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, place: int
) -> None:
    path = tmp_path_factory.mktemp("beside") / "x.npz"
    np.savez(path, x=np.ones((2, 3)))
    whole = path.read_bytes()
    path.write_bytes(whole[:place] + content + whole[place + len(content) :])
    said = refused(ModelFile(path=MODEL, inputs=path))
    assert not said or str(path) in said


@pytest.mark.parametrize("name", ["code", "architecture"])
def test_what_is_nested_without_end_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "deep"
    path.write_text("[" * 200_000)
    with pytest.raises(UsageError, match=r"is no|too deep"):
        check(ModelFile(path=MODEL, **{name: path}))


def test_what_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.py"
    with path.open("wb") as out:
        out.truncate(3 << 30)
    with pytest.raises(UsageError, match="larger than 64 MiB"):
        check(ModelFile(path=MODEL, code=path))


def test_a_head_without_end_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("x.npy", "w") as member:
        member.write(b"\x93NUMPY\x02\x00" + (1 << 31).to_bytes(4, "little"))
        for _ in range(64):
            member.write(bytes(1 << 20))
    tracemalloc.start()
    try:
        with pytest.raises(UsageError, match="is no npz file"):
            check(ModelFile(path=MODEL, inputs=path))
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_the_architecture_that_lies_beside_weights(tmp_path: Path) -> None:
    weights = tmp_path / "KERAS_3layer_weights.h5"
    assert companion(weights) is None
    (tmp_path / "KERAS_3layer.json").write_bytes(b"\x89HDF weights by that name")
    assert companion(weights) is None
    (tmp_path / "KERAS_3layer.json").write_text('{"class_name": "Model"}')
    assert companion(weights) == tmp_path / "KERAS_3layer.json"
    assert companion(tmp_path / "KERAS_3layer.weights.h5") == tmp_path / "KERAS_3layer.json"
