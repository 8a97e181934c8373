"""The whole job over HTTP: import, top up, compose, quote, submit, approve, and see it through."""

import time
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.commands.api_client import ApiRefused, Person, TookTooLong, until
from backend.commands.demo_people import DemoPerson, csv_of

BODY = "Hi [first name], doors open at 9 in [city]. Code: [code]."
FOOTER = "Reply STOP to end."
OPTED_OUT_SHARE = 1_000
"""One in so many of the imported opts out before the send: someone to explain."""


class People(msgspec.Struct, frozen=True):
    """Who acts. A second clerk, and a lead, only where one person is not enough."""

    tenant: Person
    moderator: Person
    finance: Person
    second_clerk: Person
    lead: Person


class Sent(msgspec.Struct, frozen=True):
    session_id: UUID
    tenant_id: UUID
    group_recipients: int
    view: dict[str, Any]

    @property
    def seconds(self) -> float:
        """From the approval to the commit of the last receipt, by the database's clock."""
        ended = self.view["progress"]["last_receipt_at"] or self.view["completed_at"]
        began = datetime.fromisoformat(self.view["approval"]["at"])
        return (datetime.fromisoformat(ended) - began).total_seconds()


async def make_ready(tenant: Person, lead: Person, phone: str, deadline: float) -> None:
    """A verified number, and the sender that every new tenant is given."""
    path = f"/v1/tenants/{tenant.session['tenant']['id']}"
    if not (await lead.get(path))["verified_phone"]:
        await lead.post(
            f"{path}/number-verification", {"phone": phone, "reason": "Called back, demo"}
        )

    async def has_sender() -> bool | None:
        senders = items_of(await tenant.get("/v1/senders"))
        return any(sender["state"] == "approved" for sender in senders) or None

    await until("an approved sender", has_sender, deadline=deadline)


async def import_people(
    tenant: Person, people: list[DemoPerson], group: str, deadline: float
) -> str:
    """The id of the new group with these people in it."""
    started = await tenant.upload(
        "/v1/imports",
        f"{group}.csv",
        csv_of(iter(people)),
        {"new_group": group, "consent_source": "Web form", "consent_text": "I agree to texts."},
    )
    path = f"/v1/imports/{started['id']}"

    async def in_state(*states: str) -> dict[str, Any] | None:
        view: dict[str, Any] = await tenant.get(path)
        if view["state"] == "failed":
            raise TookTooLong(f"the import failed: {view['report']['failure']}")
        return view if view["state"] in states else None

    await until("the import to be read", lambda: in_state("parsed"), deadline=deadline)
    await tenant.post(f"{path}/accept")
    await until("the import to be accepted", lambda: in_state("accepted"), deadline=deadline)
    groups = await tenant.every("/v1/groups")
    return str(next(found["id"] for found in groups if found["name"] == group))


async def opt_some_out(tenant: Person, people: list[DemoPerson]) -> int:
    chosen = people[:: max(1, min(len(people), OPTED_OUT_SHARE))][:50]
    for person in chosen:
        await tenant.post(
            "/v1/opt-outs", {"phone": person.phone, "evidence": "asked on the phone, demo"}
        )
    return len(chosen)


async def draft(tenant: Person, name: str, group_id: str, body: str = BODY) -> dict[str, Any]:
    """A campaign's draft, complete."""
    campaign = await tenant.post("/v1/campaigns", {"name": name})
    session = await tenant.get(f"/v1/sessions/{campaign['newest_session']['id']}")
    senders = await tenant.get("/v1/senders")
    usable = [sender for sender in items_of(senders) if sender["state"] == "approved"]
    if not usable:
        raise TookTooLong("the tenant has no approved sender")
    saved: dict[str, Any] = await tenant.patch(
        f"/v1/sessions/{session['id']}/draft",
        {
            "draft_version": session["draft_version"],
            "body": body,
            "footer": FOOTER,
            "sender_id": usable[0]["id"],
            "audience": {"group_ids": [group_id]},
        },
    )
    return saved


def items_of(answer: Any) -> list[Any]:
    found: list[Any] = answer["items"] if isinstance(answer, dict) else answer
    return found


