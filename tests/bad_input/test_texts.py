"""B29-B38 over HTTP: senders, templates and texts. A template is refused when it is saved, a draft
when it is quoted; the composer is told the same while somebody still types.
"""

from typing import Any
from uuid import UUID

import pytest

from backend.db.scope import tenant_scope
from backend.kernel.ids import uuid7
from backend.kernel.principal import system
from backend.templates.service import approvals
from tests.bad_input.asking import Rows, refused

pytestmark = pytest.mark.anyio


async def refused_everywhere(rows: Rows, body: str, code: str) -> None:
    """Saved, versioned, quoted: each says the same code and points at the text."""
    async with rows.nothing_written():
        answer = await rows.owner.post("/v1/templates", {"name": "T", "content": {"body": body}})
        refused(answer, 422, code, "/content/body")
    if len(body) <= 10_000:
        checked = await rows.owner.post("/v1/texts/check", {"body": body})
        assert (code, "/body") in [(p["code"], p["pointer"]) for p in checked.json()["problems"]]
        path = await rows.draft(body=body, audience={"all": True})
        async with rows.nothing_written():
            quoted = await rows.owner.post(f"{path}/quotes")
            problem = refused(quoted, 422, "draft_incomplete")
        assert code in [error["code"] for error in problem["errors"]]


@pytest.mark.parametrize(
    ("sender", "code"),
    [
        ("TWELVE CHARS", "sender_invalid"),
        ("<script>", "sender_invalid"),
        ("PayPaI", "sender_reserved"),
        ("ΒΑΝΚ", "sender_invalid"),
        ("Nord😀", "sender_invalid"),
        ("1234567", "sender_invalid"),
    ],
)
async def test_b29_senders(rows: Rows, sender: str, code: str):
    async with rows.nothing_written():
        answer = await rows.owner.post("/v1/senders", {"sender": sender})
        refused(answer, 422, code, "/sender")


async def test_b29_another_tenants_sender(rows: Rows):
    """Theirs cannot be used; one that looks like it waits for a moderator, who is told."""
    theirs = (await rows.other.post("/v1/senders", {"sender": "BERGENBAD"})).json()
    path = await rows.draft(body="Hi", audience={"all": True})
    draft = {"draft_version": 2, "sender_id": theirs["id"]}
    saved = await rows.owner.patch(f"{path}/draft", json=draft)
    if saved.status_code == 200:
        saved = await rows.owner.post(f"{path}/quotes")
    assert "sender_not_yours" in [error["code"] for error in saved.json()["errors"]], saved.text
    mine = await rows.owner.post("/v1/senders", {"sender": "BERGENBÄD".replace("Ä", "A")})
    assert (mine.status_code, mine.json()["state"]) == (201, "requested")


async def test_b30_loops_in_loops(rows: Rows):
    loops = "{% for a in (1..10000) %}{% for b in (1..10000) %}x{% endfor %}{% endfor %}"
    await refused_everywhere(rows, loops, "template_too_expensive")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{{ (1..100000000) | join: ',' }}", "filter_not_allowed"),
        ("{{ (1..100000000) | size }}", "template_too_expensive"),
    ],
)
async def test_b31_a_range_of_a_hundred_million(rows: Rows, body: str, code: str):
    await refused_everywhere(rows, body, code)


async def test_b32_doubling(rows: Rows):
    doubling = "{% assign a = 'x' %}" + "{% assign a = a | append: a %}" * 40
    await refused_everywhere(rows, doubling, "filter_not_allowed")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{% if x %}" * 100 + "a" + "{% endif %}" * 100, "template_nesting"),
        ("{% render 'x' %}", "tag_not_allowed"),
        ("{% include 'x' %}", "tag_not_allowed"),
        ("{% layout 'x' %}", "tag_not_allowed"),
    ],
)
async def test_b33_nesting_and_tags(rows: Rows, body: str, code: str):
    await refused_everywhere(rows, body, code)


async def test_b33_three_thousand_levels(rows: Rows):
    body = "{% if x %}" * 3_000 + "a" + "{% endif %}" * 3_000
    async with rows.nothing_written():
        answer = await rows.owner.post("/v1/templates", {"name": "T", "content": {"body": body}})
        refused(answer, 422, "too_long", "/content/body")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{{ ''.__class__.__mro__ }}", "template_syntax"),
        ("{{ contact.tenant }}", "property_path"),
        ("{{ x['__class__'] }}", "property_path"),
        ("{{ x.__class__ }}", "property_path"),
    ],
)
async def test_b34_nothing_stands_inside_a_value(rows: Rows, body: str, code: str):
    await refused_everywhere(rows, body, code)


