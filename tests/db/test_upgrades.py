"""A database of an earlier release becomes what a new one is, whatever numbers it left out."""

import asyncio
import re
from collections.abc import Iterable, Iterator
from uuid import uuid4

import asyncpg
import pytest

from backend.db.migrate import OWNER_ROLE, migrate
from tests.database import LOGIN_PASSWORD, CleanDatabase, on_database

pytestmark = pytest.mark.anyio
# Numbers are given out before they are used: a release had some, and not all before its newest.
LEFT_OUT = (("0036", "0037", "0040"), ("0036", "0040"))
TABLES = "c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')"
# All that a schema is but the order of its columns, which one that is added cannot keep.
SCHEMA = {
    "columns": (
        "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,"
        " pg_get_expr(d.adbin, d.adrelid), a.attacl::text FROM pg_attribute a"
        " JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d"
        " ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
        f" WHERE {TABLES} AND a.attnum > 0 AND NOT a.attisdropped"
    ),
    "tables": (
        "SELECT relname, relkind::text, relrowsecurity, relforcerowsecurity, reloptions::text,"
        f" relacl::text, relowner::regrole::text FROM pg_class c WHERE {TABLES}"
    ),
    "indexes": (
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index i"
        f" JOIN pg_class c ON c.oid = i.indrelid WHERE {TABLES}"
    ),
    "constraints": (
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace"
    ),
    "views": "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'",
    "policies": (
        "SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies"
    ),
    "triggers": (
        "SELECT tgrelid::regclass::text, tgname, tgenabled::text, pg_get_triggerdef(oid)"
        " FROM pg_trigger WHERE NOT tgisinternal"
    ),
    "functions": (
        "SELECT oid::regprocedure::text, pg_get_functiondef(oid), proacl::text FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace AND prokind IN ('f', 'p')"
    ),
}
HISTORY = (  # as Piccolo makes it
    "CREATE TABLE migration (id serial PRIMARY KEY, name varchar(200) NOT NULL DEFAULT '',"
    " app_name varchar(200) NOT NULL DEFAULT '',"
    " ran_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP)"
)
DOCUMENT = (
    "INSERT INTO documents (tenant_id, id, legal_entity, series, seq, number, kind, state, source,"
    " issued_at, issued_on, supplied_on, paid_at, currency, credits, net_minor, tax_minor,"
    " gross_minor, seller, buyer, notes, is_specimen, created_by) VALUES (gen_random_uuid(), $1,"
    " 'default', $2::text, $3::bigint, $4::text, $2::text, $5::text, $4::text, now(), now(), now(),"
    " now(), 'EUR', 10, 65, 0, 65, '{}', '{}', '{}', true, 'x')"
)
LINE = (
    "INSERT INTO document_lines (tenant_id, document_id, line_no, description, quantity,"
    " unit_price_micro, net_minor, tax_category, rate_permille, tax_minor, tax_note)"
    " SELECT tenant_id, id, 1, 'x', 10, 65000, 65, 'O', 0, 0, $2 FROM documents WHERE id = $1"
)
IN_ADVANCE = "Payment in advance for multi-purpose credits: VAT is due when they are used"
DAY = re.compile(r"_(20\d{6})(?!\d)")
PAPERS = {
    "R-1": ("receipt", "issued", ""),
    "I-1": ("invoice", "paid", IN_ADVANCE),
    "I-2": ("invoice", "paid", "Reverse charge"),
}


@pytest.fixture
def empty(server_url: str, migrated: CleanDatabase) -> Iterator[str]:
    """The URL of an empty database, of a server that has our roles."""
    name = f"clearsend_earlier_{uuid4().hex[:12]}"
    asyncio.run(execute(server_url, f"CREATE DATABASE {name}"))
    yield on_database(server_url, name)
    asyncio.run(execute(server_url, f"DROP DATABASE {name} WITH (FORCE)"))


async def execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def schema_of(url: str) -> dict[str, set[tuple[object, ...]]]:
    connection = await asyncpg.connect(url)
    try:
        return {
            part: {tuple(row) for row in await connection.fetch(statement)}
            for part, statement in SCHEMA.items()
        }
    finally:
        await connection.close()


