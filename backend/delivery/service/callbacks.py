"""What a provider posts to us: proven by its signature, then as what comes over SMPP.

Answered after the commit, so a provider that hears nothing posts it again; receipts are known by
id, status and code, messages by their bytes.
"""

import time
from uuid import UUID

from backend.delivery.service.inbound import store_inbound
from backend.delivery.service.receipts import NoParts, store_receipts
from backend.gateways.desk.credentials import Setup, callee_of
from backend.gateways.http_json.callbacks import read_callback
from backend.gateways.http_json.signing import is_signed
from backend.kernel.errors import Unauthenticated


async def receive_callback(setup: Setup, gateway_id: UUID, signature: str, body: bytes) -> None:
    """Raises Unauthenticated `signature_invalid`, for a gateway that is none as well, and
    InvalidInput `callback_invalid`.
    """
    callee = await callee_of(setup, gateway_id)
    secrets = callee.secrets if callee else ("nobody's",)
    if not is_signed(signature, body, secrets, time.time()) or callee is None:
        raise Unauthenticated("signature_invalid", "the signature is missing, wrong or too old")
    callback = read_callback(body, callee.status_map)
    if callback.receipts:
        await store_receipts(NoParts(), gateway_id, callback.receipts)
    if callback.messages:
        await store_inbound(gateway_id, callback.messages)
