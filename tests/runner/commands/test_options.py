import io
from pathlib import Path

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
    say("[bold]not markup[/bold] " + "word " * 20)
    assert out.getvalue() == "[bold]not markup[/bold] " + "word " * 20 + "\n"


def test_tables_are_wide_where_a_program_reads_them() -> None:
    assert options.for_tables().width == 200
