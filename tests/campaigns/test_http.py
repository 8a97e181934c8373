"""From an empty campaign to a submitted one, as the pages do it."""

from uuid import UUID, uuid4

import pytest

from backend.db.scope import tenant_scope
from backend.kernel.ids import uuid7
from backend.kernel.principal import system
from backend.templates.service.approvals import approve_sender, mark_sender_awaiting

pytestmark = pytest.mark.anyio


def code(answer):
    return answer.status_code, answer.json()["code"]


@pytest.fixture
async def owner(world):
    person = await world.tenant()
    connection = await world.database.connect()
    await connection.execute("SELECT set_config('app.tenant_id', $1, false)", person.tenant_id)
    await connection.execute(
        "UPDATE tenants SET verified_phone = '+4791200001' WHERE id = $1", UUID(person.tenant_id)
    )
    await connection.close()
    return person


async def approved_sender(owner):
    made = (await owner.post("/v1/senders", {"sender": "NORDLYS"})).json()
    async with tenant_scope(system("test", UUID(owner.tenant_id))) as scope:
        await mark_sender_awaiting(scope, UUID(made["id"]))
        await approve_sender(scope, UUID(made["id"]), uuid7())
    return made["id"]


async def drafted(owner, **changes):
    made = await owner.post("/v1/campaigns", {"name": "Opening"})
    assert made.status_code == 201, made.text
    session_id = made.json()["newest_session"]["id"]
    saved = await owner.patch(
        f"/v1/sessions/{session_id}/draft", json={"draft_version": 1, **changes}
    )
    assert saved.status_code == 200, saved.text
    return saved.json()


async def test_a_campaign_from_name_to_screening(owner):
    for number in range(3):
        await owner.post("/v1/subscribers", {"phone": f"+4791200{number:03}", "name": f"P{number}"})
    session = await drafted(
        owner,
        body="Hi [name], doors open at nine.",
        sender_id=await approved_sender(owner),
        audience={"all": True},
    )
    assert session["draft_problems"] == []
    assert session["capabilities"]["may_submit"]
    path = f"/v1/sessions/{session['id']}"
    shown = await owner.post(f"{path}/preview", {"count": 1})
    assert shown.json()[0]["text"] == "Hi P0, doors open at nine."
    quote = await owner.post(f"{path}/quotes")
    assert quote.status_code == 201, quote.text
    facts = quote.json()
    assert (facts["recipients"], facts["is_exact"], facts["shortfall_credits"]) == (
        3,
        True,
        facts["credits"],
    )
    given = {"quote_id": facts["id"], "ceiling_credits": facts["credits"] - 1}
    assert code(await owner.post(f"{path}/submit", given)) == (409, "ceiling_too_low")
    given["ceiling_credits"] = facts["ceiling_credits"]
    done = await owner.post(f"{path}/submit", given)
    assert done.status_code == 200, done.text
    assert done.json()["state"] == "screening"
    assert done.json()["content"]["hash"] == facts["hash"]
    assert code(await owner.post(f"{path}/submit", given)) == (409, "not_in_state")
    listed = await owner.get("/v1/sessions?state=screening&state=sending")
    assert [one["id"] for one in listed.json()["items"]] == [session["id"]]
    assert (await owner.get("/v1/sessions?state=sent")).status_code in {400, 422}
    campaign = (await owner.get(f"/v1/campaigns/{session['campaign_id']}")).json()
    assert campaign["newest_session"]["quoted_credits"] == facts["credits"]


async def test_the_same_key_gives_the_same_campaign(owner):
    headers = {"idempotency-key": "once"}
    one = await owner.post("/v1/campaigns", {"name": "Opening"}, headers=headers)
    other = await owner.post("/v1/campaigns", {"name": "Opening"}, headers=headers)
    assert one.json() == other.json()
    assert len((await owner.get("/v1/campaigns")).json()["items"]) == 1


