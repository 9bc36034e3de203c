import re
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from runner import causes
from runner.causes import Cause, Evidence, load, meaning
from runner.remedies.data import remedies

PATTERNS = sorted(
    {
        pattern
        for cause in load()
        for evidence in cause.when
        for pattern in (
            evidence.type,
            evidence.message,
            evidence.raw,
            evidence.traceback,
            evidence.warning,
            evidence.output,
            *evidence.detail.values(),
            *evidence.facts.values(),
        )
        if pattern
    }
)
#: Seconds that a pattern may take on the longest text that it is given.
SLOW = 0.06


def test_there_are_many_and_they_come_in_their_order() -> None:
    found = load()
    assert len(found) >= 80
    assert [cause.order for cause in found] == sorted(cause.order for cause in found)
    assert load() is found


def test_every_cause_is_explained_in_sentences() -> None:
    for cause in load():
        assert cause.sentence.endswith("."), cause.id
        assert not cause.title.endswith("."), cause.id
        assert 30 <= len(cause.sentence) <= 400, cause.id


def test_advice_is_in_sentences_and_stands_where_a_remedy_may_fail() -> None:
    advised = [cause for cause in load() if cause.advice]
    assert advised
    for cause in advised:
        assert cause.advice.endswith("."), cause.id
        assert cause.meaning().advice == cause.advice


def test_a_sentence_has_only_names_that_its_patterns_can_give() -> None:
    for cause in load():
        wanted = set(re.findall(r"\{(\w+)\}", cause.telling))
        patterns = (
            (evidence.message, evidence.raw, *evidence.detail.values(), *evidence.facts.values())
            for evidence in cause.when
        )
        given = {name for several in patterns for text in several for name in re.findall(r"\?P<(\w+)>", text)}
        assert wanted <= given, cause.id


def test_evidence_asks_for_something() -> None:
    empty = Evidence()
    for cause in load():
        assert all(evidence != empty for evidence in cause.when), cause.id


def test_an_environment_is_never_blamed_on_the_model() -> None:
    assert {cause.kind for cause in load() if cause.id.startswith("environment_")} == {"environment"}


def test_every_remedy_that_a_cause_names_is_there() -> None:
    known = {remedy.id for remedy in remedies()}
    for cause in load():
        assert set(cause.remedies) <= known, cause.id


def test_yaml_has_no_key_twice() -> None:
    for path in causes.FOLDER.glob("*.yaml"):
        tree = yaml.compose(path.read_text("utf-8"))
        assert tree is not None
        for entry in tree.value:
            keys = [key.value for key, _ in entry.value]
            assert len(keys) == len(set(keys)), f"{path.name}: {keys}"


@pytest.mark.parametrize("pattern", PATTERNS, ids=range(len(PATTERNS)))
def test_every_pattern_is_a_regular_expression(pattern: str) -> None:
    assert re.compile(pattern)


@pytest.mark.parametrize("pattern", PATTERNS, ids=range(len(PATTERNS)))
def test_no_pattern_is_slow_on_hostile_text(pattern: str) -> None:
    words = re.findall(r"[A-Za-z_' .:]{2,}", re.sub(r"\\[a-zA-Z]|\(\?P<\w+>", "", pattern))[:3] or ["a"]
    fillers = (
        "a",
        "'",
        " ",
        ".",
        "_",
        "{",
        "[",
        "(",
        "1",
        "/",
        "\n",
        "\\",
        '"',
        "é",
        "a.",
        "a'",
        "a ",
        "\na",
    )
    texts = [word + filler * 8000 for word in words for filler in fillers]
    texts += [(word + filler) * 8000 for word in words for filler in ("", "'", " ", "a")]
    compiled = re.compile(pattern)
    for text in texts:
        start = time.process_time()
        compiled.search(text[:8000])
        assert time.process_time() - start < SLOW, (pattern, text[:60])


def test_what_a_report_shows_of_a_cause() -> None:
    shown = meaning("lambda_refused")
    assert shown.id == "lambda_refused"
    assert "safe_mode_off" in shown.remedies
    assert shown.links
    assert meaning("unclassified").title == "Not classified"
    with pytest.raises(KeyError):
        meaning("no_such_cause")


def _cause(**changes: Any) -> Cause:
    entry = {"id": "a", "title": "T", "sentence": "S.", "when": [{"message": "x"}]} | changes
    return Cause.model_validate(entry)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "A b"},
        {"when": []},
        {"when": [{"consumer": {"keras": "three"}}]},
        {"when": [{"massage": "x"}]},
        {"links": ["http://example.org"]},
        {"kind": "other"},
    ],
)
def test_what_is_not_as_it_should_be_is_refused(changes: dict[str, Any]) -> None:
    _cause()
    with pytest.raises(ValidationError):
        _cause(**changes)


def test_two_causes_of_one_name_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = [{"id": "a", "title": "T", "sentence": "S.", "when": [{"message": "x"}]}]
    (tmp_path / "one.yaml").write_text(yaml.safe_dump(entry))
    (tmp_path / "two.yaml").write_text(yaml.safe_dump(entry))
    monkeypatch.setattr(causes, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match="two causes named a"):
        load.__wrapped__()
