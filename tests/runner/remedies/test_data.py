"""The data files of remedies and repair rules hold together."""

from runner.agent.repair import _STEPS, _WHOLE
from runner.agent.ways import _WAYS
from runner.remedies.data import fits, meanings, remedies, remedy, repairs, rules, snippets


def test_every_remedy_says_what_it_is_and_does_what_the_agent_knows() -> None:
    assert len({item.id for item in remedies()}) == len(remedies())
    for item in remedies():
        assert item.title
        assert item.sentence.endswith(".")
        assert item.code
        assert item.derived or item.do["way"] in _WAYS
    assert [item.id for item in meanings()] == [item.id for item in remedies()]
    found = remedy("legacy_keras")
    assert found is not None
    assert found.derived
    assert remedy("none") is None


def test_code_is_shown_for_each_kind_of_file_under_a_heading_and_once() -> None:
    for item in remedies():
        found = snippets(item)
        assert found
        assert len(set(found.values())) == len(found)
        assert all(found) == (not isinstance(item.code, str))
    rename = remedy("rename")
    assert rename is not None
    assert next(iter(snippets(rename))) == "`.keras` archive, HDF5 file with layers"


def test_every_rule_is_one_that_the_agent_knows() -> None:
    assert {rule.do for rule in repairs().rules} <= set(_STEPS) | set(_WHOLE)
    assert all(set(rule) & {"why", "producer", "consumer"} == set() for rule in rules("3.15.1", "2.15.0"))


def test_versions() -> None:
    assert fits("3.15.1", ">=3.13")
    assert not fits("3.4.1", ">=3.13")
    assert fits("3.16.0.dev20261119", ">=3.13")
    assert fits("", ">=3.13")
    assert rules("2.15.0", "2.15.0") == []
