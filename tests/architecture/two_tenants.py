"""Two tenants filled through the product's own use cases: ours, and the one whose every text
carries a mark that must never be seen from ours.

A table without a row of the marked tenant fails a test: a new feature plants its own here.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from msgspec.structs import replace

from backend.api.uploads import FormFile, FormPart
from backend.audience.schemas.people import (
    AttributeCreate,
    Consent,
    GroupCreate,
    MembershipChange,
    OptOutCreate,
    SubscriberCreate,
)
from backend.audience.schemas.rules import AudienceInput
from backend.audience.schemas.sending import FrequencyCap, SendingRules
from backend.audience.schemas.settings import SendingSettingsUpdate
from backend.audience.schemas.targets import TargetGroupCreate
from backend.audience.service import contacts, groups, people, sending, targets
from backend.audience.states import ContactKind
from backend.billing.desk_states import SINGLE_CLERK_CREDIT_LINE_CREDITS_MAX
from backend.billing.payment_facts import Card
from backend.billing.payments import payments, use_payments
from backend.billing.purchase_states import ProblemKind
from backend.billing.queries import (
    auto_reload as reload_rows,
    cards as card_rows,
    inbox as payment_problems,
    postpaid,
    purchases as purchase_rows,
    redemption,
)
from backend.billing.schemas.cards import AutoReloadInput
from backend.billing.schemas.corrections import CreditLineChange
from backend.billing.schemas.documents import CreditNoteCreate, InvoiceCreate
from backend.billing.schemas.prices import PriceChange, PriceProposalCreate
from backend.billing.schemas.profiles import BillingProfileUpdate
from backend.billing.schemas.purchases import PurchaseCreate
from backend.billing.schemas.refunds import RefundCreate
from backend.billing.schemas.top_ups import GrantCreate, TopUpCreate
from backend.billing.service import (
    auto_reload,
    bank,
    cards,
    corrections,
    credit_notes,
    disputes,
    grants,
    inbox as payment_inbox,
    price_proposals,
    profiles,
    proofs,
    purchases,
    refunds,
    sales,
    top_ups,
)
from backend.billing.states import SINGLE_CLERK_TOP_UP_CREDITS_MAX, Channel, TopUpMethod
from backend.campaigns.queries import forecast
from backend.campaigns.recurrence import Frequency, Repeat
from backend.campaigns.schemas.inputs import CampaignCreate, DraftUpdate, Submission
from backend.campaigns.schemas.schedules import ScheduleInput
from backend.campaigns.service import campaigns, drafts, quotes, submissions
from backend.db.scope import doorway_scope, platform_scope, tenant_scope
from backend.delivery.queries.inbound import insert_reply
from backend.delivery.service.starting import start_approved
from backend.identity.queries import directory, second_factors
from backend.identity.schemas import (
    ApiKeyCreate,
    AutoValidationGrant,
    NumberRequest,
    NumberVerification,
)
from backend.identity.service import invitations, keys, tenants, verifications
from backend.identity.service.tenants import add_tenant
from backend.identity.totp import new_secret
from backend.kernel.errors import Conflict, Unavailable
from backend.kernel.ids import uuid7
from backend.kernel.principal import (
    Idempotency,
    KeyScope,
    MemberRole,
    Principal,
    PrincipalKind,
    StaffRole,
    system,
)
from backend.kernel.sealing import seal
from backend.ledger.service import holds, lines
from backend.moderation.schemas.cases import LeaseInput
from backend.moderation.schemas.desk import QuestionInput
from backend.moderation.schemas.rules import RuleSetCreate, RuleTestCreate
from backend.moderation.schemas.trust import ComplaintCreate, ComplaintSource, StrikeCreate
from backend.moderation.schemas.votes import AppealInput
from backend.moderation.service import outcomes, rule_editing, rule_testing, trust
from backend.moderation.service.appeals import appeal_decision
from backend.moderation.service.comparing import remember_ruling
from backend.moderation.service.decisions import decide_case
from backend.moderation.service.handing import show_presence
from backend.moderation.service.history import list_decisions
from backend.moderation.service.leases import claim_case, release_case
from backend.moderation.service.notes import ask_opinion
from backend.moderation.service.screening import screen_session
from backend.moderation.states import Verdict
from backend.notifications.schemas import BalanceWarnings, Preference, PreferencesUpdate
from backend.notifications.service import noticing, reading
from backend.notifications.states import NoticeKind
from backend.templates.schemas import SenderCreate, TemplateContent, TemplateCreate
from backend.templates.service import approvals, senders, templates
from tests.audience.factories import csv_of, imported, parsed
from tests.billing.statements import bank_form, camt, entry
from tests.billing.stripe_account import StripeAccount, signed
from tests.browserless import ORIGIN, SECRET_KEY
from tests.factories import make_account, staff
from tests.moderation.factories import a_gateway_stands, case_ids, make_moderator, ruling

CANARY = "CANARY"
# Tables that no planting fills yet: rows of a running dispatch.
UNPLANTED = frozenset(
    {
        "batches",
        "carrier_ids",
        "exclusions",
        "messages",
        "send_attempts",
        "waiting_messages",
    }
)
BODY = "Hi [name], doors open at nine."


class Planted(msgspec.Struct, frozen=True):
    """`words` stand in the tenant's rows and nowhere else."""

    tenant_id: UUID
    members: dict[MemberRole, Principal]
    words: tuple[str, ...]

    @property
    def owner(self) -> Principal:
        return self.members[MemberRole.OWNER]


