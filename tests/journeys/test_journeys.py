"""The whole job, end to end on real processes, as the people who do it would meet it."""

import csv
import io
from typing import Any

import pytest

from backend.commands import journey
from backend.commands.api_client import ApiRefused, until
from backend.commands.connection import opened
from backend.commands.prove import violations
from tests.journeys.system import Cast, System, cast_of

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]


async def prove(system: System) -> None:
    async with opened(system.complete):
        assert [found async for found in violations(system.complete)] == []


def explained(view: dict[str, Any], recipients: int) -> None:
    """Every recipient is sent to or left out with a reason, and the sums match."""
    progress = view["progress"]
    left_out = progress["left_out"] + progress["excluded"]
    assert recipients == left_out + progress["delivered"] + progress["failed"], progress
    assert progress["percent"] == 100


async def exported(cast: Cast, session_id: str, view: dict[str, Any]) -> None:
    """The file has a line for everyone, and its charges are the session's."""
    text = await cast.tenant.text(f"/v1/sessions/{session_id}/results.csv")
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    assert len(rows) == len(cast.persons)
    assert {row["phone"] for row in rows} == {f"'{person.phone}" for person in cast.persons}
    charged = sum(int(row["credits_charged"]) for row in rows)
    assert charged == view["progress"]["credits_captured"]
    assert all(row["reason"] for row in rows if row["result"] == "left_out")


async def test_happy(system: System):
    async with cast_of(system, "Happy") as cast:
        await cast.import_people(200)
        await journey.opt_some_out(cast.tenant, cast.persons)
        await cast.top_up(1_000, "happy-1")
        session = await cast.draft("Doors open")
        quote = await journey.submit(cast.tenant, session["id"])
        assert quote["shortfall_credits"] == 0
        waiting = await cast.in_state(session["id"], "awaiting_validation")
        assert waiting["progress"]["submitted"] == 0
        await cast.decide("Doors open")
        view = await journey.see_through(cast.tenant, session["id"], cast.deadline)
        assert view["state"] == "completed"
        explained(view, 200)
        await exported(cast, session["id"], view)
        balance = await cast.tenant.get("/v1/balance")
        assert balance["held"] == 0
        assert balance["available"] == 1_000 - view["progress"]["credits_captured"]
        texts = {record.destination for record in system.accepted()}
        assert len(texts) >= view["progress"]["delivered"]
    await prove(system)


async def test_refused_then_resubmitted(system: System):
    async with cast_of(system, "Refused") as cast:
        await cast.import_people(5)
        await cast.top_up(100, "refused-1")
        session = await cast.draft("Loud", "YOU HAVE WON [first name]")
        await journey.submit(cast.tenant, session["id"])
        await cast.decide("Loud", verdict="refuse", reason_code="misleading", message="Who won?")
        refused = await cast.in_state(session["id"], "refused")
        with pytest.raises(ApiRefused):
            await journey.submit(cast.tenant, refused["id"])
        copy = await cast.tenant.post(f"/v1/sessions/{session['id']}/copy")
        await cast.tenant.patch(
            f"/v1/sessions/{copy['id']}/draft",
            {"draft_version": copy["draft_version"], "body": "Hi [first name], a draw is on."},
        )
        await journey.submit(cast.tenant, copy["id"])
        await cast.decide("Loud")
        view = await journey.see_through(cast.tenant, copy["id"], cast.deadline)
        explained(view, 5)


async def test_changes_requested(system: System):
    async with cast_of(system, "Changes") as cast:
        await cast.import_people(3)
        await cast.top_up(100, "changes-1")
        session = await cast.draft("Vague", "Tonight at 7!")
        await journey.submit(cast.tenant, session["id"])
        await cast.decide(
            "Vague",
            verdict="request_changes",
            message="Say who is writing.",
            comments=[{"part": "body", "start": 0, "end": 7, "comment": "Which evening?"}],
        )
        back = await cast.in_state(session["id"], "draft")
        assert back["comments"]
        await cast.tenant.patch(
            f"/v1/sessions/{session['id']}/draft",
            {"draft_version": back["draft_version"], "body": "Café Changes: tonight, 3 March, 7."},
        )
        await journey.submit(cast.tenant, session["id"])
        await cast.decide("Vague")
        explained(await journey.see_through(cast.tenant, session["id"], cast.deadline), 3)


async def test_cancelled_while_waiting(system: System):
    async with cast_of(system, "Cancelled") as cast:
        await cast.import_people(3)
        await cast.top_up(100, "cancelled-1")
        session = await cast.draft("Second thoughts")
        await journey.submit(cast.tenant, session["id"])
        await cast.in_state(session["id"], "awaiting_validation")
        path, lease = await journey.claim_case(
            cast.moderator, cast.tenant_id, "Second thoughts", cast.deadline
        )
        await cast.tenant.post(f"/v1/sessions/{session['id']}/cancel")
        assert (await cast.session(session["id"]))["state"] == "draft"
        with pytest.raises(ApiRefused) as late:
            await cast.moderator.post(
                f"{path}/decision",
                {
                    "verdict": "approve",
                    "content_hash": lease["content_hash"],
                    "lease_fence": lease["lease_fence"],
                },
            )
        assert late.value.status == 409
        await journey.submit(cast.tenant, session["id"])
        await cast.in_state(session["id"], "awaiting_validation")


