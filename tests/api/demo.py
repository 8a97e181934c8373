"""A small application over the real plumbing: a few routes, credentials in a dictionary."""

from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

import httpx
import msgspec
from litestar import Response
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from backend.api.application import build_application
from backend.api.authorization import platform
from backend.api.authorization.access import EDITORS, FINANCE, MANAGERS, READERS, Access
from backend.api.bodies import SMALL_BODY_LIMIT_BYTES
from backend.api.context import Authenticated
from backend.api.routing import FromCaller, FromPrincipal, delete, get, patch, post
from backend.api.settings import ApiSettings
from backend.kernel.errors import Conflict, NotFound, Unauthenticated
from backend.kernel.principal import KeyScope, MemberRole, Principal, PrincipalKind, StaffRole
from backend.kernel.replay import IdempotentReplay
from backend.kernel.views import Input, Page, View

TENANT = UUID("01890a5d-ac96-774b-bcce-b302099a8001")
OTHER_TENANT = UUID("01890a5d-ac96-774b-bcce-b302099a8002")
THING = UUID("01890a5d-ac96-774b-bcce-b302099a8003")


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Part(Input, kw_only=True, frozen=True):
    sku: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    quantity: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1


class ThingCreate(Input, kw_only=True, frozen=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=50, examples=["Spring sale"])]
    recipients: Annotated[list[str], msgspec.Meta(min_length=1, max_length=3)]
    budget: Annotated[int, msgspec.Meta(ge=0)] = 0
    colour: Colour = Colour.RED
    parts: list[Part] = msgspec.field(default_factory=list)
    note: str | None = None


class ThingView(View, kw_only=True, frozen=True):
    id: UUID
    name: str
    budget: int


class Login(Input, kw_only=True, frozen=True):
    email: Annotated[str, msgspec.Meta(max_length=254)]
    password: Annotated[str, msgspec.Meta(max_length=200)]


class Echo(View, kw_only=True, frozen=True):
    actor: str
    request_id: str
    remote_address: str
    idempotency_hash: str | None
    idempotency_key: str | None


@post("/v1/things")
async def create_thing(principal: FromPrincipal, data: JSONBody[ThingCreate]) -> ThingView:
    return ThingView(id=THING, name=data.name, budget=data.budget)


@get("/v1/things")
async def list_things(
    principal: FromPrincipal,
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
    sort: Annotated[Literal["name", "created_at"], QueryParameter()] = "name",
    colour: FromQuery[list[Colour] | None] = None,
) -> Page[ThingView]:
    return Page(items=[ThingView(id=THING, name="a", budget=0)][:limit])


@get("/v1/things/{thing_id:uuid}")
async def read_thing(principal: FromPrincipal, thing_id: FromPath[UUID]) -> ThingView:
    if thing_id != THING or principal.tenant_id != TENANT:
        raise NotFound
    return ThingView(id=THING, name="a", budget=0)


@patch("/v1/things/{thing_id:uuid}")
async def change_thing(
    principal: FromPrincipal, thing_id: FromPath[UUID], data: JSONBody[Part]
) -> ThingView:
    raise Conflict("not_enough_credits", "Too few.", required=5, available=3, status="x")


@delete("/v1/things/{thing_id:uuid}")
async def delete_thing(principal: FromPrincipal, thing_id: FromPath[UUID]) -> None:
    return None


@post("/v1/things/{thing_id:uuid}/pause", status_code=200)
async def pause_thing(principal: FromPrincipal, thing_id: FromPath[UUID]) -> Echo:
    kept = principal.idempotency
    return Echo(
        actor=principal.actor,
        request_id=principal.request_id,
        remote_address=principal.remote_address,
        idempotency_hash=kept.request_hash if kept else None,
        idempotency_key=kept.key if kept else None,
    )


@post("/v1/replayed")
async def replay_thing(principal: FromPrincipal) -> None:
    raise IdempotentReplay(201, b'{"id":"first"}')


@get("/v1/broken")
async def break_thing(principal: FromPrincipal) -> None:
    raise RuntimeError("SELECT secret FROM accounts")


