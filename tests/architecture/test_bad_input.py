"""B1–B9 on every operation: whatever stands in a field, a path or a query, the answer is a problem
with a stable code, never a 5xx, and nothing is left half-written.

The fields come from the routes' own types, so a new operation is swept by itself.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from msgspec import inspect

from backend.api.authorization.table import ROWS
from backend.api.bodies import body_kind, body_type
from backend.kernel.principal import Principal, StaffRole
from tests.architecture.test_canary import PARAMETER, Walk, body_of, paths_of, walk
from tests.factories import staff

__all__ = ["walk"]  # the fixture
pytestmark = [pytest.mark.anyio, pytest.mark.timeout(600)]

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
# Each is wrong for every field, whatever its type, as the bytes of a JSON value.
ALWAYS_WRONG = {
    "nul": b'"a\\u0000b"',
    "lone surrogate": b'"\\ud800"',
    "deep": b"[" * 40 + b"]" * 40,
    "not a number": b"NaN",
    "thirty digits": b"9" * 30,
    "huge text": b'"' + b"x" * 20_000 + b'"',
}
# Wrong for most; where one is accepted it must not be a 5xx either.
SUSPICIOUS = {
    "null": b"null",
    "empty text": b'""',
    "blank text": b'"   "',
    "true": b"true",
    "object": b'{"a":1}',
    "list": b"[1]",
    "zero": b"0",
    "negative": b"-1",
    "above int4": b"2147483648",
    "bigint": b"9223372036854775807",
    "least bigint": b"-9223372036854775808",
    "fraction": b"0.5",
    "huge float": b"1e308",
    "markup": b'"{{ x | append: y }}{% if %}[[["',
    "controls": b'"\\u001b\\u202e\\u200b\\u0085"',
    "growing in lower case": b'"' + ("İ" * 130).encode() + b'@example.com"',
    "naive time": b'"2031-01-01T00:00:00"',
    "last moment": b'"9999-12-31T23:59:59.999999-23:59"',
    "first moment": b'"0001-01-01T00:00:00+23:59"',
}
BAD_IDS = ["1", "%2e%2e%2f", "x" * 10_000, "%00", "%ff", "%F0%9F%98%80", "'; --", "null"]
# A parameter that is a number: 1 is a rightful one, and what no column holds is a bad one.
BAD_NUMBERS = [*BAD_IDS[1:], "-1", "1.5", "2147483648", "9223372036854775808", "9" * 30]
BAD_QUERY = {
    "negative": "-1",
    "giant": "9" * 30,
    "text": "garbage",
    "nul": "%00",
    "not utf-8": "%ff",
    "empty": "",
    "long": "x" * 9_000,
    "a cursor of text": "Z2FyYmFnZQ",
    "a cursor of big numbers": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5",
    "a cursor of two big numbers": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5Hzk5OTk5OTk5OTk5OTk5OTk5OTk5",
    "a cursor with a nul": "AGE",
    "a cursor of the first moment": "MDAwMS0wMS0wMVQwMDowMDowMCsyMzo1OQ",
}

Way = tuple[str | int, ...]


def whoever_may(walk: Walk, name: str) -> Principal | None:
    """The strongest who are let in, so that the answer is about the input."""
    access = ROWS[name]
    if access.public:
        return None
    if access.account or access.members:
        return walk.ours.owner
    account = walk.ours.owner.account_id
    roles = staff(*(access.staff or StaffRole))
    return msgspec.structs.replace(roles, account_id=account)


def fields_of(kind: inspect.Type, way: Way = ()) -> Iterator[Way]:
    """The way to every field of a body, through nested objects and into lists."""
    if isinstance(kind, inspect.Metadata):
        yield from fields_of(kind.type, way)
    elif isinstance(kind, inspect.UnionType):
        for inner in kind.types:
            yield from fields_of(inner, way)
    elif isinstance(kind, inspect.StructType):
        for field in kind.fields:
            yield (*way, field.encode_name)
            yield from fields_of(field.type, (*way, field.encode_name))
    elif isinstance(kind, inspect.ListType):
        yield (*way, 0)
        yield from fields_of(kind.item_type, (*way, 0))


def with_raw(body: Any, way: Way, raw: bytes) -> bytes:
    """The body with the bytes `raw` at `way`; what is missing on the way is made."""
    return json.dumps(_placed(body, way)).encode().replace(b'"<<here>>"', raw)


def _placed(value: Any, way: Way) -> Any:
    if not way:
        return "<<here>>"
    step, *rest = way
    if step == 0:
        return [_placed(value[0] if isinstance(value, list) and value else None, tuple(rest))]
    made = dict(value) if isinstance(value, dict) else {}
    made[step] = _placed(made.get(step), tuple(rest))
    return made


def takes_numbers(handler: Any) -> bool:
    """Whether a parameter of its path is a number, by the path as the route declares it."""
    return any("int}" in path for path in handler.paths)


def problem_of(answer: httpx.Response) -> str:
    """What is wrong with the refusal itself; empty for a good one and for an acceptance."""
    if answer.status_code < 400:
        return ""
    if answer.status_code >= 500:
        return f"{answer.status_code}"
    if not answer.headers["content-type"].startswith("application/problem+json"):
        return f"{answer.status_code} is no problem document"
    said = answer.json()
    if not re.fullmatch(r"[a-z][a-z0-9_]+", said["code"]) or said["code"] == "invalid_value":
        return f"code {said['code']}"
    return ""


async def counts(walk: Walk) -> dict[str, int]:
    """Rows per table; looks of staff and failed tries are written by refusals too."""
    tables = await walk.connection.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> 'access_audit'"
    )
    parts = (f"SELECT '{t[0]}' AS name, count(*) AS n FROM {t[0]}" for t in tables)
    return {row["name"]: row["n"] for row in await walk.connection.fetch(" UNION ALL ".join(parts))}


class Sweep:
    """Sends one thing after another and remembers what was wrong."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.wrong: list[str] = []
        self.sent = 0

    async def send(
        self, operation: Any, path: str, label: str, *, is_wrong: bool, **options: Any
    ) -> httpx.Response:
        method, template, handler = operation
        # Tries at logging in are counted; what is swept here is the input.
        who = whoever_may(self.walk, handler.handler_name)
        answer = await self.walk.call(who, method, path, **options)
        self.sent += 1
        found = problem_of(answer)
        if is_wrong and answer.status_code < 400:
            found = f"accepted with {answer.status_code}"
        if found:
            self.wrong.append(f"{method} {template}: {label}: {found}")
        return answer

    def finish(self, at_least: int) -> None:
        assert not self.wrong, "\n".join(self.wrong)
        assert self.sent >= at_least


