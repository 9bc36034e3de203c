import stat
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from environments.errors import ConfigurationError, InfrastructureError
from environments.lock import Lock, assemble, inputs_sha256, read, write
from environments.spec import Environment

ENVIRONMENT = Environment(
    id="tf2.18.1-legacy-cpu", tensorflow="2.18.1", keras="legacy", as_of=date(2025, 3, 20)
)
BODY = """\
numpy==1.26.4 \\
    --hash=sha256:aaaa \\
    --hash=sha256:bbbb
tf-keras==2.18.0 \\
    --hash=sha256:cccc
"""


@pytest.fixture
def kept(tmp_path: Path) -> Lock:
    lock = assemble(ENVIRONMENT, BODY)
    write(lock, tmp_path)
    return lock


def refused(environment: Environment, directory: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read(environment, directory)
    message = str(caught.value)
    assert message.endswith(f" Type: crossload envs lock {environment.id}")
    return message


def test_a_lock_is_read_as_it_was_written(kept: Lock, tmp_path: Path) -> None:
    assert read(ENVIRONMENT, tmp_path) == kept
    assert kept.environment_id == "tf2.18.1-legacy-cpu"
    assert kept.packages == (("numpy", "1.26.4"), ("tf-keras", "2.18.0"))
    assert kept.text.endswith(BODY)


def test_the_head_tells_people_what_it_is(kept: Lock) -> None:
    head = kept.text.removesuffix(BODY).splitlines()
    assert head[0] == "# crossload lock 1: tf2.18.1-legacy-cpu"
    assert head[3:] == [
        "# Resolved for Python 3.11, x86_64-manylinux_2_28, as the registry was on 2025-03-20, from:",
        "#   tensorflow-cpu==2.18.1",
        "#   tf-keras~=2.18.0",
        "#   tensorflow; sys_platform == 'never'",
        "# Not edited by hand. To make it anew: crossload envs lock tf2.18.1-legacy-cpu",
        "",
    ]


def test_no_lock(tmp_path: Path) -> None:
    said = refused(ENVIRONMENT, tmp_path / "none")
    assert said.startswith("The environment tf2.18.1-legacy-cpu has no lock: there is no file ")


@pytest.mark.parametrize(
    "moved",
    [
        replace(ENVIRONMENT, as_of=None),
        replace(ENVIRONMENT, python="3.12"),
        replace(ENVIRONMENT, keras="bundled"),
        replace(ENVIRONMENT, tensorflow="2.18.0"),
        replace(ENVIRONMENT, packages=("pandas",)),
        replace(ENVIRONMENT, device="cuda"),
    ],
)
def test_a_matrix_that_moved_on(moved: Environment, kept: Lock, tmp_path: Path) -> None:
    assert kept.environment_id == moved.id
    assert "does not match the matrix: tf2.18.1-legacy-cpu asks for something else now." in refused(
        moved, tmp_path
    )


def test_limits_and_variables_do_not_make_a_lock_stale(kept: Lock, tmp_path: Path) -> None:
    moved = replace(ENVIRONMENT, timeout=5.0, memory=1, variables=(("A", "b"),), base_image="x")
    assert read(moved, tmp_path) == kept


def test_the_lock_of_another(kept: Lock, tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text(kept.text)
    assert "does not match the matrix" in refused(replace(ENVIRONMENT, id="other"), tmp_path)


@pytest.mark.parametrize(
    ("old", "new"), [("1.26.4", "1.26.5"), ("    --hash=sha256:bbbb", ""), (BODY, ""), ("numpy", "\n\nnumpy")]
)
def test_an_edited_lock(old: str, new: str, kept: Lock, tmp_path: Path) -> None:
    (tmp_path / "tf2.18.1-legacy-cpu.txt").write_text(kept.text.replace(old, new))
    assert "was edited after it was made" in refused(ENVIRONMENT, tmp_path)


@pytest.mark.parametrize("data", [b"", b"numpy==1.26.4\n", b"# crossload lock 2: x\n", b"\xff\xfe"])
def test_what_is_no_lock(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "tf2.18.1-legacy-cpu.txt").write_bytes(data)
    said = refused(ENVIRONMENT, tmp_path)
    assert "is not a lock of this crossload" in said or "cannot be read" in said


def test_a_lock_is_replaced_whole(kept: Lock, tmp_path: Path) -> None:
    path = write(assemble(ENVIRONMENT, "numpy==2.0.0 \\\n    --hash=sha256:dddd\n"), tmp_path)
    assert read(ENVIRONMENT, tmp_path).packages == (("numpy", "2.0.0"),)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert kept.text != path.read_text()


def test_a_place_that_cannot_be_written(kept: Lock, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(
        InfrastructureError, match=r"cannot be written in .*: Not a directory\.|File exists\."
    ):
        write(kept, tmp_path / "file")


def test_what_is_asked_for_decides_the_hash_of_the_inputs() -> None:
    assert inputs_sha256(ENVIRONMENT) == inputs_sha256(replace(ENVIRONMENT, id="x", timeout=1.0))
    assert inputs_sha256(ENVIRONMENT) != inputs_sha256(replace(ENVIRONMENT, as_of=date(2025, 3, 21)))
