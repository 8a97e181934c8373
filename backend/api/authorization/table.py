"""All rows together: every module beside this one that has `ROWS` adds its feature's."""

import importlib
import pkgutil
from typing import Final

from backend.api import authorization
from backend.api.authorization.access import Rows


def _joined() -> Rows:
    rows: Rows = {}
    for info in pkgutil.iter_modules(authorization.__path__, f"{authorization.__name__}."):
        if info.name == __name__:
            continue
        part: Rows = getattr(importlib.import_module(info.name), "ROWS", {})
        twice = rows.keys() & part.keys()
        if twice:
            raise ValueError(f"operations with two rows: {', '.join(sorted(twice))}")
        rows |= part
    return rows


ROWS: Final[Rows] = _joined()