JSON = {"content-type": "application/json"}


async def test_every_field_of_every_body(walk: Walk):
    sweep = Sweep(walk)
    ours = await walk.ids_of(walk.ours.tenant_id)
    for operation in walk.operations():
        method, template, handler = operation
        wanted = body_type(handler)
        if method not in WRITES or wanted is None or body_kind(handler) != "json":
            continue
        if handler.handler_name == "login":
            continue  # limited by account and address: tests/identity has B52 and B53
        path, chosen = next(paths_of(template, ours))
        body = (await body_of(walk, handler, chosen, ours))["json"]
        before = await counts(walk)
        for way in fields_of(inspect.type_info(wanted)):
            pointer = "/" + "/".join(map(str, way))
            for name, raw in ALWAYS_WRONG.items():
                answer = await sweep.send(
                    operation,
                    path,
                    f"{pointer} {name}",
                    is_wrong=True,
                    content=with_raw(body, way, raw),
                    headers=JSON,
                )
                points = [error["pointer"] for error in answer.json().get("errors", [])]
                if answer.status_code == 422 and not any(p.startswith("/") for p in points):
                    sweep.wrong.append(f"{method} {template}: {pointer} {name}: no pointer")
        after = await counts(walk)
        changed = [table for table, rows in after.items() if rows != before[table]]
        if changed:
            sweep.wrong.append(f"{method} {template}: rows written in {changed}")
        for way in fields_of(inspect.type_info(wanted)):
            pointer = "/" + "/".join(map(str, way))
            for name, raw in SUSPICIOUS.items():
                await sweep.send(
                    operation,
                    path,
                    f"{pointer} {name}",
                    is_wrong=False,
                    content=with_raw(body, way, raw),
                    headers=JSON,
                )
    sweep.finish(1_000)


async def test_every_body_as_a_whole(walk: Walk):
    bodies = {
        "empty": b"",
        "no object": b"[]",
        "text": b'"x"',
        "null": b"null",
        "half": b'{"a":',
        "unknown field": b'{"tenant_id": "x", "approved_by": 1}',
        "twice": b'{"a": 1, "a": 2}',
        "not utf-8": b'{"a": "\xff"}',
        "a mark": b"\xef\xbb\xbf{}",
        "nested": b"[" * 100_000,
    }
    sweep = Sweep(walk)
    ours = await walk.ids_of(walk.ours.tenant_id)
    before = await counts(walk)
    for operation in walk.operations():
        method, template, handler = operation
        if method not in WRITES:
            continue
        path, _ = next(paths_of(template, ours))
        for name, body in bodies.items():
            takes_none = body_type(handler) is None and body_kind(handler) == "json"
            if takes_none and name == "empty":
                continue
            await sweep.send(operation, path, name, is_wrong=True, content=body, headers=JSON)
        if body_type(handler) is not None:
            await sweep.send(
                operation,
                path,
                "text/plain",
                is_wrong=True,
                content=b"{}",
                headers={"content-type": "text/plain"},
            )
    assert await counts(walk) == before
    sweep.finish(300)


async def test_every_parameter_of_every_path_and_query(walk: Walk):
    sweep = Sweep(walk)
    ours = await walk.ids_of(walk.ours.tenant_id)
    before = await counts(walk)
    for operation in walk.operations():
        method, template, handler = operation
        path, _ = next(paths_of(template, ours))
        if PARAMETER.search(template):
            for bad in BAD_NUMBERS if takes_numbers(handler) else BAD_IDS:
                await sweep.send(
                    operation, PARAMETER.sub(bad, template), f"id {bad[:20]}", is_wrong=True
                )
        for name in sorted(walk.query_names(handler)):
            for label, bad in BAD_QUERY.items():
                await sweep.send(
                    operation, f"{path}?{name}={bad}", f"{name} {label}", is_wrong=False
                )
            await sweep.send(
                operation, f"{path}?{name}=1&{name}=2", f"{name} twice", is_wrong=False
            )
        if method == "GET" and not handler.opt.get("lenient_query"):
            await sweep.send(operation, f"{path}?sort=password", "unknown", is_wrong=True)
    assert await counts(walk) == before
    sweep.finish(300)
