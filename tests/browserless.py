"""The whole application in this process, reached over HTTP as its users reach it."""

from collections.abc import AsyncIterator
from functools import cache
from typing import Any

import httpx
import pytest
from litestar import Litestar
from redis.asyncio import Redis

from backend.app import create_app
from backend.identity.service.login import DEMO_PASSWORD
from backend.identity.service.tenants import add_account, add_staff, add_tenant
from backend.kernel.principal import StaffRole
from backend.settings import Settings
from tests.database import CleanDatabase

ORIGIN = "http://testserver"
SECRET_KEY = "a secret key of tests"


class Person:
    """A client with a cookie jar, a CSRF token and a name: what a browser tab is."""

    def __init__(self, client: httpx.AsyncClient, view: dict[str, Any]) -> None:
        self.client = client
        self.view = view

    @property
    def tenant_id(self) -> str:
        return str(self.view["tenant"]["id"])

    async def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"x-csrf-token": self.view["csrf_token"], **options.pop("headers", {})}
        return await self.client.request(method, path, headers=headers, **options)

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("GET", path, **options)

    async def post(self, path: str, json: Any = None, **options: Any) -> httpx.Response:
        return await self.request("POST", path, json={} if json is None else json, **options)

    async def put(self, path: str, json: Any = None, **options: Any) -> httpx.Response:
        return await self.request("PUT", path, json=json, **options)

    async def patch(self, path: str, json: Any = None, **options: Any) -> httpx.Response:
        return await self.request("PATCH", path, json=json, **options)

    async def delete(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("DELETE", path, **options)


class World:
    """An application and the people who use it."""

    def __init__(self, app: Litestar, database: CleanDatabase) -> None:
        self.app = app
        self.database = database
        self._clients: list[httpx.AsyncClient] = []

    def client(self, address: str = "127.0.0.1") -> httpx.AsyncClient:
        app: Any = self.app  # Litestar types its scopes more narrowly than httpx asks
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 50_000))
        client = httpx.AsyncClient(transport=transport, base_url=ORIGIN)
        self._clients.append(client)
        return client

    async def log_in(self, email: str, password: str = DEMO_PASSWORD) -> Person:
        client = self.client()
        answer = await client.post("/v1/login", json={"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        return Person(client, answer.json())

    async def tenant(
        self, name: str = "Nordlys", *, status: str = "active", email: str | None = None
    ) -> Person:
        """A tenant's owner, logged in."""
        address = email or f"{name.lower().replace(' ', '-')}@example.com"
        account_id, _ = await add_account(address, "Owner", DEMO_PASSWORD, is_demo=True)
        await add_tenant(name, account_id, status=status, country="NO")
        return await self.log_in(address)

    async def staff(self, *roles: StaffRole, email: str | None = None) -> Person:
        address = email or f"{'-'.join(sorted(roles))}@staff.example.com"
        account_id, _ = await add_account(address, "Staff", DEMO_PASSWORD, is_demo=True)
        for role in roles:
            await add_staff(account_id, role)
        return await self.log_in(address)

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()


SECRET_KEY = "secret key of tests"


def settings_of(database: CleanDatabase, redis_url: str, **changes: Any) -> Settings:
    given = {"demo": True, "secret_key": SECRET_KEY, **changes}
    return Settings(database_url=database.login_url, redis_url=redis_url, **given)


@cache
def the_app(settings: Settings) -> Litestar:
    """Half a second of one core to put together: once a test process, opened anew by every test."""
    return create_app(settings)


@pytest.fixture
async def world(migrated: CleanDatabase, redis_url: str) -> AsyncIterator[World]:
    """A clean database, a clean Redis, the application running on them."""
    await migrated.clean()
    async with Redis.from_url(redis_url) as redis:
        await redis.flushdb()
    app = the_app(settings_of(migrated, redis_url))
    async with app.lifespan():
        made = World(app, migrated)
        yield made
        await made.close()
