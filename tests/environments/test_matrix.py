import hashlib
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments import lock
from environments.errors import ConfigurationError, UsageError
from environments.matrix import Expected, covers, extent, load, select
from environments.schema import Extent

ROOT = Path(__file__).parents[2]

KEYS = re.findall(
    r"\w+",
    "version matrix tensorflow keras backend device python exclude include id image base env packages as_of"
    " timeout memory defaults bases gpus selections probes formats expected cell verdict reason expires gate"
    " fail_on x",
)

SOUND = """\
version: 1
matrix:
  tensorflow: [2.12.1, 2.15.1]
  include:
    - {tensorflow: 2.15.1, device: cuda}
selections:
  default: [tf2.15.1-cpu, tf2.12.1-cpu]
  gpu: ["*-cuda"]
probes: [dense, ./mine.py]
formats: [keras, h5]
expected:
  - {cell: "tf2.12.*/*/*/keras", verdict: load_failed, reason: as it was, expires: 2027-06-30, owner: me}
faults: {dense: [bit_flip, "missing_*"]}
gate: {fail_on: [regression, divergent]}
"""


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(text: str) -> Path:
    path = Path("matrix.yaml")
    path.write_bytes(text.encode())
    return path


def told(text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load(written(text))
    return str(caught.value).splitlines()


@pytest.mark.usefixtures("directory")
class TestLoad:
    def test_a_sound_file(self) -> None:
        matrix = load(written(SOUND))
        assert [e.id for e in matrix.environments] == ["tf2.12.1-cpu", "tf2.15.1-cpu", "tf2.15.1-cuda"]
        assert matrix.sha256 == hashlib.sha256(SOUND.encode()).hexdigest()
        assert matrix.selections == {"default": ("tf2.12.1-cpu", "tf2.15.1-cpu"), "gpu": ("tf2.15.1-cuda",)}
        assert (matrix.probes, matrix.formats) == (("dense", "./mine.py"), ("keras", "h5"))
        assert [str(rule) for rule in matrix.fail_on] == ["regression", "divergent"]
        assert matrix.faults == {"dense": ("bit_flip", "missing_*")}
        assert matrix.expected == (
            Expected(
                cell="tf2.12.*/*/*/keras",
                verdict="load_failed",
                reason="as it was",
                expires=date(2027, 6, 30),
                owner="me",
                where="matrix.yaml:12:5",
            ),
        )

    def test_rules_of_the_gate_may_be_limited_to_cells(self) -> None:
        text = SOUND.replace("divergent]", '{rule: divergent, cells: "*/tf2.15*/*/*"}, new_failure]')
        assert [(rule.rule, rule.cells) for rule in load(written(text)).fail_on] == [
            ("regression", None),
            ("divergent", "*/tf2.15*/*/*"),
            ("new_failure", None),
        ]
        twice = SOUND.replace("divergent]", "{rule: regression}]")
        assert told(twice) == ["matrix.yaml:14:30: 'regression' is listed twice; keep one"]
        dead = SOUND.replace("divergent]", '{rule: divergent, cells: "*/tf2.14*/*/*"}]')
        assert told(dead)[0].startswith("matrix.yaml:14:55: '*/tf2.14*/*/*' matches no cell: no consumer is")
        typed = SOUND.replace("divergent]", "{rule: divergant, cell: x}]")
        assert told(typed) == [
            "matrix.yaml:14:37: unknown gate word 'divergant' (did you mean 'divergent'?)",
            "matrix.yaml:14:48: unknown key 'cell' (did you mean 'cells'?)",
        ]

    def test_formats_of_a_selection_are_expected_too(self) -> None:
        text = SOUND.replace("*/keras", "*/json")
        assert "no format is 'json'" in told(text)[0]
        assert load(written(text + "runs: {gpu: {formats: [json]}}\n")).expected[0].cell.endswith("json")

    def test_the_least_file(self) -> None:
        matrix = load(written("version: 1\nmatrix: {tensorflow: [2.15.1]}\n"))
        assert matrix.probes == ("*",)
        assert matrix.formats == ("keras", "h5", "savedmodel", "export", "weights", "checkpoint")
        assert [str(rule) for rule in matrix.fail_on] == ["regression"]

    def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(self) -> None:
        text = """\
version: 1
matrix:
  tensorflow: [2.15.1, 2.15.1]
  exclude: [{device: cuda}]
selections:
  a: [tf2.14*]
  b: [tf2.15.1-gpu]
  a: ["*"]
formats: [h5, hdf5]
probs: [dense]
bases: {cpu: {image: x}, other: {image: y}}
gate: {fail_on: [regression, regression]}
"""
        assert told(text) == [
            "matrix.yaml:3:24: '2.15.1' is listed twice under 'tensorflow'; keep one",
            "matrix.yaml:4:13: this exclude matches no combination of the axes (include entries are not"
            " excluded); remove it",
            "matrix.yaml:6:7: 'tf2.14*' matches no environment (there is: tf2.15.1-cpu)",
            "matrix.yaml:7:7: 'tf2.15.1-gpu' matches no environment (did you mean 'tf2.15.1-cpu'?)",
            "matrix.yaml:8:3: the key 'a' is written twice (first on line 6); keep one",
            "matrix.yaml:9:15: unknown format 'hdf5' (did you mean 'h5'?)",
            "matrix.yaml:10:1: unknown key 'probs' (did you mean 'probes'?)",
            "matrix.yaml:11:26: no environment stands on the base 'other'; use it or remove it",
            "matrix.yaml:12:30: 'regression' is listed twice; keep one",
        ]

    def test_a_file_that_is_not_there(self) -> None:
        with pytest.raises(ConfigurationError, match=r"There is no file none\.yaml"):
            load(Path("none.yaml"))

    @given(
        st.recursive(
            st.sampled_from(
                ["", "x", "1", "2.15.1", "nightly", "jax", "cpu", "'*'", "2g", "2024-01-01", "~"]
            ),
            lambda inner: (
                st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
                | st.dictionaries(
                    st.sampled_from(KEYS),
                    inner,
                    max_size=4,
                ).map(lambda items: "{" + ", ".join(f"{k}: {v}" for k, v in items.items()) + "}")
            ),
            max_leaves=12,
        ),
        st.sampled_from(
            ["", "matrix", "bases", "selections", "defaults", "expected", "gate", "formats", "as_of"]
        ),
    )
    def test_no_tree_raises_anything_else(self, tree: str, key: str) -> None:
        text = f"version: 1\nmatrix: {{tensorflow: [2.15.1]}}\n{key}: {tree}" if key else tree
        if key == "matrix":
            text = f"version: 1\nmatrix: {tree}"
        try:
            load(written(text))
        except ConfigurationError as error:
            wrong = [line for line in str(error).splitlines() if not line.startswith("matrix.yaml:")]
        else:
            wrong = []
        assert wrong == []


@pytest.mark.usefixtures("directory")
class TestSelect:
    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            ([], ["tf2.12.1-cpu", "tf2.15.1-cpu"]),
            (["gpu"], ["tf2.15.1-cuda"]),
            (["gpu", "tf2.12.1-cpu", "gpu"], ["tf2.12.1-cpu", "tf2.15.1-cuda"]),
            (["tf2.15*"], ["tf2.15.1-cpu", "tf2.15.1-cuda"]),
            (["*"], ["tf2.12.1-cpu", "tf2.15.1-cpu", "tf2.15.1-cuda"]),
        ],
    )
    def test_words(self, words: list[str], expected: list[str]) -> None:
        assert [e.id for e in select(load(written(SOUND)), words)] == expected

    def test_without_a_default_all_are_meant(self) -> None:
        matrix = load(written("version: 1\nmatrix: {tensorflow: [2.12.1, 2.15.1]}\n"))
        assert len(select(matrix, [])) == 2

    @pytest.mark.parametrize(
        ("word", "hint"), [("gup", "(did you mean 'gpu'?)"), ("tf2.15.1", "(did you mean 'tf2.15.1-c")]
    )
    def test_a_word_that_names_nothing(self, word: str, hint: str) -> None:
        with pytest.raises(UsageError) as caught:
            select(load(written(SOUND)), ["gpu", word])
        assert f"'{word}' is no selection and no environment of matrix.yaml {hint}" in str(caught.value)


