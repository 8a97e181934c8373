"""The real processes send what a sign-up, a fallen balance and an event of a session ask for."""

import asyncio

import pytest

from backend.campaigns.service.moves import move_session, read_session
from backend.campaigns.states import SessionEvent
from backend.db.scope import tenant_scope
from backend.identity.schemas import SignUp
from backend.identity.service.tenants import add_account, add_tenant, sign_up
from backend.kernel.principal import system
from backend.ledger.service.holds import place_hold
from backend.ledger.service.lots import top_up
from tests.delivery.factories import make_session
from tests.notifications.post import Post, listening
from tests.workers.test_frame import Processes, environment, until

pytestmark = pytest.mark.anyio
OWNER = "owner@nordlys.example"


@pytest.fixture
async def post():
    async with listening() as made:
        yield made


@pytest.fixture
def processes(database, redis_url, tmp_path, post: Post):
    given = environment(database, redis_url, tmp_path)
    made = Processes({**given, "CLEARSEND_SMTP_URL": post.url})
    yield made
    made.end()


@pytest.mark.timeout(180)
async def test_every_kind_of_news_becomes_a_mail(processes: Processes, post: Post):
    queues = ("maintenance", "webhooks")
    processes.start("workers", "--queues", *queues, "--processes", "1", "--threads", "2")
    processes.start("workers.clock")
    new = SignUp(
        name="Ingrid", email="new@nordlys.example", password="long enough", tenant_name="New"
    )
    await sign_up(new)
    account_id, _ = await add_account(OWNER, "Owner", "long enough words")
    tenant_id = await add_tenant("Nordlys", account_id, status="active", country="NO")
    session_id = await make_session(tenant_id)
    async with tenant_scope(system("test", tenant_id)) as scope:
        await top_up(scope, 1_000, "first")
    async with tenant_scope(system("test", tenant_id)) as scope:
        await place_hold(scope, "much", None, 600)
    async with tenant_scope(system("test", tenant_id)) as scope:
        session = await read_session(scope, session_id)
        await move_session(scope, session, SessionEvent.LAPSE, failure="no_gateway")

    async def has_all() -> bool:
        await asyncio.sleep(0.2)
        return len(post.mails) >= 3

    await until(has_all)
    subjects = sorted((mail["To"], mail["Subject"].split(":")[0]) for mail in post.mails)
    assert ("new@nordlys.example", "Confirm your e-mail address") in subjects
    assert (OWNER, "Low balance") in subjects
    assert any(to == OWNER and "was missed" in subject for to, subject in subjects)
