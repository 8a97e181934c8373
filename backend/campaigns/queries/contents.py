"""Frozen content versions, and quotes."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.campaigns.schemas.content import ContentVersion, FrozenContent
from backend.campaigns.schemas.quotes import QuoteFigures, QuoteView
from backend.db.scope import Scope
from backend.kernel.ids import uuid7


async def insert_version(  # noqa: PLR0917 - one row
    scope: Scope,
    session_id: UUID,
    version: int,
    content_hash: str,
    content: FrozenContent,
    properties: dict[str, Any] | None = None,
) -> None:
    await scope.execute(
        "INSERT INTO content_versions"
        " (tenant_id, session_id, version, hash, content, properties, frozen_at, frozen_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        scope.tenant_id,
        session_id,
        version,
        content_hash,
        msgspec.to_builtins(content),
        properties,
        scope.now,
        scope.principal.actor,
    )


async def read_version(scope: Scope, session_id: UUID, version: int) -> ContentVersion:
    """Raises NotFound."""
    row = await scope.one(
        "SELECT session_id, version, hash, content, properties, frozen_at, frozen_by"
        " FROM content_versions WHERE tenant_id = $1 AND session_id = $2 AND version = $3",
        scope.tenant_id,
        session_id,
        version,
    )
    return msgspec.convert(dict(row), ContentVersion)


async def insert_quote(  # noqa: PLR0917 - one row
    scope: Scope,
    session_id: UUID,
    content_hash: str,
    price_version: int,
    figures: QuoteFigures,
    available_credits: int,
) -> QuoteView:
    row = await scope.one(
        "INSERT INTO quotes (tenant_id, id, session_id, hash, price_version, is_exact, recipients,"
        " excluded, segments, credits, margin_credits, details, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING *",
        scope.tenant_id,
        uuid7(),
        session_id,
        content_hash,
        price_version,
        figures.is_exact,
        figures.recipients,
        figures.excluded,
        figures.segments,
        figures.credits,
        figures.margin_credits,
        {"figures": msgspec.to_builtins(figures), "available_credits": available_credits},
        scope.now,
    )
    return _quote(row)


async def read_quote(scope: Scope, session_id: UUID, quote_id: UUID) -> QuoteView:
    """Raises NotFound, also for another session's."""
    row = await scope.one(
        "SELECT * FROM quotes WHERE tenant_id = $1 AND id = $2 AND session_id = $3",
        scope.tenant_id,
        quote_id,
        session_id,
    )
    return _quote(row)


async def newest_quote(scope: Scope, session_id: UUID) -> QuoteView | None:
    row = await scope.row(
        "SELECT * FROM quotes WHERE tenant_id = $1 AND session_id = $2 ORDER BY id DESC LIMIT 1",
        scope.tenant_id,
        session_id,
    )
    return _quote(row) if row else None


def _quote(row: Any) -> QuoteView:
    figures = row["details"]["figures"]
    available = row["details"]["available_credits"]
    needed = figures["credits"]
    facts = {
        **figures,
        "id": row["id"],
        "session_id": row["session_id"],
        "hash": row["hash"],
        "price_version": row["price_version"],
        "ceiling_credits": needed + figures["margin_credits"],
        "available_credits": available,
        "shortfall_credits": max(needed - available, 0),
        "created_at": row["created_at"],
    }
    return msgspec.convert(facts, QuoteView)


async def lock_daily_cap(scope: Scope) -> None:
    """One submission of this tenant at a time, until the commit: the cap is a sum."""
    await scope.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('daily_cap:' || $1::text, 0))",
        str(scope.tenant_id),
    )


async def recipients_since(scope: Scope, since: Any, session_id: UUID) -> int:
    """Recipients of the tenant's other sessions submitted since then and not taken back."""
    return int(
        await scope.value(
            "SELECT coalesce(sum(coalesce(s.planned, q.recipients)), 0)"
            " FROM campaign_sessions s"
            " LEFT JOIN quotes q ON q.tenant_id = s.tenant_id AND q.id = s.quote_id"
            " WHERE s.tenant_id = $1 AND s.submitted_at >= $2 AND s.id <> $3"
            " AND (s.state NOT IN ('draft', 'refused', 'cancelled') OR s.session_day IS NOT NULL)",
            scope.tenant_id,
            since,
            session_id,
        )
    )


async def forget_problem_texts(scope: Scope, session_id: UUID) -> None:
    """What screening quoted to its tenant; the next one quotes anew."""
    await scope.execute(
        "UPDATE campaign_sessions SET problems = (SELECT jsonb_agg(CASE"
        " WHEN jsonb_typeof(one) = 'object' AND one ->> 'text' <> ''"
        ' THEN one || \'{"text": "", "matched": "", "span": null}\' ELSE one END ORDER BY n)'
        " FROM jsonb_array_elements(problems) WITH ORDINALITY AS p (one, n))"
        " WHERE tenant_id = $1 AND id = $2 AND jsonb_array_length(problems) > 0",
        scope.tenant_id,
        session_id,
    )


async def forget_sample_texts(scope: Scope, before: datetime) -> None:
    """Of quotes: whose text was the longest is not known, so that all of them go."""
    await scope.execute(
        "UPDATE quotes SET details = jsonb_set(details, '{figures,longest_text}', '\"\"')"
        " WHERE tenant_id = $1 AND created_at <= $2 AND details #>> '{figures,longest_text}' <> ''",
        scope.tenant_id,
        before,
    )
