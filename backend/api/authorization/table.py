"""All rows together. A new feature adds a module beside this one and its name here."""

from typing import Final

from backend.api.authorization import audience, identity, platform
from backend.api.authorization.access import Rows


def _joined(*parts: Rows) -> Rows:
    rows: Rows = {}
    for part in parts:
        twice = rows.keys() & part.keys()
        if twice:
            raise ValueError(f"operations with two rows: {', '.join(sorted(twice))}")
        rows |= part
    return rows


ROWS: Final[Rows] = _joined(platform.ROWS, identity.ROWS, audience.ROWS)
