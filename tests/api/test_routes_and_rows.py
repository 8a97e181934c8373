"""A route without a row, or a row without a route, keeps the application from starting."""

from typing import Any

import pytest
from litestar.handlers import get as litestar_get
from litestar.params import JSONBody

from backend.api.authorization import platform, table
from backend.api.authorization.access import READERS, Access, is_masked
from backend.api.guards import RoutesAndRowsDiffer
from backend.api.routing import get, post
from backend.kernel.principal import KeyScope, MemberRole, StaffRole
from backend.kernel.views import View
from tests.api.authorization_matrix import check_every_route
from tests.api.demo import ROWS, Credentials, api_key, build, client_of, member, staff

pytestmark = pytest.mark.anyio


def refused(match, **options: Any):
    with pytest.raises(RoutesAndRowsDiffer, match=match):
        build(**options)


def test_a_row_without_a_route():
    refused("ghost: a row without a route", rows={**ROWS, "ghost": Access()})


def test_a_route_without_a_row():
    refused("no row for create_thing", rows={k: v for k, v in ROWS.items() if k != "create_thing"})


def test_an_operation_not_named_after_its_function():
    @litestar_get("/v1/x", operation_id="other")
    async def mine() -> None:
        return None

    rows = {**platform.ROWS, "mine": Access(public=True)}
    refused("operation_id is not", routes=[mine], rows=rows)


def test_a_body_that_would_accept_unknown_fields():
    class Loose(View, kw_only=True, frozen=True):
        name: str

    @post("/v1/x")
    async def mine(data: JSONBody[Loose]) -> None:
        return None

    @post("/v1/y")
    async def other(data: JSONBody[dict[str, Any]]) -> None:
        return None

    rows = {**platform.ROWS, "mine": Access(public=True), "other": Access(public=True)}
    refused("data of mine is no Input", routes=[mine, other], rows=rows)
    refused("data of other is no Input", routes=[mine, other], rows=rows)


def test_no_row_of_the_table_is_empty():
    for name, row in table.ROWS.items():
        assert row != Access(), name


async def test_routes_outside_the_table_are_not_there_for_options_either():
    @get("/v1/x")
    async def mine() -> None:
        return None

    app = build(routes=[mine], rows={**platform.ROWS, "mine": Access(public=True)})
    async with client_of(app) as client:
        answer = await client.request("OPTIONS", "/v1/x")
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, OPTIONS")


def test_masking():
    row = Access(
        members=READERS,
        staff=frozenset(StaffRole),
        scope=KeyScope.REPORTS_READ,
        masked=frozenset({MemberRole.VIEWER, StaffRole.MODERATOR, StaffRole.ADMIN}),
    )
    assert is_masked(row, member(MemberRole.VIEWER))
    assert not is_masked(row, member(MemberRole.SENDER))
    assert is_masked(row, staff(StaffRole.MODERATOR))
    assert not is_masked(row, staff(StaffRole.FINANCE))
    assert is_masked(row, api_key(KeyScope.REPORTS_READ))
    assert not is_masked(row, api_key(KeyScope.REPORTS_READ, KeyScope.PII_READ))
    assert not is_masked(Access(members=READERS), member(MemberRole.VIEWER))


async def test_every_route_for_every_principal():
    credentials = Credentials()
    app = build(credentials)

    async with client_of(app) as client:

        async def request(method, path, principal):
            headers = {}
            if principal is not None and principal.key_id is not None:
                credentials.keys["sk_matrix"] = principal
                headers = {"authorization": "Bearer sk_matrix"}
            elif principal is not None:
                headers = credentials.log_in(principal, "matrix")
            answer = await client.request(method, path, headers=headers)
            code = answer.json()["code"] if answer.status_code >= 400 else ""
            return answer.status_code, code

        wrong, checked = await check_every_route(app, ROWS, request, skip={"events", "break_thing"})
    assert wrong == []
    assert checked > 200