class Seed(msgspec.Struct, frozen=True):
    """What a planting function works with: `mark` goes into every text, numbers are `phone(n)`."""

    owner: Principal
    tenant_id: UUID
    mark: str
    prefix: str

    def phone(self, number: int) -> str:
        return f"{self.prefix}{number:02d}"

    def scope(self) -> Any:
        return tenant_scope(system("test", self.tenant_id))


Plant = Callable[[Seed], Awaitable[None]]


async def plant_people(seed: Seed) -> None:
    owner, mark = seed.owner, seed.mark
    await groups.create_attribute(owner, AttributeCreate(label=f"{mark} attribute"))
    group = await groups.create_group(
        owner,
        GroupCreate(
            name=f"{mark} group",
            description=f"{mark} description",
            header=f"{mark} header",
            footer=f"{mark} footer",
        ),
    )
    ids = []
    for number in range(3):
        made = await people.create_subscriber(
            owner,
            SubscriberCreate(
                phone=seed.phone(number),
                name=f"{mark} person {number}",
                email=f"{mark}{number}@example.com",
                external_id=f"{mark}-{number}",
                language="en",
                time_zone="Europe/Oslo",
                attributes={f"{mark} attribute": f"{mark} value"},
                consent=Consent(source=f"{mark} source", text=f"{mark} consent"),
            ),
        )
        ids.append(made.id)
    await groups.add_to_group(owner, group.id, MembershipChange(subscriber_ids=ids))
    await contacts.create_opt_out(
        owner, OptOutCreate(phone=seed.phone(2), sender=mark, evidence=f"{mark} evidence")
    )
    for _ in range(2):  # the first folded into a total, the second still an event
        await contacts.fold_contacts(timedelta(0))
        async with seed.scope() as scope:
            await contacts.record_contacts(scope, ContactKind.ACCEPTED, [seed.phone(0)])
    named = {
        "kind": "attribute",
        "name": f"{mark} attribute",
        "comparison": "equals",
        "values": [f"{mark} value"],
    }
    await targets.create_target_group(
        owner,
        TargetGroupCreate(name=f"{mark} target", description=f"{mark} meant", rule=named),
    )
    cap = SendingRules(frequency_caps=[FrequencyCap(messages=100, days=1)])
    await sending.update_sending_settings(owner, SendingSettingsUpdate(version=0, sending=cap))


async def plant_imports(seed: Seed) -> None:
    mark = seed.mark
    table = csv_of(
        f"phone,name,{mark} note",
        f"{seed.phone(10)},{mark} imported,{mark} note",
        f"12,{mark} bad,{mark}",
    )
    chosen = {"new_group": f"{mark} import", "consent_source": f"{mark} source"}
    await imported(seed.owner, table, **chosen)
    waiting = csv_of("phone,name", f"{seed.phone(11)},{mark} waiting", f"7,{mark} wrong")
    await parsed(seed.owner, waiting, new_group=f"{mark} waiting", consent_text=f"{mark} said")


