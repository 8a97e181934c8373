"""Submissions are screened; lost privileges bring sessions back; the desk hears of its queue."""

from backend.api.live import publish
from backend.delivery.service.stopping import end_condemned
from backend.moderation.service.comparing import remember_ruling
from backend.moderation.service.desk import queue_snapshot
from backend.moderation.service.figures import measure_lanes
from backend.moderation.service.forgetting import forget_person
from backend.moderation.service.handing import forget_looks
from backend.moderation.service.rescreening import keep_cases, rescreen_session
from backend.moderation.service.revoking import requeue_after_lost_privilege, requeue_aged_approvals
from backend.moderation.service.rule_testing import run_rule_test
from backend.moderation.service.screening import screen_session
from backend.moderation.service.strikes import strike_for_dispute, strike_for_refusal
from backend.moderation.service.undoing import settle_votes
from backend.moderation.service.waiting import lapse_unvalidated
from backend.outbox.service import Announcement
from backend.outbox.topics import Topic
from workers.consumers import consumes, id_of, tenant_of
from workers.doorbell import redis
from workers.jobs import every

QUEUE_NEWS_SECONDS = 1.0
_last_told: dict[str, object] = {}


@consumes(Topic.SESSION_SUBMITTED)
async def screen(announcement: Announcement) -> None:
    await screen_session(tenant_of(announcement), id_of(announcement, "session_id"))


@consumes(Topic.SESSION_RETURNED)
async def rescreen(announcement: Announcement) -> None:
    await rescreen_session(tenant_of(announcement), id_of(announcement, "session_id"))


@consumes(Topic.AUTO_VALIDATION_LOST)
async def requeue_automatic(announcement: Announcement) -> None:
    await requeue_after_lost_privilege(tenant_of(announcement), announcement.payload["reason"])


@consumes(Topic.TEMPLATE_WITHDRAWN)
async def requeue_template(announcement: Announcement) -> None:
    await requeue_after_lost_privilege(
        tenant_of(announcement),
        "the template was withdrawn",
        template_version_id=id_of(announcement, "template_version_id"),
    )


@consumes(Topic.SENDER_WITHDRAWN)
async def requeue_sender(announcement: Announcement) -> None:
    await requeue_after_lost_privilege(
        tenant_of(announcement),
        "the sender was withdrawn",
        sender_id=id_of(announcement, "sender_id"),
    )


@consumes(Topic.SESSION_APPROVED, Topic.SESSION_REFUSED)
async def remember(announcement: Announcement) -> None:
    await remember_ruling(tenant_of(announcement), id_of(announcement, "session_id"))


@consumes(Topic.SESSION_REFUSED)
async def strike(announcement: Announcement) -> None:
    await strike_for_refusal(tenant_of(announcement), id_of(announcement, "session_id"))


@consumes(Topic.PURCHASE_DISPUTED)
async def strike_disputed(announcement: Announcement) -> None:
    tenant_id, purchase_id = tenant_of(announcement), id_of(announcement, "purchase_id")
    await strike_for_dispute(tenant_id, purchase_id, announcement.payload["dispute_id"])


@consumes(Topic.SESSION_CONDEMNED)
async def kill_condemned(announcement: Announcement) -> None:
    tenant_id, session_id = tenant_of(announcement), id_of(announcement, "session_id")
    await end_condemned(tenant_id, session_id, announcement.payload["reason"])


@consumes(Topic.RULES_TEST_REQUESTED)
async def test_rules(announcement: Announcement) -> None:
    await run_rule_test(id_of(announcement, "test_id"))


@consumes(Topic.SUBSCRIBER_ERASED)
async def forget_at_the_desk(announcement: Announcement) -> None:
    await forget_person(tenant_of(announcement), id_of(announcement, "subscriber_id"))


@every(15)
async def keep_cases_open() -> bool:
    await keep_cases()
    return False


@every(5)
async def lapse_waiting() -> bool:
    return bool(await lapse_unvalidated())


@every(3600)
async def requeue_old_approvals() -> bool:
    return bool(await requeue_aged_approvals())


@every(1)
async def make_votes_effective() -> bool:
    return bool(await settle_votes())


@every(60)
async def measure_usual_times() -> bool:
    await measure_lanes()
    return False


@every(600)
async def forget_who_looked() -> bool:
    await forget_looks()
    return False


@every(QUEUE_NEWS_SECONDS)
async def tell_queue() -> bool:
    """Absolute, and only when it changed; several clocks tell the same."""
    snapshot = await queue_snapshot()
    facts = {name: value for name, value in snapshot.items() if name != "version"}
    if facts != _last_told:
        await publish(redis(), None, "queue", snapshot)
        _last_told.clear()
        _last_told.update(facts)
    return False
