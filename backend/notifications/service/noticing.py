"""From an event to the people it concerns: each is told once, however often the event is."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.service.approvals import session_title
from backend.campaigns.service.moves import read_session
from backend.campaigns.service.views import session_snapshot
from backend.campaigns.states import SessionState
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.identity.schemas import MemberContact
from backend.identity.service.tenants import member_contacts, read_tenant_facts, read_tenant_view
from backend.kernel.faults import point
from backend.kernel.ids import uuid7
from backend.kernel.principal import system
from backend.moderation.service.books import book_in_force, in_language
from backend.notifications import queries
from backend.notifications.schemas import NewMail
from backend.notifications.states import (
    BALANCE_LEVELS_DEFAULT,
    MAILED_TO,
    SEEN_BY,
    NoticeKind,
    crossed_level,
)

NOTICES_KEPT_DAYS = 90
_CREDIT_FACTS = ("required", "available", "missing", "ceiling")


async def tell_of_session(
    tenant_id: UUID, session_id: UUID, kind: NoticeKind, event_id: UUID, told: dict[str, Any]
) -> int:
    """Use case of the session topics: `event_id` is the announcement's, `told` its payload.

    Answers how many people heard of it now; a second time nobody does.
    """
    people = await people_for(tenant_id, kind)
    async with tenant_scope(system("notices", tenant_id)) as scope:
        session = await read_session(scope, session_id)
        # A program's own sends are told to it by webhooks; people only hear where they must act.
        if kind is NoticeKind.COMPLETED and session.campaign_id is None:
            return 0
        facts = await _session_facts(scope, session, kind, told)
        count = await notice(scope, kind, f"event:{event_id}", facts, people)
        point("notifications.noticed")
    return count


async def tell_of_balance(tenant_id: UUID, event_id: UUID, before: int, after: int) -> int:
    """Use case of `credits.fell`: a level is told once for each crossing, however often the fall is
    told; it counts again as soon as the balance was at or above it. Of several crossed at once the
    lowest is told.
    """
    people = await people_for(tenant_id, NoticeKind.LOW_BALANCE)
    async with tenant_scope(system("notices", tenant_id)) as scope:
        levels = await queries.balance_levels(scope)
        chosen = BALANCE_LEVELS_DEFAULT if levels is None else tuple(levels)
        level = crossed_level(chosen, before, after)
        if level is None:
            return 0
        reference = f"low_balance:{level}:{event_id}"
        facts = {"level": level, "available": max(after, 0)}
        return await notice(scope, NoticeKind.LOW_BALANCE, reference, facts, people)


async def tell_of_forecast(tenant_id: UUID, told: dict[str, Any]) -> int:
    """Use case of `forecast.short`: another first one that is not covered is another notice. The
    same one is told once a day, however often what it lacks changes.
    """
    kind = NoticeKind.FORECAST_SHORT
    people = await people_for(tenant_id, kind)
    async with tenant_scope(system("notices", tenant_id)) as scope:
        planned = told.get("session_id") or told.get("series_id")
        reference = f"forecast:{planned}:{told['due_at']}:{scope.now.date()}"
        facts = {
            "campaign": told.get("campaign_name"),
            "required": told["required_credits"],
            "available": told["available_credits"],
            "missing": told["missing_credits"],
            "at": told["due_at"],
        }
        if told.get("session_id"):
            facts["session_id"] = told["session_id"]
        return await notice(scope, kind, reference, facts, people)


async def tell_of_pause(tenant_id: UUID, session_id: UUID, ends_at: str) -> int:
    """Use case of `session.pause_ending`, where that pause still stands."""
    kind = NoticeKind.PAUSE_ENDING
    people = await people_for(tenant_id, kind)
    async with tenant_scope(system("notices", tenant_id)) as scope:
        session = await read_session(scope, session_id)
        if session.state is not SessionState.PAUSED or session.deadline_at is None:
            return 0
        if session.deadline_at.isoformat() != ends_at:
            return 0  # resumed meanwhile, and paused anew
        facts = {**await _session_facts(scope, session, kind, {}), "at": ends_at}
        return await notice(scope, kind, f"pause:{session_id}:{ends_at}", facts, people)


async def people_for(tenant_id: UUID, kind: NoticeKind) -> list[MemberContact]:
    """Members whose role may see this kind; addresses are no tenant's to read."""
    async with platform_scope(system("notices"), "members to tell") as scope:
        found = await member_contacts(scope, tenant_id)
    return [person for person in found if person.role in SEEN_BY[kind]]


async def notice(
    scope: Scope,
    kind: NoticeKind,
    reference: str,
    facts: dict[str, Any],
    people: Sequence[MemberContact],
) -> int:
    """A step: rows for the bell and, in the same transaction, mails for whoever wants them."""
    chosen = {row["account_id"]: row for row in await queries.preferences_for(scope, kind)}
    wanted = {
        person.account_id: (
            chosen[person.account_id]["in_app"] if person.account_id in chosen else True,
            chosen[person.account_id]["by_mail"]
            if person.account_id in chosen
            else person.role in MAILED_TO[kind],
        )
        for person in people
    }
    ids = {account_id: uuid7() for account_id, wants in wanted.items() if any(wants)}
    rows = [(ids[account_id], account_id, wanted[account_id][0]) for account_id in ids]
    new = await queries.insert_notices(scope, kind, reference, facts, rows)
    tenant = await read_tenant_facts(scope)
    for person in people:
        # Nothing but the link to confirm it goes to an address that nobody has confirmed.
        if person.account_id in new and wanted[person.account_id][1] and person.is_email_confirmed:
            mail = NewMail(
                id=ids[person.account_id],
                tenant_id=scope.tenant_id,
                kind=kind.value,
                address=person.email,
                language=person.language,
                facts={**facts, "tenant": tenant.name, "name": person.name},
                is_demo=person.is_demo,
            )
            await queries.insert_mail(scope, mail)
    await queries.drop_old_notices(scope, scope.now - timedelta(days=NOTICES_KEPT_DAYS))
    return len(new)


async def _session_facts(
    scope: Scope, session: SessionRow, kind: NoticeKind, told: dict[str, Any]
) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "session_id": str(session.id),
        "campaign": await session_title(scope, session),
        **{name: told[name] for name in _CREDIT_FACTS if name in told},
    }
    if told.get("reason_code"):
        facts["reason"] = await _reason(scope, told["reason_code"])
    if kind in {NoticeKind.MISSED, NoticeKind.FAILED} and session.failure:
        facts["failure"] = session.failure
    if kind is NoticeKind.COMPLETED:
        progress = (await session_snapshot(scope, session.id))["progress"]
        facts |= {"planned": progress["planned"], "delivered": progress["delivered"]}
    return facts


async def _reason(scope: Scope, code: str) -> str:
    """In the words of the book in force; of a code it has no more, the code."""
    language = (await read_tenant_view(scope, scope.tenant_id)).language
    book = in_language(await book_in_force(scope), language)
    return next((one.tenant_text for one in book.reasons if one.code == code), code)
