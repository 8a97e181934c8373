"""B1-B12 on the product's own routes: what is not one clear request is refused by name, before
anything is written. What only a raw socket can send stands in `tests/api/test_bytes.py`.
"""

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from msgspec.structs import replace

from backend.db.scope import tenant_scope
from backend.kernel.principal import Idempotency
from tests.bad_input.asking import PHONE, Rows, refused
from tests.factories import member_of

pytestmark = pytest.mark.anyio
SUBSCRIBERS = "/v1/subscribers"
GOOD = {"phone": PHONE, "name": "Ada"}


async def test_b01_a_key_that_stands_twice(rows: Rows):
    async with rows.nothing_written():
        answer = await rows.raw(SUBSCRIBERS, b'{"phone":"+4791234567","phone":"+4791234568"}')
    refused(answer, 400, "json_duplicate_key", "/phone")


async def test_b02_nul_in_any_text(rows: Rows):
    async with rows.nothing_written():
        answer = await rows.raw(SUBSCRIBERS, b'{"phone":"+4791234567","name":"a\\u0000b"}')
    refused(answer, 422, "control_character", "/name")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"phone":"+4791234567","name":"\\ud800"}', id="lone surrogate"),
        pytest.param(b'{"phone":"+4791234567","name":"\xff"}', id="invalid utf-8"),
        pytest.param(b'{"phone":"+4791234567","name":"\xed\xa0\x80"}', id="encoded surrogate"),
        pytest.param(b'\xef\xbb\xbf{"phone":"+4791234567"}', id="byte-order mark"),
        pytest.param('{"phone":"+4791234567"}'.encode("utf-16"), id="utf-16"),
        pytest.param('{"phone":"+4791234567"}'.encode("utf-16-le"), id="utf-16 unmarked"),
    ],
)
async def test_b03_not_utf8(rows: Rows, body: bytes):
    async with rows.nothing_written():
        refused(await rows.raw(SUBSCRIBERS, body), 400, "invalid_encoding")


@pytest.mark.parametrize(
    ("number", "status", "code"),
    [
        ("NaN", 400, "out_of_range"),
        ("Infinity", 400, "out_of_range"),
        ("1e400", 422, "out_of_range"),
        ("1" * 30, 422, "out_of_range"),
        ('"12"', 422, "not_an_integer"),
        ("true", 422, "not_an_integer"),
        ("1.5", 422, "not_an_integer"),
    ],
)
async def test_b04_numbers_that_are_none(rows: Rows, number: str, status: int, code: str):
    body = f'{{"quote_id":"{uuid4()}","ceiling_credits":{number}}}'.encode()
    path = f"/v1/sessions/{uuid4()}/submit"
    async with rows.nothing_written():
        refused(await rows.raw(path, body), status, code, "/ceiling_credits")


async def test_b05_nested_large_and_compressed(rows: Rows):
    async with rows.nothing_written():
        refused(await rows.raw(SUBSCRIBERS, b"[" * 100_000), 400, "too_deep")
        refused(await rows.raw(SUBSCRIBERS, b" " * 11_000_000), 413, "body_too_large")
        bomb = await rows.raw(SUBSCRIBERS, b"\x1f\x8b", **{"content-encoding": "gzip"})
        refused(bomb, 415, "unsupported_content_encoding")


@pytest.mark.parametrize("field", ["tenant_id", "role", "status", "price", "approved_by", "fone"])
async def test_b06_fields_nobody_offers(rows: Rows, field: str):
    async with rows.nothing_written():
        answer = await rows.owner.post(SUBSCRIBERS, {**GOOD, field: "x"})
        refused(answer, 422, "unknown_field", f"/{field}")
        draft = await rows.owner.post("/v1/campaigns", {"name": "A", field: 1})
        refused(draft, 422, "unknown_field", f"/{field}")


@pytest.mark.parametrize(
    ("path", "body", "code", "pointer"),
    [
        ("/v1/campaigns", {"name": ""}, "too_short", "/name"),
        ("/v1/campaigns", {}, "missing_field", "/name"),
        ("/v1/senders", {"sender": ""}, "too_short", "/sender"),
        (SUBSCRIBERS, {"phone": ""}, "too_short", "/phone"),
        (SUBSCRIBERS, {**GOOD, "email": "nobody"}, "pattern_mismatch", "/email"),
        (
            "/v1/sessions/{id}/submit",
            {"quote_id": "{id}", "ceiling_credits": -1},
            "out_of_range",
            "/ceiling_credits",
        ),
        ("/v1/sessions/{id}/preview", {"count": 0}, "out_of_range", "/count"),
    ],
)
async def test_b07_empty_zero_and_negative(
    rows: Rows, path: str, body: dict[str, Any], code: str, pointer: str
):
    some = str(uuid4())
    given = {name: some if value == "{id}" else value for name, value in body.items()}
    async with rows.nothing_written():
        refused(await rows.owner.post(path.format(id=some), given), 422, code, pointer)


