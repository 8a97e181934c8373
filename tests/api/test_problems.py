"""Every way to fail ends in the same shape, and says nothing it should not."""

import pytest
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException

from backend.api.authorization import platform
from backend.api.authorization.access import Access
from backend.api.problems import STATUS_BY_KIND, status_of
from backend.api.routing import get
from backend.kernel import errors
from tests.api.demo import KEY, THING, build, client_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client():
    async with client_of(build()) as opened:
        yield opened


def every_subclass(kind):
    return [kind, *(deep for sub in kind.__subclasses__() for deep in every_subclass(sub))]


def test_every_kind_of_error_has_a_status():
    kinds = [kind for kind in every_subclass(errors.ClearsendError) if kind.kind != "error"]
    assert {kind.kind for kind in kinds} == set(STATUS_BY_KIND)
    assert status_of(errors.StateConflict()) == 409


async def test_facts_travel_beside_the_members_and_never_replace_them(client):
    path = f"/v1/things/{THING}"
    answer = await client.patch(path, json={"sku": "a"}, headers=KEY)
    problem = answer.json()
    assert answer.status_code == 409
    assert problem["code"] == "not_enough_credits"
    assert (problem["required"], problem["available"]) == (5, 3)
    assert problem["status"] == 409
    assert problem["type"] == "/problems/not_enough_credits"
    assert set(problem) >= {"title", "detail", "errors", "request_id"}


async def test_an_unknown_exception_says_its_request_id_and_nothing_else(client, capsys):
    answer = await client.get("/v1/broken", headers=KEY)
    assert answer.status_code == 500
    problem = answer.json()
    assert problem["code"] == "internal_error"
    assert problem["detail"] == ""
    assert "SELECT" not in answer.text
    logged = capsys.readouterr().out
    assert "SELECT" in logged  # the operator learns what the client does not
    assert problem["request_id"] in logged
    assert "sk_live_sender" not in logged


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "not_found"),
        ("GET", "/v1", 404, "not_found"),
        ("PUT", "/v1/things", 405, "method_not_allowed"),
        ("TRACE", "/v1/things", 405, "method_not_allowed"),
        ("GET", "/v1/things/1", 404, "not_found"),
        ("GET", "/v1/things/../ledger/x", 404, "not_found"),
        ("GET", "/v1/things/" + "a" * 10_000, 404, "not_found"),
        ("GET", "/v1/things/01890a5d-ac96-774b-bcce-b302099a8009", 404, "not_found"),
    ],
)
async def test_b8_ids_and_paths_nobody_has(client, method, path, status, code):
    answer = await client.request(method, path, headers=KEY)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["detail"] == ""
    if status == 405:
        assert "POST" in answer.headers["allow"]


async def test_b8_an_id_in_upper_case_is_the_same_id(client):
    answer = await client.get(f"/v1/things/{str(THING).upper()}", headers=KEY)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("limit=-1", "/query/limit", "out_of_range"),
        ("limit=1000000000", "/query/limit", "out_of_range"),
        ("limit=ten", "/query/limit", "not_an_integer"),
        ("sort=password", "/query/sort", "not_allowed"),
        ("colour=red&colour=green", "/query/colour", "not_allowed"),
        ("limit=1&limit=2", "/query/limit", "repeated_parameter"),
        ("page=1", "/query/page", "unknown_parameter"),
        ("sort=na%25me", "/query/sort", "not_allowed"),
        ("sort=na%27me", "/query/sort", "not_allowed"),
        ("sort=%00", "/query/sort", "control_character"),
    ],
)
async def test_b9_query_parameters(client, query, pointer, code):
    answer = await client.get(f"/v1/things?{query}", headers=KEY)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "invalid_parameter")
    found = [(error["pointer"], error["code"]) for error in problem["errors"]]
    assert found == [(pointer, code)], problem


async def test_b9_the_allowed_values_are_shown(client):
    answer = await client.get("/v1/things?sort=password", headers=KEY)
    assert answer.json()["errors"][0]["message"] == "Allowed: name, created_at."
    answer = await client.get("/v1/things?page=1", headers=KEY)
    assert answer.json()["errors"][0]["message"] == "Allowed: colour, limit, sort."


async def test_a_replay_is_given_again_byte_for_byte(client):
    answer = await client.post("/v1/replayed", headers=KEY)
    assert (answer.status_code, answer.content) == (201, b'{"id":"first"}')
    assert answer.headers["idempotency-replayed"] == "true"
    assert answer.headers["content-type"] == "application/json"


async def test_retry_after_is_a_header_too():
    @get("/v1/busy")
    async def busy() -> None:
        raise errors.Unavailable(retry_after_seconds=7)

    async with client_of(raising(busy)) as client:
        answer = await client.get("/v1/busy")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")
    assert answer.json()["retry_after_seconds"] == 7


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotAuthorizedException("secret"), 401, "unauthenticated"),
        (PermissionDeniedException("secret"), 403, "forbidden"),
    ],
)
async def test_the_framework_s_own_errors(error, status, code):
    @get("/v1/busy")
    async def busy() -> None:
        raise error

    async with client_of(raising(busy)) as client:
        answer = await client.get("/v1/busy")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "secret" not in answer.text


def raising(route):
    return build(routes=[route], rows={**platform.ROWS, route.handler_name: Access(public=True)})


async def test_the_headers_of_every_kind_of_answer(client):
    for path in ("/v1/things", "/v1/nothing", "/v1/broken", "/v1/health", "/", "/assets/x.js"):
        headers = (await client.get(path, headers=KEY)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["referrer-policy"]
        assert len(headers["x-request-id"]) == 36
        assert "strict-transport-security" not in headers


async def test_https_is_remembered_by_the_browser():
    async with client_of(build(https=True)) as client:
        answer = await client.get("/v1/nothing")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


async def test_a_client_does_not_choose_the_request_id(client):
    answer = await client.get("/v1/health", headers={"x-request-id": "chosen"})
    assert answer.headers["x-request-id"] != "chosen"


async def test_health_names_what_fails_and_says_no_more():
    async def fine() -> None:
        return None

    async def broken() -> None:
        raise ConnectionError("postgres://user:password@host")

    async with client_of(build(health_checks={"redis": fine})) as client:
        answer = await client.get("/v1/health")
    assert (answer.status_code, answer.json()["checks"]) == (200, {"redis": "ok"})
    async with client_of(build(health_checks={"redis": fine, "database": broken})) as client:
        answer = await client.get("/v1/health")
    assert answer.status_code == 503
    assert answer.json() == {"status": "failing", "checks": {"redis": "ok", "database": "failing"}}
