"""Answers that came after their message was declared unconfirmed: knowledge, so it is used."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

import asyncpg
import msgspec

from backend.campaigns.service.watching import lock_sessions
from backend.db.scope import Scope, tenant_scope
from backend.delivery.queries import outcomes as rows
from backend.delivery.queries.preparing import SessionKey
from backend.delivery.service.changes import Change, MessageKey, bring_news, write_changes
from backend.delivery.service.claiming import key_of
from backend.delivery.states import (
    MessageRow,
    MessageState,
    News,
    judge,
    resend_delay_seconds,
)
from backend.gateways.port import Outcome, OutcomeKind
from backend.kernel.principal import system

TRIES_MAX = 20
PAUSE_SECONDS = 0.25
"""The window's own outcomes may still be on their way into the database."""


async def record_late_answers(gateway_id: UUID, outcomes: Sequence[Outcome]) -> None:
    """Accepted: unconfirmed → accepted and captured. Refused, of one part: back or rejected."""
    left = [o for o in outcomes if o.kind in (OutcomeKind.ACCEPTED, OutcomeKind.REFUSED)]
    for _ in range(TRIES_MAX):
        of_tenants: dict[UUID, list[Outcome]] = {}
        for outcome in left:
            of_tenants.setdefault(key_of(outcome).tenant_id, []).append(outcome)
        left = []
        for tenant_id, mine in sorted(of_tenants.items()):
            async with tenant_scope(system("late answers", tenant_id)) as scope:
                left += await _record(scope, gateway_id, mine)
        if not left:
            return
        await asyncio.sleep(PAUSE_SECONDS)


async def _record(scope: Scope, gateway_id: UUID, outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Returns those whose window is not recorded yet."""
    by_key: dict[MessageKey, list[Outcome]] = {}
    for outcome in outcomes:
        told = key_of(outcome)
        key = MessageKey(told.session_day, told.session_id, told.n)
        by_key.setdefault(key, []).append(outcome)
    keys = sorted(by_key, key=lambda key: (key.session_id, key.n))
    sessions = await lock_sessions(scope, sorted({key.session_id for key in keys}))
    found = await rows.lock_rows(
        scope, [k.session_day for k in keys], [k.session_id for k in keys], [k.n for k in keys]
    )
    early: list[Outcome] = []
    accepted: dict[MessageKey, dict[int, News]] = {}
    refused: list[Change] = []
    for record in found:
        key = MessageKey(record["session_day"], record["session_id"], record["n"])
        row = msgspec.convert(dict(record), MessageRow)
        mine = [o for o in by_key[key] if key_of(o).attempt == row.attempt]
        if row.state is MessageState.SUBMITTING:
            early += mine
            continue
        await _keep_ids(scope, gateway_id, key, row, mine)
        bits = sum(1 << o.part for o in mine if o.kind is OutcomeKind.ACCEPTED)
        if bits:
            accepted[key] = {row.attempt: News(parts_accepted=bits)}
        elif mine and row.segments == 1 and row.state is MessageState.UNCONFIRMED:
            is_stopped = sessions[key.session_id].is_stopped
            refused.append(_refused(record, key, row, mine, is_stopped=is_stopped))
    await bring_news(scope, accepted)
    await write_changes(scope, sessions, refused)
    await _wait_again(scope, refused)
    return early


async def _keep_ids(
    scope: Scope, gateway_id: UUID, key: MessageKey, row: MessageRow, mine: Iterable[Outcome]
) -> None:
    ids = [
        (outcome.carrier_id, key.n, row.attempt, outcome.part)
        for outcome in mine
        if outcome.kind is OutcomeKind.ACCEPTED
    ]
    if ids:
        session = SessionKey(key.session_day, key.session_id)
        await rows.insert_carrier_ids(scope, session, scope.now.date(), gateway_id, ids)


def _refused(
    record: asyncpg.Record,
    key: MessageKey,
    row: MessageRow,
    outcomes: Sequence[Outcome],
    *,
    is_stopped: bool,
) -> Change:
    """A definite refusal is proof: it may go again, or it never will."""
    verdict = judge(outcomes)
    state = verdict.state
    if state is MessageState.QUEUED and is_stopped:
        state = MessageState.REJECTED
    after = msgspec.structs.replace(row, state=state, cause=verdict.cause, error_code=verdict.code)
    return Change(key, record["phone"], row, after)


async def _wait_again(scope: Scope, refused: Iterable[Change]) -> None:
    due = scope.now + timedelta(seconds=resend_delay_seconds(0))
    for change in refused:
        if change.after.state is MessageState.QUEUED:
            waiting = [(change.key.n, "resend", change.after.attempt, due)]
            await rows.put_waiting(scope, change.key.session_id, waiting)
