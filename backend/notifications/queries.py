"""All SQL of notices, preferences, mails and the mailbox."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from backend.db.scope import Scope
from backend.notifications.schemas import MailboxView, MailRow, NewMail, NoticeView, Preference
from backend.notifications.states import NoticeKind

_NOTICE = "id, kind, facts, created_at, read_at"


# Notices -------------------------------------------------------------------------------------


async def insert_notices(
    scope: Scope,
    kind: NoticeKind,
    reference: str,
    facts: dict[str, Any],
    people: Sequence[tuple[UUID, UUID, bool]],
) -> set[UUID]:
    """`people`: (notice id, account id, is shown). The accounts that did not have it yet."""
    rows = await scope.rows(
        "INSERT INTO notices"
        " (tenant_id, id, account_id, kind, reference, facts, is_shown, created_at)"
        " SELECT $1, p.id, p.account_id, $2, $3, $4::jsonb, p.is_shown, $5"
        " FROM unnest($6::uuid[], $7::uuid[], $8::boolean[]) AS p (id, account_id, is_shown)"
        " ON CONFLICT (tenant_id, account_id, reference) DO NOTHING RETURNING account_id",
        scope.tenant_id,
        kind.value,
        reference,
        facts,
        scope.now,
        [notice_id for notice_id, _, _ in people],
        [account_id for _, account_id, _ in people],
        [is_shown for _, _, is_shown in people],
    )
    return {row["account_id"] for row in rows}


async def drop_old_notices(scope: Scope, before: datetime) -> None:
    await scope.execute(
        "DELETE FROM notices WHERE tenant_id = $1 AND created_at < $2", scope.tenant_id, before
    )


async def notices_page(  # noqa: PLR0917 - the filters of one list
    scope: Scope,
    account_id: UUID,
    kinds: Sequence[NoticeKind],
    is_unread: bool,
    after: UUID | None,
    limit: int,
) -> list[NoticeView]:
    rows = await scope.rows(
        f"SELECT {_NOTICE} FROM notices WHERE tenant_id = $1 AND account_id = $2 AND is_shown"
        " AND kind = ANY($3) AND (NOT $4 OR read_at IS NULL) AND ($5::uuid IS NULL OR id < $5)"
        " ORDER BY id DESC LIMIT $6",
        scope.tenant_id,
        account_id,
        kinds,
        is_unread,
        after,
        limit,
    )
    return [msgspec.convert(dict(row), NoticeView) for row in rows]


async def count_unread(
    scope: Scope, account_id: UUID, kinds: Sequence[NoticeKind], rows_max: int
) -> int:
    """Counted to `rows_max` and no further: nobody reads the difference."""
    found: int = await scope.value(
        "SELECT count(*) FROM (SELECT FROM notices WHERE tenant_id = $1 AND account_id = $2"
        " AND is_shown AND read_at IS NULL AND kind = ANY($3) LIMIT $4) AS unread",
        scope.tenant_id,
        account_id,
        kinds,
        rows_max,
    )
    return found


async def mark_read(scope: Scope, account_id: UUID, notice_id: UUID) -> NoticeView:
    """Raises NotFound, for another member's too."""
    row = await scope.one(
        "UPDATE notices SET read_at = coalesce(read_at, $4)"
        " WHERE tenant_id = $1 AND account_id = $2 AND id = $3 AND is_shown"
        f" RETURNING {_NOTICE}",
        scope.tenant_id,
        account_id,
        notice_id,
        scope.now,
    )
    return msgspec.convert(dict(row), NoticeView)


async def mark_all_read(scope: Scope, account_id: UUID) -> None:
    await scope.execute(
        "UPDATE notices SET read_at = $3"
        " WHERE tenant_id = $1 AND account_id = $2 AND is_shown AND read_at IS NULL",
        scope.tenant_id,
        account_id,
        scope.now,
    )


# Preferences ---------------------------------------------------------------------------------


async def preferences_of(scope: Scope, account_id: UUID) -> list[asyncpg.Record]:
    return await scope.rows(
        "SELECT kind, in_app, by_mail FROM notice_preferences"
        " WHERE tenant_id = $1 AND account_id = $2",
        scope.tenant_id,
        account_id,
    )


async def preferences_for(scope: Scope, kind: NoticeKind) -> list[asyncpg.Record]:
    return await scope.rows(
        "SELECT account_id, in_app, by_mail FROM notice_preferences"
        " WHERE tenant_id = $1 AND kind = $2",
        scope.tenant_id,
        kind,
    )


