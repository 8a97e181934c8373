"""The platform desk's gateways through HTTP and through the use cases behind it."""

import time
from typing import Any
from uuid import UUID

import msgspec
import pytest

from backend.db.scope import platform_scope
from backend.gateways.desk import links, service
from backend.gateways.desk.credentials import Setup
from backend.gateways.desk.schemas import GatewayCreate, HttpJsonSettings
from backend.gateways.http_json.signing import sign
from backend.gateways.service import note_working, standing_gateways
from backend.gateways.states import GatewayState
from backend.kernel.errors import InvalidInput
from backend.kernel.principal import StaffRole, system
from tests.browserless import SECRET_KEY, Person, World
from tests.factories import staff
from tests.gateways.lines import ACCOUNTS, Recorder, carrier
from tests.gateways.web import web_gateway

pytestmark = pytest.mark.anyio
SECRET = ACCOUNTS["tester"]
SMPP: dict[str, Any] = {
    "name": "Nordic carrier",
    "settings": {
        "kind": "smpp",
        "host": "127.0.0.1",
        "port": 2775,
        "system_id": "tester",
        "sessions_count": 2,
    },
    "secret": SECRET,
    "countries": ["NO", "SE"],
    "throughput_segments_per_second_max": 50,
    "reason": "Contract of March.",
}
HTTP: dict[str, Any] = {
    "name": "Web carrier",
    "settings": {"kind": "http_json", "url": "http://127.0.0.1:9/v1"},
    "secret": SECRET,
    "reason": "Second way out.",
}


async def added(admin: Person, given: dict[str, Any] = SMPP, **changes: Any) -> dict[str, Any]:
    answer = await admin.post("/v1/gateways", {**given, **changes})
    assert answer.status_code == 201, answer.text
    view: dict[str, Any] = answer.json()
    return view


async def looks() -> list[str]:
    async with platform_scope(system("test"), "test") as scope:
        rows = await scope.rows("SELECT reason FROM access_audit ORDER BY at, id")
    return [row["reason"] for row in rows]


async def test_a_gateway_is_added_and_its_secret_never_shown(world: World):
    admin = await world.staff(StaffRole.ADMIN)
    key = {"idempotency-key": "one"}
    made = await admin.post("/v1/gateways", SMPP, headers=key)
    again = await admin.post("/v1/gateways", SMPP, headers=key)
    assert (made.status_code, made.content) == (201, again.content)
    view = made.json()
    assert (view["state"], view["health"], view["is_working"]) == ("active", "healthy", False)
    assert view["settings"]["sessions_count"] == 2
    assert (view["countries"], view["version"]) == (["NO", "SE"], 1)
    detail = await admin.get(f"/v1/gateways/{view['id']}")
    for answer in (made, detail, await admin.get("/v1/gateways")):
        assert SECRET not in answer.text
    async with platform_scope(system("test"), "test") as scope:
        [standing] = await standing_gateways(scope, SECRET_KEY)
        row = await scope.one("SELECT config::text, password_sealed FROM gateways")
    assert msgspec.to_builtins(standing.config)["password"] == SECRET
    assert SECRET not in row["config"]
    assert SECRET.encode() not in row["password_sealed"]
    assert f"gateway {view['id']} added: Contract of March." in await looks()
    taken = await admin.post("/v1/gateways", SMPP)
    assert (taken.status_code, taken.json()["code"]) == (409, "gateway_exists")


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"secret": "too long to be carried" * 9}, "secret_invalid", "/secret"),
        ({"secret": "pässword"}, "secret_invalid", "/secret"),
        ({"settings": {**SMPP["settings"], "port": 0}}, "", "/settings/port"),
        ({"settings": {**SMPP["settings"], "system_id": "ü"}}, "not_ascii", "/settings/system_id"),
        ({"settings": {**SMPP["settings"], "kind": "pigeon"}}, "", "/settings"),
        ({"settings": {**SMPP["settings"], "password": "x"}}, "", "/settings"),
        ({"settings": {"kind": "http_json", "url": "ftp://x.example"}}, "", "/settings/url"),
        ({"settings": {"kind": "http_json", "url": "https://u:p@x.example"}}, "", "/settings/url"),
        ({"weight": 0}, "", "/weight"),
        ({"countries": ["no"]}, "", "/countries/0"),
        ({"countries": []}, "", "/countries"),
        ({"throughput_segments_per_second_max": -1}, "", "/throughput_segments_per_second_max"),
        ({"reason": ""}, "", "/reason"),
    ],
)
async def test_a_bad_config_says_where(world: World, changes, code, pointer):
    admin = await world.staff(StaffRole.ADMIN)
    answer = await admin.post("/v1/gateways", {**SMPP, **changes})
    assert answer.status_code == 422, answer.text
    said = answer.json()
    assert said["code"] == code or not code
    assert any(error["pointer"].startswith(pointer) for error in said["errors"]), said
    assert (await admin.get("/v1/gateways")).json() == []


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://127.0.0.1/v1", "host_not_public"),
        ("https://10.1.2.3", "host_not_public"),
        ("https://169.254.169.254/latest", "host_not_public"),
        ("https://[::1]:8443/v1", "host_not_public"),
        ("https://[::ffff:127.0.0.1]/v1", "host_not_public"),
        ("https://[fd00::1]/", "host_not_public"),
        ("https://[64:ff9b::7f00:1]/", "host_not_public"),
        ("https://localhost/v1", "host_not_public"),
        ("https://0/v1", "host_not_public"),
        ("https://2130706433/", "host_not_public"),
        ("https://nobody.invalid/v1", "host_unknown"),
        ("https://x.example:99999/", "host_unknown"),
        ("http://8.8.8.8/v1", "https_required"),
    ],
)
async def test_an_http_gateway_lies_outside_our_network(database, url, code):
    setup = Setup(SECRET_KEY, "https://us.example", may_reach_private=False)
    data = GatewayCreate(
        name="web", settings=HttpJsonSettings(url=url), secret=SECRET, reason="to try"
    )
    with pytest.raises(InvalidInput) as refused:
        await service.create_gateway(staff(StaffRole.ADMIN), setup, data)
    assert refused.value.code == code
    assert refused.value.errors[0].pointer == "/settings/url"


