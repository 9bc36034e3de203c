"""What is written, where, and what is never written over."""

from pathlib import Path

import pytest

from environments.errors import UsageError
from runner.upgrade.migrate_out import format_of, free, suggested, write


@pytest.mark.parametrize(
    ("out", "asked", "expected"),
    [
        (None, "", ""),
        (None, "h5", "h5"),
        ("m.keras", "", "keras"),
        ("M.KERAS", "keras", "keras"),
        ("m.h5", "", "h5"),
        ("m.hdf5", "", "h5"),
        ("m.weights.h5", "", "weights"),
        ("folder", "savedmodel", "savedmodel"),
        ("folder", "export", "export"),
    ],
)
def test_the_name_says_the_format(out: str | None, asked: str, expected: str) -> None:
    assert format_of(Path(out) if out else None, asked) == expected


@pytest.mark.parametrize(
    ("out", "asked", "said"),
    [
        ("model", "", "End it in .keras or .h5"),
        ("m.keras", "h5", "is the name of a keras file and --format says h5"),
        ("m.h5", "savedmodel", "is the name of a h5 file and --format says savedmodel"),
        ("model", "keras", "ends in .keras: -o model.keras"),
    ],
)
def test_a_name_that_no_reader_would_understand_is_refused(out: str, asked: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        format_of(Path(out), asked)


@pytest.mark.parametrize(
    ("model", "format_name", "expected"),
    [
        ("models/age.h5", "keras", "age-tf2.21.0-cpu.keras"),
        ("age.weights.h5", "weights", "age-tf2.21.0-cpu.weights.h5"),
        ("models/saved.v1", "savedmodel", "saved.v1-tf2.21.0-cpu"),
    ],
)
def test_without_a_name_it_goes_here(model: str, format_name: str, expected: str) -> None:
    assert suggested(Path(model), "tf2.21.0-cpu", format_name) == Path(expected)


def test_the_model_itself_is_never_written_over(tmp_path: Path) -> None:
    model = tmp_path / "saved"
    model.mkdir()
    (model / "saved_model.pb").write_bytes(b"graph")
    (tmp_path / "link").symlink_to(model)
    for out in (model, tmp_path / "link", model / "m.keras", tmp_path / "." / "saved"):
        with pytest.raises(UsageError, match="never changed"):
            free(out, model, force=True)


def test_what_exists_is_replaced_only_by_force(tmp_path: Path) -> None:
    model, out, payload = tmp_path / "m.h5", tmp_path / "out.keras", tmp_path / "payload"
    for path, text in ((model, "model"), (out, "old"), (payload, "new")):
        path.write_text(text)
    with pytest.raises(UsageError, match="--force"):
        free(out, model, force=False)
    with pytest.raises(UsageError, match="meanwhile"):
        write(payload, out, force=False)
    assert out.read_text() == "old"
    free(out, model, force=True)
    write(payload, out, force=True)
    assert (out.read_text(), payload.read_text()) == ("new", "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.h5", "out.keras", "payload"]


def test_a_folder_that_is_no_saved_model_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    with pytest.raises(UsageError, match="no SavedModel"):
        free(tmp_path / "photos", tmp_path / "m.h5", force=True)


def test_folders_are_written_whole_in_the_place_of_others(tmp_path: Path) -> None:
    payload, out = tmp_path / "payload", tmp_path / "out"
    (payload / "variables").mkdir(parents=True)
    (payload / "saved_model.pb").write_text("new")
    (payload / "variables" / "variables.index").write_text("index")
    out.mkdir()
    (out / "saved_model.pb").write_text("old")
    (out / "left over").write_text("old")
    free(out, tmp_path / "m.h5", force=True)
    write(payload, out, force=True)
    assert (out / "saved_model.pb").read_text() == "new"
    assert sorted(path.name for path in out.iterdir()) == ["saved_model.pb", "variables"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "payload"]


def test_a_place_that_is_not_there_is_told_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no folder"):
        free(tmp_path / "none" / "m.keras", tmp_path / "m.h5", force=False)
