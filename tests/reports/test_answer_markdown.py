import re

import pytest

from reports.answer import answer
from reports.answer_markdown import markdown
from tests.reports.asked import DIVERGENT, FAILED, IDENTICAL, STUCK, checked, typical
from tests.reports.sample import HOSTILE


def test_a_comment_says_the_answer_the_way_and_every_version() -> None:
    text = markdown(answer(typical()))
    assert text.startswith(
        "## crossload: model.h5 works up to TensorFlow 2.15.1 and breaks in 2.16.2 with Keras 3.4.1."
    )
    assert "\n- **2\\.12.1 and 2.15.1**: identical.\n" in text
    assert "**Last safe version: 2.15.1.**" in text
    assert (
        '```python\nfrom tensorflow import keras\n\nmodel = keras.models.load_model("model.h5", compile=False)\n```'
        in text
    )
    assert (
        "| 2\\.21.0 | ✕ load failed | An optimizer argument that Keras 3 does not know | Load without compiling"
        in text
    )
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + 5
    assert {row.count("|") for row in rows} == {5}


def test_a_command_is_for_a_shell() -> None:
    text = markdown(answer(checked({"tf2.21.0-cpu": STUCK})))
    assert "```console\ncrossload migrate model.h5 --to tf2.21.0-cpu\n```" in text


@pytest.mark.parametrize(
    "text",
    [
        HOSTILE,
        "@maintainer see https://evil.example/x and #12 ![x](http://evil)",
        "`" * 5 + "</td>|\n# big",
        "|a|b|",
    ],
)
def test_text_from_a_model_is_only_text(text: str) -> None:
    hostile = {**STUCK, "telling": text, "signature": text, "cause": "unclassified"}
    split = {**DIVERGENT, "details": {"outputs": f"for {text}: {text}"}}
    results = checked(
        {"tf2.12.1-cpu": IDENTICAL, "tf2.15.1-cpu": split, "tf2.16.2-cpu": hostile, "tf2.21.0-cpu": FAILED},
        file=f"dir/{text}.h5",
        writer=text,
        notes=(text,),
        batches=(text, "second"),
        damage=(text,),
    )
    shown = markdown(answer(results))
    outside = re.sub(r"^(`{3,})\w*\n.*?^\1$", "", shown, flags=re.DOTALL | re.MULTILINE)
    outside = re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", "", outside)
    assert "<" not in outside
    assert "@maintainer" not in outside
    assert "https://evil" not in outside
    assert not re.search(r"(?<!\\)!\[|(?<!\\)\]\(", outside)
    for row in outside.splitlines():
        if row.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", row)) == 5


def test_a_limit_is_kept() -> None:
    assert len(markdown(answer(typical()), limit=500).encode()) <= 500
