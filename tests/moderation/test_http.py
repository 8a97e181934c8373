"""The desk as its page reaches it."""

from uuid import UUID

import pytest

from backend.db.scope import tenant_scope
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel.principal import Principal, PrincipalKind, StaffRole, system
from tests.browserless import World
from tests.campaigns.factories import Shop
from tests.moderation.factories import screened

pytestmark = pytest.mark.anyio


async def a_shop(person) -> Shop:
    """What the owner of a logged-in workspace would have set up."""
    owner = Principal(
        kind=PrincipalKind.MEMBER,
        account_id=UUID(person.view["account"]["id"]),
        tenant_id=UUID(person.tenant_id),
        member_role=person.view["member_role"],
    )
    shop = Shop(owner)
    async with tenant_scope(system("test", shop.tenant_id)) as scope:
        await scope.execute(
            "UPDATE tenants SET verified_phone = '+4791200001' WHERE id = $1", shop.tenant_id
        )
        assert not (await read_tenant_facts(scope)).is_template_only
    shop.sender_id = await shop.approved_sender()
    await shop.people(2)
    return shop


async def test_a_moderator_s_way_through_the_queue(world: World):
    owner = await world.tenant()
    session = await screened(await a_shop(owner))
    mira = await world.staff(StaffRole.MODERATOR, email="mira@staff.example.com")
    queue = (await mira.get("/v1/cases")).json()
    assert queue["counts"]["open"] == 1
    (row,) = queue["items"]
    assert (row["tenant_name"], row["title"], row["recipients"]) == ("Nordlys", "Opening", 2)
    assert "Hi " not in str(row)
    path = f"/v1/cases/{row['tenant_id']}/{row['case_id']}"
    page = await mira.get(path)
    assert page.status_code == 200, page.text
    lease = await mira.post("/v1/cases/next/claim")
    assert lease.status_code == 200, lease.text
    fence = lease.json()["lease_fence"]
    beat = await mira.post(f"{path}/heartbeat", {"lease_fence": fence})
    assert beat.status_code == 200
    jon = await world.staff(StaffRole.LEAD, email="jon@staff.example.com")
    held = await jon.post(f"{path}/claim")
    assert (held.status_code, held.json()["code"]) == (409, "case_held")
    assert held.json()["holder_name"] == "Staff"
    given = {
        "verdict": "approve",
        "content_hash": page.json()["content_hash"],
        "lease_fence": fence,
    }
    for wrong, status, code in (
        ({key: given[key] for key in ("verdict", "lease_fence")}, 422, "missing_field"),
        (given | {"content_hash": "0" * 64}, 409, "content_changed"),
        (given | {"lease_fence": fence + 1}, 409, "lease_lost"),
        (given | {"verdict": "refuse"}, 422, "reason_required"),
    ):
        refused = await mira.post(f"{path}/decision", wrong)
        assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
    key = {"idempotency-key": "one"}
    made = await mira.post(f"{path}/decision", given, headers=key)
    assert (made.status_code, made.json()["subject_state"]) == (200, "approved"), made.text
    again = await mira.post(f"{path}/decision", given, headers=key)
    assert again.json() == made.json()
    twice = await mira.post(f"{path}/decision", given)
    assert (twice.status_code, twice.json()["code"]) == (409, "already_decided")
    seen = (await owner.get("/v1/decisions", params={"session_id": str(session.id)})).json()
    assert [one["verdict"] for one in seen["items"]] == ["approve"]
    revoked = await mira.post(f"{path}/revoke", {"reason": "the site changed"})
    assert revoked.json()["sessions_revoked"] == [str(session.id)]
    done = (await mira.get("/v1/cases", params={"state": "decided"})).json()
    assert [item["case_id"] for item in done["items"]] == [row["case_id"]]


