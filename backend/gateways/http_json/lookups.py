"""What became of a request whose answer was lost: the provider is asked by the request's key.

Asking is no second submission. Only an answer settles anything; that the provider does not know
the key (yet) proves nothing, for the request may still be on its way.
"""

import asyncio
import logging
from collections.abc import Iterable
from typing import Final

from backend.gateways.http_json.answers import OK_STATUSES, read_answer
from backend.gateways.http_json.client import Client, NoAnswer
from backend.gateways.http_json.protocol import REQUESTS_PATH
from backend.gateways.http_json.requests import Request
from backend.gateways.port import Listeners, OutcomeKind
from backend.gateways.status_maps import StatusMap

ASK_AFTER_SECONDS: Final = (1.0, 5.0, 30.0, 120.0)
LOOKUPS_MAX: Final = 200
"""At once; more stay in doubt until their receipts come."""

_logger = logging.getLogger(__name__)


class Lookups:
    def __init__(self, client: Client, status_map: StatusMap, listeners: Listeners) -> None:
        self._client = client
        self._status_map = status_map
        self._listeners = listeners
        self._asking: set[asyncio.Task[None]] = set()

    def add(self, requests: Iterable[Request]) -> None:
        for request in requests:
            if len(self._asking) >= LOOKUPS_MAX:
                return
            task = asyncio.create_task(self._ask(request))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)

    async def _ask(self, request: Request) -> None:
        for seconds in ASK_AFTER_SECONDS:
            await asyncio.sleep(seconds)
            try:
                response = await self._client.ask("GET", REQUESTS_PATH + request.key)
            except NoAnswer:
                continue
            if response.status in OK_STATUSES and await self._settle(request, response.body):
                return

    async def _settle(self, request: Request, body: bytes) -> bool:
        doubted = {
            (outcome.key, outcome.part)
            for outcome in request.outcomes or ()
            if outcome.kind is OutcomeKind.IN_DOUBT
        }
        # A status of 200: what is said of single messages counts, never a refusal of the question.
        told = read_answer(200, body, request.submissions, self._status_map)
        late = [
            outcome
            for outcome in told
            if outcome.kind is not OutcomeKind.IN_DOUBT and (outcome.key, outcome.part) in doubted
        ]
        if not late:
            return False
        try:
            await self._listeners.on_late_outcomes(late)
        except Exception:
            # They stay in doubt, which is true; their receipts settle them.
            _logger.exception("%d late answers were not stored", len(late))
        return len(late) == len(doubted)

    async def close(self) -> None:
        for task in list(self._asking):
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)