async def plant_senders_and_templates(seed: Seed) -> None:
    made = await senders.request_sender(
        seed.owner, SenderCreate(sender=seed.mark[:11], purpose=f"{seed.mark} purpose")
    )
    content = TemplateContent(body=f"{seed.mark} {BODY}", header=seed.mark, footer=seed.mark)
    template = await templates.create_template(
        seed.owner,
        TemplateCreate(
            name=f"{seed.mark} template", description=f"{seed.mark} about", content=content
        ),
    )
    async with seed.scope() as scope:
        await approvals.mark_sender_awaiting(scope, made.id)
        await approvals.approve_sender(scope, made.id, uuid7())
        await approvals.mark_template_version_awaiting(scope, template.newest.id)
        await approvals.approve_template_version(scope, template.newest.id, uuid7())


async def plant_campaigns(seed: Seed) -> None:
    """One decided, one before a moderator, one draft with a quote, one that repeats."""
    (sender,) = [s for s in await senders.list_senders(seed.owner) if s.sender == seed.mark[:11]]
    moderator = await make_moderator(f"{seed.mark} moderator")
    await a_gateway_stands()
    for fate in ("refuse", "open", "draft", "repeat"):
        campaign = await campaigns.create_campaign(
            seed.owner, CampaignCreate(name=f"{seed.mark} campaign {fate}")
        )
        assert campaign.newest_session is not None
        draft = DraftUpdate(
            draft_version=1,
            body=f"{seed.mark} {BODY}",
            header=seed.mark,
            footer=seed.mark,
            sender_id=sender.id,
            audience=AudienceInput(all=True),
            schedule=weekly() if fate == "repeat" else None,
        )
        session = await drafts.update_draft(seed.owner, campaign.newest_session.id, draft)
        quote = await quotes.create_quote(seed.owner, session.id)
        if fate == "draft":
            continue
        given = Submission(quote_id=quote.id, ceiling_credits=quote.ceiling_credits)
        await submissions.submit_session(seed.owner, session.id, given)
        await screen_session(seed.tenant_id, session.id)
        if fate in {"refuse", "repeat"}:
            case_id = (await case_ids(seed.tenant_id))[-1]
            lease = await claim_case(moderator, seed.tenant_id, case_id)
            verdict = "approve" if fate == "repeat" else "refuse"
            await decide_case(moderator, seed.tenant_id, case_id, ruling(lease, verdict))
        if fate == "repeat":
            await start_approved(seed.tenant_id, session.id)


async def plant_desk(seed: Seed) -> None:
    """What moderators leave at a case: a look, a question, a release, an appeal of its tenant."""
    moderator = await make_moderator(f"{seed.mark} second moderator")
    case_id = (await case_ids(seed.tenant_id))[-1]
    at = (moderator, seed.tenant_id, case_id)
    lease = await claim_case(*at)
    await show_presence(*at)
    question = QuestionInput(lease_fence=lease.lease_fence, question=f"{seed.mark} question")
    await ask_opinion(*at, question)
    await release_case(*at, LeaseInput(lease_fence=lease.lease_fence))
    made = (await list_decisions(seed.owner, None, None, 50)).items
    refusal = next(one for one in made if one.verdict is Verdict.REFUSE)
    appeal = AppealInput(text=f"{seed.mark} asks somebody else to look")
    await appeal_decision(seed.owner, refusal.id, appeal)


def weekly() -> ScheduleInput:
    """From tomorrow on, in the middle of the day: no zone changes its clocks then."""
    day = datetime.now(UTC).date() + timedelta(days=1)
    return ScheduleInput(
        local=f"{day}T12:00", zone="Europe/Oslo", repeat=Repeat(frequency=Frequency.WEEKLY)
    )


