"""Stripe's request bodies: forms whose names carry their nesting, `a[b][0][c]=d`."""

import re
from typing import Any
from urllib.parse import parse_qsl

_PART = re.compile(r"\[([^\]]*)\]")
FIELDS_MAX = 1_000


def parse(body: str) -> dict[str, Any]:
    """Nested dicts of strings and lists; lists by number or by `[]`."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(body, keep_blank_values=True, max_num_fields=FIELDS_MAX):
        head, _, _ = name.partition("[")
        _place(tree, [head, *_PART.findall(name)], value)
    parsed = _lists(tree)
    return parsed if isinstance(parsed, dict) else {}


def _place(tree: dict[str, Any], path: list[str], value: str) -> None:
    node = tree
    for step in path[:-1]:
        key = step or str(len(node))
        below = node.setdefault(key, {})
        if not isinstance(below, dict):
            return
        node = below
    node[path[-1] or str(len(node))] = value


def _lists(node: Any) -> Any:
    """A dict whose keys are 0…n-1 was a list."""
    if not isinstance(node, dict):
        return node
    made = {key: _lists(value) for key, value in node.items()}
    if made and list(made) == [str(number) for number in range(len(made))]:
        return list(made.values())
    return made
