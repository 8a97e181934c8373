"""What one tenant's people and programs can learn of, or change in, another tenant: nothing.

Tenant B is planted with marked texts. Everybody of tenant A calls every operation with B's ids in
path, query, body and headers, beside the same call with ids that nobody has: the answers are the
same, none carries a mark, and no row of B is touched.
"""

import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from msgspec import inspect

from backend.api.authorization.table import ROWS
from backend.api.bodies import body_kind, body_type
from backend.api.examples import example_of
from backend.api.guards import operations
from backend.app import create_app
from backend.kernel.principal import Principal, PrincipalKind
from tests.architecture.test_authorization import Anybody
from tests.architecture.two_tenants import CANARY, UNPLANTED, Planted, keys_of, plant
from tests.browserless import ORIGIN, settings_of
from tests.factories import make_account

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(600)]

# Parameter or field → the ids of a tenant's own. A name that is not here fails the walk.
KINDS = {
    "tenant_id": "SELECT id FROM tenants WHERE id = $1",
    "account_id": "SELECT account_id FROM members WHERE tenant_id = $1",
    "key_id": "SELECT id FROM api_keys WHERE tenant_id = $1",
    "factor_id": "SELECT f.id FROM second_factors f JOIN members m USING (account_id)"
    " WHERE m.tenant_id = $1",
    "transfer_id": "SELECT id FROM ledger_transfers WHERE tenant_id = $1",
    "lot_id": "SELECT id FROM ledger_lots WHERE tenant_id = $1",
    "campaign_id": "SELECT id FROM campaigns WHERE tenant_id = $1",
    "series_id": "SELECT id FROM session_series WHERE tenant_id = $1",
    "session_id": "SELECT id FROM campaign_sessions WHERE tenant_id = $1",
    "quote_id": "SELECT id FROM quotes WHERE tenant_id = $1",
    "subscriber_id": "SELECT id FROM subscribers WHERE tenant_id = $1",
    "deselected_id": "SELECT id FROM subscribers WHERE tenant_id = $1",
    "group_id": "SELECT id FROM groups WHERE tenant_id = $1",
    "deselected_group_id": "SELECT id FROM groups WHERE tenant_id = $1",
    "target_group_id": "SELECT id FROM target_groups WHERE tenant_id = $1",
    "deselected_target_group_id": "SELECT id FROM target_groups WHERE tenant_id = $1",
    "country": "SELECT 'NO' WHERE $1::uuid IS NOT NULL",
    "import_id": "SELECT id FROM imports WHERE tenant_id = $1",
    "subject_id": "SELECT id FROM templates WHERE tenant_id = $1",
    "template_id": "SELECT id FROM templates WHERE tenant_id = $1",
    "version_id": "SELECT id FROM template_versions WHERE tenant_id = $1",
    "template_version_id": "SELECT id FROM template_versions WHERE tenant_id = $1",
    "sender_id": "SELECT id FROM sender_ids WHERE tenant_id = $1",
    "top_up_id": "SELECT id FROM top_ups WHERE tenant_id = $1",
    "price_version": "SELECT version FROM price_lists WHERE $1::uuid IS NOT NULL",
    "price_proposal": "SELECT id FROM price_proposals WHERE $1::uuid IS NOT NULL",
    "line_id": "SELECT id FROM bank_lines WHERE $1::uuid IS NOT NULL",
    "bank_file": "SELECT id FROM bank_files WHERE $1::uuid IS NOT NULL",
    "day": "SELECT '2026-01-01' WHERE $1::uuid IS NOT NULL",
    "correction_id": "SELECT id FROM corrections WHERE tenant_id = $1",
    "proof_file": "SELECT id FROM proof_files WHERE tenant_id = $1",
    "purchase_id": "SELECT id FROM purchases WHERE tenant_id = $1",
    "card_id": "SELECT id FROM saved_cards WHERE tenant_id = $1",
    "refund_id": "SELECT id FROM refunds WHERE tenant_id = $1",
    "problem_id": "SELECT id FROM payment_problems WHERE tenant_id = $1",
    "case_id": "SELECT id FROM cases WHERE tenant_id = $1",
    "vote_id": "SELECT id FROM votes WHERE tenant_id = $1",
    "question_id": "SELECT id FROM case_notes WHERE tenant_id = $1",
    "asked": "SELECT account_id FROM members WHERE tenant_id = $1",
    "decision_id": "SELECT id FROM decisions WHERE tenant_id = $1 AND verdict = 'refuse'",
    "version": "SELECT version FROM template_versions WHERE tenant_id = $1",
    "invitation_id": "SELECT id FROM invitations WHERE tenant_id = $1",
    "gateway_id": "SELECT id FROM gateways WHERE $1::uuid IS NOT NULL",
    "verification_id": "SELECT id FROM number_verifications WHERE tenant_id = $1",
    "notice_id": "SELECT id FROM notices WHERE tenant_id = $1",
    "host": "SELECT 'nobody.example' WHERE $1::uuid IS NOT NULL",
    "word": "SELECT 'no such word' WHERE $1::uuid IS NOT NULL",
    "language": "SELECT 'en' WHERE $1::uuid IS NOT NULL",
    "rules_version": "SELECT version FROM rule_sets WHERE $1::uuid IS NOT NULL",
    "test_id": "SELECT id FROM rule_tests WHERE $1::uuid IS NOT NULL",
    "strike_id": "SELECT id FROM strikes WHERE tenant_id = $1",
    "proposal_id": "SELECT id FROM suspension_proposals WHERE tenant_id = $1",
    "document_id": "SELECT id FROM documents WHERE tenant_id = $1",
    "tariff_version": "SELECT version FROM tariffs WHERE $1::uuid IS NOT NULL",
    "legal_entity": "SELECT code FROM legal_entities WHERE $1::uuid IS NOT NULL",
    "answered": "SELECT 'stop' WHERE $1::uuid IS NOT NULL",
    "name": "SELECT name FROM attributes WHERE tenant_id = $1",
}
# What a request must repeat to get as far as the ids it names.
FRESH = {
    "draft_version": "SELECT draft_version FROM campaign_sessions WHERE id = $1",
    "version": "SELECT version FROM groups WHERE id = $1 UNION ALL"
    " SELECT version FROM subscribers WHERE id = $1 UNION ALL"
    " SELECT version FROM target_groups WHERE id = $1",
}
SKIPPED = {
    "serve_page": "files of the pages, the same for everybody",
    "serve_asset": "files of the pages, the same for everybody",
    "events": "never ends; what is listened to is named by the caller's own tenant",
}
PARAMETER = re.compile(r"{(\w+)}")

