"""How the rows of bad input are asked: over HTTP, comparing the tables before and after."""

import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from backend.audience.service import applying, parsing
from backend.kernel.principal import StaffRole
from tests.browserless import Person, World

PHONE = "+4791234567"
# Written by refusals too, and meant to be: the looks of staff.
_KEPT_BY_REFUSALS = frozenset({"access_audit"})


class Rows:
    """The people who send bad input, and the connection that sees what it left behind."""

    def __init__(
        self, world: World, owner: Person, other: Person, connection: asyncpg.Connection
    ) -> None:
        self.world = world
        self.owner = owner
        self.other = other
        self.connection = connection

    @property
    def tenant_id(self) -> UUID:
        return UUID(self.owner.tenant_id)

    async def counts(self) -> dict[str, int]:
        tables = await self.connection.fetch(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p') AND NOT relispartition"
        )
        names = [row["relname"] for row in tables if row["relname"] not in _KEPT_BY_REFUSALS]
        parts = (f"SELECT '{name}' AS name, count(*) AS n FROM {name}" for name in names)
        found = await self.connection.fetch(" UNION ALL ".join(parts))
        return {row["name"]: row["n"] for row in found}

    @contextlib.asynccontextmanager
    async def nothing_written(self) -> AsyncIterator[None]:
        before = await self.counts()
        yield
        after = await self.counts()
        assert {t: n for t, n in after.items() if n != before[t]} == {}

    async def raw(self, path: str, body: bytes, **headers: str) -> httpx.Response:
        said = {"content-type": "application/json", **headers}
        return await self.owner.request("POST", path, content=body, headers=said)

    async def upload(self, content: bytes, name: str = "people.csv", **options: Any) -> Any:
        """The answer to the upload itself."""
        return await self.owner.request(
            "POST",
            "/v1/imports",
            files={"file": (name, content, "text/csv")},
            data={"options": json.dumps(options)},
        )

    async def report(self, content: bytes, **options: Any) -> dict[str, Any]:
        """Uploaded, read by the worker's use case, asked for again."""
        made = await self.upload(content, **options)
        assert made.status_code == 201, made.text
        await parsing.parse_import(self.tenant_id, UUID(made.json()["id"]))
        found: dict[str, Any] = (await self.owner.get(f"/v1/imports/{made.json()['id']}")).json()
        return found

    async def problems(self, imported: Mapping[str, Any]) -> list[tuple[int, str, str, str]]:
        """(line, column, code, value)."""
        page = (await self.owner.get(f"/v1/imports/{imported['id']}/problems?limit=200")).json()
        return [(p["line"], p["column"], p["code"], p["value"]) for p in page["items"]]

    async def accept(self, imported: Mapping[str, Any]) -> None:
        answer = await self.owner.post(f"/v1/imports/{imported['id']}/accept")
        assert answer.status_code == 200, answer.text
        await applying.apply_import(self.tenant_id, UUID(imported["id"]))

    async def draft(self, **changes: Any) -> str:
        """A fresh campaign's draft session that says `changes`; its path."""
        made = await self.owner.post("/v1/campaigns", {"name": "Row"})
        assert made.status_code == 201, made.text
        path = f"/v1/sessions/{made.json()['newest_session']['id']}"
        saved = await self.owner.patch(f"{path}/draft", json={"draft_version": 1, **changes})
        assert saved.status_code == 200, saved.text
        return path


async def make_rows(world: World) -> Rows:
    owner, other = await world.tenant("Nordlys"), await world.tenant("Bergen")
    admin = await world.staff(StaffRole.ADMIN)
    for person, phone in ((owner, "+4791200001"), (other, "+4791200002")):
        answer = await admin.post(
            f"/v1/tenants/{person.tenant_id}/number-verification",
            {"phone": phone, "reason": "called back"},
        )
        assert answer.status_code < 300, answer.text
    return Rows(world, owner, other, await world.database.connect())


def refused(answer: httpx.Response, status: int, code: str, pointer: str | None = None) -> Any:
    """The problem document, which says what, where, and who may be asked about it."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), problem
    assert problem["request_id"] == answer.headers["x-request-id"]
    if pointer is not None:
        assert pointer in [error["pointer"] for error in problem["errors"]], problem
    return problem


def csv_of(*lines: str, encoding: str = "utf-8") -> bytes:
    return "\r\n".join([*lines, ""]).encode(encoding)
