"""What people and clocks do to sessions and series that live, item by item."""

from contextlib import suppress
from typing import Protocol
from uuid import UUID

from backend.campaigns.schemas.schedules import ScheduleTime
from backend.campaigns.schemas.series import OccurrenceSkip
from backend.campaigns.service.series import pause_series, resume_series
from backend.delivery.schemas import PriceConfirmation, SwitchChange
from backend.delivery.service import starting, stopping, switching
from backend.delivery.service.continuing import (
    confirm_price,
    reschedule_session,
    send_missed_now,
)
from backend.delivery.service.repeating import end_series, skip_occurrence
from backend.delivery.service.retrying_failed import retry_failed
from backend.delivery.service.verifying import send_code
from backend.kernel.errors import Conflict
from backend.kernel.principal import MemberRole, Principal, StaffRole
from backend.moderation.schemas.decisions import RevocationInput
from backend.moderation.service.revoking import requeue_aged_approvals, revoke_case
from tests.factories import member_of, staff

Item = dict[str, str]


class Plan(Protocol):
    """Of `deeds`, which imports this."""


def _sender(item: Item) -> Principal:
    return member_of(UUID(item["tenant_id"]), MemberRole.SENDER)


async def start(_plan: Plan, item: Item) -> None:
    await starting.start_approved(UUID(item["tenant_id"]), UUID(item["session_id"]))


async def come_due(_plan: Plan, _item: Item) -> None:
    await starting.start_due()


async def cover(_plan: Plan, item: Item) -> None:
    await starting.cover_sessions(UUID(item["tenant_id"]))


async def let_lapse(_plan: Plan, _item: Item) -> None:
    await starting.lapse_deadlines()


async def grow_old(_plan: Plan, _item: Item) -> None:
    await requeue_aged_approvals()


async def pause(_plan: Plan, item: Item) -> None:
    with suppress(Conflict):
        await stopping.pause_session(_sender(item), UUID(item["session_id"]))


async def go_on(_plan: Plan, item: Item) -> None:
    with suppress(Conflict):
        await stopping.resume_session(_sender(item), UUID(item["session_id"]))


async def call_off(_plan: Plan, item: Item) -> None:
    with suppress(Conflict):
        await stopping.cancel_session(_sender(item), UUID(item["session_id"]))


async def move_the_time(_plan: Plan, item: Item) -> None:
    given = ScheduleTime(local=item["local"], zone=item["zone"])
    await reschedule_session(_sender(item), UUID(item["session_id"]), given)


async def send_missed(_plan: Plan, item: Item) -> None:
    with suppress(Conflict):
        await send_missed_now(_sender(item), UUID(item["session_id"]))


async def revoke(_plan: Plan, item: Item) -> None:
    why = RevocationInput(reason="the link changed")
    with suppress(Conflict):
        await revoke_case(
            staff(StaffRole.MODERATOR), UUID(item["tenant_id"]), UUID(item["case_id"]), why
        )


async def kill_all(_plan: Plan, item: Item) -> None:
    lead, tenant_id = staff(StaffRole.LEAD), UUID(item["tenant_id"])
    await switching.kill_sessions_of_tenant(lead, tenant_id, reason="a wrong link is out")


async def switch_off(_plan: Plan, item: Item) -> None:
    off = SwitchChange(is_sending=False, reason="a wrong link is out")
    await switching.switch_tenant(staff(StaffRole.LEAD), UUID(item["tenant_id"]), off)


async def pause_repeating(_plan: Plan, item: Item) -> None:
    with suppress(Conflict):
        await pause_series(_sender(item), UUID(item["series_id"]))


async def resume_repeating(_plan: Plan, item: Item) -> None:
    with suppress(Conflict):
        await resume_series(_sender(item), UUID(item["series_id"]))


async def skip_one(_plan: Plan, item: Item) -> None:
    await skip_occurrence(_sender(item), UUID(item["series_id"]), OccurrenceSkip(number=1))


async def end_repeating(_plan: Plan, item: Item) -> None:
    with suppress(Conflict):
        await end_series(_sender(item), UUID(item["series_id"]))


async def agree_to_the_price(_plan: Plan, item: Item) -> None:
    agreed = PriceConfirmation(ceiling_credits=int(item["ceiling_credits"]))
    with suppress(Conflict):
        await confirm_price(_sender(item), UUID(item["session_id"]), agreed)


async def try_the_failed_again(_plan: Plan, item: Item) -> None:
    with suppress(Conflict):
        await retry_failed(_sender(item), UUID(item["session_id"]))


async def send_a_code(_plan: Plan, item: Item) -> None:
    await send_code(UUID(item["tenant_id"]), UUID(item["verification_id"]), "Clearsend")


LIFE_DEEDS = (
    *(start, come_due, cover, let_lapse, grow_old, pause, go_on, call_off, move_the_time),
    *(send_missed, revoke, kill_all, switch_off),
    *(pause_repeating, resume_repeating, skip_one, end_repeating),
    *(agree_to_the_price, try_the_failed_again, send_a_code),
)