async def plant_progress(seed: Seed) -> None:
    """Rows the sending writes: numbers and causes of one session."""
    async with seed.scope() as scope:
        session_id = await scope.value(
            "SELECT id FROM campaign_sessions ORDER BY id LIMIT 1",
        )
        await scope.execute(
            "INSERT INTO session_progress (tenant_id, session_id, batch_no, planned)"
            " VALUES ($1, $2, 1, 3)",
            seed.tenant_id,
            session_id,
        )
        await scope.execute(
            "INSERT INTO session_causes (tenant_id, session_id, cause, messages)"
            " VALUES ($1, $2, $3, 1)",
            seed.tenant_id,
            session_id,
            f"{seed.mark} cause",
        )
        await scope.execute(
            "INSERT INTO session_minutes (tenant_id, session_id, minute) VALUES ($1, $2, $3)",
            seed.tenant_id,
            session_id,
            scope.now,
        )
        await holds.place_hold(scope, f"{seed.mark} hold", session_id, 3)
        await forecast.tell(scope, session_id, None, scope.now, 3)
        await scope.execute(
            "INSERT INTO retry_recipients (tenant_id, session_id, subscriber_id)"
            " SELECT $1, $2, id FROM subscribers ORDER BY id LIMIT 1",
            seed.tenant_id,
            session_id,
        )
        await insert_reply(
            scope,
            uuid7(),
            uuid7(),
            session_id,
            seed.phone(0),
            seed.mark[:11],
            "other",
            f"{seed.mark} reply",
        )


async def one_proof(name: str) -> AsyncIterator[FormPart]:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"%PDF-1.7 a bank's advice"

    yield FormFile("file", name, chunks())


async def plant_money(seed: Seed) -> None:
    clerk = staff(StaffRole.FINANCE)
    proof = await proofs.upload_proof_file(
        clerk, seed.tenant_id, one_proof(f"{seed.mark} advice.pdf")
    )
    asked = TopUpCreate(
        amount_credits=10_000,
        method=TopUpMethod.BANK_TRANSFER,
        reference=f"{seed.mark} reference",
        reason=f"{seed.mark} reason",
        proof_file=proof.id,
    )
    await top_ups.create_top_up(clerk, seed.tenant_id, asked)
    waiting = replace(
        asked,
        amount_credits=SINGLE_CLERK_TOP_UP_CREDITS_MAX + 1,
        reference=f"{seed.mark} waiting",
    )
    with pytest.raises(Conflict, match="second_person_required"):
        await top_ups.create_top_up(clerk, seed.tenant_id, waiting)
    statement = camt(entry(name=f"{seed.mark} payer", text=f"{seed.mark} paid"))
    await bank.upload_bank_file(clerk, bank_form(statement))
    if not (await price_proposals.list_price_proposals(clerk)).items:
        change = PriceChange(country="NO", channel=Channel.SMS, credits=2)
        dearer = PriceProposalCreate(base_version=1, changes=[change], reason="dearer")
        await price_proposals.propose_prices(clerk, dearer)
    line = CreditLineChange(
        credits=SINGLE_CLERK_CREDIT_LINE_CREDITS_MAX + 1,
        seen_credits=0,
        reason=f"{seed.mark} line",
    )
    with pytest.raises(Conflict, match="second_person_required"):
        await corrections.set_credit_line(clerk, seed.tenant_id, line)
    await grants.create_grant(
        clerk,
        seed.tenant_id,
        GrantCreate(
            amount_credits=5, reference=f"{seed.mark} grant", reason=f"{seed.mark} goodwill"
        ),
    )
    async with tenant_scope(system("plant", seed.tenant_id)) as scope:
        await lines.set_credit_line(scope, 1, f"{seed.mark} line", f"{seed.mark} good customer")


async def plant_buyer(seed: Seed) -> None:
    mark = seed.mark
    await profiles.save_billing_profile(
        seed.owner,
        BillingProfileUpdate(
            version=0,
            company_name=f"{mark} company",
            address_lines=[f"{mark} street"],
            postal_code="0155",
            city=f"{mark} city",
            country="NO",
            vat_id="NO974760673MVA",
            email=f"{mark.lower()}@example.com",
            purchase_reference=f"{mark} department",
        ),
    )


async def plant_documents(seed: Seed) -> None:
    """An invoice of the top-up, one to be paid, a credit note, and months with nothing to bill."""
    clerk = staff(StaffRole.FINANCE)
    async with seed.scope() as scope:
        top_up = await scope.value("SELECT id FROM top_ups WHERE state = 'credited'")
        await postpaid.insert(scope, date(2026, 1, 1), 0, None)
    issued = await sales.settle_top_up(seed.tenant_id, top_up)
    assert issued is not None
    async with seed.scope() as scope:
        await redemption.begin(scope, date(2026, 1, 1))
        await redemption.insert(scope, date(2026, 1, 1), None, [(issued, 0, 0)])
    asked = InvoiceCreate(credits=1_000, reason=f"{seed.mark} asked")
    await sales.create_invoice(clerk, seed.tenant_id, asked)
    taken = CreditNoteCreate(amount_minor=1, reason=f"{seed.mark} correction")
    await credit_notes.create_credit_note(clerk, issued, taken)