async def test_not_enough_credits_then_topped_up(system: System):
    async with cast_of(system, "Short") as cast:
        await cast.import_people(20)
        session = await cast.draft("Short of credits")
        quote = await journey.submit(cast.tenant, session["id"])
        assert quote["shortfall_credits"] > 0
        await cast.decide("Short of credits")
        await cast.in_state(session["id"], "awaiting_credits")
        assert (await cast.tenant.get("/v1/balance"))["held"] == 0
        await cast.top_up(quote["ceiling_credits"], "short-1")
        view = await journey.see_through(cast.tenant, session["id"], cast.deadline)
        assert view["state"] == "completed"
        explained(view, 20)
    await prove(system)


async def test_auto_validated(system: System):
    async with cast_of(system, "Trusted") as cast:
        await cast.import_people(10)
        await cast.top_up(100, "trusted-1")
        bounds = {"recipients_max": 100, "hosts": [], "countries": ["NO", "SE", "FI", "FR"]}
        await cast.lead.call(
            "PUT",
            f"/v1/tenants/{cast.tenant_id}/auto-validation",
            {"bounds": bounds, "reason": "journey"},
        )
        session = await cast.draft("Known text", "Hi [first name], see you on Monday.")
        await journey.submit(cast.tenant, session["id"])
        view = await journey.see_through(cast.tenant, session["id"], cast.deadline)
        assert view["approval"]["kind"] == "auto"
        explained(view, 10)
        outside = await cast.draft("New host", "Hi [first name], see trusted-shop.example/x")
        await journey.submit(cast.tenant, outside["id"])
        await cast.in_state(outside["id"], "awaiting_validation")


DISGUISES = {
    "body": {"body": "Call me, I am free text"},
    "header": {"header": "Free header"},
    "footer": {"footer": "free footer at evil.example"},
}


async def approved_template(cast: Cast, body: str) -> str:
    made = await cast.tenant.post("/v1/templates", {"name": "Plain", "content": {"body": body}})
    await cast.tenant.post(f"/v1/templates/{made['id']}/versions/1/submit")
    await cast.decide("Plain, version 1")

    async def approved() -> str | None:
        view = await cast.tenant.get(f"/v1/templates/{made['id']}")
        return view["approved"]["id"] if view["approved"] else None

    return await until("the approved template", approved, deadline=cast.deadline)


async def test_trial_is_refused_free_text_in_each_disguise(system: System):
    async with cast_of(system, "Trial", status="trial", verified=False) as cast:
        await journey.make_ready(cast.tenant, cast.lead, "+4741234567", cast.deadline)
        await cast.import_people(3)
        session = await cast.draft("Trial", "Free text of my own")
        path = f"/v1/sessions/{session['id']}"
        with pytest.raises(ApiRefused) as free:
            await journey.submit(cast.tenant, session["id"])
        assert (free.value.status, free.value.code) == (403, "template_only")
        version_id = await approved_template(
            cast, "Hello [first name], your appointment is tomorrow at the usual place and time."
        )
        for part, changes in DISGUISES.items():
            before = await cast.session(session["id"])
            await cast.tenant.patch(
                f"{path}/draft",
                {
                    "draft_version": before["draft_version"],
                    "template_version_id": version_id,
                    **changes,
                },
            )
            with pytest.raises(ApiRefused) as refused:
                await journey.submit(cast.tenant, session["id"])
            assert (refused.value.status, refused.value.code) == (403, "template_only"), part


async def test_a_phishing_link_in_one_attribute_after_approval_does_not_leave(system: System):
    async with cast_of(system, "Phish") as cast:
        await cast.import_people(30)
        session = await cast.draft("Clean when seen", "Hi [first name], your code is [code].")
        quote = await journey.submit(cast.tenant, session["id"])
        await cast.decide("Clean when seen")
        await cast.in_state(session["id"], "awaiting_credits")
        victim = (await cast.tenant.every("/v1/subscribers", limit=50))[0]
        await cast.tenant.patch(
            f"/v1/subscribers/{victim['id']}",
            {
                "version": victim["version"],
                "attributes": {**victim["attributes"], "code": "pay at evil-bank.example/x"},
            },
        )
        await cast.top_up(quote["ceiling_credits"], "phish-1")
        view = await cast.in_state(session["id"], "completed", "awaiting_validation")
        # As GSM-7, one byte a character, or as UCS-2, where the name wants it.
        written = ["evil-bank".encode(charset) for charset in ("ascii", "utf-16-be")]
        sent = [record.message for record in system.accepted()]
        assert sent
        assert not [message for message in sent for text in written if text in message]
        if view["state"] == "completed":
            assert view["progress"]["left_out"] == 1
