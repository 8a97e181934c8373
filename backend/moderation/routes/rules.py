"""Content rules over HTTP: versions, trials, tests over past sessions, the switch."""

from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody

from backend.api.routing import FromPrincipal, delete, get, post, put
from backend.moderation.schemas.rules import (
    RuleSetBadge,
    RuleSetCreate,
    RuleSetUpdate,
    RuleSetView,
    RuleTestCreate,
    RuleTestView,
    SwitchOn,
    TextTrial,
    TrialView,
)
from backend.moderation.service import rule_editing, rule_testing

_SET = "/v1/rule-sets/{rules_version:int}"


@get("/v1/rule-sets")
async def list_rule_sets(principal: FromPrincipal) -> list[RuleSetBadge]:
    return await rule_editing.list_rule_sets(principal)


@get("/v1/rule-sets/in-force")
async def read_rules_in_force(principal: FromPrincipal) -> RuleSetView:
    return await rule_editing.read_rules_in_force(principal)


@post("/v1/rule-sets", status_code=201)
async def create_rule_set(data: JSONBody[RuleSetCreate], principal: FromPrincipal) -> RuleSetView:
    return await rule_editing.create_rule_set(principal, data)


@get(_SET)
async def read_rule_set(rules_version: FromPath[int], principal: FromPrincipal) -> RuleSetView:
    return await rule_editing.read_rule_set(principal, rules_version)


@put(_SET)
async def update_rule_set(
    rules_version: FromPath[int], data: JSONBody[RuleSetUpdate], principal: FromPrincipal
) -> RuleSetView:
    return await rule_editing.update_rule_set(principal, rules_version, data)


@delete(_SET, status_code=204)
async def discard_rule_set(rules_version: FromPath[int], principal: FromPrincipal) -> None:
    await rule_editing.discard_rule_set(principal, rules_version)


@post(f"{_SET}/switch-on", status_code=200)
async def switch_on_rule_set(
    rules_version: FromPath[int], data: JSONBody[SwitchOn], principal: FromPrincipal
) -> RuleSetView:
    return await rule_editing.switch_on_rule_set(principal, rules_version, data)


@post(f"{_SET}/try", status_code=200)
async def try_rule_set(
    rules_version: FromPath[int], data: JSONBody[TextTrial], principal: FromPrincipal
) -> TrialView:
    return await rule_editing.try_rule_set(principal, rules_version, data)


@post(f"{_SET}/tests", status_code=202)
async def start_rule_test(
    rules_version: FromPath[int], data: JSONBody[RuleTestCreate], principal: FromPrincipal
) -> RuleTestView:
    return await rule_testing.start_rule_test(principal, rules_version, data)


@get(f"{_SET}/tests")
async def list_rule_tests(
    rules_version: FromPath[int], principal: FromPrincipal
) -> list[RuleTestView]:
    return await rule_testing.list_rule_tests(principal, rules_version)


@get("/v1/rule-tests/{test_id:uuid}")
async def read_rule_test(test_id: FromPath[UUID], principal: FromPrincipal) -> RuleTestView:
    return await rule_testing.read_rule_test(principal, test_id)


router = Router(
    "/",
    route_handlers=[
        list_rule_sets,
        read_rules_in_force,
        create_rule_set,
        read_rule_set,
        update_rule_set,
        discard_rule_set,
        switch_on_rule_set,
        try_rule_set,
        start_rule_test,
        list_rule_tests,
        read_rule_test,
    ],
)
