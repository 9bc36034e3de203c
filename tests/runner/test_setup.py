from collections.abc import Callable
from pathlib import Path
from threading import Event as Flag

import pytest

from environments import lock as locks
from environments.engines.docker_images import mirrored
from environments.errors import ConfigurationError, InfrastructureError, UsageError
from environments.matrix import Matrix, load
from environments.spec import Environment
from runner import setup
from runner.setup import Choice
from runner.store import Store
from tests.runner.fakes import make_lock

MATRIX = """\
version: 1
matrix: {tensorflow: ["2.15.1", "2.18.1"], include: [{id: company, image: "registry.example/serving:1"}]}
bases: {cpu: {image: "python:{python}-slim"}}
selections: {default: ["tf*"]}
probes: [dense]
formats: [keras, h5]
"""


@pytest.fixture
def matrix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Matrix:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(locks, "SHIPPED", tmp_path / "shipped")
    (tmp_path / "m.yaml").write_text(MATRIX)
    found = load(Path("m.yaml"))
    for item in found.environments:
        if item.locked:
            locks.write(make_lock(item), locks.beside(found.path))
    return found


class Docker:
    """As much of the docker engine as is asked before it is chosen."""

    name = "docker"

    def __init__(self, why: str = "") -> None:
        self._why = why

    def imageless(self, environments: object, **more: object) -> str:
        return self._why

    def close(self) -> None:
        pass


def planned(**more: object) -> setup.Planned:
    choice = Choice(matrix=Path("m.yaml"), **more)  # type: ignore[arg-type]
    return setup.planned(choice, cancel=Flag(), say=lambda line: None)


def environment(matrix: Matrix, name: str) -> Environment:
    return next(item for item in matrix.environments if item.id == name)


def test_a_plan_is_what_the_matrix_says(matrix: Matrix) -> None:
    plan = planned().plan
    assert [item.id for item in plan.environments] == ["tf2.15.1-cpu", "tf2.18.1-cpu"]
    assert [probe.name for probe in plan.probes] == ["dense"]
    assert plan.formats == ("keras", "h5")
    assert set(plan.locks) == {"tf2.15.1-cpu", "tf2.18.1-cpu"}


def test_an_image_needs_no_lock(matrix: Matrix) -> None:
    plan = planned(select=("*",)).plan
    assert [item.id for item in plan.environments][-1] == "company"
    assert "company" not in plan.locks


def test_options_win_over_the_matrix(matrix: Matrix) -> None:
    plan = planned(select=("tf2.18*",), probes=("recurrent",), formats=("weights",)).plan
    assert [item.id for item in plan.environments] == ["tf2.18.1-cpu"]
    assert [probe.name for probe in plan.probes] == ["recurrent"]
    assert plan.formats == ("weights",)