async def submit(tenant: Person, session_id: str) -> dict[str, Any]:
    """The quote that was confirmed."""
    quote: dict[str, Any] = await tenant.post(f"/v1/sessions/{session_id}/quotes")
    await tenant.post(
        f"/v1/sessions/{session_id}/submit",
        {"quote_id": quote["id"], "ceiling_credits": quote["ceiling_credits"]},
    )
    return quote


async def top_up(people: People, tenant_id: str, credits_needed: int, reference: str) -> None:
    balance = await people.finance.get(f"/v1/tenants/{tenant_id}/balance")
    missing = credits_needed - balance["available"]
    if missing <= 0:
        return
    wanted = {
        "amount_credits": missing,
        "method": "bank_transfer",
        "reference": reference,
        "reason": "Bank transfer of the demo",
    }
    try:
        await people.finance.post(f"/v1/tenants/{tenant_id}/top-ups", wanted)
    except ApiRefused as refused:
        if refused.code != "second_person_required":
            raise
        await people.second_clerk.post(f"/v1/top-ups/{refused.facts['top_up_id']}/approve")


async def claim_case(
    moderator: Person, tenant_id: str, title: str, deadline: float
) -> tuple[str, dict[str, Any]]:
    """The path of the tenant's open case with this title, and the lease taken on it."""

    async def row_of_case() -> dict[str, Any] | None:
        for row in await moderator.every("/v1/cases", state="open"):
            if row["tenant_id"] == tenant_id and row["title"] == title:
                found: dict[str, Any] = row
                return found
        return None

    row = await until(f"the case of {title}", row_of_case, deadline=deadline)
    path = f"/v1/cases/{tenant_id}/{row['case_id']}"
    return path, await moderator.post(f"{path}/claim")


async def decide(
    moderator: Person,
    tenant_id: str,
    title: str,
    deadline: float,
    second: Person | None = None,
    **verdict: Any,
) -> None:
    """Find the case, take its lease, decide on what it shows; approves unless said otherwise. Where
    two people must agree, `second` does.
    """
    path, lease = await claim_case(moderator, tenant_id, title, deadline)
    first = await _rule(moderator, path, lease, verdict)
    if second is None or not first["vote"]["four_eyes"]:
        return

    async def claim_again() -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = await second.post(f"{path}/claim")
        except ApiRefused as refused:
            # The first vote can still be taken back.
            if refused.code in {"decision_pending", "case_held"}:
                return None
            raise
        return found

    again = await until(f"the first vote on {title}", claim_again, deadline=deadline)
    await _rule(second, path, again, verdict)


async def _rule(
    moderator: Person, path: str, lease: dict[str, Any], verdict: dict[str, Any]
) -> dict[str, Any]:
    ruled: dict[str, Any] = await moderator.post(
        f"{path}/decision",
        {
            "verdict": "approve",
            "content_hash": lease["content_hash"],
            "lease_fence": lease["lease_fence"],
            **verdict,
        },
    )
    return ruled


async def see_through(tenant: Person, session_id: str, deadline: float) -> dict[str, Any]:
    """The session's view once completed; raises TookTooLong naming the state it is stuck in."""
    state = "?"

    async def ended() -> dict[str, Any] | None:
        nonlocal state
        view: dict[str, Any] = await tenant.get(f"/v1/sessions/{session_id}")
        state = view["state"]
        return view if state in {"completed", "failed", "cancelled", "refused"} else None

    try:
        return await until("completed", ended, deadline=deadline)
    except TookTooLong as error:
        raise TookTooLong(f"the session is still {state}") from error


async def whole_job(
    people: People, persons: list[DemoPerson], name: str, timeout_seconds: float
) -> Sent:
    deadline = time.monotonic() + timeout_seconds
    tenant_id = str(people.tenant.session["tenant"]["id"])
    group_id = await import_people(people.tenant, persons, name, deadline)
    await opt_some_out(people.tenant, persons)
    session = await draft(people.tenant, name, group_id)
    quote = await people.tenant.post(f"/v1/sessions/{session['id']}/quotes")
    await top_up(people, tenant_id, quote["ceiling_credits"], f"demo {name}")
    await submit(people.tenant, session["id"])
    await decide(people.moderator, tenant_id, name, deadline, people.lead)
    view = await see_through(people.tenant, session["id"], deadline)
    return Sent(UUID(session["id"]), UUID(tenant_id), len(persons), view)
