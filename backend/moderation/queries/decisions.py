"""Decisions: inserted once, revoked at most once, read for the desk, the tenant and screening."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.db.scope import Scope
from backend.moderation.schemas.cases import CaseRow
from backend.moderation.schemas.decisions import DecisionRow
from backend.moderation.schemas.votes import VoteRow
from backend.moderation.states import Verdict

RECORD_DECISIONS_MAX = 1_000
_OWN = (
    "verdict, content_hash, decided_by_name, reason_code, conduct_version, message, note,"
    " comments, bounds, decided_at, revoked_at, revoked_reason, decided_by, first_voter_name,"
    " lane, review_seconds, appeal_of, overturned_by"
)
_ROW = (
    "SELECT d.id, d.case_id, c.kind, c.title, c.session_id, c.content_version,"
    " c.template_version_id, c.sender_id, "
    + ", ".join(f"d.{name.strip()}" for name in _OWN.split(","))
    + " FROM decisions d JOIN cases c ON c.tenant_id = d.tenant_id AND c.id = d.case_id"
)


async def insert(scope: Scope, case: CaseRow, vote: VoteRow, first: VoteRow | None) -> None:
    """The vote's id is the decision's. Raises asyncpg.UniqueViolationError for a case that has
    one.
    """
    approved = vote.verdict is Verdict.APPROVE and case.bounds is not None
    await scope.execute(
        "INSERT INTO decisions (tenant_id, id, case_id, verdict, content_hash, lease_fence,"
        " decided_by, decided_by_name, reason_code, conduct_version, message, note, comments,"
        " bounds, decided_at, first_voter_name, lane, review_seconds, appeal_of)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,"
        " $18, $19)",
        scope.tenant_id,
        vote.id,
        case.id,
        vote.verdict.value,
        vote.content_hash,
        vote.lease_fence,
        vote.voter,
        vote.voter_name,
        vote.reason_code,
        vote.conduct_version,
        vote.message,
        vote.note,
        msgspec.to_builtins(vote.comments),
        msgspec.to_builtins(case.bounds) if approved else None,
        scope.now,
        first.voter_name if first else None,
        vote.lane.value,
        vote.review_seconds,
        case.appeal_of,
    )


async def is_appealed(scope: Scope, decision_id: UUID) -> bool:
    return bool(
        await scope.value(
            "SELECT EXISTS (SELECT 1 FROM cases WHERE tenant_id = $1 AND appeal_of = $2)",
            scope.tenant_id,
            decision_id,
        )
    )


async def overturn(scope: Scope, refusal_id: UUID, by: UUID) -> None:
    await scope.execute(
        "UPDATE decisions SET overturned_by = $3"
        " WHERE tenant_id = $1 AND id = $2 AND overturned_by IS NULL",
        scope.tenant_id,
        refusal_id,
        by,
    )


async def read(scope: Scope, decision_id: UUID) -> DecisionRow:
    """Raises NotFound."""
    row = await scope.one(
        f"{_ROW} WHERE d.tenant_id = $1 AND d.id = $2", scope.tenant_id, decision_id
    )
    return msgspec.convert(dict(row), DecisionRow)


async def of_case(scope: Scope, case_id: UUID) -> DecisionRow | None:
    row = await scope.row(
        f"{_ROW} WHERE d.tenant_id = $1 AND d.case_id = $2", scope.tenant_id, case_id
    )
    return msgspec.convert(dict(row), DecisionRow) if row else None


async def revoke(scope: Scope, decision_id: UUID, reason: str) -> bool:
    """Whether this call was the one."""
    return bool(
        await scope.execute(
            "UPDATE decisions SET revoked_at = $3, revoked_by = $4, revoked_reason = $5"
            " WHERE tenant_id = $1 AND id = $2 AND verdict = 'approve' AND revoked_at IS NULL",
            scope.tenant_id,
            decision_id,
            scope.now,
            scope.principal.actor,
            reason,
        )
    )


async def newest_of_hash(scope: Scope, content_hash: str, since: datetime) -> DecisionRow | None:
    """The newest ruling on the same content of a session, revoked or not; nobody revokes it until
    the caller is done.
    """
    row = await scope.row(
        f"{_ROW} WHERE d.tenant_id = $1 AND d.content_hash = $2 AND d.decided_at >= $3"
        " AND c.session_id IS NOT NULL ORDER BY d.decided_at DESC, d.id DESC LIMIT 1"
        " FOR SHARE OF d",
        scope.tenant_id,
        content_hash,
        since,
    )
    return msgspec.convert(dict(row), DecisionRow) if row else None


async def last_approved(scope: Scope, kind: str, before: UUID) -> list[DecisionRow]:
    """The tenant's newest approvals of this kind made before a case was opened, newest first."""
    rows = await scope.rows(
        f"{_ROW} WHERE d.tenant_id = $1 AND c.kind = $2 AND d.verdict = 'approve'"
        " AND d.revoked_at IS NULL AND d.case_id <> $3 AND d.id < $3"
        " ORDER BY d.id DESC LIMIT 20",
        scope.tenant_id,
        kind,
        before,
    )
    return [msgspec.convert(dict(row), DecisionRow) for row in rows]