async def test_two_editors_meet(world: World):
    admin = await world.staff(StaffRole.ADMIN)
    view = await added(admin)
    body = {name: value for name, value in SMPP.items() if name != "secret"}
    path = f"/v1/gateways/{view['id']}"
    first = await admin.put(path, {**body, "weight": 7, "version": 1})
    assert (first.status_code, first.json()["weight"], first.json()["version"]) == (200, 7, 2)
    second = await admin.put(path, {**body, "weight": 9, "version": 1})
    assert (second.status_code, second.json()["code"]) == (409, "version_changed")
    assert second.json()["current_version"] == 2
    other_kind = {**body, "settings": HTTP["settings"], "version": 2}
    refused = await admin.put(path, other_kind)
    assert (refused.status_code, refused.json()["code"]) == (422, "kind_fixed")
    await added(admin, HTTP)
    taken = await admin.put(path, {**body, "name": HTTP["name"], "version": 2})
    assert (taken.status_code, taken.json()["code"]) == (409, "gateway_exists")
    async with platform_scope(system("test"), "test") as scope:
        standing = await standing_gateways(scope, SECRET_KEY)
    assert {msgspec.to_builtins(one.config).get("password") for one in standing} == {SECRET, None}


async def test_the_last_working_one_is_not_switched_off_by_mistake(world: World):
    admin = await world.staff(StaffRole.ADMIN)
    first, second = await added(admin), await added(admin, HTTP)
    await note_working([UUID(first["id"])])
    path = f"/v1/gateways/{first['id']}/state"
    off = {"state": "disabled", "reason": "The carrier moves."}
    for state in ("disabled", "draining"):
        refused = await admin.post(path, {**off, "state": state})
        assert (refused.status_code, refused.json()["code"]) == (409, "gateway_last_working")
        assert refused.json()["gateways_active"] == 2
    await note_working([UUID(second["id"])])
    drained = await admin.post(path, {**off, "state": "draining"})
    assert (drained.status_code, drained.json()["state"]) == (200, "draining")
    assert drained.json()["state_reason"] == "The carrier moves."
    resumed = await admin.post(path, {"state": "active", "reason": "It is back."})
    assert resumed.json()["state"] == "active"
    for view in (first, second):
        forced = await admin.post(f"/v1/gateways/{view['id']}/state", {**off, "is_forced": True})
        assert (forced.status_code, forced.json()["is_working"]) == (200, False)
    again = await admin.post(path, {**off, "reason": "Another reason."})
    assert again.json()["state_reason"] == "The carrier moves.", "it was disabled already"
    assert f"gateway {first['id']} disabled: The carrier moves." in await looks()


async def test_only_an_admin_sees_gateways(world: World):
    for person in (await world.tenant(), await world.staff(StaffRole.LEAD, StaffRole.FINANCE)):
        answer = await person.get("/v1/gateways")
        assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")


async def test_a_connection_is_tried_and_hung_up(world: World):
    admin = await world.staff(StaffRole.ADMIN)
    async with carrier() as running:
        smpp = {**SMPP["settings"], "port": running.smpp_port, "sessions_count": 1}
        web = {"kind": "http_json", "url": f"http://127.0.0.1:{running.http_port}/v1"}
        for given in ({**SMPP, "settings": smpp}, {**HTTP, "settings": web}):
            view = await added(admin, given)
            path = f"/v1/gateways/{view['id']}"
            tried = await admin.post(f"{path}/test")
            assert (tried.status_code, tried.json()["is_connected"]) == (200, True), tried.text
            assert tried.json()["error"] == ""
            secret = {"secret": "wrong", "version": view["version"], "reason": "A mistake."}
            rotated = await admin.put(f"{path}/secret", secret)
            assert (rotated.status_code, rotated.json()["version"]) == (200, 2)
            assert "wrong" not in rotated.text
            running.carrier.counts["binds"] = 0
            number = {"sends_message": True}
            refused = await admin.post(f"{path}/test", number)
            assert (refused.status_code, refused.json()["code"]) == (409, "test_phone_missing")
        assert not running.carrier.counts["accepted"]


