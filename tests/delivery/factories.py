"""Sessions ready to be sent, made with SQL, and a carrier in a process of its own."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec

from backend.campaigns.schemas.evaluation import EvaluatedMessage, EvaluatedPage, Exclusion
from backend.campaigns.schemas.sessions import SessionRow
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.delivery.service import steps
from backend.delivery.service.carriers import Carriers
from backend.delivery.service.claiming import (
    Lease,
    Window,
    claim_window,
    submission,
    take_lease,
)
from backend.delivery.service.evaluator import OpenedEvaluation
from backend.delivery.service.opening import listeners_of
from backend.gateways.config import GatewayConfig
from backend.gateways.port import Outcome, OutcomeKind
from backend.gateways.registry import connect
from backend.gateways.service import create_gateway, note_working, standing_gateways
from backend.gateways.simulator.truth import TruthRecord
from backend.kernel.ids import uuid7
from backend.kernel.principal import system
from backend.ledger.service.lots import top_up
from backend.moderation.rules import RuleSet
from tests.factories import make_tenant

SECRET_KEY = "secret-key-of-tests"
ROOT = Path(__file__).parents[2]
HASH = "c" * 64


@dataclass
class ListedEvaluator:
    """Recipients from a list instead of an audience."""

    recipients: Sequence[EvaluatedMessage]
    exclusions: Sequence[Exclusion] = ()
    content_hash: str = HASH
    sender: str = "Nordlys"
    page_rows: int = 1_000
    opened: int = field(default=0)

    async def open(self, scope: Scope, session: SessionRow) -> OpenedEvaluation:
        del scope, session
        self.opened += 1
        return OpenedEvaluation(self.content_hash, self.sender, None)

    async def page(
        self, scope: Scope, opened: OpenedEvaluation, after: UUID | None, rows_max: int
    ) -> EvaluatedPage:
        del scope, opened
        start = 0 if after is None else after.int
        end = min(start + min(rows_max, self.page_rows), len(self.recipients))
        is_last = end >= len(self.recipients)
        return EvaluatedPage(
            messages=list(self.recipients[start:end]),
            exclusions=list(self.exclusions) if start == 0 else [],
            next_after=None if is_last else UUID(int=end),
        )


def recipient(
    number: int, *, suffix: str = "0001", segments: int = 1, price: int = 1, body: str | None = None
) -> EvaluatedMessage:
    text = body or "Your parcel arrives today" + (
        "" if segments == 1 else " " * (153 * (segments - 1) + 30)
    )
    return EvaluatedMessage(
        subscriber_id=uuid7(),
        phone=f"+4791{number:06d}{suffix}",
        country="NO",
        body=text,
        encoding="gsm7",
        segments=segments,
        credits=segments * price,
    )


async def make_session(tenant_id: UUID, *, state: str = "preparing", **changes: object) -> UUID:
    session_id = uuid7()
    bounds = {
        "hosts": ["nordlys.example"],
        "countries": ["NO"],
        "recipients_max": 2_000_000,
        "segments_max": 10,
    }
    values: dict[str, object] = {
        "tenant_id": tenant_id,
        "id": session_id,
        "origin": "api",
        "state": state,
        "approved_hash": HASH,
        "approval_kind": "human",
        "approved_version": 1,
        "content_version": 1,
        "bounds": bounds,
        "ceiling_credits": 10_000_000,
        "created_by": "test",
        **changes,
    }
    names = ", ".join(values)
    places = ", ".join(f"${n}" for n in range(1, len(values) + 1))
    async with tenant_scope(system("factory", tenant_id)) as scope:
        await scope.execute(
            f"INSERT INTO campaign_sessions ({names}) VALUES ({places})", *values.values()
        )
    return session_id


async def make_paying_tenant(amount: int = 1_000_000) -> UUID:
    tenant_id = await make_tenant()
    async with tenant_scope(system("factory", tenant_id)) as scope:
        await top_up(scope, amount, f"test:{uuid7()}")
    return tenant_id


@dataclass
class Simulator:
    process: asyncio.subprocess.Process
    smpp_port: int
    http_port: int
    truth_path: Path

    def truth(self) -> list[TruthRecord]:
        lines = self.truth_path.read_bytes().splitlines()
        return [msgspec.json.decode(line, type=TruthRecord) for line in lines]


@asynccontextmanager
async def simulator(script: str, directory: Path) -> AsyncIterator[Simulator]:
    truth = directory / f"truth-{uuid7().hex}.jsonl"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "backend.gateways.simulator", "--script", script, "--truth", str(truth)),
        *("--account", "test:test"),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        ports = msgspec.json.decode(await asyncio.wait_for(process.stdout.readline(), 20))
        yield Simulator(process, ports["smpp_port"], ports["http_port"], truth)
    finally:
        if process.returncode is None:  # some tests kill it
            process.terminate()
        await process.wait()


def gateway_config(port: int, **changes: object) -> GatewayConfig:
    config = GatewayConfig(
        name=f"test-{uuid7().hex[:12]}",
        host="127.0.0.1",
        port=port,
        system_id="test",
        password="test",
        rebind_seconds_min=0.05,
        rebind_seconds_max=0.3,
        throttle_pause_seconds_min=0.05,
        throttle_pause_seconds_max=0.2,
    )
    return msgspec.structs.replace(config, **changes)


async def make_gateway(port: int, **changes: object) -> tuple[UUID, GatewayConfig]:
    config = gateway_config(port, **changes)
    gateway_id = await create_gateway(system("factory"), SECRET_KEY, config)
    await note_working([gateway_id])
    return gateway_id, config


async def keep_working() -> None:
    """What sending processes say every few seconds; after the clock was moved on."""
    async with platform_scope(system("factory"), "test") as scope:
        gateway_ids = [gateway.id for gateway in await standing_gateways(scope)]
    await note_working(gateway_ids)


@dataclass
class Sending:
    carriers: Carriers
    gateway_id: UUID
    simulator: Simulator


@asynccontextmanager
async def sending(
    directory: Path, script: str = "perfect", **changes: object
) -> AsyncIterator[Sending]:
    """A simulator, its gateway's row and an open link to it in this process."""
    async with simulator(script, directory) as carrier:
        gateway_id, config = await make_gateway(carrier.smpp_port, **changes)
        carriers = Carriers(directory / "journals")
        gateway = connect(config, listeners_of(carriers, gateway_id))
        carriers.gateways[gateway_id] = gateway
        await gateway.start()
        assert await gateway.ready(timeout_seconds=10)
        try:
            yield Sending(carriers, gateway_id, carrier)
        finally:
            await carriers.close()