async def test_refusals_have_codes(owner):
    session = await drafted(owner, body="Hi [nmae]")
    path = f"/v1/sessions/{session['id']}"
    refused = await owner.post(f"{path}/quotes")
    assert code(refused) == (422, "draft_incomplete")
    assert {error["code"] for error in refused.json()["errors"]} == {
        "unknown_attribute",
        "sender_missing",
        "audience_empty",
    }
    late = await owner.patch(f"{path}/draft", json={"draft_version": 1, "body": "x"})
    assert code(late) == (409, "draft_changed")
    unknown_kind = {"draft_version": 2, "schedule_kind": "repeat"}
    assert (await owner.patch(f"{path}/draft", json=unknown_kind)).status_code == 422
    misspelt = {"draft_version": 2, "boddy": "x"}
    assert (await owner.patch(f"{path}/draft", json=misspelt)).status_code == 422
    exists = await owner.post(f"/v1/campaigns/{session['campaign_id']}/sessions")
    assert code(exists) == (409, "draft_exists")
    assert exists.json()["session_id"] == session["id"]
    assert code(await owner.get(f"/v1/sessions/{uuid4()}")) == (404, "not_found")
    unknown = {"quote_id": str(uuid4()), "ceiling_credits": 1}
    assert code(await owner.post(f"{path}/submit", unknown)) == (422, "draft_incomplete")


async def test_another_tenants_campaign_is_none(world, owner):
    session = await drafted(owner, body="Hi")
    other = await world.tenant("Bergen")
    path = f"/v1/sessions/{session['id']}"
    assert code(await other.get(path)) == (404, "not_found")
    assert code(await other.post(f"{path}/quotes")) == (404, "not_found")
    assert code(await other.post(f"{path}/copy")) == (404, "not_found")
    assert (await other.get("/v1/sessions")).json()["items"] == []


async def test_a_trial_is_told_which_of_the_three_stopped_it(world):
    person = await world.tenant("Try", status="trial")
    session = await drafted(person, body="Hello", audience={"all": True})
    refused = await person.post(f"/v1/sessions/{session['id']}/quotes")
    assert code(refused) == (403, "template_only")
    assert refused.json()["part"] == "message"


async def test_the_composers_text_check(owner):
    answer = await owner.post("/v1/texts/check", {"body": "It’s [name] at bit.ly/x"})
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert shown["offending"][0]["suggestion"] == "'"
    assert shown["links"][0]["flags"] == ["shortener"]
    assert shown["attributes"] == ["name"]


async def test_templates_and_senders(owner):
    made = await owner.post(
        "/v1/templates", {"name": "Reminder", "content": {"body": "Hi [name] {{ code }}"}}
    )
    assert made.status_code == 201, made.text
    template = made.json()
    assert (template["attributes"], template["properties"]) == (["name"], ["code"])
    twice = await owner.post("/v1/templates", {"name": "reminder", "content": {"body": "x"}})
    assert code(twice) == (409, "template_exists")
    path = f"/v1/templates/{template['id']}"
    added = await owner.post(f"{path}/versions", {"body": "Hello [name]"})
    assert [one["version"] for one in added.json()["versions"]] == [2, 1]
    renamed = await owner.patch(path, json={"name": "Visit"})
    assert renamed.json()["name"] == "Visit"
    broken = await owner.post(f"{path}/versions", {"body": "{% include 'x' %}"})
    assert broken.status_code == 422
    assert (await owner.delete(path)).status_code == 204
    assert (await owner.get("/v1/templates")).json()["items"] == []
    assert code(await owner.post("/v1/senders", {"sender": "PayPaI"})) == (422, "sender_reserved")
    assert code(await owner.post("/v1/senders", {"sender": "<script>"})) == (422, "sender_invalid")
    assert (await owner.post("/v1/senders", {"sender": "NORDLYS"})).status_code == 201
    assert code(await owner.post("/v1/senders", {"sender": "Nordlys"})) == (409, "sender_exists")
    assert [one["state"] for one in (await owner.get("/v1/senders")).json()] == ["requested"]
