"""Moderators, and what they do, through the doors the product uses."""

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.schemas.views import SessionView
from backend.campaigns.service.moves import read_session
from backend.db.scope import platform_scope
from backend.gateways.config import GatewayConfig
from backend.gateways.service import create_gateway, standing_gateways
from backend.kernel import clock
from backend.kernel.principal import Principal, PrincipalKind, StaffRole, system
from backend.moderation.schemas.cases import CaseView, LeaseView
from backend.moderation.schemas.decisions import DecisionInput, DecisionView
from backend.moderation.schemas.votes import VoteView
from backend.moderation.service.decisions import decide_case
from backend.moderation.service.desk import read_case
from backend.moderation.service.leases import claim_case
from backend.moderation.service.rescreening import keep_cases
from backend.moderation.service.screening import screen_session
from backend.moderation.states import Verdict
from tests.campaigns.factories import Shop
from tests.factories import make_account


class Decided(NamedTuple):
    """What a vote did that took effect at once."""

    vote: VoteView
    decision: DecisionView
    subject_state: str


async def make_moderator(name: str = "Mira", *roles: StaffRole) -> Principal:
    return Principal(
        kind=PrincipalKind.STAFF,
        account_id=await make_account(name),
        staff_roles=frozenset(roles or {StaffRole.MODERATOR}),
        has_second_factor=True,
        has_stepped_up=True,
    )


async def a_gateway_stands() -> None:
    """Without a way out nothing is put before a moderator."""
    async with platform_scope(system("test"), "test") as scope:
        if await standing_gateways(scope):
            return
    config = GatewayConfig(
        name="carrier", host="127.0.0.1", port=2775, system_id="test", password="test"
    )
    await create_gateway(system("test"), "secret key of tests", config)


def later(**time: float) -> None:
    clock.set_offset(clock.offset() + timedelta(**time))


async def screened(shop: Shop, **changes: Any) -> SessionRow:
    """Submitted and screened; the session as it is now."""
    await a_gateway_stands()
    session: SessionView = await shop.submitted(**changes)
    await screen_session(shop.tenant_id, session.id)
    return await session_of(shop, session.id)


async def session_of(shop: Shop, session_id: UUID) -> SessionRow:
    async with shop.scope() as scope:
        return await read_session(scope, session_id)


async def case_ids(tenant_id: UUID, state: str = "open") -> list[UUID]:
    async with platform_scope(system("test"), "test") as scope:
        rows = await scope.rows(
            "SELECT case_id FROM queue_rows WHERE tenant_id = $1 AND state = $2 ORDER BY case_id",
            tenant_id,
            state,
        )
    return [row["case_id"] for row in rows]


async def the_case(shop: Shop, moderator: Principal) -> CaseView:
    (case_id,) = await case_ids(shop.tenant_id)
    return await read_case(moderator, shop.tenant_id, case_id)


def ruling(lease: LeaseView, verdict: str = "approve", **changes: Any) -> DecisionInput:
    facts: dict[str, Any] = {"content_hash": lease.content_hash, "lease_fence": lease.lease_fence}
    if verdict == "refuse":
        facts["reason_code"] = "unsafe_link"
    if verdict == "request_changes":
        facts["message"] = "Please say who you are."
    return DecisionInput(verdict=Verdict(verdict), **(facts | changes))


async def decided(
    shop: Shop, moderator: Principal, verdict: str = "approve", **changes: Any
) -> Decided:
    """Claims the one open case of the tenant, once its dry run is fresh, and rules on it."""
    await keep_cases()
    (case_id,) = await case_ids(shop.tenant_id)
    lease = await claim_case(moderator, shop.tenant_id, case_id)
    given = ruling(lease, verdict, **changes)
    made = await decide_case(moderator, shop.tenant_id, case_id, given)
    assert made.decision is not None
    return Decided(made.vote, made.decision, made.subject_state)


async def rows_that_differ() -> list[str]:
    """Cases whose queue row says anything else than they do, and rows without a case."""
    columns = (
        *("kind", "title", "cause", "opened_at", "due_at", "closed_at", "score", "state"),
        *("lease_holder", "lease_holder_name", "lease_until"),
    )
    same = " AND ".join(f"q.{name} IS NOT DISTINCT FROM c.{name}" for name in columns)
    async with platform_scope(system("test"), "test") as scope:
        rows = await scope.rows(
            "SELECT coalesce(c.id, q.case_id) AS id FROM cases c FULL JOIN queue_rows q"
            f" ON q.tenant_id = c.tenant_id AND q.case_id = c.id WHERE ({same}"
            " AND q.recipients = (c.dry_run ->> 'recipients')::int"
            " AND q.segments = (c.dry_run ->> 'segments')::bigint) IS NOT TRUE"
        )
    return [str(row["id"]) for row in rows]
