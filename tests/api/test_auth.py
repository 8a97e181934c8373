"""Who is asking, and whether a browser was tricked into asking."""

import pytest

from backend.kernel.principal import KeyScope, MemberRole, StaffRole
from tests.api.demo import KEY, THING, Credentials, api_key, build, client_of, member, staff

pytestmark = pytest.mark.anyio
PAUSE = f"/v1/things/{THING}/pause"


@pytest.fixture
def credentials():
    return Credentials()


@pytest.fixture
async def client(credentials):
    async with client_of(build(credentials)) as opened:
        yield opened


def code(answer):
    return answer.status_code, answer.json()["code"]


async def test_nobody(client):
    assert code(await client.get("/v1/things")) == (401, "unauthenticated")
    assert (await client.get("/v1/things")).headers["www-authenticate"] == "Bearer"
    stale = {"cookie": "clearsend_session=gone"}
    assert code(await client.get("/v1/things", headers=stale)) == (401, "unauthenticated")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Bearer sk_live_nobody", "key_invalid"),
        ("Bearer sk_live_old", "key_revoked"),
        ("Bearer " + "x" * 600, "key_invalid"),
        ("Bearer", "key_invalid"),
        ("Basic dXNlcjpwYXNz", "key_invalid"),
    ],
)
async def test_keys_that_do_not_work(client, value, expected):
    answer = await client.get("/v1/things", headers={"authorization": value})
    assert code(answer) == (401, expected)


async def test_a_key_lacking_the_scope_learns_which(client, credentials):
    credentials.keys["sk_reader"] = api_key(KeyScope.REPORTS_READ)
    headers = {"authorization": "Bearer sk_reader"}
    assert (await client.get("/v1/things", headers=headers)).status_code == 200
    answer = await client.post("/v1/things", json={}, headers=headers)
    assert code(answer) == (403, "scope_missing")
    assert answer.json()["scope"] == "sessions:write"
    never = await client.delete(f"/v1/things/{THING}", headers=KEY)
    assert code(never) == (403, "scope_missing")
    assert never.json()["scope"] is None


@pytest.mark.parametrize("query", ["api_key=1", "access_token=1", "limit=sk_live_abcdefgh1234"])
async def test_keys_in_the_query_are_refused(client, query):
    assert code(await client.get(f"/v1/things?{query}")) == (400, "key_in_query")


async def test_two_credentials(client, credentials):
    headers = {**credentials.log_in(member(MemberRole.OWNER)), **KEY}
    assert code(await client.get("/v1/things", headers=headers)) == (400, "two_credentials")


async def test_roles(client, credentials):
    viewer = credentials.log_in(member(MemberRole.VIEWER))
    assert (await client.get("/v1/things", headers=viewer)).status_code == 200
    answer = await client.post(PAUSE, headers=viewer)
    assert code(answer) == (403, "role_missing")
    assert answer.json()["roles"] == ["editor", "manager", "owner", "sender"]


async def test_staff_need_their_second_factor(client, credentials):
    finance = credentials.log_in(staff(StaffRole.FINANCE))
    assert (await client.get("/v1/ledger", headers=finance)).status_code == 200
    assert code(await client.get("/v1/things", headers=finance)) == (403, "role_missing")
    weak = credentials.log_in(staff(StaffRole.FINANCE, second_factor=False))
    assert code(await client.get("/v1/ledger", headers=weak)) == (403, "second_factor_required")


async def test_the_body_of_somebody_not_allowed_is_not_even_read(client, credentials):
    viewer = credentials.log_in(member(MemberRole.VIEWER))
    answer = await client.post("/v1/things", content=b"{", headers=viewer)
    assert code(answer) == (403, "role_missing")


