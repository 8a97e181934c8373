"""Preparing: one row per recipient, a message or an exclusion, and then the hold.

Killed anywhere and run again it ends the same: every run is a generation from nothing, and only the
move that places the hold makes its rows claimable.
"""

from collections.abc import Mapping
from contextlib import aclosing, suppress
from datetime import timedelta
from typing import Final
from uuid import UUID

import asyncpg
import structlog

from backend.campaigns.schemas.evaluation import EvaluatedPage
from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.service.moves import change_session, move_session, read_session
from backend.campaigns.service.progress import drop_progress
from backend.campaigns.states import (
    AWAITING_DEADLINE_HOURS,
    MISSED_DAYS_MAX,
    TRIES_MAX,
    SessionEvent,
    SessionState,
)
from backend.db.scope import Scope, tenant_scope
from backend.delivery.queries import preparing as queries
from backend.delivery.queries.preparing import SessionKey
from backend.delivery.service.pages import PageWriter
from backend.delivery.service.reading_ahead import read_ahead
from backend.delivery.service.steps import Steps, given
from backend.delivery.service.unheld import drop_rows, drop_unheld, key_of
from backend.delivery.service.ways import Unserved, is_served, open_ways, remember_unserved
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel import faults
from backend.kernel.errors import Conflict, StateConflict
from backend.kernel.principal import system
from backend.ledger.service.holds import place_hold

LEASE_SECONDS: Final = 60
RENEW_SECONDS: Final = 20
PARTITION_DAYS_AHEAD: Final = 2
_NOT_COVERED: Final = frozenset({"insufficient_credits", "receivable_open"})
_log = structlog.get_logger("clearsend.delivery")


class _Lost(Exception):
    """The session is not ours to prepare any more."""


async def prepare_session(tenant_id: UUID, session_id: UUID) -> SessionState:
    """The state it led to; PREPARING where somebody else prepares it or no gateway serves."""
    session = await _lease(tenant_id, session_id)
    if session is None:
        return SessionState.PREPARING
    try:
        return await _prepare(session, given())
    except (_Lost, StateConflict):
        # Cancelled, revoked or taken over: whoever did it decided, and our rows hold nothing.
        await drop_unheld(tenant_id, session_id)
        return SessionState.PREPARING
    except Unserved as unserved:
        await _stay(session, unserved)
        return SessionState.PREPARING


async def _stay(session: SessionRow, unserved: Unserved) -> None:
    """Nobody is sent to before everybody has a way: it waits, and misses its time if none opens.
    What was written goes with the next preparation, or when it ends. No try was used up.
    """
    remember_unserved(session.id, unserved.countries)
    _log.warning("no way out", session_id=str(session.id), countries=unserved.countries)
    with suppress(StateConflict):
        async with tenant_scope(system("prepare", session.tenant_id)) as scope:
            current = await read_session(scope, session.id)
            if current.state is SessionState.PREPARING and current.fence == session.fence:
                await change_session(scope, current, lease_until=None, tries=session.tries - 1)


async def _lease(tenant_id: UUID, session_id: UUID) -> SessionRow | None:
    may_begin = is_served(session_id, await open_ways())
    async with tenant_scope(system("prepare", tenant_id)) as scope:
        session = await read_session(scope, session_id)
        if session.state is not SessionState.PREPARING or not may_begin:
            return None
        if session.lease_until is not None and session.lease_until > scope.now:
            return None
        if (await read_tenant_facts(scope)).status == "suspended":
            until = scope.now + timedelta(days=MISSED_DAYS_MAX)
            await move_session(
                scope,
                session,
                SessionEvent.LAPSE,
                failure="tenant_suspended",
                lease_until=None,
                deadline_at=until,
            )
            return None
        if session.tries >= TRIES_MAX:
            _log.error("preparation failed for good", session_id=str(session_id))
            await move_session(
                scope,
                session,
                SessionEvent.FAIL,
                failure="preparation_failed",
                lease_until=None,
                completed_at=scope.now,
            )
            return None
        today = scope.now.date()
        for ahead in range(PARTITION_DAYS_AHEAD):
            await queries.make_partitions(scope, today + timedelta(days=ahead))
        try:
            return await change_session(
                scope,
                session,
                generation=session.generation + 1,
                session_day=session.session_day or today,
                started_at=session.started_at or scope.now,
                tries=session.tries + 1,
                fence=session.fence + 1,
                lease_until=scope.now + timedelta(seconds=LEASE_SECONDS),
            )
        except StateConflict:
            return None


async def _prepare(session: SessionRow, steps: Steps) -> SessionState:
    key = key_of(session)
    await drop_rows(session.tenant_id, key, session.generation - 1)
    async with tenant_scope(system("prepare", session.tenant_id)) as scope:
        await _read_ours(scope, session, is_locked=True)
        await drop_progress(scope, session.id)
        await queries.drop_batches_and_exclusions(scope, key)
        opened = await steps.evaluator.open(scope, session)
        check = await steps.open_check(scope, session)
    if opened.withdrawn is not None:
        return await _end(session, SessionEvent.REVOKE, {"reason": f"{opened.withdrawn}_withdrawn"})
    if opened.content_hash != session.approved_hash:
        return await _end(session, SessionEvent.EXCEED_BOUNDS, {"reason": "content_changed"})
    writer = PageWriter(session, key, await open_ways(opened.sender), opened.sender)
    excess = None
    async with aclosing(read_ahead(session.tenant_id, steps.evaluator, check, opened)) as pages:
        async for page, hits in pages:
            writer = await _write_page(writer, page, hits)
            faults.point("prepare.page_committed")
            excess = writer.bounds_exceeded(is_last=page.next_after is None)
            if excess:
                break
    if excess:
        return await _end(writer.session, SessionEvent.EXCEED_BOUNDS, excess)
    return await _hold(writer, key)