async def plant_purchases(seed: Seed) -> None:
    """One refunded in part and disputed, and a problem that only finance sees."""
    mark = seed.mark
    account = the_account()
    bought = await purchases.create_purchase(seed.owner, ORIGIN, PurchaseCreate(credits=1000))
    payment = account.pay(bought)
    for _, event_id, kind, object_id in account.events:
        body = account.body_of(event_id, kind, object_id)
        await payment_inbox.receive_event(body, signed(body))
    assert not await payment_inbox.work_off_inbox()
    asked = RefundCreate(purchase_id=bought.id, credits=10, reason=f"{mark} refund")
    await refunds.create_refund(staff(StaffRole.FINANCE), seed.tenant_id, asked)
    dispute = account.dispute_it(payment)
    account.put(replace(dispute, reason=f"{mark} dispute"))
    await disputes.settle_dispute(dispute.id)
    facts = {"payment": f"{mark} payment"}
    async with seed.scope() as scope:
        kind = ProblemKind.UNKNOWN_REFUND
        await payment_problems.insert_problem(scope, kind, f"{mark} problem", facts)
    account.events.clear()


async def plant_cards(seed: Seed) -> None:
    mark = seed.mark
    account = the_account()
    card = Card(f"pm_{mark}", f"{mark} brand", "4242", 12, 2034)
    async with seed.scope() as scope:
        customer = await purchase_rows.customer_id(scope) or ""
        await card_rows.keep_customer(scope, customer, None)
        (row,) = await purchase_rows.page(scope, seed.tenant_id, None, 1)
    account.saved_cards[customer] = [card]
    await cards.sync_cards(seed.tenant_id)
    asked = AutoReloadInput(
        is_on=False,
        threshold_credits=1,
        amount_credits=500,
        monthly_cap_minor=1_000_000,
        card_id=card.id,
    )
    await auto_reload.save_auto_reload(seed.owner, asked)
    async with seed.scope() as scope:
        await reload_rows.insert(scope, row["id"], (1, 1), None, card.id)


def the_account() -> StripeAccount:
    """At the provider, of both tenants, for as long as the application runs."""
    try:
        chosen = payments()
    except Unavailable:
        chosen = StripeAccount()
        use_payments(chosen)
    assert isinstance(chosen, StripeAccount)
    return chosen


async def plant_identity(seed: Seed) -> None:
    with_key = replace(
        seed.owner,
        idempotency=Idempotency(f"{seed.mark}-key", "create_api_key", "0" * 64),
    )
    await keys.create_api_key(
        with_key, ApiKeyCreate(name=f"{seed.mark} key", scopes=[KeyScope.PII_READ])
    )
    lead = staff(StaffRole.LEAD)
    await tenants.verify_number(
        lead,
        seed.tenant_id,
        NumberVerification(phone=seed.phone(50), reason=f"{seed.mark} verified"),
    )
    await tenants.grant_auto_validation(
        lead, seed.tenant_id, AutoValidationGrant(bounds=None, reason=f"{seed.mark} taken")
    )


async def plant_verification(seed: Seed) -> None:
    await verifications.request_verification(seed.owner, NumberRequest(phone=seed.phone(51)))


async def plant_notices(seed: Seed) -> None:
    """A notice with its mail, an invitation, and what the owner chose."""
    mark = seed.mark
    async with platform_scope(system("test"), "test") as scope:
        members = await tenants.member_contacts(scope, seed.tenant_id)
    confirmed = [replace(one, is_email_confirmed=True) for one in members]
    async with seed.scope() as scope:
        await noticing.notice(
            scope,
            NoticeKind.MISSED,
            f"{mark} event",
            {"campaign": f"{mark} campaign", "failure": "no_gateway"},
            confirmed,
        )
    async with tenant_scope(seed.owner) as scope:
        email = f"{mark.lower()}-guest@example.com"
        await invitations.make_invitation(scope, email, MemberRole.VIEWER)
    missed = Preference(kind=NoticeKind.MISSED, in_app=True, by_mail=True)
    await reading.save_preferences(seed.owner, PreferencesUpdate(preferences=[missed]))
    await reading.save_balance_warnings(seed.owner, BalanceWarnings(levels=[7]))


