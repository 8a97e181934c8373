"""Which hosts a gateway may lie on: a URL somebody types must not reach our own network (SSRF).

Looked at twice: when the gateway is written, to say so, and at every connection, because a name
may resolve to something else by then. The address that was looked at is the one connected to.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from typing import Any, Final

import httpcore

from backend.kernel.errors import InvalidInput

RESOLVE_SECONDS_MAX: Final = 5.0
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
"""Leads to an IPv4 address that this host does not see (RFC 6052)."""


def is_public(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        mapped = found.ipv4_mapped
        if mapped is not None:
            found = mapped
        elif found.sixtofour or found.teredo or found in _NAT64:
            return False
    return found.is_global and not found.is_multicast


async def addresses_of(host: str, port: int) -> list[str]:
    """Raises OSError, TimeoutError."""
    async with asyncio.timeout(RESOLVE_SECONDS_MAX):
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def require_public(host: str, port: int) -> None:
    """Raises InvalidInput `host_not_public`, `host_unknown`. Outside of any scope: it asks DNS."""
    try:
        addresses = await addresses_of(host, port)
    except (OSError, TimeoutError, UnicodeError):
        raise InvalidInput("host_unknown", "no address is known for this host") from None
    if not addresses or not all(is_public(address) for address in addresses):
        raise InvalidInput("host_not_public", "a gateway lies on a public address")


class GuardedBackend(httpcore.AnyIOBackend):
    """Connects to what it has looked at, so a name cannot change its mind in between."""

    def __init__(self, *, may_reach_private: bool) -> None:
        self._may_reach_private = may_reach_private

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            addresses = await addresses_of(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{type(error).__name__}: {error}") from error
        if not self._may_reach_private and not all(map(is_public, addresses)):
            raise httpcore.ConnectError("host_not_public")
        failure: Exception = httpcore.ConnectError("no address")
        for address in addresses:
            try:
                return await super().connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure
