"""Subscribers: created, changed, read, erased."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import UNSET

from backend.audience.queries import groups, subscribers
from backend.audience.reading.rows import is_time_zone, read_attribute
from backend.audience.schemas.people import (
    AttributeValue,
    Consent,
    SubscriberCreate,
    SubscriberUpdate,
    SubscriberView,
)
from backend.audience.states import (
    ATTRIBUTE_VALUE_CHARACTERS_MAX,
    NAME_ATTRIBUTES,
    AttributeKind,
    attribute_key,
)
from backend.audit.service import record
from backend.db.pages import PAGE_ROWS_DEFAULT, check_limit, cursor_id, next_cursor
from backend.db.scope import Scope, tenant_scope
from backend.kernel.errors import (
    Conflict,
    FieldError,
    InvalidInput,
    NotFound,
    StateConflict,
    invalid_field,
)
from backend.kernel.ids import uuid7
from backend.kernel.principal import KeyScope, MemberRole, Principal, PrincipalKind, system
from backend.kernel.views import Page
from backend.outbox.service import announce
from backend.outbox.topics import Topic
from backend.sms.phone import PhoneNumber, PhoneProblem, mask, parse

SEARCH_CHARACTERS_MAX = 100
_FIELDS = ("name", "email", "external_id", "language", "time_zone")
_PHONE_SEPARATORS = str.maketrans("", "", " -().")


def sees_masked(principal: Principal) -> bool:
    """Viewers, keys without `pii:read` and our own people see no whole number."""
    if principal.kind is PrincipalKind.API_KEY:
        return KeyScope.PII_READ not in principal.key_scopes
    if principal.kind is PrincipalKind.MEMBER:
        return principal.member_role is MemberRole.VIEWER
    return principal.kind is PrincipalKind.STAFF


def read_phone(raw: str, default_country: str | None) -> PhoneNumber:
    """Raises InvalidInput with the phone's own code, pointing at `/phone`."""
    try:
        return parse(raw, default_country)
    except PhoneProblem as problem:
        said = FieldError("/phone", problem.code, problem.detail)
        raise InvalidInput(problem.code, problem.detail, errors=[said], **problem.facts) from None


async def create_subscriber(principal: Principal, given: SubscriberCreate) -> SubscriberView:
    """Raises Conflict `subscriber_exists` with its id; an opt-out of the number stays in force."""
    phone = read_phone(given.phone, given.default_country)
    _check_time_zone(given.time_zone)
    async with tenant_scope(principal) as scope:
        attributes = await _checked_attributes(scope, given.attributes)
        subscriber_id = uuid7()
        added = await subscribers.add_subscriber(
            scope,
            subscriber_id,
            phone.e164,
            phone.country,
            *(getattr(given, field) for field in _FIELDS),
            {key: value for key, value in attributes.items() if value is not None},
            *_consent_columns(scope, given.consent),
        )
        if not added:
            existing = await subscribers.id_of_phone(scope, phone.e164)
            raise Conflict("subscriber_exists", "this number is there", subscriber_id=existing)
        if given.group_ids:
            await require_groups(scope, given.group_ids)
            await groups.add_members(scope, given.group_ids, [subscriber_id])
        await record(scope, "subscriber.created", f"subscriber:{subscriber_id}")
        row = await subscribers.subscriber(scope, subscriber_id)
        view = _view(row, sees_masked(principal))
        await scope.answer(view)
        return view


async def require_groups(scope: Scope, group_ids: list[UUID]) -> None:
    known = {row["id"] for row in await groups.known_groups(scope, group_ids)}
    errors = [
        FieldError(f"/group_ids/{at}", "not_found", "There is no such group.")
        for at, group_id in enumerate(group_ids)
        if group_id not in known
    ]
    if errors:
        raise NotFound("not_found", "no such group", errors=errors)


