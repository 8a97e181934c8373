"""Stripe's events are worked off from their inbox; unfinished purchases are asked after."""

import dramatiq

from backend.billing.service import disputes, inbox, purchases, refunds
from workers.broker import broker
from workers.jobs import every
from workers.queues import Queue


# Beside the other calls out: a provider that hangs holds up nothing of ours.
@dramatiq.actor(broker=broker, queue_name=Queue.WEBHOOKS)
async def work_off_stripe_events() -> None:
    while await inbox.work_off_inbox():
        pass


@every(1)
async def ring_for_stripe_events() -> bool:
    if await inbox.has_due_event():
        work_off_stripe_events.send()
    return False


@every(30)
async def check_unfinished_purchases() -> bool:
    return await purchases.check_unfinished() >= purchases.CHECKS_PER_TURN


@every(30)
async def submit_approved_refunds() -> bool:
    return await refunds.submit_approved() >= refunds.SUBMITS_PER_TURN


@every(3600)
async def check_submitted_refunds() -> bool:
    await refunds.check_submitted()
    return False


@every(3600)
async def check_open_disputes() -> bool:
    await disputes.check_disputes()
    return False


@every(3600)
async def forget_stripe_events() -> bool:
    return await inbox.forget_old_events()
