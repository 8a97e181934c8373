"""Second factors looked at, renamed and taken away, recovery codes made anew."""

from uuid import UUID

from backend.audit.service import record_of_account
from backend.db.scope import doorway_scope
from backend.identity.factor_schemas import FactorRow, FactorUpdate, SecondFactorsView
from backend.identity.queries import second_factors as factors
from backend.identity.service.doors import Door
from backend.identity.service.factor_changes import (
    Changed,
    factors_view,
    locked,
    new_codes,
    tell,
)
from backend.identity.service.login import account_of, prove_session, session_now, who_is
from backend.kernel.errors import Conflict, NotFound
from backend.kernel.principal import Principal, system


async def read_second_factors(door: Door, principal: Principal) -> SecondFactorsView:
    account_id = account_of(principal)
    who = await who_is(account_id)
    async with doorway_scope("second_factor", principal) as scope:
        rows = await factors.factors_of(scope, account_id)
        left = await factors.codes_left(scope, account_id)
    return factors_view(door, who, rows, left, is_staff=bool(who["staff_roles"]))


async def rename_second_factor(
    door: Door, principal: Principal, factor_id: UUID, given: FactorUpdate
) -> SecondFactorsView:
    """It proves the same as before: no login ends and no mail goes. Raises NotFound."""
    account_id = account_of(principal)
    session = await session_now(door, account_id)
    async with doorway_scope("second_factor", principal) as scope:
        await locked(scope, door, account_id, session.generation)
        row = _factor(await factors.factors_of(scope, account_id), factor_id)
        if row.name != given.name:
            await factors.rename_factor(scope, factor_id, given.name)
            facts = {"kind": row.kind, "name": given.name, "name_before": row.name}
            await record_of_account(scope, account_id, "factor_renamed", **facts)
    return await read_second_factors(door, principal)


def _factor(rows: list[FactorRow], factor_id: UUID) -> FactorRow:
    found = next((row for row in rows if row.id == factor_id), None)
    if found is None:
        raise NotFound
    return found


async def remove_second_factor(door: Door, principal: Principal, factor_id: UUID) -> Changed:
    """Raises NotFound, and Conflict `last_factor` for the last one of our own people."""
    account_id = account_of(principal)
    session = await session_now(door, account_id)
    async with doorway_scope("second_factor", principal) as scope:
        account = await locked(scope, door, account_id, session.generation)
        before = await factors.factors_of(scope, account_id)
        gone = _factor(before, factor_id)
        rows = [row for row in before if row.id != factor_id]
        if not rows and account["is_staff"]:
            raise Conflict("last_factor", "Our own people keep one: add another one first.")
        await factors.delete_factor(scope, factor_id)
        if not rows:
            await factors.delete_codes(scope, account_id)
        generation = await tell(scope, account_id, "factor_removed", gone.kind, gone.name)
        left = await factors.codes_left(scope, account_id)
    entered = await prove_session(door, account_id, generation)
    is_staff = account["is_staff"]
    return Changed(entered.token, factors_view(door, account, rows, left, is_staff=is_staff))


async def renew_recovery_codes(door: Door, principal: Principal) -> Changed:
    """Ten new ones; the old ones are worth nothing. Raises Conflict `no_second_factor`."""
    account_id = account_of(principal)
    session = await session_now(door, account_id)
    async with doorway_scope("second_factor", principal) as scope:
        account = await locked(scope, door, account_id, session.generation)
        rows = await factors.factors_of(scope, account_id)
        if not rows:
            raise Conflict("no_second_factor", "Recovery codes stand in for a second factor.")
        codes = await new_codes(scope, door, account_id)
        generation = await tell(scope, account_id, "recovery_codes_made", None, None)
    entered = await prove_session(door, account_id, generation)
    is_staff = account["is_staff"]
    view = factors_view(door, account, rows, len(codes), codes, is_staff=is_staff)
    return Changed(entered.token, view)


async def reset_factors(email: str, by: str, reason: str) -> int | None:
    """For the command line: whoever lost everything starts anew at the next login. How many there
    were; None for no such account.
    """
    async with doorway_scope("second_factor", system("staff reset-factor")) as scope:
        found = await factors.account_id_of(scope, email)
        if found is None:
            return None
        await factors.lock_account(scope, found)
        count = await factors.delete_all(scope, found)
        await factors.note_tries(scope, found, 0, None)
        await tell(scope, found, "factors_reset", None, None, by=by, reason=reason, count=count)
    return count
