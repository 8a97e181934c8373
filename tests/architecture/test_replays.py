"""Promise 12 on every operation: what was accepted with an Idempotency-Key is answered once.

The operations come from the routes, so a new one is asked by itself.
"""

import msgspec
import pytest

from tests.architecture.test_bad_input import WRITES, whoever_may
from tests.architecture.test_canary import Walk, body_of, paths_of, walk
from tests.factories import make_account

__all__ = ["walk"]  # the fixture
pytestmark = [pytest.mark.anyio, pytest.mark.timeout(600)]

# What cannot give the same bytes, and why.
DIFFERS = {
    "login": "a new login session, whose cookie is a secret",
    "confirm_code": "a new login session at every proof",
    "confirm_recovery_code": "a new login session at every proof",
    "ask_for_passkey": "a challenge is answered once",
    "confirm_passkey": "a new login session at every proof",
    "confirm_password": "a new login session at every proof",
    "begin_totp": "a secret nobody has seen, kept nowhere until it is confirmed",
    "add_totp": "a new login session; recovery codes are shown once",
    "begin_passkey": "a challenge is answered once",
    "add_passkey": "a new login session; recovery codes are shown once",
    "remove_second_factor": "a new login session at every change of one's factors",
    "renew_recovery_codes": "a new login session; recovery codes are shown once",
    "logout": "ends the session it is asked with",
    "sign_up": "a login the second time (tests/identity): the cookie is kept nowhere",
    "switch_tenant": "a new login session at every change of privilege",
    "create_api_key": "the secret is shown once; a replay has the rest",
    "check_text": "writes nothing",
    "try_rule_set": "writes nothing",
    "count_target_group": "writes nothing",
    "resend_confirmation": "answers nothing, whatever it did; mails have a limit of their own",
    "request_password_reset": "answers nothing, whatever it did; mails have a limit of their own",
    "choose_language": "an account's own setting, at no tenant; put twice it is the same",
    "preview_session": "writes nothing",
}


async def test_every_accepted_write_is_replayed(walk: Walk):
    ours = await walk.ids_of(walk.ours.tenant_id)
    accepted, wrong = set(), []
    for method, template, handler in walk.operations():
        name = handler.handler_name
        if method not in WRITES or name in DIFFERS:
            continue
        who = whoever_may(walk, name)
        for number, (path, chosen) in enumerate(paths_of(template, ours)):
            given = await body_of(walk, handler, chosen, ours)
            key = {"idempotency-key": f"{name}-{number}"}
            headers = {**given.pop("headers", {}), **key}
            first = await walk.call(who, method, path, **given, headers=headers)
            if first.status_code >= 300:
                continue
            again = await walk.call(who, method, path, **given, headers=headers)
            accepted.add(name)
            same = (first.status_code, first.content) == (again.status_code, again.content)
            if not same or again.headers.get("idempotency-replayed") != "true":
                wrong.append(f"{method} {template}: {again.status_code} {again.text[:200]}")
            break
    assert not wrong, "\n".join(wrong)
    assert len(accepted) >= 20, sorted(accepted)


async def test_the_next_case_is_claimed_once(walk: Walk):
    moderator = whoever_may(walk, "claim_next_case")
    assert moderator is not None
    somebody = msgspec.structs.replace(moderator, account_id=await make_account("Moderator"))
    key = {"idempotency-key": "next"}
    first = await walk.call(somebody, "POST", "/v1/cases/next/claim", headers=key)
    assert first.status_code == 200, first.text
    again = await walk.call(somebody, "POST", "/v1/cases/next/claim", headers=key)
    assert (again.status_code, again.content) == (200, first.content)
    held = await walk.connection.fetchval(
        "SELECT count(*) FROM cases WHERE lease_holder IS NOT NULL"
    )
    assert held == 1
