from reports import sheets
from reports.grid import build
from reports.outcomes import group
from reports.view import numbers
from tests.reports import sample
from tests.reports.read import Page


def test_a_row_has_a_link_for_each_cell_that_says_its_verdict() -> None:
    grid = build(sample.results())
    _, forms = grid.sheets[0].rows[1]
    entries = [entry for form in forms for entry in form]
    row = sheets.cells(entries, numbers(group(entries)))
    page = Page(row)
    assert page.count("td") == page.count("a") == 36
    assert row.count(" self") == 6
    assert '<td class="v-identical"><a id="dense/h5/tf2.15.1-cpu/tf2.12.1-cpu" href="#story/' in row
    assert 'href="#dense/keras/tf2.15.1-cpu/tf2.18.1-cpu"><i>degraded, a remedy works</i></a>' in row


def test_names_of_a_model_never_get_into_it() -> None:
    hostile = sample.results(environments=1)
    cell = hostile.cells[0].model_copy(update={"probe": '"><script>', "format": "<b>", "producer": "'\"&"})
    grid = build(hostile.model_copy(update={"cells": (cell,), "probes": (), "artifacts": ()}))
    entries = [entry for form in grid.sheets[0].rows[0][1] for entry in form]
    row = sheets.cells(entries, numbers(group(entries)))
    assert Page(row).count("script") == 0
    assert "<b>" not in row
