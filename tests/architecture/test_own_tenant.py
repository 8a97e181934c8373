"""Nobody of ours decides about a workspace they are a member of (promise 7, and the money).

The operations come from the routes. One that lets somebody in is named here with its reason.
"""

import pytest

from backend.api.authorization.table import ROWS
from backend.kernel.principal import Principal, PrincipalKind
from tests.architecture.test_bad_input import WRITES
from tests.architecture.test_canary import PARAMETER, Walk, asked, said, walk

__all__ = ["walk"]  # the fixture
pytestmark = [pytest.mark.anyio, pytest.mark.timeout(600)]

NO_WORKSPACE = frozenset(
    {
        "line_id",
        "price_proposal",
        "tariff_version",
        "gateway_id",
        "rules_version",
        "legal_entity",
        "country",
        "host",
        "word",
        "language",
        "day",
        "answered",
    }
)
# What a stake makes no worse: it stops, takes, refuses, looks, or gives back what was held.
HARMLESS = {
    "suspend_tenant": "stops them",
    "strike_tenant": "weighs against them",
    "record_complaint": "weighs against them",
    "kill_session": "stops them",
    "kill_sessions_of_tenant": "stops them",
    "hold_session": "stops them",
    "decline_top_up": "gives nothing",
    "decline_correction": "gives nothing",
    "decline_refund": "gives nothing",
    "upload_proof_file": "a file that decides nothing",
    "create_top_up_document": "the paper of what was decided",
    "release_case": "back to the queue",
    "heartbeat_case": "of a lease, which they cannot take",
    "skip_case": "under a lease, which they cannot take",
    "escalate_case": "under a lease, which they cannot take",
    "show_presence": "says who looks",
}
GIVES = frozenset(
    {
        "create_top_up",
        "approve_top_up",
        "create_grant",
        "set_credit_line",
        "approve_correction",
        "reverse_top_up",
        "approve_refund",
        "create_invoice",
        "create_credit_note",
        "set_billing_terms",
        "resolve_payment_problem",
        "set_auto_validation",
        "verify_tenant_number",
        "reactivate_tenant",
        "switch_tenant_sending",
        "let_session_go_on",
        "decide_suspension_proposal",
        "lift_strike",
        "claim_case",
        "revoke_case",
        "add_case_note",
    }
)


async def test_nobody_decides_about_their_own_workspace(walk: Walk):
    ours = await walk.ids_of(walk.ours.tenant_id)
    refused, wrong = set(), []
    for operation in walk.operations():
        method, path, handler = operation
        row = ROWS[handler.handler_name]
        named = set(PARAMETER.findall(path)) - NO_WORKSPACE
        if method not in WRITES or not row.staff or not named:
            continue
        me = Principal(
            kind=PrincipalKind.STAFF,
            account_id=walk.ours.owner.account_id,
            staff_roles=row.staff,
            has_second_factor=True,
            has_stepped_up=True,
        )
        for answer in await asked(walk, me, operation, ours, ours, is_filtered=False):
            if said(answer) == (403, "own_tenant"):
                refused.add(handler.handler_name)
            elif answer.status_code < 300 and handler.handler_name not in HARMLESS:
                wrong.append(f"{method} {path}: {answer.status_code} {answer.text[:100]}")
    assert not wrong, "\n".join(wrong)
    assert refused >= GIVES, sorted(GIVES - refused)
    assert not refused & HARMLESS.keys()
