import io
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from rich.console import Console

from runner.commands import options
from runner.setup import Choice


def test_options_become_one_value() -> None:
    found = options.choice(matrix=Path("m.yaml"), select=("a",), state=Path("s"), jobs=4)
    assert found == Choice(matrix=Path("m.yaml"), select=("a",), state=Path("s"))
    assert (found.site, found.engine, found.probes) == (Path("site"), "auto", ())


def test_what_is_told_is_shown_as_it_is_and_in_one_line() -> None:
    out = io.StringIO()
    say = options.teller(Console(file=out, width=40))
    say("[bold]not markup[/bold] " + "word " * 20 + "\x1b[2J")
    assert out.getvalue() == "[bold]not markup[/bold] " + "word " * 20 + "‹ESC›[2J\n"


def test_tables_are_wide_where_a_program_reads_them() -> None:
    assert options.for_tables().width == 200


@click.command()
@options.shared(options.MIRROR)
def mirrored(**given: str) -> None:
    click.echo(f"[{options.choice(matrix=Path('m.yaml'), **given).registry_mirror}]")


@pytest.mark.parametrize(
    ("words", "variables", "said"),
    [
        ([], {}, "[]"),
        (["--registry-mirror", "mirror.example:5000/hub/"], {}, "[mirror.example:5000/hub]"),
        ([], {"CROSSLOAD_REGISTRY_MIRROR": "mirror.example"}, "[mirror.example]"),
        (["--registry-mirror", "a.example"], {"CROSSLOAD_REGISTRY_MIRROR": "b.example"}, "[a.example]"),
    ],
)
def test_a_registry_mirror_is_typed_or_in_the_environment(
    words: list[str], variables: dict[str, str], said: str
) -> None:
    found = CliRunner(env={"CROSSLOAD_REGISTRY_MIRROR": None, **variables}).invoke(mirrored, words)
    assert (found.exit_code, found.output.strip()) == (0, said)


def test_a_registry_mirror_is_no_address_of_the_web() -> None:
    found = CliRunner().invoke(mirrored, ["--registry-mirror", "https://mirror.example"])
    assert found.exit_code == 2
    assert "write host[:port][/path] without https://" in found.output


def test_sentences_break_between_words_on_a_terminal_alone() -> None:
    said = "It breaks between 2.15.1, which works, and 2.16.1, which does not."
    shown = {}
    for terminal in (True, False):
        console = Console(file=io.StringIO(), width=20, force_terminal=terminal, color_system=None)
        options.prose(console, said)
        shown[terminal] = console.file.getvalue()  # type: ignore[attr-defined]
    assert shown[False] == said + "\n"
    assert [row.rstrip() for row in shown[True].splitlines()] == [
        "It breaks between",
        "2.15.1, which works,",
        "and 2.16.1, which",
        "does not.",
    ]