async def read_subscriber(principal: Principal, subscriber_id: UUID) -> SubscriberView:
    async with tenant_scope(principal) as scope:
        row = await subscribers.subscriber(scope, subscriber_id)
    return _view(row, sees_masked(principal))


async def list_subscribers(
    principal: Principal,
    *,
    search: str | None = None,
    group_id: UUID | None = None,
    cursor: str | None = None,
    limit: int = PAGE_ROWS_DEFAULT,
) -> Page[SubscriberView]:
    """`search` is the beginning of a phone (+ or digits) or of a name, literally; of a phone all
    of it for who sees numbers masked, whom beginnings would tell digit after digit.

    Raises InvalidInput `query_too_broad` when it takes longer than SEARCH_TIMEOUT_MS.
    """
    check_limit(limit)
    after = cursor_id(cursor)
    wanted = (search or "").strip().lower()
    if len(wanted) > SEARCH_CHARACTERS_MAX:
        raise invalid_field("/search", "invalid_parameter", f"at most {SEARCH_CHARACTERS_MAX}")
    masked = sees_masked(principal)
    try:
        async with tenant_scope(principal) as scope:
            rows = await _find(scope, wanted, group_id, after, limit)
    except asyncpg.QueryCanceledError as error:
        raise invalid_field("/search", "query_too_broad", "search for more of it") from error
    items = [_view(row, masked) for row in rows]
    return Page(items=items, next_cursor=next_cursor(rows, limit, "id"))


async def _find(
    scope: Scope, wanted: str, group_id: UUID | None, after: UUID | None, limit: int
) -> list[Any]:
    if group_id is not None:
        if wanted:
            raise invalid_field("/search", "invalid_parameter", "search, or a group, not both")
        await groups.group(scope, group_id)
        return await subscribers.group_page(scope, group_id, after, limit)
    if not wanted:
        return await subscribers.subscribers_page(scope, after, limit)
    await subscribers.limit_search_time(scope)
    phone = wanted.translate(_PHONE_SEPARATORS)
    digits = phone.removeprefix("+").removeprefix("00")
    if digits.isascii() and digits.isdecimal():
        if sees_masked(scope.principal):
            return await subscribers.of_phone(scope, f"+{digits}", after)
        return await subscribers.search_phones(scope, f"+{digits}", after, limit)
    return await subscribers.search_names(scope, wanted, after, limit)


async def update_subscriber(
    principal: Principal, subscriber_id: UUID, given: SubscriberUpdate
) -> SubscriberView:
    """Raises StateConflict `version_conflict` when somebody changed it since it was read."""
    if given.time_zone is not UNSET:
        _check_time_zone(given.time_zone)
    async with tenant_scope(principal) as scope:
        row = await subscribers.lock_subscriber(scope, subscriber_id)
        if row["version"] != given.version:
            raise StateConflict("version_conflict", "changed meanwhile", version=row["version"])
        changed = await _checked_attributes(scope, given.attributes)
        attributes = {**row["attributes"], **changed}
        consent = (row["consent_source"], row["consent_text"], row["consent_at"])
        if given.consent is not UNSET:
            consent = _consent_columns(scope, given.consent)
        await subscribers.update_subscriber(
            scope,
            subscriber_id,
            *(_kept(given, row, field) for field in _FIELDS),
            {key: value for key, value in attributes.items() if value is not None},
            *consent,
        )
        await record(scope, "subscriber.changed", f"subscriber:{subscriber_id}")
        view = _view(await subscribers.subscriber(scope, subscriber_id), sees_masked(principal))
        await scope.answer(view, 200)
        return view


def _kept(given: msgspec.Struct, row: Any, field: str) -> Any:
    value = getattr(given, field)
    return row[field] if value is UNSET else value


