"""B1–B7, B12: what is not one clear JSON document never reaches a route."""

import json

import pytest

from backend.api.bodies import JSON_BODY_LIMIT_BYTES
from tests.api.demo import KEY, build, client_of

pytestmark = pytest.mark.anyio
GOOD = {"name": "a", "recipients": ["+33612345678"]}
JSON = {**KEY, "content-type": "application/json"}


@pytest.fixture(scope="module")
def app():
    return build()


@pytest.fixture
async def client(app):
    async with client_of(app) as opened:
        yield opened


async def send(client, body: bytes, **headers: str):
    return await client.post("/v1/things", content=body, headers={**JSON, **headers})


def refused(answer, status, code, pointer=None):
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), problem
    assert problem["status"] == status
    assert problem["request_id"] == answer.headers["x-request-id"]
    if pointer is not None:
        assert pointer in [error["pointer"] for error in problem["errors"]], problem


async def test_a_good_body_passes(client):
    answer = await send(client, json.dumps(GOOD).encode())
    assert answer.status_code == 201
    assert answer.json()["name"] == "a"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"a":1,"a":2}', "/a"),
        (b'{"name":"a","recipients":["x"],"parts":[{"sku":"a","sku":"b"}]}', "/parts/0/sku"),
        (b'{"a/b":{"~":1,"~":1}}', "/a~1b/~0"),
        (b'{"a":1,"\\u0061":2}', "/a"),
    ],
)
async def test_b1_duplicate_keys(client, body, pointer):
    refused(await send(client, body), 400, "json_duplicate_key", pointer)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"name":"a\\u0000b","recipients":["x"]}', "/name"),
        (b'{"name":"a","recipients":["x","\\u0000"]}', "/recipients/1"),
    ],
)
async def test_b2_nul_in_text(client, body, pointer):
    refused(await send(client, body), 422, "control_character", pointer)


async def test_b2_nul_in_a_key(client):
    refused(await send(client, b'{"a\\u0000":1}'), 422, "control_character")


@pytest.mark.parametrize(
    "body",
    [
        b'{"name":"\\ud800","recipients":["x"]}',
        b'{"\\udfff":1}',
        b'{"name":"\xff"}',
        b'{"name":"\xed\xa0\x80"}',
        b'\xef\xbb\xbf{"name":"a"}',
        '{"name":"a"}'.encode("utf-16"),
        '{"name":"a"}'.encode("utf-16-le"),
    ],
)
async def test_b3_encodings(client, body):
    refused(await send(client, body), 400, "invalid_encoding")


async def test_b3_pairs_of_surrogates_are_letters(client):
    answer = await send(client, b'{"name":"\\ud83d\\ude00","recipients":["x"]}')
    assert answer.json()["name"] == "😀"


@pytest.mark.parametrize(
    ("number", "status", "code"),
    [
        ("NaN", 400, "out_of_range"),
        ("-Infinity", 400, "out_of_range"),
        ("1e400", 422, "out_of_range"),
        ("1" * 30, 422, "out_of_range"),
        ("1" * 9000, 422, "out_of_range"),
        ("9223372036854775808", 422, "out_of_range"),
        ('"12"', 422, "not_an_integer"),
        ("true", 422, "not_an_integer"),
        ("1.0", 422, "not_an_integer"),
        ("1.5", 422, "not_an_integer"),
        ("null", 422, "not_an_integer"),
    ],
)
async def test_b4_numbers(client, number, status, code):
    body = f'{{"name":"a","recipients":["x"],"budget":{number}}}'
    refused(await send(client, body.encode()), status, code, "/budget")


async def test_b4_the_largest_integer_passes(client):
    body = b'{"name":"a","recipients":["x"],"budget":9223372036854775807}'
    assert (await send(client, body)).json()["budget"] == 2**63 - 1


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 33 + b"1" + b"}" * 33])
async def test_b5_depth(client, body):
    refused(await send(client, body), 400, "too_deep")


