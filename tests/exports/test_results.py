"""A session's results as CSV: who was left out, where they live and why, in words."""

import csv
import io
from uuid import UUID

import pytest

from backend.campaigns.schemas.evaluation import Exclusion, ExclusionReason as R
from backend.delivery.service import steps
from backend.delivery.service.preparing import prepare_session
from backend.exports.service import open_results
from tests.delivery.factories import (
    ListedEvaluator,
    make_gateway,
    make_paying_tenant,
    make_session,
    recipient,
    use,
)
from tests.factories import member_of

pytestmark = pytest.mark.anyio
GONE = UUID(int=7)
LEFT_OUT = [
    ("+46701234567", "SE", R.MISSING_PROPERTY, "attribute:first name,property:code",
     "No value for first name; No value for code"),
    ("+4791234567", "NO", R.FREQUENCY_CAP, f"cap:3:7:group:{GONE}",
     "At most 3 in 7 days; A group that is gone by now"),
    ("+33612345678", "FR", R.OPTED_OUT, f"opt_out:{GONE}", "Their opt-out"),
    ("+33612345679", "FR", R.INVALID_NUMBER, "number:voip", "An internet line"),
    ("+870773111632", "", R.BLOCKED_COUNTRY, "country:SE:settings",
     "SE is not sent to; Workspace settings"),
    ("+4791234568", "NO", R.UNAPPROVED_CONTENT, "rule:7", "rule:7"),
]  # fmt: skip


async def test_who_was_left_out_has_a_country_and_a_reason_in_words(database):
    await make_gateway(1)
    tenant_id = await make_paying_tenant(10)
    exclusions = [
        Exclusion(subscriber_id=None, phone=phone, reason=reason, evidence=evidence)
        for phone, _, reason, evidence, _ in LEFT_OUT
    ]
    use(ListedEvaluator([recipient(1)], exclusions))
    session_id = await make_session(tenant_id)
    await prepare_session(tenant_id, session_id)
    steps.give(steps.Steps())
    lines = "".join([part async for part in await open_results(member_of(tenant_id), session_id)])
    sent, *left_out = list(csv.DictReader(io.StringIO(lines.removeprefix("\ufeff"))))
    assert (sent["country"], sent["because"]) == ("NO", "")
    assert [
        (row["phone"], row["country"], row["result"], row["reason"], row["because"])
        for row in left_out
    ] == [
        (f"'{phone}", country, "left_out", reason.value, words)
        for phone, country, reason, _, words in LEFT_OUT
    ]
