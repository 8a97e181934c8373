"""Login, sign-up, tenants, API keys over HTTP."""

from typing import Annotated
from uuid import UUID

from litestar import Response, Router
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.api.auth import expired_login_cookie
from backend.api.routing import FromCaller, FromPrincipal, delete, get, post, put
from backend.identity.routes.doors import FromDoor, FromSettings, with_cookie
from backend.identity.schemas import (
    ApiKeyCreate,
    ApiKeyCreated,
    ApiKeyView,
    AutoValidationGrant,
    DemoRoleView,
    Login,
    LoginSessionView,
    NumberVerification,
    SignUp,
    Suspension,
    TenantSwitch,
    TenantView,
)
from backend.identity.service import keys, login as login_service, suspending, tenants
from backend.kernel.views import Page

Search = Annotated[str | None, QueryParameter(name="search", max_length=120)]
Cursor = Annotated[str | None, QueryParameter(name="cursor", max_length=512)]
Limit = Annotated[int, QueryParameter(name="limit")]


@post("/v1/login", status_code=200)
async def login(
    data: JSONBody[Login], door: FromDoor, api_settings: FromSettings
) -> Response[LoginSessionView]:
    return with_cookie(api_settings, await login_service.log_in(door, data))


@post("/v1/signup", status_code=201)
async def sign_up(
    data: JSONBody[SignUp], door: FromDoor, api_settings: FromSettings
) -> Response[LoginSessionView]:
    return with_cookie(api_settings, await login_service.sign_up_and_in(door, data))


@post("/v1/logout", status_code=204)
async def logout(door: FromDoor, api_settings: FromSettings) -> Response[None]:
    await login_service.log_out(door)
    return Response(None, status_code=204, cookies=[expired_login_cookie(api_settings)])


@get("/v1/session")
async def read_session(
    principal: FromPrincipal, caller: FromCaller, door: FromDoor
) -> LoginSessionView:
    return await login_service.read_login_session(door, principal, caller.csrf_token or "")


@post("/v1/session/tenant", status_code=200)
async def switch_tenant(
    data: JSONBody[TenantSwitch],
    principal: FromPrincipal,
    door: FromDoor,
    api_settings: FromSettings,
) -> Response[LoginSessionView]:
    moved = await login_service.switch_tenant(door, principal, data.tenant_id)
    return with_cookie(api_settings, moved)


@get("/v1/demo/roles")
async def list_demo_roles(door: FromDoor) -> list[DemoRoleView]:
    return await login_service.demo_roles(door.is_demo_mode)


@get("/v1/api-keys")
async def list_api_keys(principal: FromPrincipal) -> list[ApiKeyView]:
    return await keys.list_api_keys(principal)


@post("/v1/api-keys", status_code=201)
async def create_api_key(data: JSONBody[ApiKeyCreate], principal: FromPrincipal) -> ApiKeyCreated:
    return await keys.create_api_key(principal, data)


@delete("/v1/api-keys/{key_id:uuid}", status_code=200)
async def revoke_api_key(key_id: FromPath[UUID], principal: FromPrincipal) -> ApiKeyView:
    return await keys.revoke_api_key(principal, key_id)


@get("/v1/tenants")
async def list_tenants(
    principal: FromPrincipal, search: Search = None, cursor: Cursor = None, limit: Limit = 50
) -> Page[TenantView]:
    return await tenants.list_tenants(principal, search, cursor, limit)


@get("/v1/tenants/{tenant_id:uuid}")
async def read_tenant(tenant_id: FromPath[UUID], principal: FromPrincipal) -> TenantView:
    return await tenants.read_tenant(principal, tenant_id)


@put("/v1/tenants/{tenant_id:uuid}/auto-validation")
async def set_auto_validation(
    tenant_id: FromPath[UUID], data: JSONBody[AutoValidationGrant], principal: FromPrincipal
) -> TenantView:
    return await tenants.grant_auto_validation(principal, tenant_id, data)


@post("/v1/tenants/{tenant_id:uuid}/number-verification", status_code=200)
async def verify_tenant_number(
    tenant_id: FromPath[UUID], data: JSONBody[NumberVerification], principal: FromPrincipal
) -> TenantView:
    return await tenants.verify_number(principal, tenant_id, data)


@post("/v1/tenants/{tenant_id:uuid}/suspend", status_code=200)
async def suspend_tenant(
    tenant_id: FromPath[UUID], data: JSONBody[Suspension], principal: FromPrincipal
) -> TenantView:
    return await suspending.suspend_tenant(principal, tenant_id, data)


@post("/v1/tenants/{tenant_id:uuid}/reactivate", status_code=200)
async def reactivate_tenant(
    tenant_id: FromPath[UUID], data: JSONBody[Suspension], principal: FromPrincipal
) -> TenantView:
    return await suspending.reactivate_tenant(principal, tenant_id, data)


router = Router(
    "/",
    route_handlers=[
        login,
        sign_up,
        logout,
        read_session,
        switch_tenant,
        list_demo_roles,
        list_api_keys,
        create_api_key,
        revoke_api_key,
        list_tenants,
        read_tenant,
        set_auto_validation,
        verify_tenant_number,
        suspend_tenant,
        reactivate_tenant,
    ],
)
