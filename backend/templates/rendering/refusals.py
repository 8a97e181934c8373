"""A template that cannot be accepted: one coded problem, with the place in the text."""

from typing import NoReturn

from backend.kernel.errors import invalid_field


def refuse(pointer: str, code: str, message: str, source: str = "", index: int = -1) -> NoReturn:
    """Lines and columns count from 1; absent when the problem has no single place."""
    if index < 0:
        raise invalid_field(pointer, code, message)
    before = source[:index]
    line = before.count("\n") + 1
    column = index - (before.rfind("\n") + 1) + 1
    raise invalid_field(
        pointer, code, f"{message} (line {line}, column {column})", line=line, column=column
    )
