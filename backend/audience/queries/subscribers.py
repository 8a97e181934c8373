"""SQL of subscribers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from backend.db.pages import read_in_order
from backend.db.scope import Scope
from backend.kernel.ids import NIL_ID

SEARCH_TIMEOUT_MS = 2_000
# No assigned character sorts after it: the end of a prefix's range in byte order.
_LAST = "\U0010ffff"

_SUBSCRIBER = (
    "SELECT s.id, s.phone, s.country, s.name, s.email, s.external_id, s.language, s.time_zone,"
    " s.attributes, s.consent_source, s.consent_text, s.consent_at, s.number_state, s.version,"
    " s.created_at, EXISTS (SELECT 1 FROM opt_outs o WHERE o.tenant_id = $1"
    " AND o.phone = s.phone AND o.sender = '' AND o.opted_in_at IS NULL) AS is_opted_out,"
    " ARRAY(SELECT m.group_id FROM group_members m WHERE m.tenant_id = $1"
    " AND m.subscriber_id = s.id ORDER BY m.group_id) AS group_ids FROM subscribers s"
)


async def subscriber(scope: Scope, subscriber_id: UUID) -> Any:
    return await scope.one(
        f"{_SUBSCRIBER} WHERE s.tenant_id = $1 AND s.id = $2 AND s.state = 'active'",
        scope.tenant_id,
        subscriber_id,
    )


async def lock_subscriber(scope: Scope, subscriber_id: UUID) -> Any:
    return await scope.one(
        "SELECT * FROM subscribers WHERE tenant_id = $1 AND id = $2 AND state = 'active'"
        " FOR NO KEY UPDATE",
        scope.tenant_id,
        subscriber_id,
    )


async def lock_for_erasure(scope: Scope, subscriber_id: UUID) -> Any:
    """Waits for whoever writes down what they showed of this person: `hold`."""
    return await scope.one(
        "SELECT * FROM subscribers WHERE tenant_id = $1 AND id = $2 AND state = 'active'"
        " FOR UPDATE",
        scope.tenant_id,
        subscriber_id,
    )


# Each by its key: a tenant thought to be small would be read whole for a long list.
_BY_ID = (
    "SELECT s.id FROM unnest($2::uuid[]) AS given (id) CROSS JOIN LATERAL ("
    "SELECT id FROM subscribers WHERE tenant_id = $1 AND id = given.id AND state = 'active'"
    " OFFSET 0{lock}) s"
)


async def hold(scope: Scope, subscriber_ids: Sequence[UUID]) -> list[UUID]:
    """Those of them who are not erased, and are not while this transaction lasts; locked in order,
    returned in none. A change of their data waits for nobody.
    """
    rows = await scope.rows(
        _BY_ID.format(lock=" FOR KEY SHARE"), scope.tenant_id, sorted(set(subscriber_ids))
    )
    return [row["id"] for row in rows]


async def subscribers_page(scope: Scope, after: UUID | None, limit: int) -> list[Any]:
    await read_in_order(scope)
    return await scope.rows(
        f"{_SUBSCRIBER} WHERE s.tenant_id = $1 AND s.state = 'active'"
        " AND s.id > $2 ORDER BY s.id LIMIT $3",
        scope.tenant_id,
        after or NIL_ID,
        limit,
    )


async def group_page(scope: Scope, group_id: UUID, after: UUID | None, limit: int) -> list[Any]:
    """Of each member in order who it is: a group's list is never put together with all people."""
    await read_in_order(scope)
    return await scope.rows(
        "SELECT person.* FROM group_members g CROSS JOIN LATERAL ("
        f"{_SUBSCRIBER} WHERE s.tenant_id = $1 AND s.id = g.subscriber_id"
        " AND s.state = 'active' OFFSET 0) person"
        " WHERE g.tenant_id = $1 AND g.group_id = $4 AND g.subscriber_id > $2"
        " ORDER BY g.subscriber_id LIMIT $3",
        scope.tenant_id,
        after or NIL_ID,
        limit,
        group_id,
    )


async def limit_search_time(scope: Scope) -> None:
    await scope.execute(f"SET LOCAL statement_timeout = {SEARCH_TIMEOUT_MS}")


async def search_phones(scope: Scope, prefix: str, after: UUID | None, limit: int) -> list[Any]:
    return await scope.rows(
        f"{_SUBSCRIBER} WHERE s.tenant_id = $1 AND s.state = 'active'"
        " AND s.phone >= $4 AND s.phone < $5"
        " AND ($2::uuid IS NULL OR s.id > $2) ORDER BY s.id LIMIT $3",
        scope.tenant_id,
        after,
        limit,
        prefix,
        prefix + _LAST,
    )


async def of_phone(scope: Scope, phone: str, after: UUID | None) -> list[Any]:
    return await scope.rows(
        f"{_SUBSCRIBER} WHERE s.tenant_id = $1 AND s.state = 'active' AND s.phone = $3"
        " AND ($2::uuid IS NULL OR s.id > $2)",
        scope.tenant_id,
        after,
        phone,
    )