Ids = dict[str, list[str]]


class Walk:
    """The application, two tenants, and the superuser's look behind the scopes."""

    def __init__(self, app: Litestar, anybody: Anybody, connection: asyncpg.Connection) -> None:
        self.app = app
        self.anybody = anybody
        self.connection = connection
        self.ours: Planted
        self.theirs: Planted
        asgi: Any = app  # Litestar types its scopes more narrowly than httpx asks
        transport = httpx.ASGITransport(asgi, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url=ORIGIN)

    def operations(self) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
        for method, path, handler in operations(self.app):
            if handler.handler_name not in SKIPPED:
                yield method, path, handler

    def query_names(self, handler: HTTPRouteHandler) -> frozenset[str]:
        known: frozenset[str] = self.app.state["query_parameters"][handler.handler_name][0]
        return known

    async def ids_of(self, tenant_id: UUID) -> Ids:
        found = {}
        for name, sql in KINDS.items():
            rows = await self.connection.fetch(f"{sql} ORDER BY 1", tenant_id)
            assert rows, f"{name}: plant one in two_tenants.py"
            found[name] = [str(row[0]) for row in rows]
        return found

    async def everybody(self) -> AsyncIterator[tuple[str, Principal | None]]:
        yield "anonymous", None
        for role, principal in self.ours.members.items():
            yield role.value, principal
        async for name, key in keys_of(self.ours):
            yield name, key
        stranger = await make_account("Stranger")
        yield "without a tenant", Principal(kind=PrincipalKind.MEMBER, account_id=stranger)

    async def call(
        self, principal: Principal | None, method: str, path: str, **options: Any
    ) -> httpx.Response:
        self.anybody.now = principal
        headers = {
            "x-tenant-id": str(self.theirs.tenant_id),
            "x-forwarded-for": "10.0.0.1",
            **options.pop("headers", {}),
        }
        if principal is not None and principal.kind is PrincipalKind.API_KEY:
            headers["authorization"] = "Bearer sk_live_anybody"
        elif principal is not None:
            headers |= {"cookie": "clearsend_session=anybody", "x-csrf-token": "csrf"}
        return await self.client.request(method, path, headers=headers, **options)

    async def rows_of(self, tenant_id: UUID) -> dict[str, str]:
        """Table → the row versions of a tenant; what staff looked at is not theirs to keep."""
        tables = await self.connection.fetch(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
            " AND NOT c.relispartition AND a.attname = 'tenant_id' AND NOT a.attisdropped"
        )
        owned = {row["relname"]: "t.tenant_id = $1" for row in tables} | {
            "tenants": "t.id = $1",
            "accounts": "t.id IN (SELECT account_id FROM members WHERE tenant_id = $1)",
            "second_factors": "t.account_id IN"
            " (SELECT account_id FROM members WHERE tenant_id = $1)",
        }
        del owned["access_audit"]
        return {
            name: str(
                await self.connection.fetchval(
                    "SELECT coalesce(string_agg(t.tableoid || ':' || t.ctid || ':' || t.xmin, ' '"
                    f" ORDER BY t.tableoid, t.ctid), '') FROM {name} t WHERE {whose}",
                    tenant_id,
                )
            )
            for name, whose in owned.items()
        }


