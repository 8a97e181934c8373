"""Exported cells are text: no spreadsheet runs them (B61)."""

import pytest

from backend.exports.service import safe_cell


@pytest.mark.parametrize(
    "value", ["=HYPERLINK(1)", "+4791234567", "-1", "@SUM(A1)", "\tx", "\r=1", "\n=1", "\0x", "＝1"]
)
def test_b61_a_formula_becomes_text(value):
    assert safe_cell(value) == f"'{value}"


@pytest.mark.parametrize(("value", "cell"), [("Ingrid", "Ingrid"), (None, ""), (3, "3")])
def test_other_cells_stay_as_they_are(value, cell):
    assert safe_cell(value) == cell