def test_probes_of_the_matrix_are_beside_it_and_those_of_an_option_are_here(
    matrix: Matrix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe = "def build_model(): ...\ndef inputs(): ...\n"
    (tmp_path / "mine.py").write_text(probe)
    (tmp_path / "m.yaml").write_text(MATRIX.replace("[dense]", "[./mine.py]"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    choice = Choice(matrix=tmp_path / "m.yaml")
    found = setup.planned(choice, cancel=Flag(), say=lambda line: None).plan.probes
    assert [item.path for item in found] == [(tmp_path / "mine.py").resolve()]
    with pytest.raises(ConfigurationError, match="cannot be read"):
        setup.planned(
            Choice(matrix=tmp_path / "m.yaml", probes=("./mine.py",)), cancel=Flag(), say=lambda line: None
        )


def test_one_probe_can_be_picked_by_name(matrix: Matrix, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def build_model(): ...\ndef inputs(): ...\n")
    (tmp_path / "m.yaml").write_text(MATRIX.replace("[dense]", "[./mine.py]"))
    found = load(Path("m.yaml"))
    assert setup.with_probe(Choice(matrix=Path("m.yaml")), found, "mine").probes == (
        str((tmp_path / "mine.py").resolve()),
    )
    assert setup.with_probe(Choice(matrix=Path("m.yaml")), found, "dense").probes == ("dense",)


def test_faults_of_the_matrix_are_for_the_probes_of_the_matrix(matrix: Matrix) -> None:
    Path("m.yaml").write_text(MATRIX + "faults: {dense: [bit_flip]}\n")
    plan = planned().plan
    assert [probe.name for probe in plan.probes] == ["dense", "dense+bit_flip"]
    assert plan.probe("dense+bit_flip").fault == "bit_flip"
    assert [probe.name for probe in planned(probes=("dense", "recurrent+killed")).plan.probes] == [
        "dense",
        "recurrent+killed",
    ]
    Path("m.yaml").write_text(MATRIX + "faults: {dnse: [bit_flip]}\n")
    with pytest.raises(ConfigurationError, match=r"did you mean 'dense'\?"):
        planned()
    assert planned(probes=("dense",)).plan.probes


def test_one_broken_probe_can_be_picked_by_name(matrix: Matrix, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def build_model(): ...\ndef inputs(): ...\n")
    (tmp_path / "m.yaml").write_text(MATRIX.replace("[dense]", "[./mine.py]"))
    found = load(Path("m.yaml"))
    for name, word in (("mine", f"{(tmp_path / 'mine.py').resolve()}"), ("dense", "dense")):
        picked = setup.with_probe(Choice(matrix=Path("m.yaml")), found, f"{name}+killed").probes
        assert picked == (f"{word}+killed",)
        assert planned(probes=picked).plan.probes[0].fault == "killed"


def test_unknown_words_get_a_proposal(matrix: Matrix) -> None:
    with pytest.raises(UsageError, match=r"There is no format 'kears' \(did you mean 'keras'\?\)"):
        planned(formats=("kears",))
    with pytest.raises(UsageError, match=r"did you mean 'tf2.18.1-cpu'\?"):
        planned(select=("tf2.18.2-cpu",))


def test_every_lock_that_is_wrong_is_told_at_once(matrix: Matrix) -> None:
    folder = locks.beside(matrix.path)
    (folder / "tf2.15.1-cpu.txt").unlink()
    path = folder / "tf2.18.1-cpu.txt"
    path.write_bytes(path.read_bytes().replace(b"2.15.0", b"2.15.1"))
    with pytest.raises(ConfigurationError) as caught:
        planned()
    first, second = str(caught.value).splitlines()
    assert first.startswith("The environment tf2.15.1-cpu has no lock: ")
    assert first.endswith("Type: crossload envs lock tf2.15.1-cpu")
    assert "was edited after it was made" in second
    assert second.endswith("Type: crossload envs lock tf2.18.1-cpu")


def test_shipped_locks_serve_a_copy_of_the_matrix(matrix: Matrix, tmp_path: Path) -> None:
    beside = locks.beside(matrix.path)
    assert beside == tmp_path / "environments" / "locks"
    one, two = environment(matrix, "tf2.15.1-cpu"), environment(matrix, "tf2.18.1-cpu")
    (tmp_path / "shipped").mkdir()
    (beside / "tf2.15.1-cpu.txt").rename(tmp_path / "shipped" / "tf2.15.1-cpu.txt")
    assert locks.folder_of(matrix.path, one) == tmp_path / "shipped"
    assert locks.folder_of(matrix.path, two) == beside
    assert set(planned().plan.locks) == {"tf2.15.1-cpu", "tf2.18.1-cpu"}
    locks.write(make_lock(one), beside)  # one's own comes first
    assert locks.folder_of(matrix.path, one) == beside


def test_a_lock_that_is_nowhere_belongs_beside_the_matrix(matrix: Matrix) -> None:
    new = Environment(id="new", tensorflow="2.21.0")
    assert locks.folder_of(matrix.path, new) == locks.beside(matrix.path)


def test_the_shipped_locks_are_where_they_are_looked_for() -> None:
    assert (locks.SHIPPED / "tf2.15.1-cpu.txt").is_file()


def no_docker() -> tuple[bool, str]:
    return False, "No Docker daemon answers."


def a_docker() -> tuple[bool, str]:
    return True, ""


@pytest.mark.parametrize(
    ("asked", "detect", "name", "notes"),
    [
        ("venv", a_docker, "venv", 0),
        ("auto", a_docker, "docker", 0),
        ("auto", no_docker, "venv", 1),
    ],
)
def test_the_engine_is_the_one_that_was_asked_for_or_the_one_that_is_there(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    asked: str,
    detect: Callable[[], tuple[bool, str]],
    name: str,
    notes: int,
) -> None:
    monkeypatch.setattr(setup, "detect", detect)
    monkeypatch.setattr("environments.engines.docker.DockerEngine", lambda **given: Docker())
    said: list[str] = []
    choice = Choice(matrix=Path("m.yaml"), engine=asked)
    engine, found = setup.engine_for(choice, Store(tmp_path), [], cancel=Flag(), say=said.append)
    assert engine.name == name
    assert len(found) == notes
    assert list(found) == said
    if notes:
        assert said == [
            "No Docker daemon answers. The venv engine is used instead: same locks, same checks, no sandbox."
        ]


def test_a_daemon_that_cannot_get_any_image_is_no_engine_unless_it_was_asked_for(
    matrix: Matrix, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "detect", a_docker)
    monkeypatch.setattr(
        "environments.engines.docker.DockerEngine",
        lambda **given: Docker(why="python:3.11-slim is not there."),
    )
    store, said = Store(Path("state")), list[str]()
    engine, notes = setup.engine_for(
        Choice(matrix=Path("m.yaml")), store, matrix.environments, cancel=Flag(), say=said.append
    )
    assert (engine.name, list(notes)) == ("venv", said)
    assert said[0].startswith("python:3.11-slim is not there. The venv engine is used instead")
    asked = Choice(matrix=Path("m.yaml"), engine="docker")
    engine, notes = setup.engine_for(asked, store, matrix.environments, cancel=Flag(), say=said.append)
    assert (engine.name, notes) == ("docker", ())


@pytest.mark.parametrize(
    ("own", "typed", "pulled"),
    [
        ("", "", "python:3.11-slim"),
        ("own.example:5000", "", "own.example:5000/python:3.11-slim"),
        ("", "typed.example", "typed.example/python:3.11-slim"),
        ("own.example:5000", "typed.example", "typed.example/python:3.11-slim"),
    ],
)
def test_the_registry_mirror_that_is_typed_stands_alone(
    matrix: Matrix, monkeypatch: pytest.MonkeyPatch, own: str, typed: str, pulled: str
) -> None:
    Path("m.yaml").write_text(MATRIX + (f"registry_mirror: {own}\n" if own else ""))
    given: dict[str, str] = {}
    monkeypatch.setattr(setup, "detect", a_docker)
    monkeypatch.setattr(
        "environments.engines.docker.DockerEngine",
        lambda *, state, registry_mirror: given.update(m=registry_mirror),
    )
    choice = Choice(matrix=Path("m.yaml"), engine="docker", registry_mirror=typed)
    setup.engine_for(choice, Store(Path("state")), [], cancel=Flag(), say=print)
    base = setup.planned(choice, cancel=Flag(), say=print).plan.environment("tf2.15.1-cpu").base_image
    assert mirrored(base, given["m"]) == pulled


def test_a_folder_is_tried_before_anything_runs(tmp_path: Path) -> None:
    setup.writable(tmp_path / "new" / "state", "--state")
    assert list((tmp_path / "new" / "state").iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(InfrastructureError, match=r"Not a directory\. .* --state DIR"):
        setup.writable(tmp_path / "file" / "state", "--state")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="This system has no /dev/full.")
def test_a_full_disk_is_seen_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / ".trial").symlink_to("/dev/full")
    with pytest.raises(InfrastructureError, match="No space left on device"):
        setup.writable(tmp_path, "--site")


def test_a_floating_environment_keeps_the_lock_of_its_run(matrix: Matrix) -> None:
    text = MATRIX.replace('"2.15.1", ', "").replace("include: [", "include: [{tensorflow: nightly}, ")
    Path("m.yaml").write_text(text)
    (nightly,) = (item for item in load(Path("m.yaml")).environments if item.floating)
    kept = make_lock(nightly, "keras-nightly==3.16.0.dev1\ntf-nightly==2.23.0.dev1\n")
    locks.write(kept, Store(Path(".crossload")).artifacts / "locks")
    said: list[str] = []
    choice = Choice(matrix=Path("m.yaml"), select=(nightly.id,))
    assert setup.planned(choice, cancel=Flag(), say=said.append).plan.locks == {nightly.id: kept}
    assert said == []