def test_an_expectation_matches_part_by_part() -> None:
    known = Expected(cell="tf2.1*/*/dense/keras", verdict="x", reason="x", expires=date(2027, 1, 1))
    assert covers(known.cell, ("tf2.12.1-cpu", "a", "dense", "keras"))
    assert not covers(known.cell, ("tf2.21.0-cpu", "a", "dense", "keras"))
    assert not covers(known.cell, ("tf2.12.1-cpu", "a", "dense", "h5"))


RUNS = """\
runs:
  gpu: {probes: ["*"], formats: [keras], faults: {dense: ["*"]}, remedies: false}
  default: {probes: [dense, "tag:rnn"]}
"""


@pytest.mark.usefixtures("directory")
class TestExtent:
    def test_without_a_word_of_its_own_a_selection_runs_what_the_file_says(self) -> None:
        matrix = load(written(SOUND))
        for words in ([], ["gpu"], ["tf2.15.1-cpu"]):
            assert extent(matrix, words) == Extent(
                probes=("dense", "./mine.py"),
                formats=("keras", "h5"),
                faults={"dense": ("bit_flip", "missing_*")},
                remedies=True,
            )

    def test_a_selection_may_run_something_else(self) -> None:
        matrix = load(written(SOUND + RUNS))
        assert extent(matrix, ["gpu"]) == Extent(
            probes=("*",), formats=("keras",), faults={"dense": ("*",)}, remedies=False
        )
        assert extent(matrix, []).probes == ("dense", "tag:rnn")
        assert extent(matrix, ["tf2.15.1-cpu"]).probes == ("dense", "./mine.py")

    def test_several_run_what_they_say_together(self) -> None:
        both = extent(load(written(SOUND + RUNS)), ["gpu", "default"])
        assert both == Extent(
            probes=("*", "dense", "tag:rnn"),
            formats=("keras", "h5"),
            faults={"dense": ("bit_flip", "missing_*")},
            remedies=True,
        )


