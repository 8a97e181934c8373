"""One session, and every step that moves one: what people ask over HTTP, what workers and clocks do
by their use cases.
"""

import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec

from backend.audience.service import contacts
from backend.campaigns.service.moves import read_session
from backend.campaigns.states import RECEIPT_DEADLINE_HOURS, TRIES_MAX, SessionState as S
from backend.db.scope import platform_scope, tenant_scope
from backend.delivery.service import failing, settling, starting, stopping, switching
from backend.delivery.service.carriers import Carriers
from backend.delivery.service.claiming import give_back
from backend.delivery.service.outcomes import Answered, record_outcomes
from backend.delivery.service.preparing import prepare_session
from backend.delivery.service.receipts import store_receipts
from backend.delivery.service.returning import return_due
from backend.delivery.states import RETRY_DELAYS, BatchState
from backend.gateways.port import ReceiptStatus
from backend.gateways.service import note_working, standing_gateways
from backend.kernel import faults
from backend.kernel.principal import system
from backend.ledger.service.lots import top_up
from backend.moderation.service import revoking, waiting
from backend.moderation.service.screening import screen_session
from tests.browserless import Person
from tests.campaigns.test_http import approved_sender, drafted
from tests.delivery.factories import accepted, lease_of, window_of
from tests.delivery.test_states import receipt
from tests.moderation.factories import later
from tests.schedules.factories import ZONE, local_in

PEOPLE = 3
DUE_HOURS = 2
PHONES = [f"+4791200{number:03}" for number in range(PEOPLE)]


class Stage:
    """A tenant with three people and one session on its way, and a member of staff."""

    def __init__(self, owner: Person, desk: Person) -> None:
        self.owner = owner
        self.desk = desk
        self.tenant_id = UUID(owner.tenant_id)
        self.session_id: UUID
        self.sender_id = ""
        self.subscriber_ids: list[str] = []
        self.agreed: dict[str, Any] = {}
        self.is_at_once = False

    @property
    def ids(self) -> tuple[UUID, UUID]:
        return self.tenant_id, self.session_id

    @property
    def path(self) -> str:
        return f"/v1/sessions/{self.session_id}"

    @property
    def desk_path(self) -> str:
        return f"/v1/sessions/{self.tenant_id}/{self.session_id}"

    async def state(self) -> S:
        async with tenant_scope(system("test", self.tenant_id)) as scope:
            return (await read_session(scope, self.session_id)).state

    async def newest_event(self) -> str:
        async with tenant_scope(system("test", self.tenant_id)) as scope:
            event = await scope.value(
                "SELECT event FROM session_events WHERE session_id = $1 ORDER BY id DESC LIMIT 1",
                self.session_id,
            )
        return str(event)

    async def post(self, verb: str, body: dict[str, Any] | None = None) -> httpx.Response:
        return await self.owner.post(f"{self.path}/{verb}", body)

    async def newest_case(self) -> Any:
        async with platform_scope(system("test"), "test") as scope:
            return await scope.one(
                "SELECT id, content_hash, lease_fence FROM cases WHERE session_id = $1"
                " ORDER BY opened_at DESC, id DESC LIMIT 1",
                self.session_id,
            )

    async def gateway_id(self) -> UUID:
        async with platform_scope(system("test"), "test") as scope:
            (gateway,) = await standing_gateways(scope)
        return gateway.id


# --- people ---------------------------------------------------------------------------------------


async def compose(stage: Stage) -> None:
    if not stage.sender_id:
        for number, phone in enumerate(PHONES):
            made = await stage.owner.post("/v1/subscribers", {"phone": phone, "name": f"P{number}"})
            stage.subscriber_ids.append(made.json()["id"])
        stage.sender_id = await approved_sender(stage.owner)
    schedule = {"schedule": {"local": local_in(hours=DUE_HOURS), "zone": ZONE}}
    session = await drafted(
        stage.owner,
        body="Hi [name], doors open at nine.",
        sender_id=stage.sender_id,
        audience={"all": True},
        **({} if stage.is_at_once else schedule),
    )
    stage.session_id = UUID(session["id"])


async def _submit(stage: Stage, ceiling: str) -> httpx.Response:
    """Where no quote is given the confirmed one is sent again: both must be refused."""
    quote = await stage.post("quotes")
    if quote.status_code == 201:
        facts = quote.json()
        stage.agreed = {"quote_id": facts["id"], "ceiling_credits": facts[ceiling]}
    else:
        assert quote.status_code == 409, quote.text
    return await stage.post("submit", stage.agreed)


async def submit(stage: Stage) -> httpx.Response:
    return await _submit(stage, "ceiling_credits")


async def submit_tight(stage: Stage) -> httpx.Response:
    """The ceiling is the price: one person more is over it."""
    return await _submit(stage, "credits")


async def save(stage: Stage) -> httpx.Response:
    version = (await stage.owner.get(stage.path)).json()["draft_version"]
    words = {"draft_version": version, "body": "Hi [name], doors open at ten."}
    return await stage.owner.patch(f"{stage.path}/draft", json=words)


async def copy(stage: Stage) -> None:
    answer = await stage.post("copy")
    assert answer.status_code == 201, answer.text
    stage.session_id = UUID(answer.json()["id"])


async def decide(stage: Stage, verdict: str, **facts: Any) -> httpx.Response:
    """Claimed where it is open; where it is not, with the lease that once was."""
    case = await stage.newest_case()
    path = f"/v1/cases/{stage.tenant_id}/{case['id']}"
    claimed = await stage.desk.post(f"{path}/claim")
    fence = claimed.json()["lease_fence"] if claimed.is_success else case["lease_fence"]
    given = {"verdict": verdict, "content_hash": case["content_hash"], "lease_fence": fence}
    return await stage.desk.post(f"{path}/decision", given | facts)


