"""Every route × every kind of principal on the whole application, against the table."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from backend.api.authorization.table import ROWS
from backend.api.context import Authenticated
from backend.api.guards import operations
from backend.app import create_app
from backend.kernel.errors import Unauthenticated
from backend.kernel.principal import Principal, PrincipalKind
from tests.api.authorization_matrix import check_every_route
from tests.browserless import ORIGIN, settings_of

pytestmark = pytest.mark.anyio
ENDLESS = {"events"}


class Anybody:
    """Lets the test be whoever it names: what is tested is what each may do then."""

    def __init__(self) -> None:
        self.now: Principal | None = None

    async def by_login_session(self, token: str) -> Authenticated | None:  # noqa: ARG002 - the port's
        return Authenticated(self.now, "csrf") if self.now else None

    async def by_api_key(self, secret: str) -> Principal:  # noqa: ARG002 - the port's
        if self.now is None:
            raise Unauthenticated("key_invalid")
        return self.now


@pytest.mark.timeout(300)
async def test_every_route_as_everybody(migrated, redis_url):
    anybody = Anybody()
    # With a provider of payments, at an address where nobody listens.
    provider = {
        "stripe_api_key": "sk_test_nobody",
        "stripe_webhook_secret": "whsec_nobody",
        "stripe_base_url": "http://127.0.0.1:9",
    }
    settings = settings_of(migrated, redis_url, **provider)
    app = create_app(settings, resolver=anybody, limits_rate=False)
    await migrated.clean()
    connection = await migrated.connect()
    for number in (1, 2, 3):  # the people of the matrix exist
        await connection.execute(
            "INSERT INTO accounts (id, email, name, password_hash) VALUES ($1, $2, 'x', 'x')",
            UUID(int=number),
            f"{number}@example.com",
        )
    await connection.close()
    async with app.lifespan():
        asgi: Any = app  # Litestar types its scopes more narrowly than httpx asks
        transport = httpx.ASGITransport(asgi, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:

            async def request(
                method: str, path: str, principal: Principal | None
            ) -> tuple[int, str]:
                anybody.now = principal
                headers = {"content-type": "application/json"}
                if principal is not None and principal.kind is PrincipalKind.API_KEY:
                    headers["authorization"] = "Bearer sk_live_anybody"
                elif principal is not None:
                    headers |= {"cookie": "clearsend_session=anybody", "x-csrf-token": "csrf"}
                answer = await client.request(method, path, headers=headers, content=b"{}")
                is_problem = "problem" in answer.headers.get("content-type", "")
                return answer.status_code, answer.json()["code"] if is_problem else ""

            wrong, checked = await check_every_route(app, ROWS, request, skip=ENDLESS)
    assert not wrong
    assert checked > 20 * len(list(operations(app)))
