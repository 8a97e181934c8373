"""How the provider's library reaches it."""

from collections.abc import Mapping
from typing import Any, Final

import httpx
import stripe

CONNECT_TIMEOUT_SECONDS: Final = 5
ANSWER_TIMEOUT_SECONDS: Final = 30  # a card's bank may take its time


class HttpClient(stripe.HTTPXClient):
    """`is_direct`: to an address of our own machine no proxy of the environment leads."""

    def __init__(self, *, is_direct: bool) -> None:
        timeout = httpx.Timeout(ANSWER_TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS)
        super().__init__(timeout=timeout)
        if is_direct:
            self._client_async = httpx.AsyncClient(trust_env=False)

    def _get_request_args_kwargs(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any
    ) -> tuple[tuple[str, str], dict[str, Any]]:
        """The library passes a text as `data`, which httpx warns of and will refuse one day."""
        options = {"headers": headers, "content": post_data or b"", "timeout": self._timeout}
        return (method, url), options

    async def close_async(self) -> None:
        await self._client_async.aclose()