async def test_release_and_an_empty_queue(world: World):
    mira = await world.staff(StaffRole.MODERATOR)
    empty = await mira.post("/v1/cases/next/claim")
    assert (empty.status_code, empty.json()["code"]) == (404, "queue_empty")
    await screened(await a_shop(await world.tenant()))
    lease = (await mira.post("/v1/cases/next/claim")).json()
    path = f"/v1/cases/{lease['tenant_id']}/{lease['case_id']}"
    for _ in range(2):
        left = await mira.post(f"{path}/release", {"lease_fence": lease["lease_fence"]})
        assert left.status_code == 204
    assert (await mira.get("/v1/cases", params={"mine": "true"})).json()["items"] == []


async def test_submissions_for_approval(world: World):
    owner = await world.tenant()
    sender = (await owner.post("/v1/senders", {"sender": "POLAR"})).json()
    answer = await owner.post(f"/v1/senders/{sender['id']}/submit")
    assert (answer.status_code, answer.json()["state"]) == (200, "awaiting_approval")
    content = {"body": "Hi [name], see you soon."}
    template = (await owner.post("/v1/templates", {"name": "One", "content": content})).json()
    path = f"/v1/templates/{template['id']}/versions"
    answer = await owner.post(f"{path}/1/submit")
    assert (answer.status_code, answer.json()["state"]) == (200, "awaiting_approval")
    assert (await owner.post(f"{path}/2/submit")).status_code == 404
    other = await world.tenant("Other")
    assert (await other.post(f"{path}/1/submit")).status_code == 404
    assert (await other.post(f"/v1/senders/{sender['id']}/submit")).status_code == 404


async def test_leads_keep_the_list_of_blocked_hosts(world: World):
    lead = await world.staff(StaffRole.LEAD)
    given = {"host": "Evil.example.com", "reason": "phishing"}
    made = await lead.post("/v1/blocked-hosts", given)
    assert (made.status_code, made.json()["host"]) == (201, "evil.example.com"), made.text
    for wrong in ("no host", "https://evil.example.com/x y", "evil"):
        refused = await lead.post("/v1/blocked-hosts", {"host": wrong, "reason": "phishing"})
        assert (refused.status_code, refused.json()["code"]) == (422, "host_invalid")
    shop = await a_shop(await world.tenant())
    session = await screened(shop, body="Hi [name], https://shop.evil.example.com/")
    assert session.state == "draft"
    assert [problem["code"] for problem in session.problems] == ["host_blocked"]
    mira = await world.staff(StaffRole.MODERATOR)
    assert (await mira.post("/v1/blocked-hosts", given)).status_code == 403
    assert len((await mira.get("/v1/blocked-hosts")).json()) == 1
    assert (await lead.delete("/v1/blocked-hosts/evil.example.com")).status_code == 204
    assert (await lead.delete("/v1/blocked-hosts/evil.example.com")).status_code == 404


async def test_what_was_said_against_a_company_is_read_by_moderators(world: World):
    owner = await world.tenant()
    mira = await world.staff(StaffRole.MODERATOR)
    path = f"/v1/tenants/{owner.tenant_id}/complaints"
    assert (await mira.get(path)).json() == {"items": [], "next_cursor": None}
    given = {"source": "carrier", "reference": "spam report 8812", "count": 3, "note": "by mail"}
    made = await mira.post(path, given)
    assert made.status_code == 201, made.text
    (shown,) = (await mira.get(path)).json()["items"]
    assert shown == made.json()
    assert (shown["source"], shown["count"], shown["note"]) == ("carrier", 3, "by mail")
    finance = await world.staff(StaffRole.FINANCE, email="fin@staff.example.com")
    for person in (owner, finance):
        assert (await person.get(path)).status_code == 403


async def test_everybody_reads_the_code_of_conduct(world: World):
    owner = await world.tenant()
    book = (await owner.get("/v1/code-of-conduct")).json()
    clauses = {clause["id"] for clause in book["clauses"]}
    assert book["version"] == 1
    assert {reason["clause"] for reason in book["reasons"]} <= clauses
    assert (await world.client().get("/v1/code-of-conduct")).status_code == 401


async def test_a_member_sees_no_desk(world: World):
    owner = await world.tenant()
    for path in ("/v1/cases", f"/v1/cases/{owner.tenant_id}/{owner.tenant_id}"):
        answer = await owner.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")