async def page(
    scope: Scope,
    session_id: UUID | None,
    after: UUID | None,
    limit: int,
    *,
    subject_id: UUID | None = None,
) -> list[DecisionRow]:
    """Newest first; of one session, or of one template version or sender."""
    rows = await scope.rows(
        f"{_ROW} WHERE d.tenant_id = $1 AND ($2::uuid IS NULL OR c.session_id = $2)"
        " AND ($3::uuid IS NULL OR d.id < $3)"
        " AND ($5::uuid IS NULL OR c.template_version_id = $5 OR c.sender_id = $5)"
        " ORDER BY d.id DESC LIMIT $4",
        scope.tenant_id,
        session_id,
        after,
        limit,
        subject_id,
    )
    return [msgspec.convert(dict(row), DecisionRow) for row in rows]


async def record(scope: Scope) -> Any:
    """Counts of the tenant's file, over its newest decisions: a case page asks for them."""
    return await scope.one(
        "SELECT count(*) FILTER (WHERE d.verdict = 'approve') AS approved,"
        " count(*) FILTER (WHERE d.verdict = 'request_changes') AS changes_requested,"
        " count(*) FILTER (WHERE d.verdict = 'refuse') AS refused,"
        " count(*) FILTER (WHERE d.revoked_at IS NOT NULL) AS revoked,"
        " max(q.recipients) FILTER (WHERE d.verdict = 'approve' AND d.revoked_at IS NULL"
        " AND q.kind = 'campaign_session') AS largest_approved_recipients,"
        " (SELECT count(*) FROM queue_rows o WHERE o.tenant_id = $1 AND o.state = 'open')"
        " AS open_cases"
        " FROM (SELECT case_id, verdict, revoked_at FROM decisions WHERE tenant_id = $1"
        " ORDER BY id DESC LIMIT $2) d JOIN queue_rows q ON q.tenant_id = $1"
        " AND q.case_id = d.case_id",
        scope.tenant_id,
        RECORD_DECISIONS_MAX,
    )


async def known_countries(scope: Scope, newest: int) -> list[str] | None:
    """In the bounds of the newest approvals that still stand; None: there is none."""
    rows = await scope.rows(
        "SELECT bounds -> 'countries' AS countries FROM decisions WHERE tenant_id = $1"
        " AND verdict = 'approve' AND revoked_at IS NULL AND bounds IS NOT NULL"
        " ORDER BY id DESC LIMIT $2",
        scope.tenant_id,
        newest,
    )
    if not rows:
        return None
    return sorted({country for row in rows for country in row["countries"]})


async def known_hosts(scope: Scope, newest: int) -> frozenset[str]:
    """Hosts in the bounds of the newest approvals that still stand."""
    rows = await scope.rows(
        "SELECT DISTINCT jsonb_array_elements_text(n.bounds -> 'hosts') AS host FROM ("
        "SELECT bounds FROM decisions WHERE tenant_id = $1 AND verdict = 'approve'"
        " AND revoked_at IS NULL AND bounds IS NOT NULL ORDER BY id DESC LIMIT $2) n",
        scope.tenant_id,
        newest,
    )
    return frozenset(row["host"] for row in rows)
