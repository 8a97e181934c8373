"""Opens the simulator's two ports, on loopback, and closes them again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple

from backend.gateways.simulator.carrier import Carrier
from backend.gateways.simulator.connection import Connection
from backend.gateways.simulator.control import REQUEST_BYTES_MAX, Control
from backend.gateways.simulator.http_face import HttpFace
from backend.gateways.simulator.script import Script

HOST: Final = "127.0.0.1"
"""Never reachable from elsewhere: it accepts what no carrier would."""


class Running(NamedTuple):
    carrier: Carrier
    smpp_port: int
    http_port: int


@asynccontextmanager
async def serve(
    script: Script,
    *,
    accounts: dict[str, str],
    smpp_port: int = 0,
    http_port: int = 0,
    truth_path: Path | None = None,
) -> AsyncIterator[Running]:
    """Port 0: any free one."""
    loop = asyncio.get_running_loop()
    carrier = Carrier(script, accounts, truth_path)
    connections: set[Connection] = set()
    face = HttpFace(carrier)
    control = Control(carrier, connections, face)
    smpp = await loop.create_server(lambda: Connection(carrier, connections), HOST, smpp_port)
    http = await asyncio.start_server(control.serve, HOST, http_port, limit=REQUEST_BYTES_MAX)
    try:
        yield Running(carrier, smpp.sockets[0].getsockname()[1], http.sockets[0].getsockname()[1])
    finally:
        smpp.close()
        http.close()
        for connection in list(connections):
            connection.drop()
        await face.close()
        await asyncio.sleep(0)  # lets the dropped connections say so before the log is closed
        carrier.truth.close()
