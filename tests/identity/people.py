"""People who are no demo accounts, so that they are asked for what real ones are asked for."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pyotp
from redis.asyncio import Redis

from backend.api.authorization.access import STEP_UP_SECONDS
from backend.identity import login_sessions
from backend.identity.service.tenants import add_account, add_staff, add_tenant
from backend.identity.totp import STEP_SECONDS
from backend.kernel import clock
from backend.kernel.principal import StaffRole
from tests.browserless import Person, World

PASSWORD = "a sentence is easiest"
STAFF = "mira@staff.example"
MEMBER = "ada@nordlys.example"
ENROLLED_STEP = -1
"""Enrolling with the step before this one leaves two more that are good now."""


async def a_staff_person(world: World, role: StaffRole = StaffRole.FINANCE) -> Person:
    account_id, _ = await add_account(STAFF, "Mira", PASSWORD)
    await add_staff(account_id, role)
    return await world.log_in(STAFF, PASSWORD)


async def a_member(world: World, email: str = MEMBER) -> Person:
    account_id, _ = await add_account(email, "Ada", PASSWORD)
    await add_tenant(f"Tenant of {email}", account_id, status="active", country="NO")
    return await world.log_in(email, PASSWORD)


def code_of(secret: str, steps: int = 0) -> str:
    """The code of this moment, or of so many steps later."""
    now = datetime.now(UTC) + clock.offset()
    return pyotp.TOTP(secret).at(int(now.timestamp()) + steps * STEP_SECONDS)


def another_code(secret: str) -> str:
    """None of those that fit now."""
    fitting = {code_of(secret, steps) for steps in range(-3, 4)}
    return next(code for code in map("{:06}".format, range(1000)) if code not in fitting)


async def renewed(person: Person, answer: Any) -> Person:
    """The same window after an answer that brought a new cookie, or a whole session."""
    assert answer.status_code in {200, 201}, answer.text
    person.view = (await person.get("/v1/session")).json()
    return person


async def enrol_app(person: Person) -> tuple[str, list[str]]:
    """(the secret, the recovery codes)."""
    offer = (await person.post("/v1/account/second-factors/totp/offer")).json()
    secret = str(offer["secret"])
    given = {"name": "My telephone", "code": code_of(secret, ENROLLED_STEP)}
    answer = await person.post("/v1/account/second-factors/totp", given)
    await renewed(person, answer)
    return secret, answer.json()["recovery_codes"]


async def code_at_login(person: Person, code: str) -> tuple[int, str]:
    answer = await person.post("/v1/session/proof/code", {"code": code})
    return answer.status_code, answer.json().get("code", "")


def at_a_new_step() -> None:
    """29 seconds in which the codes stay what they are."""
    now = datetime.now(UTC).timestamp()
    clock.set_offset(timedelta(seconds=STEP_SECONDS + 1 - now % STEP_SECONDS))


def steps_later(steps: int) -> None:
    clock.set_offset(clock.offset() + timedelta(seconds=steps * STEP_SECONDS))


async def proved_long_ago(world: World, person: Person) -> None:
    """As if eleven minutes had passed since the last proof."""
    await grow_old(world.app.state.redis, person.client.cookies["clearsend_session"])


async def grow_old(redis: Redis, token: str) -> None:
    session = await login_sessions.find(redis, token)
    assert session is not None
    old = msgspec.structs.replace(session, proved_at=session.proved_at - STEP_UP_SECONDS - 60)
    digest = hashlib.sha256(token.encode()).hexdigest()
    await redis.set(f"login:{digest}", msgspec.json.encode(old), ex=600)