async def test_b08_ids_of_others_and_of_nobody(rows: Rows):
    theirs = await rows.other.post("/v1/campaigns", {"name": "Theirs"})
    session_id = theirs.json()["newest_session"]["id"]
    foreign = await rows.owner.get(f"/v1/sessions/{session_id}")
    absent = await rows.owner.get(f"/v1/sessions/{uuid4()}")
    same = [{**answer.json(), "request_id": ""} for answer in (foreign, absent)]
    assert same[0] == same[1]
    for bad in (session_id, str(uuid4()), "1", "%2e%2e%2f", "x" * 10_000, "%00", "%ff"):
        for path in ("", "/copy"):
            method = "POST" if path else "GET"
            async with rows.nothing_written():
                answer = await rows.owner.request(method, f"/v1/sessions/{bad}{path}")
            refused(answer, 404, "not_found")
    mine = (await rows.owner.post("/v1/campaigns", {"name": "Mine"})).json()["newest_session"]["id"]
    assert (await rows.owner.get(f"/v1/sessions/{mine.upper()}")).json()["id"] == mine
    body = {"phone": PHONE, "group_ids": [session_id]}
    async with rows.nothing_written():
        answer = await rows.owner.post(SUBSCRIBERS, body)
    assert answer.status_code in {404, 422}, answer.text


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=-1", "/query/limit"),
        ("limit=1000000000", "/query/limit"),
        ("limit=ten", "/query/limit"),
        ("limit=1&limit=2", "/query/limit"),
        ("page=-1", "/query/page"),
        ("sort=password", "/query/sort"),
        ("search=%00", "/query/search"),
    ],
)
async def test_b09_query_parameters(rows: Rows, query: str, pointer: str):
    answer = await rows.owner.get(f"{SUBSCRIBERS}?{query}")
    refused(answer, 422, "invalid_parameter", pointer)


async def test_b09_searches_are_literal(rows: Rows):
    for search in ("%25", "%27", "_"):
        found = await rows.owner.get(f"{SUBSCRIBERS}?search={search}")
        assert (found.status_code, found.json()["items"]) == (200, [])


@pytest.mark.parametrize("key", ["", " ", "x" * 300, "a\tb", "é".encode()])
async def test_b10_keys_that_are_none(rows: Rows, key: str | bytes):
    async with rows.nothing_written():
        answer = await rows.owner.request(
            "POST", "/v1/campaigns", json={"name": "A"}, headers={"idempotency-key": key}
        )
    refused(answer, 400, "idempotency_key_invalid")


async def test_b10_the_key_of_another_request(rows: Rows):
    key = {"idempotency-key": "b10-reused"}
    first = await rows.owner.post("/v1/campaigns", {"name": "A"}, headers=key)
    assert first.status_code == 201
    async with rows.nothing_written():
        other = await rows.owner.post("/v1/campaigns", {"name": "B"}, headers=key)
        refused(other, 422, "idempotency_key_reused")
        elsewhere = await rows.owner.post("/v1/groups", {"name": "A"}, headers=key)
        refused(elsewhere, 422, "idempotency_key_reused")


async def test_b10_the_key_of_a_request_in_progress(rows: Rows):
    """The first one holds its transaction open, as one does whose commit is slow."""
    key = {"idempotency-key": "b10-in-progress"}
    account_id = UUID((await rows.owner.get("/v1/session")).json()["account"]["id"])
    asked = Idempotency(key=key["idempotency-key"], operation="create_campaign", request_hash="")
    me = replace(member_of(rows.tenant_id), account_id=account_id, idempotency=asked)
    is_open, may_end = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with tenant_scope(me):
            is_open.set()
            await may_end.wait()
            raise _UndoneError

    async def ask() -> httpx.Response:
        await is_open.wait()
        try:
            return await rows.owner.post("/v1/campaigns", {"name": "Once"}, headers=key)
        finally:
            may_end.set()

    async with rows.nothing_written():
        _, answer = await asyncio.gather(hold(), ask(), return_exceptions=True)
    assert isinstance(answer, httpx.Response)
    problem = refused(answer, 409, "in_progress")
    assert int(answer.headers["retry-after"]) == problem["retry_after_seconds"] > 0
    after = await rows.owner.post("/v1/campaigns", {"name": "Once"}, headers=key)
    assert after.status_code == 201


class _UndoneError(Exception):
    """The first request dies without an answer."""


async def test_b11_forged_headers_change_nothing(rows: Rows):
    forged = {"x-forwarded-host": "evil.test", "x-forwarded-for": "10.0.0.1", "host": "evil.test"}
    answer = await rows.owner.get("/v1/session", headers=forged)
    assert "evil" not in answer.text + str(answer.headers)
    override = {"x-http-method-override": "DELETE", "x-method-override": "DELETE"}
    async with rows.nothing_written():
        assert (await rows.owner.get("/v1/campaigns", headers=override)).status_code == 200
        refused(await rows.owner.request("TRACE", "/v1/campaigns"), 405, "method_not_allowed")


@pytest.mark.parametrize(
    "media", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
async def test_b12_other_media_types(rows: Rows, media: str):
    async with rows.nothing_written():
        answer = await rows.raw(SUBSCRIBERS, json.dumps(GOOD).encode(), **{"content-type": media})
    refused(answer, 415, "unsupported_media_type")


async def test_b12_no_media_type(rows: Rows):
    async with rows.nothing_written():
        answer = await rows.owner.request("POST", SUBSCRIBERS, content=json.dumps(GOOD))
    refused(answer, 415, "unsupported_media_type")
