"""The code to a tenant's number: made here, kept as a hash there, in one message of our own.

The plain code stands in its message's row alone, and is taken out once that was handed over.
"""

import secrets
from datetime import timedelta
from typing import Final
from uuid import UUID

from backend.db.scope import batch_scope, platform_scope, tenant_scope
from backend.delivery.queries import system_messages
from backend.delivery.queries.system_messages import SystemMessageDraft
from backend.gateways.choice import pick, serving
from backend.gateways.service import standing_gateways
from backend.identity.passwords import hash_password
from backend.identity.service.tenants import read_tenant_view
from backend.identity.service.verifications import (
    CODE_MINUTES,
    REQUESTS_PER_NUMBER_DAY_MAX,
    REQUESTS_PER_RANGE_HOUR_MAX,
    note_code,
    note_not_sent,
    waiting_phone,
)
from backend.kernel import faults
from backend.kernel.errors import NotFound
from backend.kernel.principal import system
from backend.sms.phone import country_of, range_prefix

CODE_DIGITS: Final = 6
TEXTS: Final = {
    "en": "Your Clearsend code is {code}. It is good for {minutes} minutes."
    " Nobody of ours will ask for it.",
    "fr": "Votre code Clearsend : {code}. Il vaut {minutes} minutes."
    " Personne de chez nous ne vous le demandera.",
}


def new_code() -> str:
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


async def send_code(tenant_id: UUID, verification_id: UUID, sender: str) -> bool:
    """Use case of the topic; the second time finds the code made and does nothing."""
    try:
        async with tenant_scope(system("verification", tenant_id)) as scope:
            phone = await waiting_phone(scope, verification_id)
            tenant = await read_tenant_view(scope, tenant_id)
    except NotFound:
        return False
    if phone is None:
        return False
    async with platform_scope(system("verification"), "a way for a code") as scope:
        ways = serving(await standing_gateways(scope), country_of(phone) or "")
    if not ways:
        async with tenant_scope(system("verification", tenant_id)) as scope:
            await note_not_sent(scope, verification_id, "no_gateway")
        return False
    way = pick(ways, verification_id)
    code = new_code()
    code_hash = await hash_password(code)
    text = TEXTS.get(tenant.language.partition("-")[0], TEXTS["en"])
    draft = SystemMessageDraft(
        kind="verification",
        reference=f"verification:{verification_id}",
        gateway_id=way.id,
        phone=phone,
        sender=sender,
        body=text.format(code=code, minutes=CODE_MINUTES),
    )
    async with batch_scope("gateway", system("verification")) as scope:
        prefix = range_prefix(phone)
        await system_messages.lock_range(scope, prefix)
        of_range = await system_messages.codes_to_range(
            scope, prefix, scope.now - timedelta(hours=1)
        )
        is_queued = of_range < REQUESTS_PER_RANGE_HOUR_MAX and await system_messages.queue(
            scope,
            draft,
            expires_at=scope.now + timedelta(minutes=CODE_MINUTES),
            since=scope.now - timedelta(days=1),
            per_number_max=REQUESTS_PER_NUMBER_DAY_MAX,
        )
        await scope.enter(tenant_id)
        if not is_queued:
            await note_not_sent(scope, verification_id, "limited")
        elif not await note_code(scope, verification_id, code_hash):
            # Somebody asked for another meanwhile: this message must not leave with a dead code.
            await scope.leave()
            raise VerificationOverError
        faults.point("code.before_commit")
        await scope.leave()
    return is_queued


class VerificationOverError(Exception):
    """Rolls the message back; announced again, there is nothing left to do."""