@post("/v1/login", status_code=200, body_limit_bytes=SMALL_BODY_LIMIT_BYTES)
async def login(caller: FromCaller, data: JSONBody[Login]) -> Response[Echo]:
    return Response(
        Echo(
            actor="nobody",
            request_id=caller.request_id,
            remote_address=caller.remote_address,
            idempotency_hash=None,
            idempotency_key=None,
        )
    )


@get("/v1/ledger")
async def read_ledger(principal: FromPrincipal) -> Page[ThingView]:
    return Page(items=[])


ROUTES = [
    create_thing,
    list_things,
    read_thing,
    change_thing,
    delete_thing,
    pause_thing,
    replay_thing,
    break_thing,
    login,
    read_ledger,
]
ROWS = {
    **platform.ROWS,
    "create_thing": Access(members=EDITORS, scope=KeyScope.SESSIONS_WRITE),
    "list_things": Access(members=READERS, scope=KeyScope.REPORTS_READ),
    "read_thing": Access(members=READERS, scope=KeyScope.REPORTS_READ),
    "change_thing": Access(members=EDITORS, scope=KeyScope.SESSIONS_WRITE),
    "delete_thing": Access(members=MANAGERS, step_up=True),
    "pause_thing": Access(members=EDITORS, scope=KeyScope.SESSIONS_WRITE),
    "replay_thing": Access(account=True, key=True),
    "break_thing": Access(account=True, key=True),
    "login": Access(public=True),
    "read_ledger": Access(members=MANAGERS, staff=FINANCE, second_step=True),
}


def member(role: MemberRole, tenant: UUID = TENANT) -> Principal:
    return Principal(
        kind=PrincipalKind.MEMBER,
        account_id=UUID(int=7),
        tenant_id=tenant,
        member_role=role,
        has_stepped_up=True,
    )


def staff(role: StaffRole, *, second_factor: bool = True, fresh: bool = True) -> Principal:
    return Principal(
        kind=PrincipalKind.STAFF,
        account_id=UUID(int=8),
        staff_roles=frozenset({role}),
        has_second_factor=second_factor,
        has_stepped_up=fresh,
    )


def api_key(*scopes: KeyScope) -> Principal:
    return Principal(
        kind=PrincipalKind.API_KEY,
        key_id=UUID(int=9),
        tenant_id=TENANT,
        key_scopes=frozenset(scopes),
    )


class Credentials:
    """What identity's look-up will be: tokens and secrets, and why some secrets are refused."""

    def __init__(self) -> None:
        self.sessions: dict[str, Authenticated] = {}
        self.keys: dict[str, Principal] = {"sk_live_sender": api_key(*KeyScope)}
        self.refused: dict[str, str] = {"sk_live_old": "key_revoked"}
        self.withdrawn: set[str] = set()
        """Topics nobody may listen to any more."""

    async def topics(self, principal: Principal, topic: str) -> UUID | None:
        if topic.startswith("secret") or topic in self.withdrawn:
            raise NotFound
        return principal.tenant_id

    def log_in(self, principal: Principal, name: str = "token-1") -> dict[str, str]:
        self.sessions[name] = Authenticated(principal, "csrf-1")
        return {"cookie": f"clearsend_session={name}", "x-csrf-token": "csrf-1"}

    async def by_login_session(self, token: str) -> Authenticated | None:
        return self.sessions.get(token)

    async def by_api_key(self, secret: str) -> Principal:
        if secret in self.keys:
            return self.keys[secret]
        raise Unauthenticated(self.refused.get(secret, "key_invalid"))


KEY = {"authorization": "Bearer sk_live_sender"}


def build(
    credentials: Credentials | None = None,
    *,
    redis=None,
    routes=ROUTES,
    rows=ROWS,
    health_checks=None,
    **settings: Any,
):
    credentials = credentials or Credentials()
    return build_application(
        routes,
        resolver=credentials,
        redis=redis,
        settings=ApiSettings(**settings),
        authorize_topic=credentials.topics,
        health_checks=health_checks,
        rows=rows,
    )


def client_of(app, **options: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False, client=("192.0.2.7", 1)),
        base_url="http://desk.test",
        **options,
    )
