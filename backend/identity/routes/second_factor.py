"""The second step of a login, proving oneself anew, and one's own factors over HTTP."""

from uuid import UUID

from litestar import Response, Router
from litestar.params import FromPath, JSONBody

from backend.api.routing import FromPrincipal, delete, get, patch, post
from backend.api.settings import ApiSettings
from backend.identity.factor_schemas import (
    CodeProof,
    FactorUpdate,
    PasskeyAddition,
    PasskeyOffer,
    PasskeyProof,
    PasskeyRequest,
    PasswordProof,
    RecoveryProof,
    SecondFactorsView,
    SecurityEventView,
    TotpAddition,
    TotpOffer,
)
from backend.identity.routes.doors import FromDoor, FromSettings, with_cookie, with_new_cookie
from backend.identity.schemas import LoginSessionView
from backend.identity.service import enrolling, own_factors, proving, security_events
from backend.identity.service.factor_changes import Changed


@post("/v1/session/proof/code", status_code=200)
async def confirm_code(
    data: JSONBody[CodeProof], principal: FromPrincipal, door: FromDoor, api_settings: FromSettings
) -> Response[LoginSessionView]:
    return with_cookie(api_settings, await proving.confirm_code(door, principal, data))


@post("/v1/session/proof/recovery-code", status_code=200)
async def confirm_recovery_code(
    data: JSONBody[RecoveryProof],
    principal: FromPrincipal,
    door: FromDoor,
    api_settings: FromSettings,
) -> Response[LoginSessionView]:
    return with_cookie(api_settings, await proving.confirm_recovery_code(door, principal, data))


@post("/v1/session/proof/passkey/challenge", status_code=200)
async def ask_for_passkey(principal: FromPrincipal, door: FromDoor) -> PasskeyRequest:
    return await proving.ask_for_passkey(door, principal)


@post("/v1/session/proof/passkey", status_code=200)
async def confirm_passkey(
    data: JSONBody[PasskeyProof],
    principal: FromPrincipal,
    door: FromDoor,
    api_settings: FromSettings,
) -> Response[LoginSessionView]:
    return with_cookie(api_settings, await proving.confirm_passkey(door, principal, data))


@post("/v1/session/proof/password", status_code=200)
async def confirm_password(
    data: JSONBody[PasswordProof],
    principal: FromPrincipal,
    door: FromDoor,
    api_settings: FromSettings,
) -> Response[LoginSessionView]:
    return with_cookie(api_settings, await proving.confirm_password(door, principal, data))


@get("/v1/account/second-factors")
async def read_second_factors(principal: FromPrincipal, door: FromDoor) -> SecondFactorsView:
    return await own_factors.read_second_factors(door, principal)


@get("/v1/account/security-events")
async def list_security_events(principal: FromPrincipal) -> list[SecurityEventView]:
    return await security_events.list_security_events(principal)


@post("/v1/account/second-factors/totp/offer", status_code=200)
async def begin_totp(principal: FromPrincipal, door: FromDoor) -> TotpOffer:
    return await enrolling.begin_totp(door, principal)


@post("/v1/account/second-factors/totp", status_code=201)
async def add_totp(
    data: JSONBody[TotpAddition],
    principal: FromPrincipal,
    door: FromDoor,
    api_settings: FromSettings,
) -> Response[SecondFactorsView]:
    return _changed(api_settings, await enrolling.add_totp(door, principal, data))


@post("/v1/account/second-factors/passkeys/offer", status_code=200)
async def begin_passkey(principal: FromPrincipal, door: FromDoor) -> PasskeyOffer:
    return await enrolling.begin_passkey(door, principal)


@post("/v1/account/second-factors/passkeys", status_code=201)
async def add_passkey(
    data: JSONBody[PasskeyAddition],
    principal: FromPrincipal,
    door: FromDoor,
    api_settings: FromSettings,
) -> Response[SecondFactorsView]:
    return _changed(api_settings, await enrolling.add_passkey(door, principal, data))


@patch("/v1/account/second-factors/{factor_id:uuid}")
async def rename_second_factor(
    factor_id: FromPath[UUID],
    data: JSONBody[FactorUpdate],
    principal: FromPrincipal,
    door: FromDoor,
) -> SecondFactorsView:
    return await own_factors.rename_second_factor(door, principal, factor_id, data)


@delete("/v1/account/second-factors/{factor_id:uuid}", status_code=200)
async def remove_second_factor(
    factor_id: FromPath[UUID], principal: FromPrincipal, door: FromDoor, api_settings: FromSettings
) -> Response[SecondFactorsView]:
    changed = await own_factors.remove_second_factor(door, principal, factor_id)
    return _changed(api_settings, changed)


@post("/v1/account/recovery-codes", status_code=201)
async def renew_recovery_codes(
    principal: FromPrincipal, door: FromDoor, api_settings: FromSettings
) -> Response[SecondFactorsView]:
    return _changed(api_settings, await own_factors.renew_recovery_codes(door, principal))


def _changed(api_settings: ApiSettings, changed: Changed) -> Response[SecondFactorsView]:
    return with_new_cookie(api_settings, changed.token, changed.view)


router = Router(
    "/",
    route_handlers=[
        confirm_code,
        confirm_recovery_code,
        ask_for_passkey,
        confirm_passkey,
        confirm_password,
        read_second_factors,
        list_security_events,
        begin_totp,
        add_totp,
        begin_passkey,
        add_passkey,
        rename_second_factor,
        remove_second_factor,
        renew_recovery_codes,
    ],
)
