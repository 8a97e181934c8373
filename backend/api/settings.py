"""What HTTP needs to know about where it runs; `app` fills it from the environment."""

from pathlib import Path

import msgspec


class ApiSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`public_origins` like `https://desk.example`; empty: an Origin must equal the Host.

    `trusted_proxy_hops`: how many proxies of ours stand in front and append to X-Forwarded-For.
    0 ignores the header, which anybody can send.
    """

    https: bool = False
    public_origins: frozenset[str] = frozenset()
    trusted_proxy_hops: int = 0
    pages_directory: Path | None = None
    version: str = "0.1.0"
