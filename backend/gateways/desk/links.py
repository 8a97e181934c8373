"""What a sending process has of its gateways, said for the desk every few seconds."""

import os
import socket
from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from backend.db.scope import platform_scope
from backend.gateways.desk import queries
from backend.gateways.port import Gateway, LinkState
from backend.kernel.principal import system

FORGET_AFTER_HOURS: Final = 1
ERROR_CHARACTERS_MAX: Final = 300
PROCESS_CHARACTERS_MAX: Final = 120


def process_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"[-PROCESS_CHARACTERS_MAX:]


async def note_links(gateways: Mapping[UUID, Gateway], versions: Mapping[UUID, int]) -> None:
    notes = []
    for gateway_id, gateway in gateways.items():
        health = gateway.health()
        bound = [link for link in health.links if link.state is LinkState.BOUND]
        errors = [link.last_error for link in health.links if link not in bound]
        error = next((error for error in errors if error), "")
        notes.append(
            queries.LinkNote(
                gateway_id,
                versions.get(gateway_id, 1),
                len(health.links),
                len(bound),
                sum(link.outstanding for link in health.links),
                health.unconfirmed_receipts,
                health.rate_segments_per_second,
                error.replace("\0", "")[:ERROR_CHARACTERS_MAX],
            )
        )
    async with platform_scope(system("gateways"), "links") as scope:
        before = scope.now - timedelta(hours=FORGET_AFTER_HOURS)
        await queries.note_links(scope, process_name(), notes, before)
