"""What many operations of the document say alike stands once in its components, and what OpenAPI
assumes anyway is left out: a third of the bytes, and a change shows in as many lines as it has.
"""

from typing import Any, Final, TypeAlias

Node: TypeAlias = dict[str, Any]

_PROBLEMS_FROM: Final = 400
# Defaults of OpenAPI 3.1 (§4.8.12 parameters, §4.8.10 operations, §4.8.17 responses).
_ASSUMED_OF_PARAMETERS: Final[Node] = {
    "allowEmptyValue": False,
    "allowReserved": False,
    "deprecated": False,
    "required": False,
}
_ASSUMED_OF_OPERATIONS: Final[Node] = {"deprecated": False}
_ASSUMED_OF_RESPONSES: Final[Node] = {"headers": {}}


def share(document: Node, operations: list[Node]) -> None:
    """Changes `operations`, which are parts of the document, and its components."""
    components: Node = document["components"]
    for operation in operations:
        _leave_out(operation, _ASSUMED_OF_OPERATIONS)
        if "parameters" in operation:
            operation["parameters"] = [
                _parameter(components, one) for one in operation["parameters"]
            ]
        for content in operation.get("requestBody", {}).get("content", {}).values():
            _share_example(components, content)
        for status, answer in operation["responses"].items():
            _leave_out(answer, _ASSUMED_OF_RESPONSES)
            if int(status) >= _PROBLEMS_FROM:
                name = answer["description"].replace(" ", "")
                operation["responses"][status] = _kept(components, "responses", name, answer)
            for content in answer.get("content", {}).values():
                _share_example(components, content)


def _leave_out(given: Node, assumed: Node) -> None:
    for name, value in assumed.items():
        if given.get(name) == value:
            del given[name]


def _parameter(components: Node, given: Node) -> Node:
    """Headers are the same wherever they stand."""
    shown = dict(given)
    _leave_out(shown, _ASSUMED_OF_PARAMETERS)
    return (
        _kept(components, "parameters", shown["name"], shown) if shown["in"] == "header" else shown
    )


def _share_example(components: Node, content: Node) -> None:
    """One of a named schema stands beside it, under its name."""
    name = content["schema"].get("$ref", "").rpartition("/")[2]
    if name and "example" in content:
        shown = _kept(components, "examples", name, {"value": content.pop("example")})
        content["examples"] = {"one": shown}


def _kept(components: Node, kind: str, name: str, value: Node) -> Node:
    kept = components.setdefault(kind, {}).setdefault(name, value)
    if kept != value:
        raise RuntimeError(f"{kind} of the name {name} differ")
    return {"$ref": f"#/components/{kind}/{name}"}
