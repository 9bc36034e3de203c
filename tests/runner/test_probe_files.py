import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.errors import ConfigurationError
from runner.agent.faults import FAULTS
from runner.probe_files import BUILT_IN, find, with_faults

GOOD = '"""What it shows.\n\nMore."""\ndef build_model(): ...\ndef inputs(): ...\n'


def refused(folder: Path, *words: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        find(words, folder)
    return str(caught.value)


def test_all_built_in_probes_can_be_found_and_say_why() -> None:
    found = find(["*"], Path())
    assert len(found) >= 8
    assert {probe.name for probe in found} >= {"dense", "recurrent", "subclassed", "custom_no_config"}
    assert all(probe.why.endswith(".") and probe.source == probe.name for probe in found)
    assert all(probe.path.parent.parent == BUILT_IN.resolve() for probe in found)
    assert all(probe.tags[0] == probe.path.parent.name for probe in found)


def test_a_glob_and_a_name_may_say_the_same(tmp_path: Path) -> None:
    assert [probe.name for probe in find(["conv_batch*", "dense", "conv_batchnorm"], tmp_path)] == [
        "conv_batchnorm",
        "dense",
    ]


def test_a_file_of_ones_own_is_named_by_its_path(tmp_path: Path) -> None:
    folder = tmp_path / "my models"
    folder.mkdir()
    (folder / "größe 模.py").write_text(GOOD)
    (probe,) = find(["./my models/größe 模.py"], tmp_path)
    assert probe.name == "größe 模"
    assert probe.why == "What it shows."
    assert probe.source == "./my models/größe 模.py"
    assert probe.path == (folder / "größe 模.py").resolve()
    assert probe.sha256 == hashlib.sha256(GOOD.encode()).hexdigest()


def test_home_is_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.py").write_text(GOOD)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert find(["~/mine.py"], Path("/"))[0].path == (tmp_path / "mine.py").resolve()
    assert "cannot be read" in refused(tmp_path, "~nobody-is-called-so/mine.py")


def test_a_name_that_is_unknown_gets_a_proposal(tmp_path: Path) -> None:
    said = refused(tmp_path, "dence")
    assert said.startswith("There is no built-in probe 'dence' (did you mean 'dense'?). See all ")
    assert "crossload plan --probe '*'" in said
    assert len(said) < 200
    assert said.endswith("A file of your own is named by its path: ./dence.py")


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "dense.py").write_text(GOOD)
    assert "Two probes are called 'dense': dense and ./dense.py. Rename one" in refused(
        tmp_path, "*", "./dense.py"
    )


def test_one_file_by_two_paths_is_one_probe(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(GOOD)
    assert len(find(["./a.py", str(tmp_path / "a.py")], tmp_path)) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def build_model(:\n", "is not Python: invalid syntax"),
        ("x = 1\0", "is not Python"),
        ("", "has no build_model() and no inputs()"),
        ("def build_model(): ...\n", "has no inputs()"),
        ("class A:\n  def build_model(): ...\n  def inputs(): ...\n", "has no build_model() and no inputs()"),
        ("-" * 100_000 + "1", "The probe ./p.py"),
    ],
)
def test_a_file_that_cannot_be_a_probe_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "p.py").write_text(text)
    said = refused(tmp_path, "./p.py")
    assert reason in said
    assert str(tmp_path / "p.py") in said


@pytest.mark.parametrize(
    "text",
    [
        "build_model = inputs = None",
        "from models import build_model, inputs",
        "from models import *",
        "from models import make as build_model\nif True:\n  def inputs(): ...",
        'def build_model(): return "\\d"\ndef inputs(): ...',
        "try:\n  from a import build_model\nexcept ImportError:\n  from b import build_model\ninputs = lambda: 1",
    ],
)
def test_names_may_be_bound_in_any_way(tmp_path: Path, text: str) -> None:
    (tmp_path / "p.py").write_text(text)
    assert find(["./p.py"], tmp_path)[0].why == ""


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "huge.py").touch()
    os.truncate(tmp_path / "huge.py", 5 * 1024**2)
    assert "it is not a file" in refused(tmp_path, "./pipe.py")
    assert "it is not a file" in refused(tmp_path, "./folder.py")
    assert "it is not a file" in refused(tmp_path, "/dev/zero")
    assert "it has more than 4 MiB" in refused(tmp_path, "./huge.py")
    assert "No such file or directory" in refused(tmp_path, "./none.py")
    assert "null byte" in refused(tmp_path, "a\0/b.py")
    assert "cannot be read" in refused(tmp_path, "x" * 300 + ".py")