@pytest.fixture
async def walk(migrated, redis_url, tmp_path):
    await migrated.clean()
    anybody = Anybody()
    settings = settings_of(migrated, redis_url, data_dir=tmp_path)
    app = create_app(settings, resolver=anybody, limits_rate=False)
    connection = await migrated.connect()
    async with app.lifespan():
        made = Walk(app, anybody, connection)
        made.ours = await plant("OWN-A", "+47912345")
        made.theirs = await plant(f"{CANARY}-B", "+47998877")
        yield made
        await made.client.aclose()
    await connection.close()


def nobodys(ids: Ids) -> Ids:
    """As many, of the same form, that no tenant has."""
    return {name: [_like(value) for value in values] for name, values in ids.items()}


def _like(value: str) -> str:
    if value.replace("-", "").isdecimal():
        return value  # a version or a day: everybody's
    return str(uuid4()) if _is_uuid(value) else f"nobody {uuid4()}"[:40]


def _is_uuid(value: str) -> bool:
    return re.fullmatch(r"[0-9a-f-]{36}", value) is not None


def holds_id(kind: inspect.Type) -> bool:
    if isinstance(kind, inspect.Metadata):
        return holds_id(kind.type)
    if isinstance(kind, inspect.UnionType):
        return any(holds_id(inner) for inner in kind.types)
    if isinstance(kind, inspect.ListType | inspect.VarTupleType | inspect.SetType):
        return holds_id(kind.item_type)
    if isinstance(kind, inspect.StructType):
        return any(holds_id(field.type) for field in kind.fields)
    return isinstance(kind, inspect.UUIDType)


def with_ids(kind: inspect.Type, name: str, example: Any, ids: Ids) -> Any:
    """`example` with every id of a body replaced; optional ones are given."""
    if isinstance(kind, inspect.Metadata):
        return with_ids(kind.type, name, example, ids)
    if isinstance(kind, inspect.UnionType):
        inner = next(part for part in kind.types if holds_id(part))
        return with_ids(inner, name, example, ids)
    if isinstance(kind, inspect.StructType):
        given = dict(example) if isinstance(example, dict) else {}
        for field in kind.fields:
            if holds_id(field.type):
                given[field.encode_name] = with_ids(
                    field.type, field.encode_name, given.get(field.encode_name), ids
                )
        return given
    many = isinstance(kind, inspect.ListType | inspect.VarTupleType | inspect.SetType)
    singular = name[:-1] if many else name
    assert singular in KINDS, f"the body field {name}: add its kind to KINDS"
    return ids[singular] if many else ids[singular][0]


