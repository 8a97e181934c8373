"""A line to the database that breaks: the request is told to come again, and the next one works."""

import socket
import struct

import pytest

from backend.db.scope import tenant_scope
from backend.kernel.errors import Unavailable
from tests.factories import make_tenant, member_of

pytestmark = pytest.mark.anyio


def message(kind: bytes, body: bytes) -> bytes:
    """Of the server's protocol, version 3: its length counts itself."""
    return kind + struct.pack(">I", len(body) + 4) + body


async def test_a_connection_lost_in_a_scope_is_a_503_and_is_replaced(database):
    tenant_id = await make_tenant()
    connection = await database.connect()
    with pytest.raises(Unavailable) as lost:
        async with tenant_scope(member_of(tenant_id)) as scope:
            pid = await scope.value("SELECT pg_backend_pid()")
            await connection.fetchval("SELECT pg_terminate_backend($1, 5000)", pid)
            await scope.value("SELECT 1")
    await connection.close()
    assert lost.value.code == "database_unavailable"
    async with tenant_scope(member_of(tenant_id)) as scope:
        assert await scope.value("SELECT 1") == 1


async def test_a_farewell_read_before_the_end_of_the_line_is_a_503(database):
    """The driver then calls the next statement a fault of its own."""
    tenant_id = await make_tenant()
    with pytest.raises(Unavailable) as lost:
        async with tenant_scope(member_of(tenant_id)) as scope:
            protocol = scope.connection._protocol
            protocol.data_received(message(b"E", b"SFATAL\0VFATAL\0C57P01\0Mgoing\0\0"))
            await scope.value("SELECT 1")
    assert lost.value.code == "database_unavailable"
    async with tenant_scope(member_of(tenant_id)) as scope:
        assert await scope.value("SELECT 1") == 1


async def test_a_connection_lost_between_scopes_is_a_503_at_worst(database):
    tenant_id = await make_tenant()
    async with tenant_scope(member_of(tenant_id)) as scope:
        transport = scope.connection._transport
    transport.get_extra_info("socket").shutdown(socket.SHUT_RDWR)  # nobody has been told yet
    with pytest.raises(Unavailable) as lost:
        async with tenant_scope(member_of(tenant_id)):
            pass
    assert lost.value.code == "database_unavailable"
    async with tenant_scope(member_of(tenant_id)) as scope:
        assert await scope.value("SELECT 1") == 1