class TestShipped:
    def test_the_nightly_runs_everything(self) -> None:
        matrix = load(ROOT / "matrix.yaml")
        nightly, default = extent(matrix, ["nightly"]), extent(matrix, [])
        assert nightly.probes == ("*",)
        assert set(nightly.formats or ()) > set(default.formats or ())
        assert nightly.faults
        assert nightly.remedies
        assert default.probes == ("tag:core",)

    def test_it_is_what_the_project_promises(self) -> None:
        matrix = load(ROOT / "matrix.yaml")
        minors = {
            e.tensorflow.rsplit(".", 1)[0] for e in matrix.environments if e.tensorflow and not e.floating
        }
        assert minors == {"1.15", *(f"2.{minor}" for minor in range(5, 22))}
        assert len([e for e in matrix.environments if e.device == "cuda"]) >= 3
        assert len([e for e in matrix.environments if e.keras[0] == "3" and e.tensorflow and e.as_of]) >= 2
        assert {"legacy", "bundled"} <= {e.keras for e in matrix.environments}
        assert [e.id for e in matrix.environments if e.floating] == ["tfnightly-cpu"]
        assert [e.backend for e in matrix.environments if e.backend != "tensorflow"] == ["jax"]

    def test_the_default_needs_python_3_11_only(self) -> None:
        default = select(load(ROOT / "matrix.yaml"), ["default"])
        assert len(default) == 6
        assert {e.python for e in default} == {"3.11"}

    def test_every_lock_matches_and_none_is_left_over(self) -> None:
        locks = ROOT / "environments" / "locks"
        expected = set()
        for environment in load(ROOT / "matrix.yaml").environments:
            if environment.locked and not environment.floating:
                lock.read(environment, locks)
                expected.add(lock.path(environment, locks))
        assert set(locks.iterdir()) == expected
