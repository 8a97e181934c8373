"""Bank files and their lines. In a platform scope: whose a line is is what is looked for."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import asyncpg

from backend.billing.bank_lines import BankLine
from backend.db.scope import Scope
from backend.kernel.ids import uuid7

_FILE = "id, name, format, size_bytes, lines_total, lines_new, debits, uploaded_by, uploaded_at"
_LINE = (
    "l.id, l.file_id, l.account, l.booked_on, l.amount_minor, l.currency, l.counterparty,"
    " l.remittance, l.state, l.of_tenant AS tenant_id, l.top_up_id, t.state AS top_up_state,"
    " l.amount_credits, l.decided_by, l.decided_at, l.reason"
)
_FROM = "FROM bank_lines l LEFT JOIN top_ups t ON t.tenant_id = l.of_tenant AND t.id = l.top_up_id"


async def take_turn(scope: Scope) -> None:
    """One file after the other: how many of its lines are new is counted before it is written."""
    await scope.execute("SELECT pg_advisory_xact_lock(3400, 1)")


async def known_keys(scope: Scope, lines: Sequence[BankLine]) -> set[tuple[str, str]]:
    rows = await scope.rows(
        "SELECT l.account, l.entry_key FROM bank_lines l JOIN unnest($1::text[], $2::text[])"
        " AS v (account, entry_key) USING (account, entry_key)",
        [line.account for line in lines],
        [line.entry_key for line in lines],
    )
    return {(row["account"], row["entry_key"]) for row in rows}


async def insert_file(
    scope: Scope,
    facts: dict[str, object],
) -> asyncpg.Record:
    return await scope.one(
        "INSERT INTO bank_files (id, name, format, sha256, size_bytes, lines_total, lines_new,"
        " debits, uploaded_by, uploaded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        f" RETURNING {_FILE}",
        uuid7(),
        *(
            facts[name]
            for name in (
                "name",
                "format",
                "sha256",
                "size_bytes",
                "lines_total",
                "lines_new",
                "debits",
            )
        ),
        scope.principal.actor,
        scope.now,
    )


async def insert_lines(scope: Scope, file_id: UUID, lines: Sequence[BankLine]) -> None:
    await scope.execute(
        "INSERT INTO bank_lines (id, file_id, account, entry_key, booked_on, amount_minor,"
        " currency, counterparty, remittance) SELECT v.id, $1, v.account, v.entry_key,"
        " v.booked_on, v.amount, v.currency, v.counterparty, v.remittance FROM"
        " unnest($2::uuid[], $3::text[], $4::text[], $5::date[], $6::bigint[], $7::text[],"
        " $8::text[], $9::text[]) AS v (id, account, entry_key, booked_on, amount, currency,"
        " counterparty, remittance) ON CONFLICT (account, entry_key) DO NOTHING",
        file_id,
        [uuid7() for _ in lines],
        *([line[at] for line in lines] for at in range(7)),
    )


async def files_page(scope: Scope, before: UUID | None, limit: int) -> list[asyncpg.Record]:
    return await scope.rows(
        f"SELECT {_FILE} FROM bank_files WHERE ($1::uuid IS NULL OR id < $1)"
        " ORDER BY id DESC LIMIT $2",
        before,
        limit,
    )


async def lines_page(
    scope: Scope, state: str | None, file_id: UUID | None, after: UUID | None, limit: int
) -> list[asyncpg.Record]:
    """In the order they came."""
    return await scope.rows(
        f"SELECT {_LINE} {_FROM} WHERE ($1::text IS NULL OR l.state = $1)"
        " AND ($2::uuid IS NULL OR l.file_id = $2) AND ($3::uuid IS NULL OR l.id > $3)"
        " ORDER BY l.id LIMIT $4",
        state,
        file_id,
        after,
        limit,
    )


async def line(scope: Scope, line_id: UUID) -> asyncpg.Record:
    return await scope.one(f"SELECT {_LINE} {_FROM} WHERE l.id = $1", line_id)


async def match(
    scope: Scope, line_id: UUID, tenant_id: UUID, top_up_id: UUID, amount_credits: int
) -> bool:
    """Compare-and-set unmatched → matched, before the top-up is entered."""
    return bool(
        await scope.execute(
            "UPDATE bank_lines SET state = 'matched', of_tenant = $2, top_up_id = $3,"
            " amount_credits = $4, decided_by = $5, decided_at = $6, reason = NULL"
            " WHERE id = $1 AND state = 'unmatched'",
            line_id,
            tenant_id,
            top_up_id,
            amount_credits,
            scope.principal.actor,
            scope.now,
        )
    )


_FREE = (
    "UPDATE bank_lines SET state = 'unmatched', of_tenant = NULL, top_up_id = NULL,"
    " amount_credits = NULL, decided_by = NULL, decided_at = NULL, reason = NULL WHERE"
)


async def let_go(scope: Scope, line_id: UUID, top_up_id: UUID) -> None:
    """Matched with that top-up → unmatched, where there is no such top-up."""
    await scope.execute(
        f"{_FREE} id = $1 AND state = 'matched' AND top_up_id = $2 AND NOT EXISTS"
        " (SELECT 1 FROM top_ups t WHERE t.tenant_id = of_tenant AND t.id = top_up_id)",
        line_id,
        top_up_id,
    )


async def settle(scope: Scope, abandoned: timedelta) -> int:
    """Lines whose top-up was declined or reversed, or never came to be."""
    return await scope.execute(
        f"{_FREE} state = 'matched' AND (EXISTS (SELECT 1 FROM top_ups t"
        " WHERE t.tenant_id = of_tenant AND t.id = top_up_id AND t.state IN"
        " ('declined', 'reversed')) OR (decided_at < $1 AND NOT EXISTS (SELECT 1 FROM top_ups t"
        " WHERE t.tenant_id = of_tenant AND t.id = top_up_id)))",
        scope.now - abandoned,
    )


async def ignore(scope: Scope, line_id: UUID, reason: str) -> bool:
    return bool(
        await scope.execute(
            "UPDATE bank_lines SET state = 'ignored', reason = $2, decided_by = $3,"
            " decided_at = $4 WHERE id = $1 AND state = 'unmatched'",
            line_id,
            reason,
            scope.principal.actor,
            scope.now,
        )
    )


async def consider(scope: Scope, line_id: UUID) -> bool:
    """Ignored → unmatched."""
    return bool(await scope.execute(f"{_FREE} id = $1 AND state = 'ignored'", line_id))


async def tenant_names(scope: Scope, limit: int) -> list[asyncpg.Record]:
    return await scope.rows(
        "SELECT tenant_id, name FROM pub_identity_tenants ORDER BY tenant_id DESC LIMIT $1", limit
    )


async def tenant_exists(scope: Scope, tenant_id: UUID) -> bool:
    return bool(
        await scope.value("SELECT true FROM pub_identity_tenants WHERE tenant_id = $1", tenant_id)
    )


async def paid_before(scope: Scope, names: Sequence[str]) -> list[asyncpg.Record]:
    """Who was matched with these counterparties, and how often."""
    return await scope.rows(
        "SELECT counterparty, of_tenant AS tenant_id, count(*) AS times FROM bank_lines"
        " WHERE state = 'matched' AND counterparty = ANY($1::text[]) AND counterparty <> ''"
        " GROUP BY counterparty, of_tenant",
        list(names),
    )


async def open_purchases(
    scope: Scope, amounts: Sequence[int], since: timedelta
) -> list[asyncpg.Record]:
    """Purchases nobody has paid by card whose amount came in by bank."""
    return await scope.rows(
        "SELECT tenant_id, gross_minor, currency, credits FROM purchases"
        " WHERE state IN ('pending', 'awaiting_customer', 'expired', 'failed')"
        " AND created_at > $2 AND gross_minor = ANY($1::bigint[])",
        list(amounts),
        scope.now - since,
    )


async def open_invoices(
    scope: Scope, amounts: Sequence[int], said: Sequence[str], limit: int
) -> list[asyncpg.Record]:
    """To be paid: of one of these amounts, or with a number that somebody said. `said`: capital
    letters and digits alone.
    """
    return await scope.rows(
        "SELECT tenant_id, number, gross_minor, currency, credits FROM documents"
        " WHERE state IN ('open', 'overdue') AND (gross_minor = ANY($1::bigint[])"
        " OR EXISTS (SELECT 1 FROM unnest($2::text[]) s (said) WHERE position("
        " regexp_replace(upper(number), '[^[:alnum:]]', '', 'g') IN s.said) > 0))"
        " ORDER BY id LIMIT $3",
        list(amounts),
        list(said),
        limit,
    )


async def recent_references(
    scope: Scope, tenant_id: UUID, since: timedelta
) -> list[asyncpg.Record]:
    """Of top-ups of people, with the line they are of where there is one."""
    return await scope.rows(
        "SELECT t.id, t.reference, t.amount_credits, t.state, t.created_by, t.created_at"
        " FROM top_ups t WHERE t.tenant_id = $1 AND t.created_at > $2 AND t.state <> 'declined'"
        " AND t.state <> 'reversed' AND NOT EXISTS"
        " (SELECT 1 FROM bank_lines l WHERE l.top_up_id = t.id)",
        tenant_id,
        scope.now - since,
    )