async def save_preferences(scope: Scope, account_id: UUID, chosen: Sequence[Preference]) -> None:
    await scope.execute_many(
        "INSERT INTO notice_preferences (tenant_id, account_id, kind, in_app, by_mail)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant_id, account_id, kind)"
        " DO UPDATE SET in_app = excluded.in_app, by_mail = excluded.by_mail",
        [(scope.tenant_id, account_id, one.kind, one.in_app, one.by_mail) for one in chosen],
    )


async def balance_levels(scope: Scope) -> list[int] | None:
    """None: nobody chose."""
    found: list[int] | None = await scope.value(
        "SELECT levels FROM balance_warnings WHERE tenant_id = $1", scope.tenant_id
    )
    return found


async def save_balance_levels(scope: Scope, levels: Sequence[int]) -> None:
    await scope.execute(
        "INSERT INTO balance_warnings (tenant_id, levels) VALUES ($1, $2)"
        " ON CONFLICT (tenant_id) DO UPDATE SET levels = excluded.levels",
        scope.tenant_id,
        levels,
    )


# Mails, which only a platform scope reads and moves -------------------------------------------


async def insert_mail(scope: Scope, mail: NewMail) -> None:
    """The id is the event's: a second telling writes nothing. No conflict target: the tenant role
    may not read the column it would name.
    """
    await scope.execute(
        "INSERT INTO mails"
        " (id, tenant_id, kind, address, language, facts, is_demo, not_before, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT DO NOTHING",
        mail.id,
        mail.tenant_id,
        mail.kind,
        mail.address,
        mail.language,
        mail.facts,
        mail.is_demo,
        scope.now,
    )


async def claim_mail(scope: Scope, lease_seconds: int) -> MailRow | None:
    """The oldest due one. A try is counted before it is made: who dies in it has made it."""
    row = await scope.row(
        "UPDATE mails SET lease_until = $2, fence = fence + 1, tries = tries + 1 WHERE id ="
        " (SELECT id FROM mails WHERE state = 'queued' AND not_before <= $1"
        "  AND (lease_until IS NULL OR lease_until < $1)"
        "  ORDER BY not_before LIMIT 1 FOR UPDATE SKIP LOCKED)"
        " RETURNING id, tenant_id, kind, address, language, facts, is_demo, tries, fence",
        scope.now,
        scope.now + timedelta(seconds=lease_seconds),
    )
    return msgspec.convert(dict(row), MailRow) if row else None


async def end_mail(scope: Scope, mail: MailRow, to: str, error: str | None) -> bool:
    return bool(
        await scope.execute(
            "UPDATE mails SET state = $3, ended_at = $4, lease_until = NULL, last_error = $5"
            " WHERE id = $1 AND fence = $2 AND state = 'queued'",
            mail.id,
            mail.fence,
            to,
            scope.now,
            error,
        )
    )


async def put_mail_back(scope: Scope, mail: MailRow, pause_seconds: int, error: str) -> bool:
    return bool(
        await scope.execute(
            "UPDATE mails SET not_before = $3, lease_until = NULL, last_error = $4"
            " WHERE id = $1 AND fence = $2 AND state = 'queued'",
            mail.id,
            mail.fence,
            scope.now + timedelta(seconds=pause_seconds),
            error,
        )
    )


async def has_due_mail(scope: Scope) -> bool:
    return bool(
        await scope.value(
            "SELECT true FROM mails WHERE state = 'queued' AND not_before <= $1"
            " AND (lease_until IS NULL OR lease_until < $1) LIMIT 1",
            scope.now,
        )
    )


async def forget_mails(scope: Scope, before: datetime) -> None:
    await scope.execute("DELETE FROM mails WHERE ended_at < $1", before)
    await scope.execute("DELETE FROM mailbox WHERE received_at < $1", before)


async def put_into_mailbox(scope: Scope, mail: MailboxView) -> None:
    """The same mail again changes nothing: this box, unlike a server, knows its id."""
    await scope.execute(
        "INSERT INTO mailbox"
        " (id, received_at, sender, recipient, subject, text_body, html_body)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING",
        mail.id,
        mail.received_at,
        mail.sender,
        mail.recipient,
        mail.subject,
        mail.text_body,
        mail.html_body,
    )


async def mailbox_page(scope: Scope, after: UUID | None, limit: int) -> list[MailboxView]:
    rows = await scope.rows(
        "SELECT id, received_at, sender, recipient, subject, text_body, html_body FROM mailbox"
        " WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2",
        after,
        limit,
    )
    return [msgspec.convert(dict(row), MailboxView) for row in rows]