async def test_b5_size_announced_and_not_announced(client):
    refused(await send(client, b" " * 11_000_000), 413, "body_too_large")

    async def chunks():
        for _ in range(JSON_BODY_LIMIT_BYTES // 65536 + 2):
            yield b" " * 65536

    answer = await client.post("/v1/things", content=chunks(), headers=JSON)
    refused(answer, 413, "body_too_large")
    assert answer.json()["limit_bytes"] == JSON_BODY_LIMIT_BYTES


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate"])
async def test_b5_compressed_bodies(client, encoding):
    answer = await send(client, b"\x1f\x8b", **{"content-encoding": encoding})
    refused(answer, 415, "unsupported_content_encoding")


@pytest.mark.parametrize("field", ["tenant_id", "role", "status", "price", "approved_by", "x~/"])
async def test_b6_unknown_fields(client, field):
    pointer = "/" + field.replace("~", "~0").replace("/", "~1")
    answer = await send(client, json.dumps({**GOOD, field: "x"}).encode())
    refused(answer, 422, "unknown_field", pointer)
    assert answer.json()["title"] == "Unknown field"


async def test_b6_unknown_fields_deeper_and_where_no_body_is_expected(client):
    body = {**GOOD, "parts": [{"sku": "a", "price": 1}]}
    refused(await send(client, json.dumps(body).encode()), 422, "unknown_field", "/parts/0/price")
    path = "/v1/things/01890a5d-ac96-774b-bcce-b302099a8003/pause"
    refused(await client.post(path, json={"status": "x"}, headers=KEY), 422, "unknown_field")
    assert (await client.post(path, json={}, headers=KEY)).status_code == 200
    assert (await client.post(path, headers=KEY)).status_code == 200


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"recipients": []}, "min_items", "/recipients"),
        ({"recipients": ["x"] * 4}, "max_items", "/recipients"),
        ({"name": ""}, "too_short", "/name"),
        ({"name": "x" * 51}, "too_long", "/name"),
        ({"name": None}, "wrong_type", "/name"),
        ({"budget": -1}, "out_of_range", "/budget"),
        ({"colour": "hidden-value"}, "not_allowed", "/colour"),
        ({"parts": [{"sku": "a", "quantity": 0}]}, "out_of_range", "/parts/0/quantity"),
        ({"parts": [{}]}, "missing_field", "/parts/0/sku"),
    ],
)
async def test_b7_empty_and_out_of_bounds(client, change, code, pointer):
    answer = await send(client, json.dumps({**GOOD, **change}).encode())
    refused(answer, 422, code, pointer)
    assert "hidden-value" not in answer.text


async def test_b7_every_wrong_field_is_named_at_once(client):
    answer = await send(client, b'{"budget":-1,"x":1,"colour":"green"}')
    found = {error["pointer"]: error["code"] for error in answer.json()["errors"]}
    assert found == {
        "/x": "unknown_field",
        "/name": "missing_field",
        "/recipients": "missing_field",
        "/budget": "out_of_range",
        "/colour": "not_allowed",
    }
    assert "Allowed: red, blue." in answer.text


async def test_not_json_and_no_object(client):
    refused(await send(client, b"{"), 400, "invalid_json")
    refused(await send(client, b'{"name":"a"} x'), 400, "invalid_json")
    refused(await send(client, b""), 400, "invalid_json")
    refused(await send(client, b"[]"), 422, "wrong_type", "")


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", None],
)
async def test_b12_media_types(client, content_type):
    headers = {**KEY} if content_type is None else {**KEY, "content-type": content_type}
    answer = await client.post("/v1/things", content=json.dumps(GOOD), headers=headers)
    refused(answer, 415, "unsupported_media_type")


async def test_b12_charset_is_utf8_or_unsaid(client):
    body = json.dumps(GOOD).encode()
    said = {"content-type": "application/json; charset=UTF-8"}
    assert (await send(client, body, **said)).status_code == 201
    wrong = {"content-type": "application/json; charset=latin-1"}
    refused(await send(client, body, **wrong), 400, "invalid_encoding")
