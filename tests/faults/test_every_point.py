"""Every named point of the source is one at which a test kills: those lists are what the tests are
made from, and each of them fails when its process ends without having been hit.
"""

import ast
from collections.abc import Iterator

from backend.billing.fault_points import BESIDE, FLOWS
from backend.delivery.service.fault_points import FAULT_POINTS
from tests.audience import test_import_faults as imports
from tests.delivery import test_holding as holding
from tests.delivery.factories import ROOT
from tests.faults import (
    test_asked_kills as asked,
    test_deed_kills as deeds,
    test_kills as sending,
    test_life_kills as lives,
    test_payment_kills as payments,
    test_reload_kills as reloads,
    test_reply_kills as replies,
    test_top_up_kills as top_ups,
)
from tests.notifications import test_mailing as mails


def named_points() -> Iterator[str]:
    for path in (ROOT / "backend").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            first = node.args[0]
            if name == "point":
                assert isinstance(first, ast.Constant), path
                yield str(first.value)


KILLED = {
    *(*sending.POINTS, *sending.STOPS, *sending.AFTER_A_DEATH, *sending.LOST_GATEWAY),
    *(*replies.POINTS, *deeds.POINTS, *payments.POINTS, *reloads.POINTS),
    *(*top_ups.POINTS, *lives.POINTS, asked.RETRY_LISTED, asked.CODE_NOTED),
    *(*imports.PARSE_POINTS, *imports.ACCEPT_POINTS, *mails.MAIL_POINTS, *holding.HOURS_POINTS),
}


def test_every_point_of_the_source_is_killed_at():
    assert set(named_points()) == KILLED


def test_the_dispatch_lists_its_points():
    assert FAULT_POINTS.keys() <= KILLED


KILLED_IN = {
    "buying": payments.POINTS,
    "auto_reload": reloads.POINTS,
    "manual_top_up": top_ups.POINTS,
}


def test_every_point_of_a_way_credits_come_in_is_killed_at_on_that_way():
    """That another way passes it and is killed there says nothing of this one."""
    assert KILLED_IN.keys() == FLOWS.keys()
    for flow, points in FLOWS.items():
        assert points.keys() <= set(KILLED_IN[flow]), flow


def test_no_point_of_billing_is_on_no_list():
    listed = {name for points in FLOWS.values() for name in points} | BESIDE.keys()
    assert {name for name in named_points() if name.startswith("billing.")} <= listed
    assert listed <= set(named_points())
