"""Schedules, forecast and series as the pages and programs ask for them."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from backend.campaigns.service.occurrences import advance_series
from backend.delivery.service.starting import start_approved, start_due
from backend.moderation.service.decisions import decide_case
from backend.moderation.service.leases import claim_case
from backend.moderation.service.screening import screen_session
from tests.campaigns.test_http import approved_sender, code, drafted, owner
from tests.moderation.factories import a_gateway_stands, case_ids, later, make_moderator, ruling
from tests.schedules.factories import local_in, stand_at

__all__ = ["owner"]  # the fixture
pytestmark = pytest.mark.anyio
OSLO = "Europe/Oslo"


async def submitted(owner, **schedule):
    """A campaign of three people with a time, before its screening."""
    for number in range(3):
        await owner.post("/v1/subscribers", {"phone": f"+4791200{number:03}", "name": f"P{number}"})
    session = await drafted(
        owner,
        body="Hi [name], doors open at nine.",
        sender_id=await approved_sender(owner),
        audience={"all": True},
        schedule=schedule,
    )
    path = f"/v1/sessions/{session['id']}"
    quote = (await owner.post(f"{path}/quotes")).json()
    agreed = {"quote_id": quote["id"], "ceiling_credits": quote["ceiling_credits"]}
    done = await owner.post(f"{path}/submit", agreed)
    assert done.status_code == 200, done.text
    return done.json()


async def approved(owner, session):
    await a_gateway_stands()
    ids = UUID(owner.tenant_id), UUID(session["id"])
    await screen_session(*ids)
    moderator = await make_moderator()
    (case_id,) = await case_ids(ids[0])
    lease = await claim_case(moderator, ids[0], case_id)
    await decide_case(moderator, ids[0], case_id, ruling(lease))
    await start_approved(*ids)


async def test_dates_that_are_none_are_answered_with_choices(owner):
    path = "/v1/schedules/preview"
    stand_at(datetime(2026, 11, 22, tzinfo=UTC))

    async def ask(**given):
        return await owner.post(path, {"zone": "Europe/Paris", **given})

    gap = await ask(local="2027-03-28T02:30")
    assert code(gap) == (422, "date_nonexistent")
    assert gap.json()["choices"] == [
        {"dst": "next", "local": "2027-03-28T03:00", "at": "2027-03-28T01:00:00Z"}
    ]
    twice = await ask(local="2027-10-31T02:30")
    assert code(twice) == (422, "date_ambiguous")
    assert [one["dst"] for one in twice.json()["choices"]] == ["first", "second"]
    chosen = await ask(local="2027-10-31T02:30", dst="second")
    assert chosen.json()["at"] == "2027-10-31T01:30:00Z"
    for local, refusal in (
        ("2020-01-01T10:00", "date_past"),
        ("2031-01-01T10:00", "date_too_far"),
        ("2027-02-30T10:00", "date_invalid"),
        ("2027-01-01T10:00Z", "date_invalid"),
    ):
        assert code(await ask(local=local)) == (422, refusal)
    unknown = await ask(local="2027-01-01T10:00", zone="Europe/Kyïv")
    assert code(unknown) == (422, "timezone_unknown")
    assert "Europe/Kyiv" in unknown.json()["suggestions"]
    assert unknown.json()["errors"][0]["pointer"] == "/zone"


async def test_the_next_five_dates_are_shown(owner):
    stand_at(datetime(2026, 11, 22, tzinfo=UTC))
    repeat = {"frequency": 4, "type": "week", "count": 7}
    shown = await owner.post(
        "/v1/schedules/preview",
        {"local": "2027-05-01T09:00", "zone": OSLO, "repeat": repeat},
    )
    assert shown.status_code == 200, shown.text
    dates = [one["local"] for one in shown.json()["occurrences"]]
    assert dates == [f"2027-{day}T09:00" for day in ("05-01", "06-05", "07-03", "08-07", "09-04")]
    assert (shown.json()["total"], shown.json()["last"]["local"]) == (7, "2027-11-06T09:00")


async def test_a_scheduled_session_over_http(owner):
    session = await submitted(owner, local=local_in(hours=2), zone=OSLO)
    assert (session["schedule_kind"], session["due_zone"]) == ("once", OSLO)
    path = f"/v1/sessions/{session['id']}"
    early = {"local": local_in(hours=3), "zone": OSLO}
    assert code(await owner.post(f"{path}/reschedule", early)) == (409, "not_in_state")
    await approved(owner, session)
    seen = (await owner.get(path)).json()
    assert seen["state"] == "scheduled"
    can = seen["capabilities"]
    assert (can["may_reschedule"], can["may_edit"], can["may_cancel"]) == (True, True, True)
    moved = await owner.post(f"{path}/reschedule", {"local": local_in(hours=5), "zone": OSLO})
    assert (moved.status_code, moved.json()["state"]) == (200, "scheduled")
    bad = await owner.post(f"{path}/reschedule", {"local": "2020-01-01T09:00", "zone": OSLO})
    assert code(bad) == (422, "date_past")
    forecast = (await owner.get("/v1/forecast")).json()
    assert forecast["first_not_covered"]["session_id"] == session["id"]
    assert forecast["first_not_covered"]["missing_credits"] == 3
    again = await owner.patch(
        f"{path}/draft",
        json={
            "draft_version": (await owner.get(path)).json()["draft_version"],
            "schedule": {"local": local_in(hours=5), "zone": OSLO},
        },
    )
    assert code(again) == (409, "is_scheduled")
    later(hours=5, seconds=1)
    assert await start_due() == 1
    listed = (await owner.get("/v1/sessions?state=preparing")).json()["items"]
    assert [one["due_zone"] for one in listed] == [OSLO]


async def test_a_series_over_http(owner):
    repeat = {"frequency": 1}
    session = await submitted(owner, local=local_in(hours=2), zone=OSLO, repeat=repeat)
    await approved(owner, session)
    (series,) = (await owner.get("/v1/series")).json()["items"]
    assert (series["state"], series["total"]) == ("active", 366)
    assert series["upcoming"][0]["session_id"] == session["id"]
    path = f"/v1/series/{series['id']}"
    skipped = (await owner.post(f"{path}/skip", {"number": 2})).json()
    assert skipped["upcoming"][1]["is_skipped"]
    assert code(await owner.post(f"{path}/skip", {"number": 367})) == (422, "out_of_range")
    assert (await owner.post(f"{path}/pause")).json()["reason"] == "tenant"
    assert code(await owner.post(f"{path}/pause")) == (409, "not_in_state")
    assert (await owner.post(f"{path}/resume")).json()["state"] == "active"
    assert await advance_series() == 0
    ended = (await owner.post(f"{path}/end")).json()
    assert (ended["state"], ended["upcoming"]) == ("ended", [])
    assert (await owner.get(f"/v1/sessions/{session['id']}")).json()["state"] == "cancelled"
    assert code(await owner.post(f"{path}/resume")) == (409, "not_in_state")
    assert (await owner.get("/v1/series?state=active")).json()["items"] == []
