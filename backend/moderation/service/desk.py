"""The queue and the page of a case."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from backend.campaigns.service.moves import read_session
from backend.campaigns.service.progress import session_progress
from backend.campaigns.states import SessionEvent, target
from backend.db.pages import check_limit, cursor_id, decode_cursor, encode_cursor, next_cursor
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.identity.service.tenants import is_member, read_tenant_view, tenant_names
from backend.kernel.principal import Principal, system
from backend.ledger.service.balance import balance
from backend.moderation.masking import mask_numbers, sees_numbers, without_numbers
from backend.moderation.queries import cases, decisions, desk, queue, votes
from backend.moderation.schemas.cases import (
    CaseRow,
    CaseView,
    QueueCountsView,
    QueueRowView,
    QueueView,
    TenantRecordView,
)
from backend.moderation.schemas.decisions import DecisionView
from backend.moderation.schemas.trust import CaseSessionView
from backend.moderation.service.comparing import read_comparison
from backend.moderation.service.contents import read_case_content
from backend.moderation.service.handing import VIEWER_SECONDS, viewer_names
from backend.moderation.service.history import decision_view, vote_view
from backend.moderation.service.notes import case_notes
from backend.moderation.service.placement import four_eyes
from backend.moderation.service.rule_sets import book_in_force
from backend.moderation.service.trust import trust_of
from backend.moderation.states import CaseKind, CaseState, Lane

RECENT_DECISIONS = 10
SNAPSHOT_ROWS = 50


async def list_cases(
    principal: Principal,
    state: CaseState,
    kind: CaseKind | None,
    cursor: str | None,
    limit: int,
    *,
    lane: Lane | None = None,
    mine: bool,
) -> QueueView:
    """Open ones in the order they must be begun in, closed ones newest first (of every lane)."""
    check_limit(limit)
    async with platform_scope(principal, "validation queue") as scope:
        if state is CaseState.OPEN:
            holder = principal.account_id if mine else None
            rows, cursor = await _open_page(scope, holder, kind, lane, cursor, limit)
        else:
            rows = await queue.closed_page(scope, state.value, kind, cursor_id(cursor), limit)
            cursor = next_cursor(rows, limit, "case_id")
        items = await _row_views(scope, rows, is_masked=not sees_numbers(principal))
        counts = await queue.counts(scope, principal.account_id)
    return QueueView(
        items=items, next_cursor=cursor, counts=msgspec.convert(dict(counts), QueueCountsView)
    )


async def _open_page(  # noqa: PLR0917 - the filters of one list
    scope: Scope,
    holder: UUID | None,
    kind: CaseKind | None,
    lane: Lane | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[Any], str | None]:
    after: Any = None
    if cursor:
        kinds: tuple[Any, ...] = (datetime.fromisoformat, datetime.fromisoformat, UUID)
        after = decode_cursor(cursor, *kinds)
    rows = await queue.open_page(scope, holder, kind, lane, after, limit)
    if len(rows) < limit:
        return rows, None
    last = rows[-1]
    keys = (last["priority_at"].isoformat(), last["opened_at"].isoformat(), last["case_id"])
    return rows, encode_cursor(*keys)


async def _row_views(
    scope: Scope, rows: list[Any], *, is_masked: bool = True
) -> list[QueueRowView]:
    """What everybody hears is what people from outside may: a colleague's words in `cause` may
    quote a recipient's number. The title is the tenant's own.
    """
    names = await tenant_names(scope, [row["tenant_id"] for row in rows])
    since = scope.now - timedelta(seconds=VIEWER_SECONDS)
    looking = await desk.viewers(scope, since, [row["case_id"] for row in rows])
    return [
        msgspec.convert(
            {
                **row,
                "tenant_name": names[row["tenant_id"]],
                "cause": mask_numbers(row["cause"]) if is_masked else row["cause"],
                "viewers": [one["name"] for one in looking.get(row["case_id"], [])],
            },
            QueueRowView,
        )
        for row in rows
    ]


async def queue_snapshot() -> dict[str, Any]:
    """What live updates publish under `queue` after a commit that touched a case: absolute."""
    async with platform_scope(system("live"), "queue") as scope:
        counts = await queue.counts(scope, None)
        rows = await queue.open_page(scope, None, None, None, None, SNAPSHOT_ROWS)
        shown = await _row_views(scope, rows)
        version = int(scope.now.timestamp() * 1000)
    return {
        "id": "queue",
        "version": version,
        # Whose "mine" it is depends on the reader, who counts the holders below.
        "counts": {name: value for name, value in dict(counts).items() if name != "mine"},
        "rows": msgspec.to_builtins(shown),
    }


async def case_snapshot(tenant_id: UUID, case_id: UUID) -> dict[str, Any]:
    """The same under `case:{id}`: who holds it, whether it still waits. Raises NotFound."""
    async with platform_scope(system("live"), "case") as scope:
        (shown,) = await _row_views(scope, [await queue.row(scope, tenant_id, case_id)])
        version = int(scope.now.timestamp() * 1000)
    facts: dict[str, Any] = msgspec.to_builtins(shown)
    return {"id": str(case_id), "version": version, **facts}


async def read_case(principal: Principal, tenant_id: UUID, case_id: UUID) -> CaseView:
    """Opening one is written down before anything is read. Raises NotFound."""
    async with tenant_scope(principal, tenant_id, reason=f"open case {case_id}") as scope:
        case = await cases.read(scope, case_id)
        decision = await decisions.of_case(scope, case_id)
        holder = case.holder_at(scope.now)
        copied = {
            name: getattr(case, name)
            for name in CaseView.__struct_fields__
            if name in CaseRow.__struct_fields__
        }
        if holder is None:
            copied |= dict.fromkeys(("lease_holder", "lease_holder_name", "lease_until"))
        view = CaseView(
            **copied,
            is_mine=holder is not None and holder == principal.account_id,
            is_own_tenant=await is_member(scope, principal.account_id),
            content=await read_case_content(scope, case),
            clean_rules=await _clean_rules(scope, case),
            comparison=await read_comparison(scope, case),
            record=await _tenant_record(scope),
            decision=decision_view(decision) if decision else None,
            session=await _session_now(scope, case),
            is_barred=principal.account_id in case.barred,
            appealed=await _appealed(scope, case),
            four_eyes=await four_eyes(scope, case),
            votes=[vote_view(one) for one in await votes.of_case(scope, case_id)],
            notes=await case_notes(scope, case_id),
            viewers=await viewer_names(scope, case_id, without=principal.account_id),
            version=int(scope.now.timestamp() * 1000),
        )
    # From outside: the item, and nobody's number.
    return view if sees_numbers(principal) else without_numbers(view)


async def _clean_rules(scope: Scope, case: CaseRow) -> list[str]:
    """Of those that were asked; the bounds name them where there are any."""
    if case.bounds is not None:
        return case.bounds.clean_rules
    book = await book_in_force(scope)
    return sorted(book.rules.keys() - {one.rule for one in case.hits})


async def _appealed(scope: Scope, case: CaseRow) -> DecisionView | None:
    if case.appeal_of is None:
        return None
    return decision_view(await decisions.read(scope, case.appeal_of))


async def _session_now(scope: Scope, case: CaseRow) -> CaseSessionView | None:
    """For the switch that ends it, which is delivery's."""
    if case.session_id is None:
        return None
    session = await read_session(scope, case.session_id)
    progress = await session_progress(scope, session.id)
    return CaseSessionView(
        state=session.state,
        can_be_killed=target(session.state, SessionEvent.KILL) is not None,
        planned=progress.planned,
        sent=progress.ever_submitted,
        queued=progress.queued,
        approval_kind=session.approval_kind,
    )


async def _tenant_record(scope: Scope) -> TenantRecordView:
    facts = dict(await decisions.record(scope))
    recent = await decisions.page(scope, None, None, RECENT_DECISIONS)
    return TenantRecordView(
        tenant=await read_tenant_view(scope, scope.tenant_id),
        recent=[decision_view(row) for row in recent],
        trust=await trust_of(scope),
        balance=await balance(scope),
        **facts,
    )
