"""What every change of an account's second factors shares.

Each ends every other login session of the account, is written down, and is mailed to its owner:
whoever did not do it learns of it.
"""

from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from backend.audit.service import record_of_account
from backend.db.scope import Scope
from backend.identity import passkeys, totp
from backend.identity.factor_schemas import FactorRow, SecondFactorsView, SecondFactorView
from backend.identity.queries import second_factors as factors
from backend.identity.service.doors import Door
from backend.identity.service.factor_secrets import code_hash
from backend.identity.service.views import is_excused
from backend.kernel.errors import Forbidden, Unauthenticated
from backend.outbox.service import announce
from backend.outbox.topics import Topic


class Changed(msgspec.Struct, frozen=True):
    """The new login session's token, and what stands now."""

    token: str
    view: SecondFactorsView


def factors_view(
    door: Door,
    account: Any,
    rows: list[FactorRow],
    left: int,
    codes: list[str] | None = None,
    *,
    is_staff: bool,
) -> SecondFactorsView:
    site = passkeys.site_of(door.url)
    return SecondFactorsView(
        factors=[
            SecondFactorView(
                id=row.id,
                kind=row.kind,
                name=row.name,
                created_at=row.created_at,
                last_used_at=row.last_used_at,
            )
            for row in rows
        ],
        is_required=is_staff,
        is_changeable=not is_excused(account, is_demo_mode=door.is_demo_mode),
        passkey_host=site.rp_id if site else None,
        recovery_codes_left=left,
        recovery_codes=codes,
    )


def check_changeable(door: Door, account: Any) -> None:
    if is_excused(account, is_demo_mode=door.is_demo_mode):
        raise Forbidden("demo_account", "Accounts of the demo are everybody's: they keep theirs.")


async def locked(scope: Scope, door: Door, account_id: UUID, generation: int) -> asyncpg.Record:
    """The account, whose sessions were not ended while this request was on its way."""
    account = await factors.lock_account(scope, account_id)
    check_changeable(door, account)
    if account["login_generation"] != generation:
        raise Unauthenticated("login_ended", "This login has ended.")
    return account


async def new_codes(scope: Scope, door: Door, account_id: UUID) -> list[str]:
    codes = totp.new_recovery_codes()
    await factors.delete_codes(scope, account_id)
    hashes = [code_hash(door, account_id, code) for code in codes]
    await factors.insert_codes(scope, account_id, hashes)
    return codes


async def tell(
    scope: Scope, account_id: UUID, change: str, kind: str | None, name: str | None, **facts: Any
) -> int:
    """The generation of the one session that goes on."""
    await record_of_account(scope, account_id, change, kind=kind, name=name, **facts)
    told = {"account_id": str(account_id), "change": change, "factor": name}
    await announce(scope, Topic.SECOND_FACTOR_CHANGED, told)
    return await factors.end_sessions(scope, account_id)