def test_a_name_that_would_speak_to_the_terminal_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a\x1b[31m.py").write_text(GOOD)
    assert "'./a\\x1b[31m.py' has a name that cannot be shown" in refused(tmp_path, "./a\x1b[31m.py")
    assert "has a name that cannot be shown" in refused(tmp_path, "./\udcff.py")


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
def test_no_text_breaks_it(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("probe")
    (folder / "p.py").write_text(text, encoding="utf-8", errors="replace")
    assert "./p.py" in refused(folder, "./p.py")


def test_a_tag_chooses_what_has_it() -> None:
    found = find(["tag:custom"], Path())
    assert {"custom_no_config", "custom_registered"} <= {probe.name for probe in found}
    assert all("custom" in probe.tags for probe in found)


def test_a_tag_that_nothing_has_is_a_mistake(tmp_path: Path) -> None:
    assert "No built-in probe has the tag 'custon' (did you mean 'custom'?)" in refused(
        tmp_path, "tag:custon"
    )


def test_constants_are_read_and_never_run(tmp_path: Path) -> None:
    text = GOOD + 'TAGS = ("rnn",)\nFORMATS = ["h5"]\nREQUIRES = {"keras": ">=2.9", "tensorflow": ""}\n'
    (tmp_path / "mine.py").write_text(text)
    (probe,) = find(["./mine.py"], tmp_path)
    assert (probe.tags, probe.formats) == (("rnn",), ("h5",))
    assert probe.requires == {"keras": ">=2.9", "tensorflow": ""}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("TAGS = tuple(open('/etc/passwd'))", "TAGS that has to be run to be known"),
        ("TAGS = {[]: 1}", "TAGS that has to be run to be known"),
        ("TAGS = 'rnn'", "TAGS that is no tuple of strings"),
        ("FORMATS = (1,)", "FORMATS that is no tuple of strings"),
        ("REQUIRES = {'keras': 'new'}", "REQUIRES that cannot be read"),
        ("REQUIRES = {'torch': '>=2'}", "REQUIRES that cannot be read"),
        ("REQUIRES = ['keras']", "REQUIRES that cannot be read"),
        ("REQUIRES = {'keras': 3}", "REQUIRES that cannot be read"),
    ],
)
def test_constants_that_cannot_be_read_are_mistakes(tmp_path: Path, line: str, told: str) -> None:
    (tmp_path / "mine.py").write_text(GOOD + line + "\n")
    assert told in refused(tmp_path, "./mine.py")


def test_after_a_plus_stands_what_is_broken(tmp_path: Path) -> None:
    (dense,) = find(["dense"], tmp_path)
    (broken,) = find(["dense+bit_flip"], tmp_path)
    assert (broken.name, broken.fault, broken.source) == ("dense+bit_flip", "bit_flip", "dense+bit_flip")
    assert (broken.path, broken.tags) == (dense.path, dense.tags)
    assert broken.why == FAULTS["bit_flip"]
    assert broken.sha256 == hashlib.sha256(f"{dense.sha256} bit_flip".encode()).hexdigest()
    assert [probe.fault for probe in find(["dense+*"], tmp_path)] == list(FAULTS)
    both = find(["tag:custom+bit_flip", "custom_no_config"], tmp_path)
    assert {"custom_no_config+bit_flip", "custom_registered+bit_flip"} <= {probe.name for probe in both}
    assert "custom_no_config" in [probe.name for probe in both]


def test_a_file_of_ones_own_may_be_broken_too(tmp_path: Path) -> None:
    (tmp_path / "a+b").mkdir()
    (tmp_path / "a+b" / "mine+x.py").write_text(GOOD)
    assert [probe.name for probe in find(["./a+b/mine+x.py"], tmp_path)] == ["mine+x"]
    (broken,) = find(["./a+b/mine+x.py+killed"], tmp_path)
    assert (broken.name, broken.source) == ("mine+x+killed", "./a+b/mine+x.py+killed")


def test_an_unknown_fault_gets_a_proposal(tmp_path: Path) -> None:
    assert "There is no fault 'bitflip' (did you mean 'bit_flip'?). Known are: garbage, " in refused(
        tmp_path, "dense+bitflip"
    )
    assert "There is no built-in probe 'dens'" in refused(tmp_path, "dens+bit_flip")


def test_faults_come_beside_the_probes_that_they_name(tmp_path: Path) -> None:
    probes = find(["dense", "recurrent", "dense+killed"], tmp_path)
    found = with_faults(probes, {"d*": ["bit_*", "killed"], "*": ["bit_flip"]})
    assert [probe.name for probe in found] == [
        "dense",
        "dense+bit_flip",
        "dense+bit_flip_crc",
        "dense+killed",
        "recurrent",
        "recurrent+bit_flip",
    ]
    assert with_faults(probes, {}) == probes
    with pytest.raises(ConfigurationError, match=r"Under faults, 'dnse' matches no probe \(did you mean"):
        with_faults(probes, {"dnse": ["bit_flip"]})
