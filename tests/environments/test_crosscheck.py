"""Each section of a matrix file is held against the others."""

import pytest

from tests.environments.test_matrix import SOUND, directory, told  # noqa: F401  a fixture

pytestmark = pytest.mark.usefixtures("directory")


def test_faults_that_are_none() -> None:
    head = "version: 1\nmatrix: {tensorflow: [2.15.1]}\n"
    text = head + "faults: {dense: [bit_flip], x: [], y: kill}\n"
    assert told(text) == [
        "matrix.yaml:3:32: the list 'x' is empty; write at least one entry, or remove the key",
        "matrix.yaml:3:39: expected a list for 'y', found the text 'kill'; write [kill]",
    ]
    text = head + "faults: {dense: [bit_flip, bitflip, bit_flip]}\n"
    assert told(text) == [
        "matrix.yaml:3:28: 'bitflip' matches no fault (did you mean 'bit_flip'?)",
        "matrix.yaml:3:37: 'bit_flip' is listed twice; keep one",
    ]


def test_dead_selections() -> None:
    text = "version: 1\nmatrix: {tensorflow: [2.15.1]}\nselections: {a: [tf2.15.1-gpu], b: ['zzz*']}\n"
    assert told(text) == [
        "matrix.yaml:3:18: 'tf2.15.1-gpu' matches no environment (did you mean 'tf2.15.1-cpu'?)",
        "matrix.yaml:3:37: 'zzz*' matches no environment (there is: tf2.15.1-cpu)",
    ]


def test_an_environment_that_cannot_be_does_not_make_selections_look_dead() -> None:
    text = (
        "version: 1\nmatrix: {include: [{tensorflow: 2.15.1, base: cpus}]}\nselections: {a: [tf2.15.1-cpu]}\n"
    )
    assert told(text) == ["matrix.yaml:2:47: unknown base 'cpus' (did you mean 'cpu'?)"]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("tf2.14*/*/*/*", "no producer is 'tf2.14*'"),
        ("*/tf2.14*/*/*", "no consumer is 'tf2.14*'"),
        ("*/*/*/savedmodel", "no format is 'savedmodel' (there is: keras, h5)"),
    ],
)
def test_dead_expectations(cell: str, said: str) -> None:
    [message] = told(SOUND.replace("tf2.12.*/*/*/keras", cell))
    assert message.startswith(f"matrix.yaml:12:12: {cell!r} matches no cell: {said}")


def test_a_selection_does_not_hide_an_environment() -> None:
    text = "version: 1\nmatrix: {tensorflow: [2.15.1]}\nselections: {tf2.15.1-cpu: ['*']}\n"
    assert told(text) == [
        "matrix.yaml:3:14: the selection 'tf2.15.1-cpu' has the name of an environment; rename it"
    ]


def test_dead_or_wrong_runs_are_told() -> None:
    assert told(SOUND + "runs:\n  gup: {probes: [a]}\n  gpu: {faults: {a: [kild]}, formats: [h5, h5]}\n") == [
        "matrix.yaml:16:3: 'gup' is no selection (did you mean 'gpu'?)",
        "matrix.yaml:17:22: 'kild' matches no fault (did you mean 'killed'?)",
        "matrix.yaml:17:44: 'h5' is listed twice; keep one",
    ]
