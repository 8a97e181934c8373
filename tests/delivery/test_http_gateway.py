"""A session through a carrier over HTTP: the same rows, credits and proofs as over SMPP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from backend.db.scope import tenant_scope
from backend.delivery.proof import prove_delivery, prove_no_double_send
from backend.delivery.service.callbacks import receive_callback
from backend.delivery.service.carriers import Carriers
from backend.delivery.service.matching import apply_parked
from backend.delivery.service.opening import refresh
from backend.delivery.service.preparing import prepare_session
from backend.delivery.service.settling import settle_session
from backend.gateways.config import HttpJsonConfig
from backend.gateways.desk.credentials import Setup
from backend.gateways.desk.schemas import SecretUpdate, StateUpdate
from backend.gateways.desk.service import change_state, rotate_secret
from backend.gateways.service import create_gateway
from backend.gateways.states import GatewayState
from backend.kernel.errors import ClearsendError
from backend.kernel.ids import uuid7
from backend.kernel.principal import StaffRole, system
from backend.ledger.service.balance import balance
from tests.delivery.factories import (
    SECRET_KEY,
    ListedEvaluator,
    make_paying_tenant,
    make_session,
    recipient,
    simulator,
    until,
    use,
)
from tests.delivery.test_sending import progress_of, send_all, states_of
from tests.factories import staff

pytestmark = pytest.mark.anyio
SETUP = Setup(SECRET_KEY, "http://127.0.0.1", may_reach_private=True)


@asynccontextmanager
async def door(gateway_id: UUID) -> AsyncIterator[str]:
    """The route's part, without the application around it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in head[1:] if line)
        body = await reader.readexactly(int(headers["Content-Length"]))
        try:
            await receive_callback(SETUP, gateway_id, headers["Clearsend-Signature"], body)
            status = 204
        except ClearsendError:
            status = 401
        writer.write(f"HTTP/1.1 {status} Said\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/callbacks"
    finally:
        server.close()


async def test_a_session_goes_the_whole_way_over_http(database, tmp_path):
    tenant_id = await make_paying_tenant(100)
    session_id = await make_session(tenant_id)
    # Delivered; undelivered; refused; receipts five times; a receipt before its answer.
    fates = ("0001", "0002", "0006", "0009", "0008")
    people = [recipient(n, suffix=fate) for n, fate in enumerate(fates)]
    use(ListedEvaluator(people))
    gateway_id = uuid7()
    carriers = Carriers(tmp_path / "journals")
    async with simulator("seed=1", tmp_path) as carrier, door(gateway_id) as url:
        config = HttpJsonConfig(
            name="web",
            url=f"http://127.0.0.1:{carrier.http_port}/v1",
            secret="test",
            callback_url=url,
        )
        await create_gateway(system("test"), SECRET_KEY, config, gateway_id)

        async def opened():
            await refresh(carriers, SECRET_KEY, may_reach_private=True)
            return carriers.ready(gateway_id) is not None

        await until(opened)
        await opened()  # and says so
        assert await prepare_session(tenant_id, session_id) == "sending"
        await send_all(carriers)

        async def settled():
            await apply_parked()
            return await states_of(tenant_id, session_id) == {
                "delivered": 3,
                "undelivered": 1,
                "rejected": 1,
            }

        await until(settled)
        assert await settle_session(tenant_id, session_id)
        await settle_session(tenant_id, session_id)
        assert [line async for line in prove_delivery(system("test"))] == []
        proof = prove_no_double_send(system("test"), carrier.truth_path)
        assert [line async for line in proof] == []
    await carriers.close()
    async with tenant_scope(system("test", tenant_id)) as scope:
        view = await balance(scope)
    assert (view.held, view.spent_total) == (0, 4)
    assert (await progress_of(tenant_id, session_id)).percent == 100


async def test_a_running_process_follows_the_rows(database, tmp_path):
    gateway_id, admin = uuid7(), staff(StaffRole.ADMIN)
    carriers = Carriers(tmp_path / "journals")

    async def looked():
        await refresh(carriers, SECRET_KEY, may_reach_private=True)

    async with simulator("perfect", tmp_path) as carrier:
        url = f"http://127.0.0.1:{carrier.http_port}/v1"
        await looked()
        assert not carriers.gateways
        config = HttpJsonConfig(name="web", url=url, secret="wrong")
        await create_gateway(system("test"), SECRET_KEY, config, gateway_id)
        await looked()
        first = carriers.gateways[gateway_id]
        assert not await first.ready(timeout_seconds=0.3)
        right = SecretUpdate(secret="test", version=1, reason="a mistake")
        await rotate_secret(admin, SETUP, gateway_id, right)
        await looked()
        second = carriers.gateways[gateway_id]
        assert second is not first
        assert await second.ready(timeout_seconds=10)
        await looked()
        assert carriers.gateways[gateway_id] is second, "nothing changed"
        draining = StateUpdate(state=GatewayState.DRAINING, reason="it ends", is_forced=True)
        await change_state(admin, gateway_id, draining)
        await looked()
        assert carriers.gateways[gateway_id] is second, "its receipts still come"
        off = StateUpdate(state=GatewayState.DISABLED, reason="it has ended", is_forced=True)
        await change_state(admin, gateway_id, off)
        await looked()
        assert not carriers.gateways
    await carriers.close()