async def search_names(scope: Scope, prefix: str, after: UUID | None, limit: int) -> list[Any]:
    """A range and not LIKE: % and _ are letters like any other."""
    return await scope.rows(
        f"{_SUBSCRIBER} WHERE s.tenant_id = $1 AND s.state = 'active'"
        " AND (s.name_key >= $4 AND s.name_key < $5"
        " OR s.full_name_key >= $4 AND s.full_name_key < $5)"
        " AND ($2::uuid IS NULL OR s.id > $2) ORDER BY s.id LIMIT $3",
        scope.tenant_id,
        after,
        limit,
        prefix,
        prefix + _LAST,
    )


async def add_subscriber(scope: Scope, subscriber_id: UUID, *values: Any) -> bool:
    """`values`: phone, country, then those of `update_subscriber`. False: the phone is there."""
    return bool(
        await scope.execute(
            "INSERT INTO subscribers (tenant_id, id, created_at, changed_at, phone, country, name,"
            " email, external_id, language, time_zone, attributes, consent_source, consent_text,"
            " consent_at) VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
            " ON CONFLICT (tenant_id, phone) DO NOTHING",
            scope.tenant_id,
            subscriber_id,
            scope.now,
            *values,
        )
    )


async def id_of_phone(scope: Scope, phone: str) -> UUID | None:
    found: UUID | None = await scope.value(
        "SELECT id FROM subscribers WHERE tenant_id = $1 AND phone = $2", scope.tenant_id, phone
    )
    return found


async def update_subscriber(scope: Scope, subscriber_id: UUID, *values: Any) -> None:
    """The row is locked by the caller, who has compared its version."""
    await scope.execute(
        "UPDATE subscribers SET name = $4, email = $5, external_id = $6, language = $7,"
        " time_zone = $8, attributes = $9, consent_source = $10, consent_text = $11,"
        " consent_at = $12, version = version + 1, changed_at = $3"
        " WHERE tenant_id = $1 AND id = $2",
        scope.tenant_id,
        subscriber_id,
        scope.now,
        *values,
    )


async def erase_subscriber(scope: Scope, subscriber_id: UUID) -> None:
    await scope.execute(
        "UPDATE subscribers SET state = 'erased', phone = NULL, country = NULL, name = NULL,"
        " email = NULL, external_id = NULL, language = NULL, time_zone = NULL, attributes = '{}',"
        " consent_source = NULL, consent_text = NULL, consent_at = NULL, changed_at = $3,"
        " version = version + 1 WHERE tenant_id = $1 AND id = $2 AND state = 'active'",
        scope.tenant_id,
        subscriber_id,
        scope.now,
    )


async def forget_memberships(scope: Scope, subscriber_id: UUID) -> None:
    await scope.execute(
        "DELETE FROM group_members WHERE tenant_id = $1 AND subscriber_id = $2",
        scope.tenant_id,
        subscriber_id,
    )


async def forget_staged(scope: Scope, subscriber_id: UUID) -> None:
    await scope.execute(
        "DELETE FROM import_rows WHERE tenant_id = $1 AND subscriber_id = $2",
        scope.tenant_id,
        subscriber_id,
    )


async def forget_phone(scope: Scope, phone: str) -> None:
    """Contacts and staged rows go; an opt-out stays, or the person could be texted again."""
    await forget_contacts(scope, phone)
    await scope.execute(
        "DELETE FROM import_rows WHERE tenant_id = $1 AND phone = $2", scope.tenant_id, phone
    )


async def forget_contacts(scope: Scope, phone: str) -> None:
    """Events before totals: what is folded meanwhile is found there."""
    for sql in (
        "DELETE FROM contact_events WHERE tenant_id = $1 AND phones <@ ARRAY[$2::text]",
        (
            "UPDATE contact_events SET phones = array_remove(phones, $2)"
            " WHERE tenant_id = $1 AND phones @> ARRAY[$2::text]"
        ),
        "DELETE FROM contact_totals WHERE tenant_id = $1 AND phone = $2",
    ):
        await scope.execute(sql, scope.tenant_id, phone)


async def mark_number(scope: Scope, phones: Sequence[str], number_state: str) -> int:
    """How many people's it was not before."""
    rows = await scope.rows(
        "SELECT s.id FROM unnest($2::text[]) AS given (phone) CROSS JOIN LATERAL ("
        "SELECT id FROM subscribers WHERE tenant_id = $1 AND phone = given.phone"
        " AND number_state <> $3 OFFSET 0 FOR NO KEY UPDATE) s",
        scope.tenant_id,
        sorted(set(phones)),
        number_state,
    )
    await scope.execute_many(
        "UPDATE subscribers SET number_state = $3, changed_at = $4"
        " WHERE tenant_id = $1 AND id = $2",
        [(scope.tenant_id, row["id"], number_state, scope.now) for row in rows],
    )
    return len(rows)


async def known_subscribers(scope: Scope, subscriber_ids: Sequence[UUID]) -> set[UUID]:
    rows = await scope.rows(_BY_ID.format(lock=""), scope.tenant_id, list(subscriber_ids))
    return {row["id"] for row in rows}
