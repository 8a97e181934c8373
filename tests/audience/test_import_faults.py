"""A worker dies anywhere; another takes over; nobody sees half a list and nothing doubles (F46)."""

import asyncio
import os
import signal
import sys
from datetime import timedelta

import pytest

from backend.audience.service import applying, imports, parsing, people
from backend.db.engine import DATABASE
from backend.kernel import clock
from backend.kernel.errors import Conflict
from tests.audience.factories import csv_of, norwegian_rows, parsed, upload

pytestmark = pytest.mark.anyio
PARSE_POINTS = ("import.chunk_staged", "import.parsed")
ACCEPT_POINTS = ("import.lines_applied", "import.applied")

WORKER = """
import asyncio, sys
from pathlib import Path
from uuid import UUID
from backend.audience.service import applying, parsing
from backend.db.engine import DATABASE
from backend.files.service import DirectoryStorage, use_storage

async def main(url, files, what, tenant, made):
    use_storage(DirectoryStorage(Path(files)))
    await DATABASE.open(url, connections_max=2)
    work = parsing.parse_import if what == "parse" else applying.apply_import
    await work(UUID(tenant), UUID(made))

asyncio.run(main(*sys.argv[1:]))
"""


async def killed_at(point: str, what: str, database, files, *, me, import_id) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        WORKER,
        database.login_url,
        str(files),
        what,
        str(me.tenant_id),
        str(import_id),
        env={**os.environ, "CLEARSEND_FAULT": f"kill:{point}:1"},
    )
    assert await process.wait() == -signal.SIGKILL


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(parsing, "CHUNK_RECORDS", 100)
    monkeypatch.setattr(applying, "APPLIED_LINES", 100)


@pytest.fixture
def later():
    """Leases of the dead have run out."""
    return lambda: clock.set_offset(timedelta(seconds=parsing.LEASE_SECONDS + 1))


@pytest.mark.parametrize("point", PARSE_POINTS)
async def test_a_parse_killed_anywhere_is_done_again_from_nothing(
    me, database, files, later, point
):
    made = await upload(me, csv_of("phone,name,shop", *norwegian_rows(range(15_000)), "12,x,1"))
    await killed_at(point, "parse", database, files, me=me, import_id=made.id)
    seen = await imports.read_import(me, made.id)
    assert seen.state == "parsing"
    with pytest.raises(Conflict):  # the lease still runs
        await parsing.parse_import(me.tenant_id, made.id)
    later()
    await parsing.parse_import(me.tenant_id, made.id)
    seen = await imports.read_import(me, made.id)
    assert (seen.state, seen.rows_ready, seen.rows_refused) == ("parsed", 15_000, 1)
    assert seen.duplicates == 0


@pytest.mark.parametrize("point", ACCEPT_POINTS)
async def test_an_acceptance_killed_anywhere_is_all_or_nothing(me, database, files, point):
    found = await parsed(me, csv_of("phone,name,shop", *norwegian_rows(range(300))))
    await imports.accept_import(me, found.id)
    await killed_at(point, "apply", database, files, me=me, import_id=found.id)
    seen = await imports.read_import(me, found.id)
    page = await people.list_subscribers(me, limit=200)
    before = point == "import.lines_applied"
    assert seen.state == ("accepting" if before else "accepted")
    assert len(page.items) == (0 if before else 200)
    await applied_again(me, found.id)
    await applying.apply_import(me.tenant_id, found.id)
    seen = await imports.read_import(me, found.id)
    assert (seen.state, seen.subscribers_new, seen.subscribers_updated) == ("accepted", 300, 0)
    assert not [path for path in files.rglob("*") if path.is_file()]


async def applied_again(me, import_id) -> None:
    """As its worker does: the server may still hold the lock of the one that was killed."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await applying.apply_import(me.tenant_id, import_id)
            except Conflict as busy:
                if busy.code != "import_busy":
                    raise
                await asyncio.sleep(0.1)


async def test_nobody_sees_half_a_list(me, small_chunks, monkeypatch):
    found = await parsed(me, csv_of("phone,name,shop", *norwegian_rows(range(500))))
    await imports.accept_import(me, found.id)
    seen: list[int] = []

    async def look() -> None:
        while not seen or seen[-1] == 0:
            page = await people.list_subscribers(me, limit=200)
            seen.append(len(page.items))
            await asyncio.sleep(0)

    async with asyncio.timeout(30):
        await asyncio.gather(look(), applying.apply_import(me.tenant_id, found.id))
    assert set(seen) <= {0, 200}


async def test_a_zombie_stages_nothing_after_it_was_overtaken(me, small_chunks, later, monkeypatch):
    made = await upload(me, csv_of("phone,name,shop", *norwegian_rows(range(500))))
    stage = parsing._stage_chunk
    overtaken = False

    async def slow(work, chunk):
        nonlocal overtaken
        if not overtaken and work.rows_read == 200:
            overtaken = True
            later()
            await parsing.parse_import(me.tenant_id, made.id)
        await stage(work, chunk)

    monkeypatch.setattr(parsing, "_stage_chunk", slow)
    await parsing.parse_import(me.tenant_id, made.id)
    seen = await imports.read_import(me, made.id)
    assert overtaken
    assert (seen.state, seen.rows_read, seen.rows_ready) == ("parsed", 500, 500)


async def test_two_workers_apply_once(me):
    found = await parsed(me, csv_of("phone,name,shop", *norwegian_rows(range(3000))))
    await imports.accept_import(me, found.id)
    outcomes = await asyncio.gather(
        *(applying.apply_import(me.tenant_id, found.id) for _ in range(3)), return_exceptions=True
    )
    assert all(o is None or (isinstance(o, Conflict) and o.code == "import_busy") for o in outcomes)
    seen = await imports.read_import(me, found.id)
    assert (seen.state, seen.subscribers_new) == ("accepted", 3000)


async def test_the_sweep_clears_what_was_left(me, database, files):
    idle = await upload(me, csv_of("phone", "+4791234567"))
    await DATABASE.close()
    await DATABASE.open(database.login_url, connections_max=8)
    clock.set_offset(timedelta(days=applying.PROBLEMS_KEPT_DAYS, minutes=1))
    assert await applying.sweep_imports() == 1
    assert await applying.sweep_imports() == 0
    clock.set_offset(timedelta(0))
    assert (await imports.read_import(me, idle.id)).state == "discarded"
    assert not [path for path in files.rglob("*") if path.is_file()]