async def plant_second_factor(seed: Seed) -> None:
    """Of no tenant, but of a person whom only their own tenant knows."""
    assert seed.owner.account_id is not None
    factor_id = uuid7()
    sealed = seal(SECRET_KEY, "second_factors.secret_sealed", factor_id, new_secret())
    async with doorway_scope("second_factor", system("test")) as scope:
        await second_factors.insert_totp(
            scope, factor_id, seed.owner.account_id, f"{seed.mark} telephone", sealed, 0
        )


async def plant_trust(seed: Seed) -> None:
    """A draft of rules under test, a text that was refused, and what speaks against the tenant."""
    lead = await make_moderator(f"{seed.mark} lead", StaffRole.LEAD)
    draft = await rule_editing.create_rule_set(lead, RuleSetCreate(note="a draft"))
    await rule_testing.start_rule_test(lead, draft.version, RuleTestCreate())
    async with seed.scope() as scope:
        refused = await scope.value("SELECT id FROM campaign_sessions WHERE state = 'refused'")
    assert await remember_ruling(seed.tenant_id, refused)
    given = StrikeCreate(weight=100, reason=f"{seed.mark} strike")
    await trust.strike_tenant(lead, seed.tenant_id, given)
    complaint = ComplaintCreate(
        session_id=refused,
        source=ComplaintSource.RECIPIENT,
        reference=f"{seed.mark} complaint",
        note=f"{seed.mark} note",
    )
    await outcomes.record_complaint(lead, seed.tenant_id, complaint)


PLANTS: list[Plant] = [
    plant_identity,
    plant_second_factor,
    plant_verification,
    plant_buyer,
    plant_purchases,
    plant_cards,
    plant_money,
    plant_documents,
    plant_people,
    plant_imports,
    plant_senders_and_templates,
    plant_campaigns,
    plant_desk,
    plant_progress,
    plant_notices,
    plant_trust,
]


async def plant(mark: str, prefix: str) -> Planted:
    """A tenant with a person of each role; `prefix` is ten digits its numbers begin with."""
    members = {}
    owner_id = await make_account(f"{mark} owner", f"{mark.lower()}-owner@example.com")
    tenant_id = await add_tenant(f"{mark} tenant", owner_id, status="active", country="NO")
    for role in MemberRole:
        account_id = owner_id
        if role is not MemberRole.OWNER:
            account_id = await make_account(f"{mark} {role}", f"{mark.lower()}-{role}@example.com")
            async with doorway_scope("login", system("test")) as scope:
                await directory.insert_member(scope, tenant_id, account_id, role.value)
        members[role] = Principal(
            kind=PrincipalKind.MEMBER,
            account_id=account_id,
            tenant_id=tenant_id,
            member_role=role,
            request_id="planting",
            has_stepped_up=True,
        )
    planted = Planted(tenant_id, members, (mark.lower(), prefix))
    seed = Seed(planted.owner, tenant_id, mark, prefix)
    for step in PLANTS:
        await step(seed)
    return planted


async def keys_of(planted: Planted) -> AsyncIterator[tuple[str, Principal]]:
    """A key of each scope alone, one of all, one of none."""
    async with tenant_scope(planted.owner) as scope:
        key_id = await scope.value("SELECT id FROM api_keys LIMIT 1")
    kinds: dict[str, frozenset[KeyScope]] = {s.value: frozenset({s}) for s in KeyScope}
    for name, scopes in {
        **kinds,
        "every scope": frozenset(KeyScope),
        "no scope": frozenset(),
    }.items():
        yield (
            f"key {name}",
            Principal(
                kind=PrincipalKind.API_KEY,
                tenant_id=planted.tenant_id,
                key_id=key_id,
                key_scopes=scopes,
            ),
        )


async def tenant_tables() -> list[str]:
    """Every table with a tenant_id, from the catalogue; partitions are reached by their parent."""
    async with platform_scope(system("test"), "test") as scope:
        rows = await scope.rows(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
            " AND NOT c.relispartition AND a.attname = 'tenant_id' AND NOT a.attisdropped"
            " ORDER BY c.relname"
        )
    return [row["relname"] for row in rows]
