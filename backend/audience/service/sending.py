"""A tenant's sending settings, and the legal table that our people keep for all of them."""

from typing import Any

import msgspec

from backend.audience.queries import sending
from backend.audience.schemas.sending import SendingHours, SendingRules
from backend.audience.schemas.settings import (
    LegalHoursUpdate,
    LegalHoursView,
    SendingSettingsUpdate,
    SendingSettingsView,
)
from backend.audience.targeting.hours import NEVER, open_week
from backend.audience.targeting.zones import zones_of_countries
from backend.audit.service import record
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.kernel.errors import FieldError, InvalidInput, NotFound, StateConflict, invalid_field
from backend.kernel.principal import Principal, PrincipalKind
from backend.sms.characters import require_text

_NOTHING_SAID = SendingSettingsView(
    sending=SendingRules(),
    keeps_legal_hours=False,
    blocked_countries=[],
    version=0,
    changed_at=None,
    changed_by=None,
)


def require_open_hours(given: SendingHours, pointer: str) -> None:
    """Raises InvalidInput `hours_never_open`: nobody could ever be written to."""
    if open_week(given) == NEVER:
        raise invalid_field(pointer, "hours_never_open", "no minute of the week is left")


async def read_settings(scope: Scope) -> SendingSettingsView:
    """A step; what holds where nobody ever said anything is nothing."""
    row = await sending.settings(scope)
    return msgspec.convert(dict(row), SendingSettingsView) if row else _NOTHING_SAID


async def read_sending_settings(principal: Principal) -> SendingSettingsView:
    async with tenant_scope(principal) as scope:
        return await read_settings(scope)


async def update_sending_settings(
    principal: Principal, given: SendingSettingsUpdate
) -> SendingSettingsView:
    """For whatever is prepared from now on. Raises StateConflict `version_conflict`, InvalidInput
    `hours_never_open`, `country_unknown`.
    """
    require_open_hours(given.sending, "/sending")
    _check_countries(given.blocked_countries)
    values = (
        msgspec.to_builtins(given.sending),
        given.keeps_legal_hours,
        sorted(set(given.blocked_countries)),
    )
    async with tenant_scope(principal) as scope:
        if not await sending.put_settings(scope, given.version, *values):
            current = await read_settings(scope)
            raise StateConflict("version_conflict", "changed meanwhile", version=current.version)
        view = await read_settings(scope)
        facts = msgspec.to_builtins(view)
        changed = {name: facts[name] for name in ("sending", "keeps_legal_hours")}
        await record(scope, "sending_settings.changed", "sending_settings", **changed)
        await scope.answer(view, 200)
        return view


def _check_countries(given: list[str]) -> None:
    known = zones_of_countries().keys() | {"XK"}  # Kosovo has numbers and no ISO code of its own
    errors = [
        FieldError(f"/blocked_countries/{at}", "country_unknown", "an ISO 3166 code")
        for at, country in enumerate(given)
        if country not in known
    ]
    if errors:
        raise InvalidInput("country_unknown", errors[0].message, errors=errors)


async def list_legal_hours(principal: Principal) -> list[LegalHoursView]:
    """The same for everybody; tenants see what `keeps_legal_hours` would keep them to."""
    if principal.kind is PrincipalKind.STAFF:
        async with platform_scope(principal, "legal hours") as scope:
            return [_legal(row) for row in await sending.legal_hours(scope)]
    async with tenant_scope(principal) as scope:
        return [_legal(row) for row in await sending.legal_hours(scope)]


async def put_legal_hours(
    principal: Principal, country: str, given: LegalHoursUpdate
) -> LegalHoursView:
    """Raises StateConflict `version_conflict`, InvalidInput `country_unknown`,
    `hours_never_open`.
    """
    code = _country(country)
    for name in ("note", "source"):
        if text := getattr(given, name):
            require_text(text, f"/{name}")
    require_open_hours(SendingHours(quiet_hours=given.quiet_hours), "/quiet_hours")
    values = (msgspec.to_builtins(given.quiet_hours), given.note, given.source)
    async with platform_scope(principal, f"legal hours of {code}") as scope:
        row = await sending.put_legal_hours(scope, code, given.version, *values)
        if row is None:
            raise StateConflict("version_conflict", "changed meanwhile", country=code)
        return _legal(row)


async def delete_legal_hours(principal: Principal, country: str) -> None:
    """Raises NotFound."""
    code = _country(country)
    async with platform_scope(principal, f"legal hours of {code} deleted") as scope:
        if not await sending.delete_legal_hours(scope, code):
            raise NotFound


def _country(given: str) -> str:
    if given not in zones_of_countries() and given != "XK":
        raise invalid_field("/country", "country_unknown", "an ISO 3166 code")
    return given


def _legal(row: Any) -> LegalHoursView:
    return msgspec.convert(dict(row), LegalHoursView)
