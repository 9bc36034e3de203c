from pathlib import Path

import pytest

from environments.errors import ConfigurationError
from environments.matrix import Matrix, load
from runner.entries import check

HEAD = """\
version: 1
matrix: {tensorflow: [2.15.1]}
selections: {nightly: ["*"]}
probes: [dense]
runs: {nightly: {probes: ["conv*"], faults: {conv_batchnorm: [bit_flip]}}}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def matrix(*cells: str, cause: str = "", rule: str = "") -> Matrix:
    lines = [
        f'  - {{cell: "{cell}", verdict: crashed, reason: x, expires: 2027-01-01'
        + (f", cause: {cause}}}" if cause else "}")
        for cell in cells
    ]
    gate = f'gate: {{fail_on: [{{rule: divergent, cells: "{rule}"}}]}}\n' if rule else ""
    entries = "expected:\n" + "\n".join(lines) + "\n" if lines else ""
    Path("m.yaml").write_text(HEAD + gate + entries)
    return load(Path("m.yaml"))


def test_probes_that_some_selection_runs_are_something() -> None:
    check(matrix("*/*/dense/*", "*/*/conv_batchnorm/*", "*/*/conv_batchnorm+bit_flip/h5"), ())
    check(matrix("*/*/mine/*"), ["mine"])
    check(matrix("*/*/*/*"), ())


def test_an_entry_about_no_probe_is_an_error() -> None:
    with pytest.raises(ConfigurationError) as caught:
        check(matrix("*/*/dense/*", "*/*/dence/*", "*/*/lstm_*/*"), ())
    assert [line.partition(" (")[0] for line in str(caught.value).splitlines()] == [
        "m.yaml:8:5: '*/*/dence/*' matches no cell: no probe is 'dence'",
        "m.yaml:9:5: '*/*/lstm_*/*' matches no cell: no probe is 'lstm_*'",
    ]
    assert "did you mean 'dense'?" in str(caught.value)


def test_a_rule_about_no_probe_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match=r"m\.yaml, under fail_on: '\*/\*/x/\*' matches no cell"):
        check(matrix(rule="*/*/x/*"), ())


def test_a_cause_that_there_is_not_is_an_error() -> None:
    check(matrix("*/*/*/*", cause="unclassified"), ())
    with pytest.raises(
        ConfigurationError, match=r"m\.yaml:7:5: there is no cause 'unclasified'.*did you mean"
    ):
        check(matrix("*/*/*/*", cause="unclasified"), ())
