"""What waits for a word beside the desk's queue, made over HTTP: for pictures, and for axe."""

from typing import Any

import httpx

from backend.commands import journey
from backend.commands.api_client import Person
from backend.commands.connection import opened
from backend.commands.demo_accounts import LEAD, MODERATOR
from backend.identity.service.login import DEMO_PASSWORD
from backend.identity.service.tenants import add_account, add_tenant
from tests.journeys.system import System

ADMIN = "ada@clearsend.example"

DISPUTED_CARD = "4000000000000259"
"""Pays, and its owner disputes it a moment later."""
COMPANY, OWNER, PHONE_NUMBER = "Fjellpost", "liv@fjellpost.example", "41234571"
REFUSED_SENDER = "FJELLBANK"
REFUSED_TEMPLATE = "Prize draw"
DOUBTFUL_TEMPLATE = "Customs fee"
QUESTION = "A fee, and no word of whom it goes to. Would you let this one pass?"
SLOW_SENDER = "TRICKLE"
"""No test sends under this name: the limit would slow it down."""


async def arrange_matters(system: System, deadline: float) -> str:
    """The id of a company with a refused sender and a refused template, both to be appealed, a
    case a moderator asks about, complaints, and strikes that propose its suspension. Beside it
    blocked hosts, and a sender's limit at a carrier.
    """
    url = system.settings.url
    async with opened(system.complete):
        account_id, _ = await add_account(OWNER, "Liv Moe", DEMO_PASSWORD, is_demo=True)
        await add_tenant(COMPANY, account_id, status="active", country="NO")
    async with (
        await Person.log_in(url, OWNER, DEMO_PASSWORD) as tenant,
        await Person.log_in(url, MODERATOR, DEMO_PASSWORD) as moderator,
        await Person.log_in(url, LEAD, DEMO_PASSWORD) as lead,
        await Person.log_in(url, ADMIN, DEMO_PASSWORD) as operator,
    ):
        tenant_id = str(tenant.session["tenant"]["id"])
        await journey.make_ready(tenant, lead, PHONE_NUMBER, deadline)
        await _refuse_sender(tenant, moderator, deadline)
        await _template(tenant, REFUSED_TEMPLATE, "Hi [first name], YOU HAVE WON. Call now!")
        title = f"{REFUSED_TEMPLATE}, version 1"
        await _refused(moderator, tenant, title, deadline, "Nobody has won anything yet.")
        await _template(tenant, DOUBTFUL_TEMPLATE, "Hi [first name], pay the fee of your parcel.")
        await _ask_a_colleague(moderator, tenant_id, f"{DOUBTFUL_TEMPLATE}, version 1", deadline)
        await _distrust(lead, tenant_id)
        await _block_hosts(lead)
        await _limit_sender(operator)
    return tenant_id


async def _ask_a_colleague(moderator: Person, tenant_id: str, title: str, deadline: float) -> None:
    path, lease = await journey.claim_case(moderator, tenant_id, title, deadline)
    fence = {"lease_fence": lease["lease_fence"]}
    await moderator.post(f"{path}/questions", {**fence, "question": QUESTION})


async def _refused(
    moderator: Person, tenant: Person, title: str, deadline: float, message: str
) -> None:
    await journey.decide(
        moderator,
        str(tenant.session["tenant"]["id"]),
        title,
        deadline,
        verdict="refuse",
        reason_code="misleading",
        message=message,
    )


async def _refuse_sender(tenant: Person, moderator: Person, deadline: float) -> None:
    asked = {"sender": REFUSED_SENDER, "purpose": "Parcels paid on delivery"}
    sender = await tenant.post("/v1/senders", asked)
    await tenant.post(f"/v1/senders/{sender['id']}/submit")
    await _refused(moderator, tenant, REFUSED_SENDER, deadline, "You are no bank.")


async def _template(tenant: Person, name: str, body: str) -> None:
    content = {"body": body, "footer": "Reply STOP to end."}
    template = await tenant.post("/v1/templates", {"name": name, "content": content})
    await tenant.post(f"/v1/templates/{template['id']}/versions/1/submit")


async def _distrust(lead: Person, tenant_id: str) -> None:
    path = f"/v1/tenants/{tenant_id}"
    complaints: tuple[dict[str, Any], ...] = (
        {"source": "carrier", "reference": "spam report 8812", "count": 14},
        {"source": "recipient", "reference": "mail of 21 November", "note": "She never agreed."},
    )
    for complaint in complaints:
        await lead.post(f"{path}/complaints", complaint)
    for weight, reason in ((30, "Opt-outs of a whole town"), (60, "Three carriers complained.")):
        await lead.post(f"{path}/strikes", {"weight": weight, "days": 90, "reason": reason})


async def _block_hosts(lead: Person) -> None:
    for host, reason in (
        ("customs-fee.example", "It asks for card numbers in the name of a carrier"),
        ("gift-cards-for-members.example", "Reported by two carriers on 20 November"),
    ):
        await lead.post("/v1/blocked-hosts", {"host": host, "reason": reason})


async def _limit_sender(operator: Person) -> None:
    gateway = (await operator.get("/v1/gateways"))[0]
    limit = {"sender": SLOW_SENDER, "segments_per_second_max": 5, "reason": "The carrier says so"}
    await operator.call("PUT", f"/v1/gateways/{gateway['id']}/sender-limits", limit)


async def buy_and_dispute(tenant: Person) -> None:
    """A purchase by a card whose owner asks for the money back."""
    page = (await tenant.post("/v1/purchases", {"credits": 1_000}))["checkout_url"]
    card = {"method": "card", "number": DISPUTED_CARD, "expiry": "12 / 34", "cvc": "123"}
    async with httpx.AsyncClient(timeout=20.0) as browser:
        await browser.post(page, data=card)
