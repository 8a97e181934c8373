"""Opt-outs, and when a phone was last contacted."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from backend.audience.queries import contacts, subscribers
from backend.audience.schemas.people import OptOutCreate, OptOutView
from backend.audience.service.people import read_phone, sees_masked
from backend.audience.states import EVERY_SENDER, ContactKind, NumberState, OptOutSource
from backend.audit.service import record
from backend.db.pages import PAGE_ROWS_DEFAULT, check_limit, cursor_id, next_cursor
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.kernel.ids import NIL_ID, uuid7
from backend.kernel.principal import Principal, PrincipalKind, system
from backend.kernel.views import Page
from backend.sms.phone import mask

FOLD_ROUNDS_PER_TENANT_MAX = 20
FOLDED_AGED = timedelta(seconds=15)
"""By then most receipts are there: a person's *accepted* and *delivered* make one total, not two.
Frequency caps read what is not folded as well; targets by activity know of it once it is.
"""


async def create_opt_out(principal: Principal, given: OptOutCreate) -> OptOutView:
    """From its commit on, no window claimed holds this phone. Asking twice is no error."""
    is_key = principal.kind is PrincipalKind.API_KEY
    source = OptOutSource.API if is_key else OptOutSource.MANUAL
    phone = read_phone(given.phone, given.default_country).e164
    async with tenant_scope(principal) as scope:
        await opt_out(scope, phone, given.sender, source, given.evidence)
        row = await contacts.opt_out(scope, phone, given.sender)
        await record(scope, "opt_out.created", f"opt_out:{row['id']}", source=source.value)
        view = msgspec.convert(dict(row), OptOutView)
        if sees_masked(principal):
            view = msgspec.structs.replace(view, phone=mask(phone))
        await scope.answer(view)
        return view


async def list_opt_outs(
    principal: Principal,
    *,
    phone: str | None = None,
    cursor: str | None = None,
    limit: int = PAGE_ROWS_DEFAULT,
) -> Page[OptOutView]:
    """Those in force, newest first."""
    check_limit(limit)
    before = cursor_id(cursor)
    wanted = read_phone(phone, None).e164 if phone else None
    masked = sees_masked(principal)
    async with tenant_scope(principal) as scope:
        rows = await contacts.opt_outs_page(scope, wanted, before, limit)
    items = [msgspec.convert(dict(row), OptOutView) for row in rows]
    if masked:
        items = [msgspec.structs.replace(view, phone=mask(view.phone)) for view in items]
    return Page(items=items, next_cursor=next_cursor(rows, limit, "id"))


async def opt_out(
    scope: Scope,
    phone: str,
    sender: str = EVERY_SENDER,
    source: OptOutSource = OptOutSource.KEYWORD,
    evidence: str = "",
) -> UUID:
    """Step: `phone` in E.164 hears nothing more from `sender` ('' = all). Returns the evidence."""
    event_id = uuid7()
    await contacts.add_opt_out_event(
        scope, event_id, phone, sender=sender, kind="out", source=source.value, evidence=evidence
    )
    await contacts.put_opt_out(scope, event_id, phone, sender, source.value)
    return event_id


async def opt_in(scope: Scope, phone: str, sender: str = EVERY_SENDER, *, evidence: str) -> bool:
    """Step: the person said START. Nobody else lifts an opt-out. False when none was in force."""
    await contacts.add_opt_out_event(
        scope,
        uuid7(),
        phone,
        sender=sender,
        kind="in",
        source=OptOutSource.KEYWORD.value,
        evidence=evidence,
    )
    return bool(await contacts.lift_opt_outs(scope, phone, sender))


async def record_contacts(
    scope: Scope, kind: ContactKind, phones: Sequence[str], at: datetime | None = None
) -> None:
    """Step: one fact about everybody of a window, now or `at`; the clock folds them."""
    if phones:
        await contacts.add_contacts(scope, uuid7(), kind.value, at or scope.now, phones)


async def accepted_since(scope: Scope, phones: Sequence[str], since: datetime) -> dict[str, int]:
    """Step: messages accepted for each phone since the UTC day of `since`; for frequency caps."""
    rows = await contacts.accepted_since(scope, phones, since)
    return {row["phone"]: row["accepted"] for row in rows}


async def mark_numbers(scope: Scope, phones: Sequence[str], number_state: NumberState) -> int:
    """Step: a carrier says a number exists no longer, or a receipt that it does."""
    return await subscribers.mark_number(scope, phones, number_state.value)


async def fold_contacts(
    aged: timedelta = FOLDED_AGED, tenants_per_page: int = contacts.FOLDED_TENANTS_MAX
) -> int:
    """Use case of the clock: events of that age become daily totals. Returns how many did."""
    folded = 0
    last = NIL_ID
    while True:
        async with platform_scope(system("clock"), "fold contacts") as scope:
            tenants = await contacts.tenants_with_contacts(scope, last, tenants_per_page)
        for tenant_id in tenants:
            folded += await _fold_tenant(tenant_id, aged)
        # Those whose events are all too young stand at the front of every round.
        if len(tenants) < tenants_per_page:
            return folded
        last = tenants[-1]


async def _fold_tenant(tenant_id: UUID, aged: timedelta) -> int:
    folded = 0
    for _ in range(FOLD_ROUNDS_PER_TENANT_MAX):
        async with tenant_scope(system("clock", tenant_id)) as scope:
            done = await contacts.fold_contacts(scope, scope.now - aged)
        folded += done
        if not done:
            break
    return folded
