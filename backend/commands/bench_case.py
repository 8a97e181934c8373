"""A case of a session with a million recipients: made small through the product's own doors, then
given the dry run that a million of the most varied recipients leave behind.
"""

from typing import Final
from uuid import UUID

import msgspec

from backend.audience.schemas.people import SubscriberCreate
from backend.audience.schemas.rules import AudienceInput
from backend.audience.service.people import create_subscriber
from backend.campaigns.schemas.content import FrozenContent
from backend.campaigns.schemas.evaluation import EvaluatedMessage, EvaluatedPage
from backend.campaigns.schemas.inputs import CampaignCreate, DraftUpdate, Submission
from backend.campaigns.service.campaigns import create_campaign
from backend.campaigns.service.drafts import update_draft
from backend.campaigns.service.progress import open_batches
from backend.campaigns.service.quotes import create_quote
from backend.campaigns.service.submissions import submit_session
from backend.db.scope import platform_scope, tenant_scope
from backend.gateways.config import GatewayConfig
from backend.gateways.service import create_gateway, standing_gateways
from backend.identity.schemas import NumberVerification
from backend.identity.service.tenants import verify_number
from backend.kernel.ids import uuid7
from backend.kernel.principal import MemberRole, Principal, PrincipalKind, system
from backend.moderation.dry_run import CONSENT_SOURCES_MAX, HOSTS_MAX, DryRunSums
from backend.moderation.queries.benchmark import enlarge_case, newest_case
from backend.moderation.rules import RuleSet
from backend.moderation.schemas.screening import DryRun, Hit
from backend.moderation.service.screening import screen_session
from backend.templates.schemas import SenderCreate
from backend.templates.service.approvals import approve_sender, mark_sender_awaiting
from backend.templates.service.senders import request_sender

RECIPIENTS: Final = 1_000_000
EVALUATED: Final = 2_000
BATCHES: Final = 1_000
PEOPLE: Final = 5
_SECRET_KEY: Final = "secret key of a bench that lives for this run"  # noqa: S105
_BODY: Final = "Hi [name], your parcel waits: nordlys.example/track " * 20
_ALPHABETS: Final = ("Grüße", "Привет", "Γειά", "שלום", "مرحبا", "नमस्ते", "你好", "こんにちは")


async def make_large_case(owner_url: str, tenant_id: UUID, owner_id: UUID) -> UUID:
    """Before anything else is in the queue: the first case of its tenant. Its id."""
    session_id = await _submit(tenant_id, owner_id)
    await screen_session(tenant_id, session_id)
    async with tenant_scope(system("bench", tenant_id)) as scope:
        case_id = await newest_case(scope)
    dry_run, hits = _dry_run_of_a_million()
    await enlarge_case(owner_url, tenant_id, case_id, dry_run, hits)
    per_batch = RECIPIENTS // BATCHES
    async with tenant_scope(system("bench", tenant_id)) as scope:
        await open_batches(scope, session_id, dict.fromkeys(range(1, BATCHES + 1), per_batch))
    return case_id


async def _submit(tenant_id: UUID, owner_id: UUID) -> UUID:
    owner = Principal(
        kind=PrincipalKind.MEMBER,
        account_id=owner_id,
        tenant_id=tenant_id,
        member_role=MemberRole.OWNER,
    )
    async with platform_scope(system("bench"), "is there a way out") as scope:
        has_gateway = bool(await standing_gateways(scope))
    if not has_gateway:
        config = GatewayConfig(
            name="bench",
            host="127.0.0.1",
            port=2775,
            system_id="bench",
            password="bench",  # noqa: S106
        )
        await create_gateway(system("bench"), _SECRET_KEY, config)
    number = NumberVerification(phone="+4791234567", reason="a bench")
    await verify_number(system("bench"), tenant_id, number)
    for at in range(PEOPLE):
        given = SubscriberCreate(phone=f"+479120000{at}", name=f"Person {at}")
        await create_subscriber(owner, given)
    sender = await request_sender(owner, SenderCreate(sender="BENCH"))
    async with tenant_scope(system("bench", tenant_id)) as scope:
        await mark_sender_awaiting(scope, sender.id)
        await approve_sender(scope, sender.id, uuid7())
    campaign = await create_campaign(owner, CampaignCreate(name="A million parcels"))
    session = campaign.newest_session
    if session is None:
        raise RuntimeError("a campaign without a draft")
    draft = DraftUpdate(
        draft_version=1, body=_BODY, audience=AudienceInput(all=True), sender_id=sender.id
    )
    await update_draft(owner, session.id, draft)
    quote = await create_quote(owner, session.id)
    sure = Submission(quote_id=quote.id, ceiling_credits=quote.ceiling_credits)
    await submit_session(owner, session.id, sure)
    return session.id


def _dry_run_of_a_million() -> tuple[DryRun, list[Hit]]:
    """Every list at its limit; the sums of an evaluated part, times the rest."""
    content = FrozenContent(body=_BODY, sender="BENCH", audience={})
    sums = DryRunSums(content, RuleSet())
    sums.add(
        EvaluatedPage(
            messages=[_message(n) for n in range(EVALUATED)], exclusions=[], next_after=None
        )
    )
    dry_run = sums.result()
    times = RECIPIENTS // EVALUATED
    grown = {
        name: {key: count * times for key, count in getattr(dry_run, name).items()}
        for name in ("countries", "encodings", "alphabets", "consent_sources")
    }
    whole = msgspec.structs.replace(
        dry_run,
        recipients=RECIPIENTS,
        segments=dry_run.segments * times,
        credits=dry_run.credits * times,
        **grown,
    )
    return whole, sums.hits(dry_run)


def _message(n: int) -> EvaluatedMessage:
    link = f"nordlys{n % (2 * HOSTS_MAX)}.example/{n}"
    return EvaluatedMessage(
        subscriber_id=uuid7(),
        phone=f"+4791{n:06d}",
        country=("NO", "SE", "DK", "FI", "DE", "FR")[n % 6],
        body=f"{_ALPHABETS[n % len(_ALPHABETS)]} {n}, {link} " * 30,
        encoding="ucs2",
        segments=10,
        credits=10,
        consent_source=f"form {n % (2 * CONSENT_SOURCES_MAX)}",
    )