def days_of(facts: Iterable[tuple[object, ...]]) -> set[str]:
    """Of the partitions they name: two databases of two days differ by a day's."""
    return {day for fact in facts for word in fact for day in DAY.findall(str(word))}


async def release(url: str, left_out: tuple[str, ...]) -> None:
    """What it did not have is said to have run, and forgotten afterwards."""
    said = [f"INSERT INTO migration (name, app_name) VALUES ('{n}', 'clearsend')" for n in left_out]
    await execute(url, HISTORY, f"ALTER TABLE migration OWNER TO {OWNER_ROLE}", *said)
    await migrate(url, LOGIN_PASSWORD)
    names = ", ".join(f"'{number}'" for number in left_out)
    await execute(url, f"DELETE FROM migration WHERE name IN ({names})")


@pytest.mark.parametrize("left_out", LEFT_OUT, ids=" ".join)
async def test_an_earlier_release_ends_with_the_schema_of_a_new_one(
    empty: str, migrated: CleanDatabase, left_out: tuple[str, ...]
) -> None:
    await release(empty, left_out)
    is_before_advances = "0037" in left_out
    if is_before_advances:
        await write_papers(empty)
    await migrate(empty, LOGIN_PASSWORD)
    new, upgraded = await schema_of(migrated.owner_url), await schema_of(empty)
    days = days_of(new["tables"]) & days_of(upgraded["tables"])
    assert len(days) > 1
    for part, facts in new.items():
        different = {fact for fact in facts ^ upgraded[part] if days_of({fact}) <= days}
        assert different == set(), part
    if is_before_advances:
        assert await papers_in_advance(empty) == {"R-1", "I-1"}


async def test_what_was_sampled_before_is_believed_no_more(empty: str) -> None:
    """A tenant that came after the samples stands in none, and would be planned for as nobody."""
    tables = ("subscribers", "group_members", "opt_out_events")
    await release(empty, ("0047",))
    connection = await asyncpg.connect(empty)
    try:
        await connection.execute("SET session_replication_role = replica")
        for table in tables:
            await connection.execute(f"ALTER TABLE {table} ALTER COLUMN tenant_id SET STATISTICS 9")
        await connection.execute(
            "INSERT INTO subscribers (tenant_id, id, phone, created_at, changed_at)"
            " VALUES (gen_random_uuid(), gen_random_uuid(), '+4740000000', now(), now());"
            " INSERT INTO group_members (tenant_id, group_id, subscriber_id, added_at)"
            " SELECT tenant_id, id, id, now() FROM subscribers;"
            " INSERT INTO opt_out_events (tenant_id, id, phone, kind, source, evidence, actor, at)"
            " SELECT tenant_id, id, phone, 'out', 'api', '', 'x', now() FROM subscribers"
        )
        for table in tables:
            await connection.execute(f"ANALYZE {table}")
            await connection.execute(f"ALTER TABLE {table} ALTER COLUMN tenant_id SET STATISTICS 0")
            await connection.execute(f"ANALYZE {table}")
        sampled = (
            "SELECT count(*) FROM pg_stats WHERE attname = 'tenant_id' AND tablename = ANY($1)"
        )
        assert await connection.fetchval(sampled, tables) == len(tables)
        await migrate(empty, LOGIN_PASSWORD)
        assert await connection.fetchval(sampled, tables) == 0
    finally:
        await connection.close()


async def write_papers(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica")
        for seq, (number, (kind, state, note)) in enumerate(PAPERS.items(), 1):
            document_id = uuid4()
            await connection.execute(DOCUMENT, document_id, kind, seq, number, state)
            await connection.execute(LINE, document_id, note)
    finally:
        await connection.close()


async def papers_in_advance(url: str) -> set[str]:
    """What was paid before the upgrade is taxed when it is used, as what is paid after it."""
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("SELECT number FROM documents WHERE is_advance")
    finally:
        await connection.close()
    return {row["number"] for row in rows}
