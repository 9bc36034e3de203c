import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from reports.csv_file import COLUMNS, csv_text, guarded
from runner.results import Verdict
from tests.reports import sample


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_one_row_for_each_cell() -> None:
    results = sample.results(hostile=True)
    rows = _rows(csv_text(results))
    assert [(r["producer"], r["consumer"], r["probe"], r["format"], r["verdict"]) for r in rows] == [
        (c.producer, c.consumer, c.probe, c.format, c.verdict) for c in results.cells
    ]
    assert set(rows[0]) == set(COLUMNS)
    assert {row["broken_on_purpose"] for row in rows} > {""}


def test_numbers_are_numbers_and_reasons_stand_beside_them() -> None:
    results = sample.results(environments=2)
    cell = next(c for c in results.cells if c.verdict is Verdict.LOAD_FAILED)
    names = (cell.producer, cell.consumer, cell.probe, cell.format)
    rows = _rows(csv_text(results, {names: "=known()"}))
    row = next(r for r in rows if (r["producer"], r["consumer"], r["probe"], r["format"]) == names)
    assert row["expected"] == "'=known()"
    assert float(row["seconds"]) == round(cell.seconds, 3)
    assert row["cached"] == "false"


def test_what_a_spreadsheet_would_run_is_text() -> None:
    assert guarded('=HYPERLINK("http://evil.example")') == '\'=HYPERLINK("http://evil.example")'
    assert guarded("  +1") == "'  +1"
    assert guarded("\t@SUM(A1)") == "'\t@SUM(A1)"
    assert guarded("tf2.15.1-cpu") == "tf2.15.1-cpu"


@given(st.text(alphabet='=+-@|% \t\r\n\x00,";a', max_size=12))
def test_no_text_begins_as_a_formula(text: str) -> None:
    shown = guarded(text)
    assert not shown.lstrip().startswith(("=", "+", "-", "@", "|", "%"))
    out = io.StringIO()
    csv.writer(out).writerow([shown])
    assert next(csv.reader(io.StringIO(out.getvalue(), newline=""))) == [shown]
