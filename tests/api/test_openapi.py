import json

import pytest

from backend.api.openapi import export
from tests.api.demo import KEY, ROUTES, build, client_of

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def document():
    return json.loads(export(build()))


def operations(document):
    return {
        operation["operationId"]: operation
        for item in document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
    }


def shared(document, node):
    """What stands in the components, where it is pointed at."""
    while "$ref" in node:
        _, *path = node["$ref"].split("/")
        node = document
        for part in path:
            node = node[part]
    return node


def example_in(document, content):
    """Beside its schema, or under the schema's name for all who say it."""
    if "examples" in content:
        return shared(document, content["examples"]["one"])["value"]
    return content["example"]


def test_the_same_bytes_each_time():
    assert export(build()) == export(build(routes=list(reversed(ROUTES))))


def test_every_route_under_its_function_s_name(document):
    assert document["openapi"].startswith("3.1")
    names = {route.handler_name for route in ROUTES}
    assert names | {"health", "events"} == set(operations(document))


def test_an_example_per_operation(document):
    found = operations(document)
    body = example_in(document, found["create_thing"]["requestBody"]["content"]["application/json"])
    assert body == {
        "name": "Spring sale",
        "recipients": ["recipient"],
        "budget": 1,
        "colour": "red",
        "parts": [{"sku": "sku", "quantity": 1}],
        "note": "note",
    }
    for name, operation in found.items():
        for status, answer in operation["responses"].items():
            content = answer.get("content", {}).get("application/json")
            if status < "300" and content is not None:
                assert example_in(document, content) is not None, name
    listed = found["list_things"]["responses"]["200"]["content"]["application/json"]
    page = example_in(document, listed)
    assert page["items"][0]["name"] == "name"


async def test_the_examples_are_accepted(document):
    found = operations(document)["create_thing"]
    example = example_in(document, found["requestBody"]["content"]["application/json"])
    async with client_of(build()) as client:
        assert (await client.post("/v1/things", json=example, headers=KEY)).status_code == 201


def test_every_problem_has_one_schema(document):
    for operation in operations(document).values():
        for status, answer in operation["responses"].items():
            if status >= "400":
                schema = shared(document, answer)["content"]["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}, (status, answer)
    assert "errors" in document["components"]["schemas"]["Problem"]["properties"]


def test_writes_offer_an_idempotency_key(document):
    for name, operation in operations(document).items():
        parameters = [shared(document, one) for one in operation.get("parameters", [])]
        offered = "Idempotency-Key" in [one["name"] for one in parameters]
        wanted = name.startswith(("create", "change", "delete", "pause", "replay", "login"))
        assert offered == wanted, name


def test_no_dependency_shows_as_a_parameter(document):
    for operation in operations(document).values():
        names = {shared(document, one)["name"] for one in operation.get("parameters", [])}
        assert not names & {"principal", "caller", "request"}


def test_who_may_comes_from_the_table(document):
    found = operations(document)
    assert found["login"]["security"] == []
    assert found["delete_thing"]["security"] == [{"loginSession": []}]
    assert found["create_thing"]["security"] == [{"apiKey": []}, {"loginSession": []}]
    assert found["create_thing"]["x-access"]["scope"] == "sessions:write"
    assert found["read_ledger"]["x-access"]["staff"] == ["finance"]


async def test_only_the_signed_in_may_read_it():
    async with client_of(build()) as client:
        assert (await client.get("/v1/openapi.json")).status_code == 401
        answer = await client.get("/v1/openapi.json", headers=KEY)
        assert answer.json()["info"]["title"] == "Clearsend"
        assert (await client.get("/schema")).headers["content-type"].startswith("text/html")
