"""Every route × every kind of principal, expected from the authorisation table as data.

`check_every_route(app, rows, request)` asks each route as each principal and compares who was
let past the guards. A route that lets somebody in may still answer 404 or 422: what is compared
is refused (401, 403 of the table) against everything else.
"""

from collections.abc import Awaitable, Callable, Iterator
from uuid import UUID

import msgspec
from litestar import Litestar

from backend.api.authorization.access import Access, Rows
from backend.api.guards import operations
from backend.kernel.principal import KeyScope, MemberRole, Principal, PrincipalKind, StaffRole

TENANT_ID = UUID("01890a5d-ac96-774b-bcce-b302099a8001")
SOME_ID = "01890a5d-ac96-774b-bcce-b302099a80ff"

# What the guards answer with; other codes of 401 and 403 come from behind them.
RESULTS = frozenset(
    {
        "unauthenticated",
        "second_step_pending",
        "role_missing",
        "scope_missing",
        "test_key",
        "second_factor_required",
        "step_up_required",
    }
)

# (method, path, principal or None) → (status, code of the problem or "")
Request = Callable[[str, str, Principal | None], Awaitable[tuple[int, str]]]


def principals(tenant_id: UUID = TENANT_ID) -> Iterator[tuple[str, Principal | None]]:
    yield "anonymous", None
    for role in MemberRole:
        kind = PrincipalKind.MEMBER
        account = UUID(int=1)
        for fresh in (True, False):
            yield (
                f"{role.value}{'' if fresh else ' proved long ago'}",
                Principal(
                    kind=kind,
                    account_id=account,
                    tenant_id=tenant_id,
                    member_role=role,
                    has_stepped_up=fresh,
                ),
            )
    yield "without a tenant", Principal(kind=PrincipalKind.MEMBER, account_id=UUID(int=2))
    yield (
        "before the second step",
        Principal(kind=PrincipalKind.MEMBER, account_id=UUID(int=2), awaits_second_step=True),
    )
    for staff_role in StaffRole:
        for confirmed, fresh in ((True, True), (True, False), (False, True)):
            how = "" if fresh else " proved long ago"
            how = how if confirmed else " without second factor"
            yield (
                f"staff {staff_role.value}{how}",
                Principal(
                    kind=PrincipalKind.STAFF,
                    account_id=UUID(int=3),
                    staff_roles=frozenset({staff_role}),
                    has_second_factor=confirmed,
                    has_stepped_up=fresh,
                ),
            )
    for scope in KeyScope:
        yield f"key {scope.value}", _key(tenant_id, frozenset({scope}))
    yield "key without scopes", _key(tenant_id, frozenset())
    every = _key(tenant_id, frozenset(KeyScope))
    yield "test key of every scope", msgspec.structs.replace(every, is_test_key=True)


def _key(tenant_id: UUID, scopes: frozenset[KeyScope]) -> Principal:
    return Principal(
        kind=PrincipalKind.API_KEY, key_id=UUID(int=4), tenant_id=tenant_id, key_scopes=scopes
    )


def expected_code(row: Access, principal: Principal | None) -> str:
    """The table read a second time, independently of the guard: "" for let in."""
    if row.public:
        return ""
    if principal is None:
        return "unauthenticated"
    if principal.kind is PrincipalKind.API_KEY:
        if not (row.key or row.scope in principal.key_scopes):
            return "scope_missing"
        return "test_key" if row.sends and principal.is_test_key else ""
    if principal.awaits_second_step:
        return "" if row.second_step else "second_step_pending"
    if not (row.account or principal.member_role in row.members):
        if not any(role in row.staff for role in principal.staff_roles):
            return "role_missing"
        if row.staff_second_factor and not principal.has_second_factor:
            return "second_factor_required"
    return "step_up_required" if row.step_up and not principal.has_stepped_up else ""


def concrete(path: str) -> str:
    """`/v1/things/{thing_id}` with an id nobody has; a version is a number."""
    values = {
        "{version}": "1",
        "{rules_version}": "1",
        "{tariff_version}": "1",
        "{price_version}": "1",
        "{day}": "2026-01-01",
    }
    return "/".join(
        values.get(part, SOME_ID) if part.startswith("{") else part for part in path.split("/")
    )


async def check_every_route(
    app: Litestar, rows: Rows, request: Request, *, skip: set[str] | None = None
) -> tuple[list[str], int]:
    """(what differs, how many were asked). `skip` names operations whose answer never ends."""
    wrong = []
    checked = 0
    for method, path, handler in operations(app):
        if handler.handler_name in (skip or set()):
            continue
        for name, principal in principals():
            status, code = await request(method, concrete(path), principal)
            expected = expected_code(rows[handler.handler_name], principal)
            found = code if status in {401, 403} and code in RESULTS else ""
            checked += 1
            if found != expected or status >= 500:
                wrong.append(f"{method} {path} as {name}: {status} {code}, expected {expected!r}")
    return wrong, checked