async def people(rows: Rows, group: str, *facts: dict[str, Any]) -> str:
    """A group of its own with these in it; its id."""
    made = (await rows.owner.post("/v1/groups", {"name": group})).json()
    base = abs(hash(group)) % 90_000
    for at, fact in enumerate(facts):
        body = {"phone": f"+47920{base + at:05}", "group_ids": [made["id"]], **fact}
        answer = await rows.owner.post("/v1/subscribers", body)
        assert answer.status_code == 201, answer.text
    return str(made["id"])


async def usable_sender(rows: Rows) -> str:
    """Approved as the desk approves it, once."""
    for sender in (await rows.owner.get("/v1/senders")).json():
        if sender["state"] == "approved":
            return str(sender["id"])
    made = (await rows.owner.post("/v1/senders", {"sender": "NORDLYS"})).json()
    async with tenant_scope(system("test", rows.tenant_id)) as scope:
        await approvals.mark_sender_awaiting(scope, UUID(made["id"]))
        await approvals.approve_sender(scope, UUID(made["id"]), uuid7())
    return str(made["id"])


async def quote(rows: Rows, **draft: Any) -> dict[str, Any]:
    path = await rows.draft(sender_id=await usable_sender(rows), **draft)
    answer = await rows.owner.post(f"{path}/quotes")
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_b35_a_value_somebody_lacks_is_named_before_the_quote(rows: Rows):
    created = await rows.owner.post("/v1/attributes", {"label": "Code"})
    assert created.status_code == 201, created.text
    group = await people(
        rows, "B35", {"attributes": {"code": "A1"}}, {}, {"attributes": {"code": ""}}
    )
    path = await rows.draft(body="Code {{ code }}", audience={"group_ids": [group]})
    shown = (await rows.owner.post(f"{path}/preview", {"kind": "missing", "count": 5})).json()
    assert [(one["excluded_reason"], one["evidence"]) for one in shown] == [
        ("missing_property", "property:code")
    ] * len(shown)
    assert len(shown) >= 1
    path = await rows.draft(
        body="Code {{ code | default: 'none' }}", audience={"group_ids": [group]}
    )
    assert (await rows.owner.post(f"{path}/preview", {"kind": "missing"})).json() == []
    unknown = await rows.owner.post("/v1/texts/check", {"body": "Hi {{ nmae }}"})
    assert [p["code"] for p in unknown.json()["problems"]] == ["unknown_property"]


async def test_b36_empty_and_too_long_for_one_recipient(rows: Rows):
    """Left out with the reason before anything is sent; the others get theirs."""
    created = await rows.owner.post("/v1/attributes", {"label": "Story"})
    assert created.status_code == 201
    stories = ["x" * 318, "x" * 310, "short", "", " "]
    group = await people(rows, "B36", *({"attributes": {"story": story}} for story in stories))
    found = await quote(rows, body="{{ story }}" * 5, audience={"group_ids": [group]})
    assert found["recipients"] == 1
    assert sum(found["excluded"].values()) == 4
    assert found["excluded"]["over_segment_limit"] == 2
    assert found["longest_text"] == "short" * 5


async def test_b36_nothing_to_say(rows: Rows):
    path = await rows.draft(body="  ", audience={"all": True})
    answer = await rows.owner.post(f"{path}/quotes")
    problem = refused(answer, 422, "draft_incomplete")
    assert ("/body", "body_missing") in [(e["pointer"], e["code"]) for e in problem["errors"]]


async def test_b37_one_quote_makes_three_segments(rows: Rows):
    body = "It" + "\u2018" + "s " + "x" * 150
    answer = await rows.owner.post("/v1/texts/check", {"body": body})
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["encoding"], shown["segments"], shown["gsm7_segments"]) == ("ucs2", 3, 1)
    assert shown["offending"][0]["position"] == 2
    [warning] = [one for one in shown["warnings"] if one["code"] == "forces_ucs2"]
    assert warning["message"].startswith("1 character (\u2018) makes this 3 segments")


@pytest.mark.parametrize(
    ("character", "position"),
    [
        ("\ue000", 3),
        ("\x1b", 3),
        ("\u202e", 3),
        ("\u2066", 3),
        ("e" + "\u0301" * 200, 14),
    ],
)
async def test_b38_characters_that_deceive(rows: Rows, character: str, position: int):
    async with rows.nothing_written():
        answer = await rows.owner.post(
            "/v1/templates", {"name": "T", "content": {"body": f"Hi {character} there"}}
        )
        problem = refused(answer, 422, "character_not_allowed", "/content/body")
    assert problem["positions"][0] == position


async def test_b38_what_json_itself_cannot_hold(rows: Rows):
    async with rows.nothing_written():
        nul = b'{"name":"T","content":{"body":"a\\u0000b"}}'
        refused(await rows.raw("/v1/templates", nul), 422, "control_character", "/content/body")
        half = b'{"name":"T","content":{"body":"a\\ud800b"}}'
        refused(await rows.raw("/v1/templates", half), 400, "invalid_encoding", "/content/body")