async def erase_subscriber(principal: Principal, subscriber_id: UUID) -> None:
    """Everything that tells who it was is gone; an opt-out of the number stays (its legal duty)."""
    async with tenant_scope(principal) as scope:
        row = await subscribers.lock_for_erasure(scope, subscriber_id)
        await subscribers.forget_memberships(scope, subscriber_id)
        await subscribers.forget_phone(scope, row["phone"])
        await subscribers.erase_subscriber(scope, subscriber_id)
        await record(scope, "subscriber.erased", f"subscriber:{subscriber_id}")
        told = {
            "subscriber_id": str(subscriber_id),
            "phone": row["phone"],
            "erased_at": scope.now.isoformat(),
        }
        await announce(scope, Topic.SUBSCRIBER_ERASED, told)
        await scope.answer(None, 204)


async def hold_people(scope: Scope, subscriber_ids: Sequence[UUID]) -> set[UUID]:
    """A step, before something of these people is written down: those who may be named, for none
    of them is erased until this transaction is over.
    """
    return set(await subscribers.hold(scope, subscriber_ids)) if subscriber_ids else set()


async def forget_subscriber(tenant_id: UUID, subscriber_id: UUID, phone: str) -> None:
    """Consumer of `subscriber.erased` for this feature: what was written beside the erasure, and
    the contacts of messages that were on their way. Whose number it is by then keeps theirs.
    """
    async with tenant_scope(system("erasure", tenant_id)) as scope:
        if await subscribers.id_of_phone(scope, phone) is None:
            await subscribers.forget_contacts(scope, phone)
        await subscribers.forget_memberships(scope, subscriber_id)
        await subscribers.forget_staged(scope, subscriber_id)


async def _checked_attributes(
    scope: Scope, given: dict[str, AttributeValue]
) -> dict[str, AttributeValue]:
    """By stored name, read as their kind. Raises InvalidInput with a pointer to each wrong one."""
    if not given:
        return {}
    await groups.hold_attributes(scope)
    kinds = {row["name"]: AttributeKind(row["kind"]) for row in await groups.attributes(scope)}
    found: dict[str, AttributeValue] = {}
    errors = []
    for label, value in given.items():
        key = attribute_key(label)
        pointer = "/attributes/" + label.replace("~", "~0").replace("/", "~1")
        if key not in kinds:
            errors.append(FieldError(pointer, "unknown_attribute", "Define it first."))
            continue
        try:
            found[key] = None if value is None else _attribute_value(value, kinds[key])
        except ValueError:
            errors.append(FieldError(pointer, "value_invalid", f"Expected {kinds[key].value}."))
    if errors:
        raise InvalidInput(errors[0].code, errors[0].message, errors=errors)
    return found


def _attribute_value(value: AttributeValue, kind: AttributeKind) -> AttributeValue:
    text = str(value)
    if len(text) > ATTRIBUTE_VALUE_CHARACTERS_MAX:
        raise ValueError(len(text))
    stored: AttributeValue = read_attribute(text, kind)
    return stored


def _check_time_zone(name: str | None) -> None:
    if name is not None and not is_time_zone(name):
        raise invalid_field("/time_zone", "time_zone_unknown", "an IANA name, like Europe/Oslo")


def _consent_columns(scope: Scope, consent: Consent | None) -> tuple[Any, Any, Any]:
    if consent is None:
        return (None, None, None)
    at = consent.at or scope.now
    if at.tzinfo is None or at > scope.now or at.timestamp() < 0:
        raise invalid_field("/consent/at", "consent_at_invalid", "with an offset, not in future")
    return (consent.source, consent.text, at)


def _name_of(attributes: Mapping[str, Any]) -> str | None:
    parts = (str(attributes.get(name, "")) for name in NAME_ATTRIBUTES)
    return " ".join(part for part in parts if part) or None


def _view(row: Any, masked: bool) -> SubscriberView:
    shown = dict(row)
    shown["full_name"] = row["name"] or _name_of(row["attributes"])
    if masked:
        shown["phone"] = mask(row["phone"])
    return msgspec.convert(shown, SubscriberView)