async def test_a_refused_login_is_told(world: World):
    admin = await world.staff(StaffRole.ADMIN)
    async with carrier() as running:
        web = {"kind": "http_json", "url": f"http://127.0.0.1:{running.http_port}/v1"}
        view = await added(admin, {**HTTP, "settings": web, "secret": "wrong"})
        service_time = time.monotonic()
        tried = await admin.post(f"/v1/gateways/{view['id']}/test")
    assert tried.json() == {
        "is_connected": False,
        "took_ms": tried.json()["took_ms"],
        "error": "http_401",
        "is_message_queued": False,
    }
    assert time.monotonic() - service_time < 12


async def test_a_callback_is_proven_by_its_signature(world: World):
    admin = await world.staff(StaffRole.ADMIN)
    view = await added(admin, HTTP)
    assert view["settings"]["callback_url"].endswith(f"/v1/gateways/{view['id']}/callbacks")
    smpp = await added(admin)
    path = f"/v1/gateways/{view['id']}/callbacks"
    body = msgspec.json.encode({"receipts": [{"id": "77", "status": "delivered"}]})
    now = int(time.time())
    provider = world.client()
    unknown = f"/v1/gateways/{UUID(int=9)}/callbacks"
    wrong: list[tuple[str, dict[str, str]]] = [
        (path, {}),
        (path, {"clearsend-signature": sign("other", body, now)}),
        (path, {"clearsend-signature": sign(SECRET, body + b" ", now)}),
        (path, {"clearsend-signature": sign(SECRET, body, now - 301)}),
        (path, {"clearsend-signature": f"t={now},t={now},v1=00"}),
        (path, {"clearsend-signature": "ü" * 10}),
        (unknown, {"clearsend-signature": sign(SECRET, body, now)}),
        (f"/v1/gateways/{smpp['id']}/callbacks", {"clearsend-signature": sign(SECRET, body, now)}),
    ]
    for where, headers in wrong:
        raw = {name.encode(): value.encode() for name, value in headers.items()}
        answer = await provider.post(where, content=body, headers=raw)
        assert (answer.status_code, answer.json()["code"]) == (401, "signature_invalid"), headers
    signed = {"clearsend-signature": sign(SECRET, body, now)}
    for _ in range(2):
        answer = await provider.post(path, content=body, headers=signed)
        assert answer.status_code == 204, answer.text
    async with platform_scope(system("test"), "test") as scope:
        rows = await scope.rows("SELECT carrier_id, status, state FROM raw_receipts")
    assert [tuple(row) for row in rows] == [("77", "delivered", "waiting")]
    # The old secret goes on proving what was signed before the new one was known over there.
    new = {"secret": "another-secret", "version": 1, "reason": "Yearly."}
    assert (await admin.put(f"/v1/gateways/{view['id']}/secret", new)).status_code == 200
    for secret in (SECRET, "another-secret"):
        headers = {"clearsend-signature": sign(secret, body, now)}
        assert (await provider.post(path, content=body, headers=headers)).status_code == 204
    bad = b'{"receipts": 5}'
    headers = {"clearsend-signature": sign(SECRET, bad, now)}
    refused = await provider.post(path, content=bad, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "callback_invalid")


async def test_the_desk_shows_what_processes_have(world: World):
    admin = await world.staff(StaffRole.ADMIN)
    view = await added(admin, HTTP)
    gateway_id = UUID(view["id"])
    async with carrier() as running, web_gateway(running.http_port, Recorder()) as way:
        await links.note_links({gateway_id: way}, {gateway_id: 1})
        await links.note_links({gateway_id: way}, {gateway_id: 1})
    async with platform_scope(system("test"), "test") as scope:
        minute = scope.now.replace(second=0, microsecond=0)
        await scope.execute(
            "INSERT INTO gateway_health (gateway_id, minute, submitted, accepted, errors,"
            " receipts, receipts_timed, receipt_delay_ms_sum) VALUES ($1, $2, 5, 3, 2, 2, 2, 900)",
            gateway_id,
            minute,
        )
    shown = (await admin.get(f"/v1/gateways/{gateway_id}")).json()
    [link] = shown["links"]
    assert (link["links"], link["links_bound"], link["is_current"]) == (1, 1, True)
    assert shown["recent"]["errors"] == 2
    assert [each["receipt_delay_ms_mean"] for each in shown["minutes"]] == [450]
    await links.note_links({}, {})
    assert (await admin.get(f"/v1/gateways/{gateway_id}")).json()["links"] == []
    assert shown["state"] == GatewayState.ACTIVE.value
    assert (await admin.get("/v1/gateways/queues")).json() == []
