"""Every recipient explained: what was sent and how it ended, and who got nothing and why."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from backend.audience.service.people import sees_masked
from backend.campaigns.schemas.evaluation import ExclusionReason
from backend.campaigns.service.moves import read_session
from backend.db.pages import check_limit, decode_cursor, next_cursor
from backend.db.scope import tenant_scope
from backend.delivery.queries import recipients as queries
from backend.delivery.queries.preparing import SessionKey
from backend.delivery.schemas import ExclusionView, RecipientView
from backend.delivery.service.evidence import explain
from backend.delivery.states import MessageState
from backend.kernel.principal import Principal
from backend.kernel.views import Page
from backend.sms.phone import country_of, mask


async def list_recipients(  # noqa: PLR0917 - the filters of one list
    principal: Principal,
    session_id: UUID,
    states: Sequence[MessageState] = (),
    cause: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[RecipientView]:
    check_limit(limit)
    after = decode_cursor(cursor, int)[0] if cursor else 0
    async with tenant_scope(principal) as scope:
        session = await read_session(scope, session_id)
        if session.session_day is None:
            return Page(items=[])
        key = SessionKey(session.session_day, session_id)
        rows = await queries.messages_page(scope, key, states, cause, after, limit)
    items = [msgspec.convert(dict(row), RecipientView) for row in rows]
    if sees_masked(principal):
        items = [msgspec.structs.replace(item, phone=mask(item.phone)) for item in items]
    return Page(items=items, next_cursor=next_cursor(rows, limit, "n"))


async def list_exclusions(
    principal: Principal,
    session_id: UUID,
    reason: ExclusionReason | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[ExclusionView]:
    check_limit(limit)
    after = decode_cursor(cursor, int)[0] if cursor else 0
    async with tenant_scope(principal) as scope:
        session = await read_session(scope, session_id)
        if session.session_day is None:
            return Page(items=[])
        key = SessionKey(session.session_day, session_id)
        rows = await queries.exclusions_page(scope, key, reason, after, limit)
        because = await explain(scope, session_id, rows)
    items = [
        msgspec.convert({**row, "because": why, "country": country_of(row["phone"])}, ExclusionView)
        for row, why in zip(rows, because, strict=True)
    ]
    if sees_masked(principal):
        items = [_masked(item) for item in items]
    return Page(items=items, next_cursor=next_cursor(rows, limit, "k"))


def _masked(item: ExclusionView) -> ExclusionView:
    if not item.phone:
        return item
    shown = mask(item.phone)
    because = [
        msgspec.structs.replace(one, value=shown) if one.value == item.phone else one
        for one in item.because
    ]
    evidence = item.evidence.replace(item.phone, shown)
    return msgspec.structs.replace(item, phone=shown, evidence=evidence, because=because)