@pytest.mark.parametrize(
    "change",
    [
        {"x-csrf-token": "csrf-2"},
        {"x-csrf-token": ""},
        {"x-csrf-token": "é"},
        {"origin": "http://evil.test"},
        {"origin": "null"},
        {"origin": "http://desk.test.evil.test"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_cross_site_requests(client, credentials, change):
    headers = {**credentials.log_in(member(MemberRole.OWNER)), **change}
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}
    assert code(await client.post(PAUSE, headers=encoded)) == (403, "csrf_failed")
    assert (await client.get("/v1/things", headers=encoded)).status_code == 200


async def test_our_own_pages_pass(client, credentials):
    headers = credentials.log_in(member(MemberRole.OWNER))
    ours = {"origin": "http://desk.test", "sec-fetch-site": "same-origin"}
    assert (await client.post(PAUSE, headers={**headers, **ours})).status_code == 200
    assert (await client.post(PAUSE, headers=headers)).status_code == 200


async def test_logging_in_from_another_site_is_refused_too(client):
    body = {"email": "a@b.test", "password": "x"}
    evil = {"origin": "http://evil.test"}
    assert code(await client.post("/v1/login", json=body, headers=evil)) == (403, "csrf_failed")
    assert (await client.post("/v1/login", json=body)).status_code == 200


async def test_stated_origins_replace_the_host(credentials):
    app = build(credentials, public_origins=frozenset({"https://desk.example"}))
    headers = credentials.log_in(member(MemberRole.OWNER))
    async with client_of(app) as client:
        forged = {**headers, "origin": "http://evil.test", "host": "evil.test"}
        assert code(await client.post(PAUSE, headers=forged)) == (403, "csrf_failed")
        ours = {**headers, "origin": "https://desk.example"}
        assert (await client.post(PAUSE, headers=ours)).status_code == 200


async def test_with_https_only_the_host_cookie_counts(credentials):
    app = build(credentials, https=True)
    plain = credentials.log_in(member(MemberRole.OWNER))
    async with client_of(app) as client:
        assert (await client.get("/v1/things", headers=plain)).status_code == 401
        strict = {"cookie": "__Host-clearsend=token-1"}
        assert (await client.get("/v1/things", headers=strict)).status_code == 200


@pytest.mark.parametrize(
    ("hops", "forwarded", "expected"),
    [
        (0, "203.0.113.9", "192.0.2.7"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.7"),
        (1, "not an address", "192.0.2.7"),
        (1, "2001:DB8::1", "2001:db8::1"),
    ],
)
async def test_b11_forged_forwarding_is_ignored(hops, forwarded, expected):
    headers = {**KEY, "x-forwarded-for": forwarded, "x-real-ip": "7.7.7.7"}
    async with client_of(build(trusted_proxy_hops=hops)) as client:
        answer = await client.post(PAUSE, headers=headers)
    assert answer.json()["remote_address"] == expected


async def test_b11_methods_are_not_overridden(client):
    headers = {**KEY, "x-http-method-override": "DELETE"}
    assert (await client.get("/v1/things", headers=headers)).status_code == 200
    answer = await client.get("/v1/things?_method=DELETE", headers=KEY)
    assert answer.status_code == 422


@pytest.mark.parametrize("key", ["", "   ", "x" * 256, "x" * 300, "ä", "a\tb"])
async def test_b10_bad_idempotency_keys(client, key):
    answer = await client.post(PAUSE, headers={**KEY, "idempotency-key": key.encode()})
    assert code(answer) == (400, "idempotency_key_invalid")


async def test_b10_the_hash_covers_method_path_and_body(client):
    async def hash_of(path, **options: object):
        headers = {**KEY, "idempotency-key": "k" * 255}
        return (await client.post(path, headers=headers, **options)).json()["idempotency_hash"]

    first = await hash_of(PAUSE)
    assert len(first) == 64
    assert await hash_of(PAUSE) == first
    other = f"/v1/things/{str(THING)[:-1]}9/pause"
    assert len({first, await hash_of(PAUSE, json={}), await hash_of(other)}) == 3
    assert (await client.post(PAUSE, headers=KEY)).json()["idempotency_hash"] is None


async def test_b52_a_megabyte_of_password(client):
    body = {"email": "a@b.test", "password": "x" * 1_000_000}
    assert code(await client.post("/v1/login", json=body)) == (413, "body_too_large")
    body["password"] = "x" * 300
    answer = await client.post("/v1/login", json=body)
    assert code(answer) == (422, "too_long")
    assert "xxx" not in answer.text
    body = {"email": "a\x00@b.test", "password": "x"}
    assert code(await client.post("/v1/login", json=body)) == (422, "control_character")


async def test_the_request_s_facts_reach_the_principal(client):
    answer = await client.post(PAUSE, headers=KEY)
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert answer.json()["actor"].startswith("api_key:")
