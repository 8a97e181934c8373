"""What people, workers and clocks do in one transaction or two, run in a fork so that a test may
kill it anywhere: one deed, item after item. Whoever does a deed again after a death may find it
done already.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from redis.asyncio import Redis

from backend.audience.service import imports
from backend.billing.payments import use_payments
from backend.billing.schemas.purchases import PurchaseCreate
from backend.billing.schemas.refunds import RefundCreate
from backend.billing.service import inbox, refunds
from backend.billing.service.postpaid import bill_tenant
from backend.billing.service.purchases import create_purchase
from backend.billing.service.sales import settle_top_up
from backend.campaigns.schemas.inputs import Submission
from backend.campaigns.service.occurrences import advance_series
from backend.campaigns.service.submissions import submit_session
from backend.db.engine import DATABASE
from backend.db.scope import tenant_scope
from backend.delivery.service.holding import retime_closed
from backend.files.service import DirectoryStorage, use_storage
from backend.identity.invitation_schemas import InvitationAcceptance
from backend.identity.schemas import PasswordReset, Proof
from backend.identity.service.doors import Door
from backend.identity.service.joining import accept_as_member, accept_as_new
from backend.identity.service.login import start_session
from backend.identity.service.proofs import confirm_email, reset_password
from backend.identity.service.tenants import add_account
from backend.kernel import clock
from backend.kernel.errors import Conflict, MalformedInput, StateConflict
from backend.kernel.principal import Idempotency, Principal, PrincipalKind, StaffRole, system
from backend.kernel.replay import IdempotentReplay
from backend.ledger.service.lots import top_up
from backend.moderation.schemas.votes import UndoInput
from backend.moderation.service.decisions import decide_case
from backend.moderation.service.leases import claim_case
from backend.moderation.service.rescreening import rescreen_session
from backend.moderation.service.rule_testing import run_rule_test
from backend.moderation.service.screening import screen_session
from backend.moderation.service.undoing import settle_votes, undo_decision
from backend.notifications.service.noticing import tell_of_session
from backend.notifications.states import NoticeKind
from tests.audience.factories import csv_of, form
from tests.billing.stripe_account import FiledAccount, signed
from tests.factories import member_of
from tests.faults.forks import run_fork
from tests.faults.life_deeds import LIFE_DEEDS
from tests.faults.reload_deeds import RELOAD_DEEDS
from tests.faults.top_up_deeds import TOP_UP_DEEDS
from tests.moderation.factories import ruling

Item = dict[str, str]
PASSWORD = "long enough words"
DEED_SECONDS_MAX = 90


class Plan(msgspec.Struct):
    deed: str
    items: list[Item]
    database_url: str
    redis_url: str = ""
    directory: str = "."
    offset_seconds: float = 0
    """How far this process stands ahead: leases of the dead have run out."""


def _ids(item: Item, *names: str) -> list[UUID]:
    return [UUID(item[name]) for name in ("tenant_id", *names)]


def _moderator(item: Item) -> Principal:
    return Principal(
        kind=PrincipalKind.STAFF,
        account_id=UUID(item["moderator_id"]),
        staff_roles=frozenset({StaffRole.MODERATOR}),
        has_second_factor=True,
    )


async def pay(_plan: Plan, item: Item) -> None:
    (tenant_id,) = _ids(item)
    async with tenant_scope(system("deed", tenant_id)) as scope:
        await top_up(scope, 10, item["reference"])


async def invoice(_plan: Plan, item: Item) -> None:
    await settle_top_up(*_ids(item, "top_up_id"))


async def bill(_plan: Plan, item: Item) -> None:
    await bill_tenant(*_ids(item))


async def submit(_plan: Plan, item: Item) -> None:
    tenant_id, session_id, quote_id = _ids(item, "session_id", "quote_id")
    given = Submission(quote_id=quote_id, ceiling_credits=int(item["ceiling"]))
    with suppress(StateConflict):
        await submit_session(member_of(tenant_id), session_id, given)


async def upload(_plan: Plan, item: Item) -> None:
    """With its key: what was stored for a try that died is not stored again."""
    (tenant_id,) = _ids(item)
    asked = Idempotency(key=item["key"], operation="upload_import", request_hash="0" * 64)
    me = msgspec.structs.replace(member_of(tenant_id), account_id=tenant_id, idempotency=asked)
    with suppress(IdempotentReplay):
        await imports.upload_import(me, form(csv_of("phone,name", "+4791200001,Ada")))


async def screen(_plan: Plan, item: Item) -> None:
    tenant_id, session_id = _ids(item, "session_id")
    await screen_session(tenant_id, session_id)


async def rescreen(_plan: Plan, item: Item) -> None:
    tenant_id, session_id = _ids(item, "session_id")
    await rescreen_session(tenant_id, session_id)


async def claim(_plan: Plan, item: Item) -> None:
    tenant_id, case_id = _ids(item, "case_id")
    await claim_case(_moderator(item), tenant_id, case_id)


async def decide(_plan: Plan, item: Item) -> None:
    tenant_id, case_id = _ids(item, "case_id")
    with suppress(Conflict):  # decided by the one before
        lease = await claim_case(_moderator(item), tenant_id, case_id)
        await decide_case(_moderator(item), tenant_id, case_id, ruling(lease))


async def settle(_plan: Plan, _item: Item) -> None:
    await settle_votes()


async def undo(_plan: Plan, item: Item) -> None:
    tenant_id, case_id, vote_id = _ids(item, "case_id", "vote_id")
    with suppress(Conflict):  # undone by the one before
        await undo_decision(_moderator(item), tenant_id, case_id, UndoInput(vote_id=vote_id))


async def try_rules(_plan: Plan, item: Item) -> None:
    await run_rule_test(UUID(item["test_id"]))


async def continue_series(_plan: Plan, _item: Item) -> None:
    await advance_series()


async def retime(_plan: Plan, _item: Item) -> None:
    await retime_closed()


async def tell(_plan: Plan, item: Item) -> None:
    tenant_id, session_id, event_id = _ids(item, "session_id", "event_id")
    await tell_of_session(tenant_id, session_id, NoticeKind.MISSED, event_id, {})


async def confirm(_plan: Plan, item: Item) -> None:
    with suppress(MalformedInput):  # used by the one before
        await confirm_email(Proof(token=item["token"]))


def _door(redis: Redis) -> Door:
    return Door(redis=redis, remote_address="127.0.0.1", is_demo_mode=False)


async def reset(plan: Plan, item: Item) -> None:
    async with Redis.from_url(plan.redis_url) as redis:
        with suppress(MalformedInput):
            given = PasswordReset(token=item["token"], password=PASSWORD)
            await reset_password(_door(redis), given)


async def join(plan: Plan, item: Item) -> None:
    """Somebody whose account stands from a try that died logs in to accept."""
    async with Redis.from_url(plan.redis_url) as redis:
        try:
            given = InvitationAcceptance(token=item["token"], name="Ola", password=PASSWORD)
            await accept_as_new(_door(redis), given)
        except Conflict as conflict:
            if conflict.code == "invitation_accepted":
                return
            if conflict.code != "account_exists":
                raise
            account_id, was_made = await add_account(item["email"], "Ola", PASSWORD)
            assert not was_made
            who = Principal(kind=PrincipalKind.MEMBER, account_id=account_id)
            began = await start_session(_door(redis), account_id, None)
            door = msgspec.structs.replace(_door(redis), old_token=began.token)
            await accept_as_member(door, who, Proof(token=item["token"]))


def _account(plan: Plan) -> FiledAccount:
    account = FiledAccount(Path(plan.directory) / "account")
    use_payments(account)
    return account


async def buy(plan: Plan, item: Item) -> None:
    (tenant_id,) = _ids(item)
    _account(plan)
    asked = Idempotency(key=item["key"], operation="create_purchase", request_hash="0" * 64)
    me = msgspec.structs.replace(member_of(tenant_id), account_id=tenant_id, idempotency=asked)
    with suppress(IdempotentReplay):
        await create_purchase(me, "https://desk.example", PurchaseCreate(credits=1000))


async def hear(plan: Plan, item: Item) -> None:
    """The provider posts until it is answered; the clock works off what is there."""
    account = _account(plan)
    for event_id, kind, object_id in msgspec.json.decode(item["events"]):
        body = account.body_of(event_id, kind, object_id)
        await inbox.receive_event(body, signed(body))
    while await inbox.work_off_next():
        pass


async def give_money_back(plan: Plan, item: Item) -> None:
    tenant_id, purchase_id, clerk_id = _ids(item, "purchase_id", "clerk_id")
    _account(plan)
    asked = Idempotency(key=item["key"], operation="create_refund", request_hash="0" * 64)
    clerk = _clerk(clerk_id, asked)
    given = RefundCreate(purchase_id=purchase_id, credits=400, reason="asked for it")
    with suppress(IdempotentReplay):
        await refunds.create_refund(clerk, tenant_id, given)


async def approve_money_back(plan: Plan, item: Item) -> None:
    _account(plan)
    clerk = _clerk(UUID(item["clerk_id"]))
    with suppress(StateConflict):  # approved by the one before
        await refunds.approve_refund(clerk, UUID(item["refund_id"]))


def _clerk(account_id: UUID, asked: Idempotency | None = None) -> Principal:
    return Principal(
        kind=PrincipalKind.STAFF,
        account_id=account_id,
        staff_roles=frozenset({StaffRole.FINANCE}),
        has_second_factor=True,
        idempotency=asked,
    )


DEEDS: dict[str, Callable[[Plan, Item], Awaitable[Any]]] = {
    deed.__name__: deed
    for deed in (
        *(pay, invoice, bill, submit, upload, screen, rescreen, claim, decide),
        *(settle, undo, try_rules),
        *(continue_series, retime, tell, confirm, reset, join),
        *(buy, hear, give_money_back, approve_money_back),
        *LIFE_DEEDS,
        *RELOAD_DEEDS,
        *TOP_UP_DEEDS,
    )
}


async def run_deed(plan: dict[str, Any], fault: str = "") -> int:
    """For the test: what its process ended with, 0 or the kill."""
    return await run_fork("tests.faults.deeds", plan, fault, DEED_SECONDS_MAX)


async def run(plan: Plan) -> None:
    clock.set_offset(timedelta(seconds=plan.offset_seconds))
    use_storage(DirectoryStorage(Path(plan.directory)))
    await DATABASE.open(plan.database_url, connections_max=3)
    for item in plan.items:
        await DEEDS[plan.deed](plan, item)
    await DATABASE.close()