async def body_of(walk: Walk, handler: HTTPRouteHandler, path_ids: Ids, ids: Ids) -> dict[str, Any]:
    """httpx's arguments for a body that would be accepted but for whose ids it names."""
    if body_kind(handler) == "stream":
        options = json.dumps({"group_id": ids["group_id"][0]})
        return {"files": {"file": ("a.csv", "phone\n+4791111111\n")}, "data": {"options": options}}
    wanted = body_type(handler)
    if wanted is None:
        return {}
    kind = inspect.type_info(wanted)
    example = msgspec.to_builtins(example_of(wanted))
    body = with_ids(kind, "", example, ids) if holds_id(kind) else example
    for name, sql in FRESH.items():
        if name in body:
            for parameter in path_ids:
                if not _is_uuid(path_ids[parameter][0]):
                    continue  # a country, say: nobody's own
                found = await walk.connection.fetchval(sql, UUID(path_ids[parameter][0]))
                body[name] = found or body[name]
    return {"json": body}


def query_of(names: frozenset[str], theirs: Planted, ids: Ids) -> dict[str, str]:
    query = {}
    for name in sorted(names):
        if name in KINDS:
            query[name] = ids[name][0]
        elif name.endswith(("_id", "_ids")):
            raise AssertionError(f"the query parameter {name}: add its kind to KINDS")
    searched = {"search": theirs.words[0], "phone": f"{theirs.words[1]}02"}
    return query or {name: text for name, text in searched.items() if name in names}


def paths_of(path: str, ids: Ids) -> Iterator[tuple[str, Ids]]:
    """The path once per id: of two kinds in one path, the first of the other."""
    names = PARAMETER.findall(path)
    for name in names:
        assert name in KINDS, f"the path parameter {name} of {path}: add its kind to KINDS"
    most = max((len(ids[name]) for name in names), default=1)
    for at in range(most):
        chosen = {name: [ids[name][at % len(ids[name])]] for name in names}
        yield PARAMETER.sub(lambda found: chosen[found[1]][0], path), chosen  # noqa: B023


def said(answer: httpx.Response) -> tuple[int, str]:
    is_problem = "problem" in answer.headers.get("content-type", "")
    return answer.status_code, answer.json()["code"] if is_problem else ""


def marks_in(answer: httpx.Response, planted: Planted) -> list[str]:
    text = (answer.text + str(answer.headers)).lower()
    return [word for word in planted.words if word in text]


async def asked(
    walk: Walk,
    who: Principal | None,
    operation: Any,
    path_ids: Ids,
    ids: Ids,
    *,
    is_filtered: bool = True,
) -> list[httpx.Response]:
    """One answer per id of the path (three at most), everything else of `ids`."""
    method, path, handler = operation
    answers = []
    for at, (concrete, chosen) in enumerate(paths_of(path, path_ids)):
        if at == 3:
            break
        body = await body_of(walk, handler, chosen, ids)
        names = walk.query_names(handler) if is_filtered else frozenset[str]()
        query = query_of(names, walk.theirs, ids)
        answers.append(await walk.call(who, method, concrete, params=query, **body))
    return answers


async def test_nobody_of_ours_learns_of_or_changes_anything_of_theirs(walk: Walk):
    theirs = await walk.ids_of(walk.theirs.tenant_id)
    ours = await walk.ids_of(walk.ours.tenant_id)
    nobody = nobodys(theirs)
    before = await walk.rows_of(walk.theirs.tenant_id)
    wrong = []
    async for name, who in walk.everybody():
        for operation in walk.operations():
            wrong += [
                f"{name}: {found}"
                for found in await compared(walk, who, operation, ours, theirs, nobody)
            ]
        after = await walk.rows_of(walk.theirs.tenant_id)
        wrong += [f"{name}: changed {t}" for t, rows in after.items() if rows != before[t]]
        before = after
    assert not wrong, "\n".join(sorted(set(wrong)))