async def _bounds_only(_scope: Scope, session: SessionRow) -> steps.CheckTexts:
    return steps.check_against(session.bounds, RuleSet())


async def _no_case(_scope: Scope, _of: object, _reason: str) -> None:
    return


def use(evaluator: ListedEvaluator, **others: object) -> None:
    """Recipients from a list, sessions without a content version: rules and cases stay out."""
    plain = steps.Steps(
        evaluator=evaluator, open_check=_bounds_only, withdraw_case=_no_case, reopen_case=_no_case
    )
    steps.give(msgspec.structs.replace(plain, **others))


async def until(condition, seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 # it happens in another program
            await asyncio.sleep(0.02)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def lease_of(tenant_id: UUID, session_id: UUID, batch_no: int = 1) -> Lease:
    lease = await take_lease(tenant_id, session_id, batch_no)
    assert lease is not None
    return lease


async def window_of(lease: Lease, claimed_upto: int = 0, messages_max: int = 200) -> Window:
    window = await claim_window(lease, claimed_upto, messages_max)
    assert isinstance(window, Window)
    return window


def accepted(lease: Lease, window: Window) -> list[Outcome]:
    return [
        Outcome(submission(lease, m).key, 0, OutcomeKind.ACCEPTED, f"{lease.session_id}-{m.n}")
        for m in window.messages
    ]
