"""Events on their way: signed, again until somebody says 2xx, the wait doubling."""

import asyncio
import contextlib
from typing import Final

import httpx
import msgspec
import stripe
import structlog

from backend.billing.simulator.provider import Provider

PER_TURN: Final = 20
PAUSE_SECONDS: Final = 0.05
FIRST_RETRY_SECONDS: Final = 0.5
RETRY_SECONDS_MAX: Final = 300.0
TRIES_MAX: Final = 200  # about three days at Stripe, less than one here
ANSWER_TIMEOUT_SECONDS: Final = 20

_log = structlog.get_logger("clearsend.payment_simulator")


async def post_events(provider: Provider, webhook_url: str) -> None:
    """For ever. One at a time: an order that was asked for is kept."""
    timeout = httpx.Timeout(ANSWER_TIMEOUT_SECONDS)
    async with httpx.AsyncClient(timeout=timeout, trust_env=False) as client:
        while True:
            due = [] if provider.deliveries.is_held else provider.book.due_deliveries(PER_TURN)
            for one in due:
                await _post(provider, client, webhook_url, one)
            if not due:
                await asyncio.sleep(PAUSE_SECONDS)


async def _post(
    provider: Provider, client: httpx.AsyncClient, webhook_url: str, due: tuple[int, str, int]
) -> None:
    no, event_id, tries = due
    body = msgspec.json.encode(provider.get("event", event_id)).decode()
    signature = stripe.WebhookSignature.generate_signature_header(body, provider.webhook_secret)
    headers = {"content-type": "application/json; charset=utf-8", "stripe-signature": signature}
    status = 0
    with contextlib.suppress(httpx.HTTPError):
        answer = await client.post(webhook_url, content=body, headers=headers)
        status = answer.status_code
    if 200 <= status < 300 or tries >= TRIES_MAX:
        provider.book.delivered(no, status)
        return
    wait = min(FIRST_RETRY_SECONDS * 2**tries, RETRY_SECONDS_MAX) if tries < 20 else 300.0
    provider.book.put_off(no, wait)
    _log.info("event_not_taken", event_id=event_id, status=status, again_seconds=wait)
