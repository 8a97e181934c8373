"""How uvicorn is run; `cli` adds host and port. Proven with real sockets in `tests/api`."""

from typing import Any, Final

KEEP_ALIVE_SECONDS: Final = 15
GRACEFUL_SHUTDOWN_SECONDS: Final = 5  # open event streams never end by themselves
CONCURRENT_REQUESTS_LIMIT: Final = 1000

SERVER_OPTIONS: Final[dict[str, Any]] = {
    "http": "httptools",
    "loop": "uvloop",
    "ws": "none",
    "lifespan": "on",
    # uvicorn would believe X-Forwarded-For from any local peer; `auth.remote_address` counts hops.
    "proxy_headers": False,
    "server_header": False,
    "access_log": False,
    "timeout_keep_alive": KEEP_ALIVE_SECONDS,
    "timeout_graceful_shutdown": GRACEFUL_SHUTDOWN_SECONDS,
    "limit_concurrency": CONCURRENT_REQUESTS_LIMIT,
}
