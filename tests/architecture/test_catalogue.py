"""Every table, policy, grant, view and function of the real schema, against DESIGN §5.4.

A new table without a policy, a grant too many or a definer function fails here, by name.
"""

from typing import Any

import pytest

from backend.db.catalogue import DEFINER_FUNCTIONS, PLATFORM_TABLES

pytestmark = pytest.mark.anyio

APP_ROLES = ("clearsend_tenant", "clearsend_platform", "clearsend_doorway", "clearsend_login")
TABLES = """
SELECT c.oid, c.relname, c.relkind, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
       c.relispartition AS partition, pg_get_userbyid(c.relowner) AS owner,
       EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id'
               AND a.attnum > 0 AND NOT a.attisdropped) AS has_tenant
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
  AND c.relname <> 'migration'
"""


@pytest.fixture
async def connection(database):
    connection = await database.connect()
    yield connection
    await connection.close()


async def test_every_table_is_a_tenants_or_on_the_list(connection):
    for table in await connection.fetch(TABLES):
        if table["partition"]:
            continue
        assert table["has_tenant"] or table["relname"] in PLATFORM_TABLES, table["relname"]
        assert table["owner"] == "clearsend_owner", table["relname"]
    names = {row["relname"] for row in await connection.fetch(TABLES)}
    assert set(PLATFORM_TABLES) <= names


async def test_tenant_tables_force_the_policy(connection):
    policies: dict[str, list[Any]] = {}
    for row in await connection.fetch("SELECT * FROM pg_policies WHERE schemaname = 'public'"):
        policies.setdefault(row["tablename"], []).append(row)
    for table in await connection.fetch(TABLES):
        name = table["relname"]
        if table["partition"] or not table["has_tenant"]:
            continue
        assert table["enabled"], name
        assert table["forced"], name
        tenant_rules = [
            p
            for p in policies.get(name, [])
            # a restrictive policy only takes away from what a permissive one gives
            if {"public", "clearsend_tenant"} & set(p["roles"]) and p["permissive"] == "PERMISSIVE"
        ]
        assert tenant_rules, f"{name}: no policy for tenants"
        for policy in tenant_rules:
            rule = (policy["qual"] or "") + (policy["with_check"] or "")
            assert "current_tenant()" in rule, f"{name}.{policy['policyname']}"


async def test_tenant_id_leads_every_key_of_a_tenant_table(connection):
    rows = await connection.fetch("""
        SELECT t.relname AS name, i.relname AS index,
               (SELECT attname FROM pg_attribute WHERE attrelid = t.oid AND attnum = x.indkey[0])
                   AS first
        FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid
        JOIN pg_class i ON i.oid = x.indexrelid
        WHERE t.relnamespace = 'public'::regnamespace AND x.indisunique AND NOT t.relispartition
          AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = t.oid
                      AND a.attname = 'tenant_id' AND NOT a.attisdropped)""")
    allowed = {
        "api_keys_prefix",  # random, ours and public: says nothing about a tenant
        "payment_customers_customer_id_key",  # random, the provider's: a customer is one tenant
    }
    for row in rows:
        if row["name"] in PLATFORM_TABLES or row["index"] in allowed:
            continue
        assert row["first"] == "tenant_id", f"{row['name']}.{row['index']}"


async def test_references_between_tenant_tables_carry_the_tenant(connection):
    rows = await connection.fetch("""
        SELECT c.conname, t.relname AS name, r.relname AS target,
               (SELECT array_agg(a.attname) FROM pg_attribute a
                WHERE a.attrelid = t.oid AND a.attnum = ANY (c.conkey))::text[] AS columns
        FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
        JOIN pg_class r ON r.oid = c.confrelid
        WHERE c.contype = 'f' AND t.relnamespace = 'public'::regnamespace""")
    directory = {"accounts", "tenants", *PLATFORM_TABLES}
    for row in rows:
        if row["target"] not in directory:
            assert "tenant_id" in row["columns"], f"{row['name']}.{row['conname']}"


async def test_no_role_truncates_references_or_triggers(connection):
    for role in APP_ROLES:
        for table in await connection.fetch(TABLES):
            for verb in ("TRUNCATE", "REFERENCES", "TRIGGER"):
                allowed = await connection.fetchval(
                    "SELECT has_table_privilege($1, $2::oid, $3)", role, table["oid"], verb
                )
                assert not allowed, f"{role} may {verb} {table['relname']}"


async def test_the_login_role_reads_nothing_and_inherits_nothing(connection):
    role = await connection.fetchrow(
        "SELECT rolsuper, rolbypassrls, rolinherit, rolcreaterole FROM pg_roles"
        " WHERE rolname = 'clearsend_login'"
    )
    assert not any(role.values())
    for table in await connection.fetch(TABLES):
        may = await connection.fetchval(
            "SELECT has_table_privilege('clearsend_login', $1::oid, 'SELECT')", table["oid"]
        )
        assert not may, table["relname"]


async def test_partitions_carry_no_grants(connection):
    for table in await connection.fetch(TABLES):
        if table["partition"]:
            for role in APP_ROLES:
                may = await connection.fetchval(
                    "SELECT has_table_privilege($1, $2::oid, 'SELECT')", role, table["oid"]
                )
                assert not may, table["relname"]


async def test_the_platform_role_writes_no_tenant_table(connection):
    for table in await connection.fetch(TABLES):
        if table["partition"] or table["relname"] in PLATFORM_TABLES or not table["has_tenant"]:
            continue
        for verb in ("INSERT", "UPDATE", "DELETE"):
            may = await connection.fetchval(
                "SELECT has_any_column_privilege('clearsend_platform', $1::oid, $2)"
                if verb != "DELETE"
                else "SELECT has_table_privilege('clearsend_platform', $1::oid, $2)",
                table["oid"],
                verb,
            )
            assert not may, f"clearsend_platform may {verb} {table['relname']}"


async def test_views_ask_as_their_reader(connection):
    rows = await connection.fetch(
        "SELECT relname, relkind::text, coalesce(array_to_string(reloptions, ','), '') AS options"
        " FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')"
    )
    for row in rows:
        assert row["relkind"] == "v", f"{row['relname']}: a materialised view ignores policies"
        invoker = {"security_invoker=true", "security_invoker=on"}
        assert invoker & set(row["options"].split(",")), row["relname"]


async def test_definer_functions_are_on_the_list_with_a_pinned_path(connection):
    rows = await connection.fetch(
        "SELECT proname, prosecdef, proconfig,"
        " has_function_privilege('public', oid, 'EXECUTE') AS everybody FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace"
    )
    for row in rows:
        assert not row["everybody"], f"{row['proname']}: everybody may call it"
        if row["prosecdef"]:
            assert row["proname"] in DEFINER_FUNCTIONS, row["proname"]
            assert any(c.startswith("search_path=") for c in row["proconfig"] or []), row["proname"]