async def revoke(stage: Stage) -> httpx.Response:
    case = await stage.newest_case()
    path = f"/v1/cases/{stage.tenant_id}/{case['id']}/revoke"
    return await stage.desk.post(path, {"reason": "the link changed"})


async def rename_to_a_link(stage: Stage) -> None:
    path = f"/v1/subscribers/{stage.subscriber_ids[0]}"
    version = (await stage.owner.get(path)).json()["version"]
    given = {"name": "evil.example/x", "version": version}
    answer = await stage.owner.patch(path, json=given)
    assert answer.status_code == 200, answer.text


async def join(stage: Stage) -> None:
    made = await stage.owner.post("/v1/subscribers", {"phone": "+4791209999", "name": "Late"})
    assert made.status_code == 201, made.text


async def opt_out(stage: Stage) -> None:
    async with tenant_scope(system("test", stage.tenant_id)) as scope:
        for phone in PHONES:
            await contacts.opt_out(scope, phone, evidence="STOP")


async def trust(stage: Stage) -> httpx.Response:
    bounds = {"recipients_max": 100, "hosts": [], "countries": ["NO"]}
    path = f"/v1/tenants/{stage.tenant_id}/auto-validation"
    return await stage.desk.put(path, json={"bounds": bounds, "reason": "years of good sending"})


# --- workers and clocks ---------------------------------------------------------------------------


async def screen(stage: Stage) -> None:
    await screen_session(*stage.ids)


async def prepare(stage: Stage) -> None:
    await note_working([await stage.gateway_id()])
    await prepare_session(*stage.ids)


async def fail_screening(stage: Stage) -> None:
    for _ in range(TRIES_MAX):
        with faults.armed("raise:moderation.screened:1"):
            try:
                await screen_session(*stage.ids)
            except faults.FaultInjected:
                continue


async def fail_preparing(stage: Stage) -> None:
    """A try that broke leaves its lease behind; the one after the last ends the session."""
    for _ in range(TRIES_MAX + 1):
        with faults.armed("raise:prepare.page:1"):
            try:
                await prepare(stage)
            except faults.FaultInjected:
                later(seconds=61)


async def fail_sending(stage: Stage) -> None:
    for _ in range(TRIES_MAX):
        await failing.count_fault(*stage.ids, RuntimeError("ours"))


async def due(stage: Stage) -> None:
    del stage
    later(hours=DUE_HOURS, seconds=1)
    await starting.start_due()


async def oversleep(stage: Stage) -> None:
    del stage
    later(hours=DUE_HOURS + 2, seconds=1)
    await starting.start_due()
    await waiting.lapse_unvalidated()


async def wait_for_ever(stage: Stage) -> None:
    """Every deadline there is passes."""
    later(days=8)
    await starting.lapse_deadlines()
    await starting.lapse_preparing()
    await stopping.lapse_pause(*stage.ids)


async def grow_old(stage: Stage) -> None:
    later(days=91)
    await revoking.requeue_aged_approvals()
    await revoking.requeue_after_lost_privilege(stage.tenant_id, "the privilege ended")


async def pay(stage: Stage) -> None:
    async with tenant_scope(system("test", stage.tenant_id)) as scope:
        await top_up(scope, 1_000, f"test:{scope.now.isoformat()}")


async def accept(stage: Stage) -> None:
    lease = await lease_of(*stage.ids)
    window = await window_of(lease)
    await record_outcomes([Answered(lease, window, accepted(lease, window))])
    await give_back(lease, BatchState.DONE)


async def switch_off(stage: Stage) -> None:
    """The platform's switch, and what the clock makes of it; on again afterwards."""
    for is_sending in (False, True):
        given = {"is_sending": is_sending, "reason": "a flood"}
        answer = await stage.desk.post("/v1/sending/switch", given)
        assert answer.status_code == 200, answer.text
        await switching.enforce_switches()


async def not_there(stage: Stage) -> None:
    """Receipts that say: not now, perhaps later."""
    told = receipt(ReceiptStatus.UNDELIVERED, temporary=True, code="027")
    ids = [f"{stage.session_id}-{n}" for n in range(1, PEOPLE + 1)]
    receipts = [msgspec.structs.replace(told, carrier_id=one) for one in ids]
    carriers = Carriers(Path(tempfile.gettempdir()) / "clearsend-tests")
    await store_receipts(carriers, await stage.gateway_id(), receipts)


async def retry(stage: Stage) -> None:
    later(seconds=RETRY_DELAYS[0].total_seconds() + 1)
    await note_working([await stage.gateway_id()])
    await return_due()


async def settle(stage: Stage) -> None:
    await settling.settle_session(*stage.ids)


async def settle_late(stage: Stage) -> None:
    """The receipt deadline passes: rows first, the session with the next look."""
    later(hours=RECEIPT_DEADLINE_HOURS, minutes=1)
    await settling.settle_sessions()
    await settling.settle_sessions()


async def settle_failed(stage: Stage) -> None:
    later(hours=RECEIPT_DEADLINE_HOURS, minutes=1)
    await failing.settle_failed(*stage.ids)


async def start(stage: Stage) -> None:
    await starting.start_approved(*stage.ids)


async def cover(stage: Stage) -> None:
    await starting.cover_sessions(stage.tenant_id)


async def at_once(stage: Stage) -> None:
    stage.is_at_once = True
