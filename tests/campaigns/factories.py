"""A tenant with people, a sender and a campaign, made through the doors the product uses."""

from typing import Any
from uuid import UUID

import msgspec

from backend.audience.schemas.people import GroupCreate, MembershipChange, SubscriberCreate
from backend.audience.schemas.rules import AudienceInput
from backend.audience.service import contacts, groups, people
from backend.campaigns.schemas.inputs import CampaignCreate, DraftUpdate, Submission
from backend.campaigns.schemas.views import SessionView
from backend.campaigns.service import campaigns, drafts, quotes, submissions
from backend.db.scope import tenant_scope
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal, system
from backend.templates.schemas import SenderCreate, TemplateContent, TemplateCreate
from backend.templates.service import approvals, senders, templates
from tests.factories import make_tenant, member_of

BODY = "Hi [name], doors open at nine."


def phone(number: int) -> str:
    """Norwegian mobiles, one per number."""
    return f"+47912{number:05}"


class Shop:
    """One tenant's owner and what a campaign needs."""

    def __init__(self, owner: Principal) -> None:
        assert owner.tenant_id is not None
        self.owner = owner
        self.tenant_id = owner.tenant_id
        self.sender_id: UUID
        self.group_id: UUID

    def scope(self) -> Any:
        return tenant_scope(system("test", self.tenant_id))

    async def person(self, number: int, **facts: Any) -> UUID:
        facts.setdefault("name", f"Person {number}")
        given = SubscriberCreate(phone=phone(number), **facts)
        return (await people.create_subscriber(self.owner, given)).id

    async def people(self, number: int, **facts: Any) -> list[UUID]:
        return [await self.person(n, **facts) for n in range(1, number + 1)]

    async def group(self, name: str, members: list[UUID], **settings: Any) -> UUID:
        made = await groups.create_group(self.owner, GroupCreate(name=name, **settings))
        await groups.add_to_group(self.owner, made.id, MembershipChange(subscriber_ids=members))
        return made.id

    async def opt_out(self, number: int) -> None:
        async with self.scope() as scope:
            await contacts.opt_out(scope, phone(number), evidence="STOP")

    async def approved_sender(self, sender: str = "NORDLYS") -> UUID:
        made = await senders.request_sender(self.owner, SenderCreate(sender=sender))
        async with self.scope() as scope:
            await approvals.mark_sender_awaiting(scope, made.id)
            await approvals.approve_sender(scope, made.id, uuid7())
        return made.id

    async def approved_template(self, name: str = "Reminder", **parts: str) -> UUID:
        content = TemplateContent(**{"body": BODY, **parts})
        made = await templates.create_template(
            self.owner, TemplateCreate(name=name, content=content)
        )
        async with self.scope() as scope:
            await approvals.mark_template_version_awaiting(scope, made.newest.id)
            await approvals.approve_template_version(scope, made.newest.id, uuid7())
        return made.newest.id

    async def draft(self, **changes: Any) -> SessionView:
        """A campaign whose draft says `changes`; everybody is addressed unless they say whom."""
        campaign = await campaigns.create_campaign(self.owner, CampaignCreate(name="Opening"))
        assert campaign.newest_session is not None
        changes.setdefault("audience", AudienceInput(all=True))
        changes.setdefault("body", BODY)
        changes.setdefault("sender_id", self.sender_id)
        given = DraftUpdate(draft_version=1, **changes)
        return await drafts.update_draft(self.owner, campaign.newest_session.id, given)

    async def save(self, session: SessionView, **changes: Any) -> SessionView:
        given = DraftUpdate(draft_version=session.draft_version, **changes)
        return await drafts.update_draft(self.owner, session.id, given)

    async def submitted(self, **changes: Any) -> SessionView:
        session = await self.draft(**changes)
        quote = await quotes.create_quote(self.owner, session.id)
        given = Submission(quote_id=quote.id, ceiling_credits=quote.ceiling_credits)
        return await submissions.submit_session(self.owner, session.id, given)


async def make_shop(*, status: str = "active", is_verified: bool = True) -> Shop:
    shop = Shop(member_of(await make_tenant(status=status)))
    async with shop.scope() as scope:
        await scope.execute(
            "UPDATE tenants SET verified_phone = $2 WHERE id = $1",
            shop.tenant_id,
            phone(1) if is_verified else None,
        )
    shop.sender_id = await shop.approved_sender()
    return shop


def plain(view: Any) -> Any:
    return msgspec.to_builtins(view)
