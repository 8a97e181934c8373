"""A whole Clearsend in its own processes, and its people at the HTTP API."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psutil

from backend.commands import journey
from backend.commands.api_client import Person, until
from backend.commands.connection import opened
from backend.commands.demo_people import DemoPerson, people
from backend.embedded import places, postgres, servers
from backend.gateways.simulator import truth
from backend.identity.service.login import DEMO_PASSWORD
from backend.identity.service.tenants import add_account, add_staff, add_tenant
from backend.kernel.principal import StaffRole
from backend.settings import Settings, environment
from tests.database import decide_at_once

ROOT = Path(__file__).parents[2]
START_SECONDS_MAX = 90
STOP_SECONDS_MAX = 30
JOURNEY_SECONDS_MAX = 120.0


class System:
    """`clearsend run` in a directory of its own; processes found by their command lines."""

    def __init__(self, home: Path, **settings: Any) -> None:
        self.home = home
        self.settings = Settings(
            data_dir=home / "data",
            port=places.free_port(),
            demo=True,
            demo_data=False,
            worker_processes=1,
            **settings,
        )
        self.process: subprocess.Popen[bytes] | None = None
        self.complete = self.settings

    def start(self) -> None:
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "backend.cli", "run"],
                env={**os.environ, **environment(self.settings), "PYTHONPATH": str(ROOT)},
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS_MAX
        while not self.answers():
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.05)
        # Adopts what runs already: only the URLs are wanted.
        with servers.reached(self.settings) as complete:
            self.complete = complete
        # Some callers have a loop already, some have none.
        with ThreadPoolExecutor(1) as aside:
            aside.submit(asyncio.run, decide_at_once(self.superuser_url())).result()

    def superuser_url(self) -> str:
        server = postgres.find(places.open_data_dir(self.settings.data_dir))
        assert server is not None
        return server.url("clearsend")

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS_MAX)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def answers(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.settings.url}/v1/health", timeout=2).status_code == 200
        return False

    def log(self) -> str:
        return (self.home / "log").read_text(errors="replace")[-8000:]

    def processes(self, *words: str) -> list[psutil.Process]:
        """Descendants whose command line has all these words."""
        assert self.process is not None
        found = []
        for child in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                line = " ".join(child.cmdline())
                if all(word in line for word in words):
                    found.append(child)
        return found

    def kill(self, *words: str) -> int:
        """Answers when they are gone: what answers after that was started after it."""
        killed = []
        for process in self.processes(*words):
            with contextlib.suppress(psutil.Error):
                process.kill()
                killed.append(process)
        psutil.wait_procs(killed, timeout=STOP_SECONDS_MAX)
        return len(killed)

    def truth_path(self) -> Path:
        return self.settings.data_dir / "simulator" / "truth"

    def accepted(self) -> list[Any]:
        """What the carrier says it accepted."""
        return [record for record in truth.read(self.truth_path()) if record.kind == "accepted"]

    def simulator_url(self) -> str:
        port = places.remembered_port(self.settings.data_dir, "simulator-http")
        return f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def running(**settings: Any) -> Iterator[System]:
    home = Path(tempfile.mkdtemp(prefix="clearsend-journey-"))
    home.chmod(0o711)  # the account Postgres runs as must get through
    system = System(home, **settings)
    try:
        system.start()
        yield system
    finally:
        system.stop()
        shutil.rmtree(home, ignore_errors=True)


class Cast:
    """The people of one journey, and the tenant's imported group."""

    def __init__(self, system: System, tenant: Person, staff: dict[str, Person]) -> None:
        self.system = system
        self.tenant = tenant
        self.moderator = staff["moderator"]
        self.lead = staff["lead"]
        self.finance = staff["finance"]
        self.second_clerk = staff["second"]
        self.deadline = time.monotonic() + JOURNEY_SECONDS_MAX
        self.persons: list[DemoPerson] = []
        self.group_id = ""

    @property
    def tenant_id(self) -> str:
        return str(self.tenant.session["tenant"]["id"])

    @property
    def people(self) -> journey.People:
        return journey.People(
            self.tenant, self.moderator, self.finance, self.second_clerk, self.lead
        )

    async def import_people(self, count: int, seed: int = 5, group: str = "Everybody") -> None:
        self.persons = list(people(count, seed))
        self.group_id = await journey.import_people(self.tenant, self.persons, group, self.deadline)

    async def top_up(self, amount: int, reference: str) -> None:
        await self.finance.post(
            f"/v1/tenants/{self.tenant_id}/top-ups",
            {
                "amount_credits": amount,
                "method": "bank_transfer",
                "reference": reference,
                "reason": "journey",
            },
        )

    async def draft(self, name: str, body: str = journey.BODY) -> dict[str, Any]:
        return await journey.draft(self.tenant, name, self.group_id, body)

    async def session(self, session_id: str) -> dict[str, Any]:
        found: dict[str, Any] = await self.tenant.get(f"/v1/sessions/{session_id}")
        return found

    async def in_state(self, session_id: str, *states: str) -> dict[str, Any]:
        async def there() -> dict[str, Any] | None:
            view = await self.session(session_id)
            return view if view["state"] in states else None

        return await until(f"{states}", there, deadline=self.deadline)

    async def decide(self, title: str, **verdict: Any) -> None:
        await journey.decide(
            self.moderator, self.tenant_id, title, self.deadline, self.lead, **verdict
        )


_STAFF = {
    "moderator": StaffRole.MODERATOR,
    "lead": StaffRole.LEAD,
    "finance": StaffRole.FINANCE,
    "second": StaffRole.FINANCE,
}


@contextlib.asynccontextmanager
async def cast_of(
    system: System, name: str, *, status: str = "active", verified: bool = True
) -> AsyncIterator[Cast]:
    """A new tenant and four of our own people, logged in."""
    email = f"{name.lower().replace(' ', '-')}@journey.example"
    async with opened(system.complete):
        account_id, _ = await add_account(email, "Owner", DEMO_PASSWORD, is_demo=True)
        await add_tenant(name, account_id, status=status, country="NO")
        for word, role in _STAFF.items():
            staff_id, _ = await add_account(
                f"{word}@staff.example", word, DEMO_PASSWORD, is_demo=True
            )
            await add_staff(staff_id, role)
    async with contextlib.AsyncExitStack() as stack:
        url = system.settings.url
        tenant = await stack.enter_async_context(await Person.log_in(url, email, DEMO_PASSWORD))
        staff = {
            word: await stack.enter_async_context(
                await Person.log_in(url, f"{word}@staff.example", DEMO_PASSWORD)
            )
            for word in _STAFF
        }
        cast = Cast(system, tenant, staff)
        if verified:
            await journey.make_ready(tenant, staff["lead"], "+4741234567", cast.deadline)
        yield cast
