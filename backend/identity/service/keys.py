"""API keys: random, shown once, kept as a hash, with scopes and an end."""

import secrets
from datetime import timedelta
from uuid import UUID

import msgspec

from backend.audit.service import record
from backend.db.scope import tenant_scope
from backend.identity.queries import tenants
from backend.identity.schemas import ApiKeyCreate, ApiKeyCreated, ApiKeyView
from backend.identity.service.resolver import LIVE_PREFIX, TEST_PREFIX, hash_secret
from backend.kernel.errors import Conflict, Forbidden, invalid_field
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal
from backend.kernel.views import EXPIRY_DAYS_MAX

KEYS_PER_TENANT_MAX = 100
LONGEST = timedelta(days=EXPIRY_DAYS_MAX)
PREFIX_BYTES = 6
SECRET_BYTES = 32


async def create_api_key(principal: Principal, data: ApiKeyCreate) -> ApiKeyCreated:
    """Raises Conflict `too_many_keys`, InvalidInput `date_past`."""
    if principal.account_id is None:
        raise Forbidden("role_missing", "Only a person makes API keys.")
    kind = TEST_PREFIX if data.is_test else LIVE_PREFIX
    prefix = f"{kind}_{secrets.token_hex(PREFIX_BYTES)}"
    secret = f"{prefix}_{secrets.token_hex(SECRET_BYTES)}"
    async with tenant_scope(principal) as scope:
        if data.expires_at is not None and data.expires_at <= scope.now:
            raise invalid_field("/expires_at", "date_past", "A key must end in the future.")
        if data.expires_at is not None and data.expires_at > scope.now + LONGEST:
            raise invalid_field("/expires_at", "date_too_far", "At most ten years from now.")
        alive = [key for key in await tenants.keys(scope) if key.revoked_at is None]
        if len(alive) >= KEYS_PER_TENANT_MAX:
            raise Conflict("too_many_keys", "Revoke a key first.", keys_max=KEYS_PER_TENANT_MAX)
        view = ApiKeyCreated(
            id=uuid7(),
            name=data.name,
            prefix=prefix,
            scopes=data.scopes,
            is_test=data.is_test,
            created_at=scope.now,
            expires_at=data.expires_at,
            revoked_at=None,
            last_used_at=None,
            secret=secret,
        )
        await tenants.insert_key(scope, view, hash_secret(secret), principal.account_id)
        await record(scope, "api_key.created", f"api_key:{view.id}", prefix=prefix)
        # A replay shows the key without its secret: it is kept nowhere.
        await scope.answer(msgspec.structs.replace(view, secret=""), 201)
    return view


async def list_api_keys(principal: Principal) -> list[ApiKeyView]:
    async with tenant_scope(principal) as scope:
        return await tenants.keys(scope)


async def revoke_api_key(principal: Principal, key_id: UUID) -> ApiKeyView:
    async with tenant_scope(principal) as scope:
        view = await tenants.revoke_key(scope, key_id)
        await record(scope, "api_key.revoked", f"api_key:{key_id}")
        await scope.answer(view, 200)
    return view
