"""Every row of bad input has tests of its name here, over HTTP."""

import re
from pathlib import Path

ROWS_NAMED = {*range(1, 39), 52, 53, 54}
"""Requests, files, numbers, senders, templates, texts; logging in. Dates, payments, webhooks and
images come with what takes them in."""


def test_each_row_has_a_test_of_its_name():
    found = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        names = re.findall(r"^async def test_b(\d\d)_", path.read_text(), re.MULTILINE)
        found |= {int(name) for name in names}
    assert found == ROWS_NAMED
