"""A person at the HTTP API: logs in with e-mail and password, keeps a cookie and a CSRF token.

The demo uses the product the way its users do, so that what it shows is what they get.
"""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
import msgspec

REQUEST_TIMEOUT_SECONDS = 120.0
POLL_SECONDS = 0.1
T = TypeVar("T")


class ApiRefused(Exception):
    """An answer that is no success: its status, and the problem's stable code, text and facts."""

    def __init__(self, method: str, path: str, status: int, problem: dict[str, Any]) -> None:
        self.status = status
        self.code: str = problem.get("code", "no_problem_document")
        self.facts = problem
        detail = problem.get("detail") or ""
        super().__init__(f"{method} {path}: {status} {self.code} {detail}".rstrip())


class TookTooLong(Exception):
    """What was waited for did not come in time."""


class Person:
    """`async with await Person.log_in(…)`; every write carries its own idempotency key."""

    def __init__(self, client: httpx.AsyncClient, session: dict[str, Any]) -> None:
        self._client = client
        self.session = session

    @classmethod
    async def log_in(cls, url: str, email: str, password: str) -> Self:
        client = httpx.AsyncClient(base_url=url, timeout=REQUEST_TIMEOUT_SECONDS)
        answer = await client.post("/v1/login", json={"email": email, "password": password})
        if answer.status_code != httpx.codes.OK:
            await client.aclose()
            raise _refusal("POST", "/v1/login", answer)
        return cls(client, answer.json())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def call(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """The decoded answer; raises ApiRefused. Rate limits are waited for, as they ask."""
        headers = {"x-csrf-token": self.session["csrf_token"]}
        if method != "GET":
            headers["idempotency-key"] = str(uuid.uuid4())
        if method != "GET" and "files" not in options:
            options["json"] = body if body is not None else {}
        while True:
            answer = await self._client.request(method, path, headers=headers, **options)
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                break
            await asyncio.sleep(float(answer.headers.get("retry-after", "1")))
        if answer.is_error:
            raise _refusal(method, path, answer)
        return answer.json() if answer.content else None

    async def get(self, path: str, **params: Any) -> Any:
        return await self.call("GET", path, params=params)

    async def text(self, path: str) -> str:
        """A file's content; raises ApiRefused."""
        answer = await self._client.get(path)
        if answer.is_error:
            raise _refusal("GET", path, answer)
        return answer.text

    async def post(self, path: str, body: Any = None) -> Any:
        return await self.call("POST", path, body)

    async def patch(self, path: str, body: Any) -> Any:
        return await self.call("PATCH", path, body)

    async def upload(self, path: str, name: str, content: bytes, options: dict[str, Any]) -> Any:
        files = {
            "file": (name, content, "text/csv"),
            "options": (None, msgspec.json.encode(options), "application/json"),
        }
        return await self.call("POST", path, files=files)

    async def every(self, path: str, **params: Any) -> list[Any]:
        """All pages of a list."""
        items: list[Any] = []
        cursor: str | None = None
        while True:
            page = await self.get(path, **params, **({"cursor": cursor} if cursor else {}))
            items += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return items


def _refusal(method: str, path: str, answer: httpx.Response) -> ApiRefused:
    is_json = "json" in answer.headers.get("content-type", "")
    problem = answer.json() if is_json else {}
    return ApiRefused(method, path, answer.status_code, problem)


async def until(
    what: str,
    ask: Callable[[], Awaitable[T | None]],
    *,
    deadline: float,
    every: float = POLL_SECONDS,
) -> T:
    """The first answer that is not None before `deadline` (monotonic); raises TookTooLong."""
    while True:
        found = await ask()
        if found is not None:
            return found
        if time.monotonic() > deadline:
            raise TookTooLong(what)
        await asyncio.sleep(every)