async def compared(  # noqa: PLR0917 - three sets of ids
    walk: Walk, who: Principal | None, operation: Any, ours: Ids, theirs: Ids, nobody: Ids
) -> list[str]:
    """What differs: their ids in the path, then our own path with their ids beside it."""
    method, path, _ = operation
    names_more = names_ids(walk, operation)
    pairs = [(theirs, nobody)] if "{" in path else []
    pairs += [(ours, ours)] if names_more else []
    wrong = []
    for path_ids, control_ids in pairs or [(ours, ours)]:
        found = await asked(walk, who, operation, path_ids, theirs)
        control = await asked(walk, who, operation, control_ids, nobody, is_filtered=bool(pairs))
        for one, other in zip(found, control, strict=True):
            marks = [*marks_in(one, walk.theirs), *marks_in(other, walk.theirs)]
            wrong += [f"{method} {path}: shows {marks}"] if marks else []
            # A call that names nothing is looked at for what it shows; two sign-ups may differ.
            is_different = bool(pairs) and said(one) != said(other)
            if is_different or one.status_code >= 500:
                wrong.append(f"{method} {path}: {said(one)}, with ids of nobody {said(other)}")
    return wrong


def names_ids(walk: Walk, operation: Any) -> bool:
    """Whether body or query name other things than the path does."""
    _, _, handler = operation
    wanted = body_type(handler)
    if wanted is not None and holds_id(inspect.type_info(wanted)):
        return True
    return bool(walk.query_names(handler) & KINDS.keys())


async def test_the_walk_reaches_what_it_looks_for(walk: Walk):
    """The marks are visible to whom they belong, so that not seeing them means something."""
    ids = await walk.ids_of(walk.theirs.tenant_id)
    silent = []
    for operation in walk.operations():
        method, path, handler = operation
        name = handler.handler_name
        if method != "GET" or name in NOTHING_MARKED or not ROWS[name].members:
            continue
        answers = await asked(walk, walk.theirs.owner, operation, ids, ids, is_filtered=False)
        refused = [a for a in answers if a.status_code != 200]
        seen = any(marks_in(a, walk.theirs) for a in answers)
        if refused or not seen:
            silent.append(f"{path}: {[said(a) for a in answers]}")
    assert not silent, "\n".join(silent)


NOTHING_MARKED = {
    "count_replies": "numbers only",
    "read_sending_settings": "hours and numbers, no text of a person's",
    "list_legal_hours": "the platform's own table, the same for everybody",
    "read_waiting": "numbers, or rows of a dispatch, which UNPLANTED names",
    "read_wait": "numbers only",
    "read_balance": "numbers only",
    "read_balances_at": "numbers only",
    "list_lots": "numbers and days only; read_lot shows its decisions",
    "list_lot_uses": "numbers only",
    "read_spending": "numbers, and ids of sessions that spent",
    "list_credit_packages": "numbers only",
    "list_purchases": "numbers and states only",
    "read_credit_price": "numbers only",
    "download_document_pdf": "compressed; read_document shows the same words",
    "count_unread_notices": "a number only",
    "list_notice_preferences": "switches only",
    "read_balance_warnings": "numbers only",
    "read_forecast": "what is not covered, and the planted balance covers everything",
    "list_import_problems": "the cell's own text, which a number that is none may lose",
    "list_session_minutes": "numbers, or rows of a dispatch, which UNPLANTED names",
    "list_recipients": "numbers, or rows of a dispatch, which UNPLANTED names",
    "list_exclusions": "numbers, or rows of a dispatch, which UNPLANTED names",
    "export_results": "a header, and rows of a dispatch, which UNPLANTED names",
}


async def test_every_table_has_a_row_of_theirs(walk: Walk):
    """A feature's new table is planted in two_tenants.py, or the walk proves nothing about it."""
    rows = await walk.rows_of(walk.theirs.tenant_id)
    empty = {name for name, found in rows.items() if not found}
    assert not empty - UNPLANTED
    assert not UNPLANTED - empty, "planted now: take it off the list"


async def test_a_key_of_theirs_replays_nothing_to_us(walk: Walk):
    """Idempotency keys are per tenant and actor: theirs, used by us, is a first request."""
    for who in (walk.ours.owner, None):
        answer = await walk.call(
            who,
            "POST",
            "/v1/campaigns",
            json={"name": "Ours"},
            headers={"idempotency-key": f"{CANARY}-B-key"},
        )
        assert not marks_in(answer, walk.theirs)
        assert answer.status_code == (201 if who else 401)
