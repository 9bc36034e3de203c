from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from environments.errors import ConfigurationError
from environments.yaml_nodes import MAX_BYTES, Position, read, read_bytes


def message(text: str | bytes) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read(text if isinstance(text, bytes) else text.encode(), "m.yaml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("tensorflow: 2.10", {"tensorflow": "2.10"}),
        ("on: yes", {"on": "yes"}),
        ("true: 0x10", {"true": "0x10"}),
        ("day: 2024-07-01", {"day": "2024-07-01"}),
        ("a: [1_000, 1e3, .5]", {"a": ["1_000", "1e3", ".5"]}),
        ("a:", {"a": None}),
        ("a: ~", {"a": None}),
        ("a: null", {"a": None}),
        ("a: 'null'", {"a": "null"}),
        ('a: ""', {"a": ""}),
        ("null: x", {"null": "x"}),
        ("? a\n: b", {"a": "b"}),
        ("a: &x [1]\nb: *x", {"a": ["1"], "b": ["1"]}),
        ("a: |\n  two\n  lines\n", {"a": "two\nlines\n"}),
        ("\ufeffa: b", {"a": "b"}),
        ("a: b\r\nc: d\r\n", {"a": "b", "c": "d"}),
        ("word", "word"),
        ("- é", ["é"]),
    ],
)
def test_scalars_are_what_was_typed(text: str, value: object) -> None:
    document = read(text.encode(), "m.yaml")
    assert document.value == value
    assert document.problems == ()


def test_positions_are_where_an_editor_shows_them() -> None:
    document = read(b"matrix:\n  python: ['3.11', '3.12']\n", "m.yaml")
    assert document.where(("matrix", "python"), key=True) == Position(line=2, column=3)
    assert document.where(("matrix", "python")) == Position(line=2, column=11)
    assert document.where(("matrix", "python", 1)) == Position(line=2, column=20)
    assert document.where(("matrix", "missing", 0)) == Position(line=2, column=3)


def test_every_duplicate_is_reported_and_the_first_is_kept() -> None:
    document = read(b"a: 1\nb: 2\na: 3\nb: 4\n", "m.yaml")
    assert document.value == {"a": "1", "b": "2"}
    assert [(p.position.line, p.message) for p in document.problems] == [
        (3, "the key 'a' is written twice (first on line 1); keep one"),
        (4, "the key 'b' is written twice (first on line 2); keep one"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "m.yaml:1:1: the file is empty; begin with version: 1"),
        ("# only a comment\n", "m.yaml:1:1: the file is empty; begin with version: 1"),
        ("a:\n\tb: 1\n", "m.yaml:2:1: YAML does not allow tabs for indentation; use spaces"),
        ("a: [1, 2\nb: 3\n", "m.yaml:2:2: not valid YAML: "),
        ("a: b: c", "m.yaml:1:5: not valid YAML: mapping values are not allowed here"),
        ("a: 1\n---\nb: 2\n", "m.yaml:2:1: a second document begins here (---); keep one"),
        ("a: *nowhere", "m.yaml:1:4: not valid YAML: found undefined alias 'nowhere'"),
        ("a: \x07", "m.yaml:1:4: the character U+0007 is not allowed in YAML; remove it"),
        ('a: "\\UFFFFFFFF"', "m.yaml:1:7: this number or escape is out of range"),
        ("[" * 5000, "m.yaml:1:21: not valid YAML: nested more than 20 levels deep"),
        ("a: &a [*a]", "m.yaml:1:4: aliases unfold to more than 20000 values or 20 levels; write them out"),
        (b"version: 1\nkey: caf\xe9\n", "m.yaml:2:9: the byte 0xe9 is not UTF-8; save the file as UTF-8"),
        ("a: 1".encode("utf-16"), "m.yaml:1:1: the byte 0xff is not UTF-8; save the file as UTF-8"),
        (b"#" * (MAX_BYTES + 1), "m.yaml:1:1: the file is bigger than 256 KiB; is it the matrix?"),
    ],
)
def test_what_is_not_yaml_is_told_with_its_position(text: str | bytes, expected: str) -> None:
    assert message(text).startswith(expected)


def test_a_small_file_of_aliases_cannot_unfold_without_end() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    assert "aliases unfold to more than" in message("\n".join(lines))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "a: !!python/object/apply:os.system [x]",
            "the tag tag:yaml.org,2002:python/object/apply:os.system is",
        ),
        ("a: !mine 1", "the tag !mine is not supported; remove it"),
        ("!k a: 1", "the tag !k is not supported; remove it"),
        ("a: &x {b: 1}\nc: {<<: *x}", "merge keys (<<) are not supported; write the keys out"),
        ("? [a]\n: 1", "a key must be a word, not a list or a map; quote it if it is text"),
    ],
)
def test_what_only_other_yaml_readers_understand_is_refused(text: str, said: str) -> None:
    [problem] = read(text.encode(), "m.yaml").problems
    assert problem.message.startswith(said)


def test_a_message_cannot_move_the_cursor() -> None:
    [problem] = read(b'"\\e[2Ja": 1\n"\\e[2Ja": 2\n', "m.yaml").problems
    assert "\x1b" not in problem.message


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"There is no file .*none\.yaml"):
        read_bytes(tmp_path / "none.yaml")
    with pytest.raises(ConfigurationError, match="cannot be read: Is a directory"):
        read_bytes(tmp_path)


def outcome(data: bytes) -> str:
    """How a message of ``read`` begins, or "fine"."""
    try:
        document = read(data, "m.yaml")
    except ConfigurationError as error:
        return str(error)[:7]
    return "fine" if () in document.values else "no position"


@given(
    st.text(alphabet=st.sampled_from("ab01:-[]{},#&*!|>'\"%@`\\xuU<? \t\n\r\x85\u2028\x00\ufeff~=."))
    | st.text()
)
@example("%YAML " + "9" * 5000 + ".1\n--- a")
@example('"\\U00110000"')
@example("? - ? - ?")
@example("a: !<x> b")
@example("a: !%zz b")
@example("a: !<%ff> b")
@example("%TAG ! !")
@example("- &a\n  <<: *a")
def test_no_text_raises_anything_else(text: str) -> None:
    assert outcome(text.encode("utf-8", errors="surrogatepass")) in {"fine", "m.yaml:"}


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    assert outcome(data) in {"fine", "m.yaml:"}