async def _write_page(
    writer: PageWriter, page: EvaluatedPage, hits: Mapping[int, str]
) -> PageWriter:
    """The writer to go on with."""
    begun = writer.begun()
    try:
        await _write_rows(writer, page, hits)
    except asyncpg.UniqueViolationError:
        if begun.looks_for_repeated:
            raise
        begun.looks_for_repeated = True
        await _write_rows(begun, page, hits)
        return begun
    return writer


async def _write_rows(writer: PageWriter, page: EvaluatedPage, hits: Mapping[int, str]) -> None:
    async with tenant_scope(system("prepare", writer.session.tenant_id)) as scope:
        await _still_ours(scope, writer)
        await writer.write(scope, page, hits)
        faults.point("prepare.page")
        # Locked until the commit: who was frozen meanwhile must not commit rows behind the back of
        # who took over and dropped what it saw. Last, so that a cancel waits for nothing.
        await _read_ours(scope, writer.session, is_locked=True)


async def _read_ours(scope: Scope, ours: SessionRow, *, is_locked: bool = False) -> SessionRow:
    session = await read_session(scope, ours.id, is_locked=is_locked)
    if session.state is not SessionState.PREPARING or session.fence != ours.fence:
        raise _Lost
    return session


async def _still_ours(scope: Scope, writer: PageWriter) -> None:
    session = writer.session = await _read_ours(scope, writer.session)
    renewal = timedelta(seconds=LEASE_SECONDS - RENEW_SECONDS)
    if session.lease_until is None or session.lease_until - scope.now < renewal:
        until = scope.now + timedelta(seconds=LEASE_SECONDS)
        writer.session = await change_session(scope, session, lease_until=until)


async def _hold(writer: PageWriter, key: SessionKey) -> SessionState:
    """The last transaction: ceiling, hold, and the move that makes the rows claimable."""
    faults.point("prepare.before_hold")
    tenant_id, session_id = writer.session.tenant_id, writer.session.id
    awaiting = timedelta(hours=AWAITING_DEADLINE_HOURS)
    refused: tuple[SessionEvent, dict[str, object]] | None = None
    try:
        async with tenant_scope(system("prepare", tenant_id)) as scope:
            await _still_ours(scope, writer)
            session = writer.session
            totals = await queries.totals(scope, session_id)
            excluded = await queries.count_exclusions(scope, key)
            if not totals["messages"]:
                moved = await move_session(
                    scope,
                    session,
                    SessionEvent.FIND_NOBODY,
                    planned=0,
                    excluded=excluded,
                    lease_until=None,
                    completed_at=scope.now,
                )
                return moved.state
            price = totals["credits"]
            if session.ceiling_credits is not None and price > session.ceiling_credits:
                facts = {"required": price, "ceiling": session.ceiling_credits}
                refused = (SessionEvent.EXCEED_CEILING, facts)
            else:
                # A generation is one hold: the same reference again finds it placed.
                reference = f"session:{session_id}:{session.generation}"
                hold = await place_hold(scope, reference, session_id, price)
                await queries.open_batches(scope, session_id)
                moved = await move_session(
                    scope,
                    session,
                    SessionEvent.HOLD,
                    facts={"credits": price},
                    hold_id=hold.id,
                    planned=totals["messages"],
                    excluded=excluded,
                    lease_until=None,
                    tries=0,
                )
                faults.point("prepare.held")
                return moved.state
    except Conflict as conflict:
        if conflict.code not in _NOT_COVERED:
            raise
        refused = (SessionEvent.FALL_SHORT, conflict.facts)
    event, facts = refused
    return await _end(writer.session, event, facts, deadline=awaiting)


async def _end(
    session: SessionRow,
    event: SessionEvent,
    facts: dict[str, object],
    *,
    deadline: timedelta | None = None,
) -> SessionState:
    """Without a hold; the rows go, because the next preparation begins from nothing."""
    async with tenant_scope(system("prepare", session.tenant_id)) as scope:
        current = await read_session(scope, session.id)
        if current.fence != session.fence:
            raise _Lost
        ended = {"revoked_at": scope.now} if event is SessionEvent.REVOKE else {}
        moved = await move_session(
            scope,
            current,
            event,
            facts=facts,
            lease_until=None,
            tries=0,
            deadline_at=None if deadline is None else scope.now + deadline,
            **ended,
        )
        if moved.state is SessionState.AWAITING_VALIDATION:
            await given().reopen_case(scope, moved, _cause(facts))
    await drop_unheld(session.tenant_id, session.id)
    return moved.state


def _cause(facts: dict[str, object]) -> str:
    """For the moderator: `at dispatch: recipients (found 1300, allowed 1200)`."""
    figures = ", ".join(f"{name} {value}" for name, value in facts.items() if name != "reason")
    return f"at dispatch: {facts['reason']}" + (f" ({figures})" if figures else "")
