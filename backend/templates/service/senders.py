"""Senders: asked for by a tenant, given by staff, shared by the platform."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from backend.audit.service import record
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.kernel.errors import Conflict, InvalidInput, NotFound, invalid_field
from backend.kernel.principal import Principal, system
from backend.sms.folding import fold
from backend.templates.queries import senders
from backend.templates.reserved_senders import PLATFORM_SENDER, skeleton_of
from backend.templates.schemas import SenderCreate, SenderView, Withdrawal
from backend.templates.senders import SenderKind, SenderText, read_sender_text
from backend.templates.service.approvals import withdraw_sender as _withdraw
from backend.templates.states import ApprovalState

STANDING_SENDERS_MAX = 100
LOOK_ALIKES_SHOWN_MAX = 20

read_sender = senders.read


async def list_senders(principal: Principal) -> list[SenderView]:
    async with tenant_scope(principal) as scope:
        return await senders.every(scope)


async def request_sender(principal: Principal, given: SenderCreate) -> SenderView:
    """Raises InvalidInput `sender_invalid`, `sender_reserved`; Conflict `sender_exists`."""
    text = read_sender_text(given.sender)
    async with tenant_scope(principal) as scope:
        if await senders.standing_number(scope) >= STANDING_SENDERS_MAX:
            raise Conflict("senders_limit", allowed_max=STANDING_SENDERS_MAX)
        made = await senders.insert(scope, text, purpose=given.purpose)
        if made is None:
            raise Conflict("sender_exists", "you have this sender already", sender=text.sender)
        await record(scope, "sender.requested", f"sender:{made.id}", sender=made.sender)
        await scope.answer(made)
    return made


async def withdraw_sender(principal: Principal, sender_id: UUID, given: Withdrawal) -> SenderView:
    async with tenant_scope(principal) as scope:
        await _withdraw(scope, sender_id, given.reason)
        view = await senders.read(scope, sender_id)
        await scope.answer(view, 200)
    return view


async def require_usable_sender(scope: Scope, sender_id: UUID | None) -> SenderView:
    """A step: the tenant's own and approved. Raises InvalidInput `sender_missing`,
    `sender_not_approved`; another tenant's is no different from none.
    """
    pointer = "/sender_id"
    if sender_id is None:
        raise invalid_field(pointer, "sender_missing", "choose the sender people will see")
    try:
        found = await senders.read(scope, sender_id)
    except NotFound as error:
        raise _not_yours(pointer) from error
    if found.state is not ApprovalState.APPROVED:
        message = f"the sender “{found.sender}” is {found.state.value.replace('_', ' ')}"
        raise invalid_field(pointer, "sender_not_approved", message, state=found.state.value)
    return found


def _not_yours(pointer: str) -> InvalidInput:
    return invalid_field(pointer, "sender_not_yours", "there is no such sender in this workspace")


SHARED_PURPOSE: Final = "For every company until it has a sender of its own"


async def grant_shared_sender(tenant_id: UUID) -> None:
    """Consumer of `tenant.created`: the platform's own name, until they have one. Twice is once."""
    text = SenderText(PLATFORM_SENDER, SenderKind.SHARED, skeleton_of(PLATFORM_SENDER), None)
    async with tenant_scope(system("shared sender", tenant_id)) as scope:
        made = await senders.insert(
            scope, text, purpose=SHARED_PURPOSE, state=ApprovalState.APPROVED.value
        )
        if made is not None:
            await record(scope, "sender.granted", f"sender:{made.id}", sender=made.sender)


async def sender_look_alikes(
    principal: Principal, tenant_id: UUID, sender_id: UUID
) -> list[tuple[UUID, str, str]]:
    """For the moderator: other tenants' senders that look the same (tenant, sender, state)."""
    async with platform_scope(principal, "sender look-alikes", tenant_id) as scope:
        return await senders.look_alikes(scope, sender_id, LOOK_ALIKES_SHOWN_MAX)


def sender_key(sender: str) -> str:
    """Equal for the spellings a carrier may use: with or without +, in any case."""
    return sender.removeprefix("+").casefold()


async def sender_holders(
    scope: Scope, senders_written_to: Iterable[str]
) -> dict[str, tuple[UUID, str]]:
    """Step in a platform scope: `sender_key` → the one tenant whose own it is, and its spelling.
    One that several hold is missing, like the shared one: who texted from it decides.
    """
    keys = {sender_key(text) for text in senders_written_to}
    skeletons = {skeleton_of(fold(key).text) for key in keys} | {f"+{key}" for key in keys} | keys
    found: dict[str, dict[UUID, str]] = {}
    for tenant_id, sender in await senders.holders(scope, sorted(skeletons)):
        found.setdefault(sender_key(sender), {})[tenant_id] = sender
    return {
        key: next(iter(of_tenant.items()))
        for key, of_tenant in found.items()
        if key in keys and len(of_tenant) == 1
    }
