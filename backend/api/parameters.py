"""Query parameters: what a route does not declare, or gets twice, is refused, not guessed."""

from typing import Any, Final

from litestar import Litestar
from litestar.routes import HTTPRoute

from backend.api.auth import Connection
from backend.api.validation import pointer_of
from backend.kernel.errors import FieldError, InvalidInput, NotFound

QUERY_LIMIT_BYTES: Final = 8 * 1024
_STATE_KEY: Final = "query_parameters"


def learn_query_parameters(app: Litestar) -> None:
    """Operation → ({every name}, {names that may repeat}), dependencies included."""
    app.state[_STATE_KEY] = {
        handler.handler_name: (
            frozenset(parameter.field_alias for parameter in model.expected_query_params),
            frozenset(model.sequence_query_parameter_names),
        )
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler, model in route.route_handler_map.values()
    }


async def check_query(connection: Connection, handler: Any) -> None:
    """A guard. `lenient_query=True` on a route is for callers whose form is not ours to choose."""
    if "\x00" in connection.scope["path"]:
        raise NotFound  # nothing has such a name, and Postgres would answer with an error
    query = connection.scope.get("query_string", b"")
    if not query or handler.opt.get("lenient_query"):
        return
    if len(query) > QUERY_LIMIT_BYTES:
        raise InvalidInput(
            "invalid_parameter", "The query is too long.", limit_bytes=QUERY_LIMIT_BYTES
        )
    known, repeatable = connection.app.state[_STATE_KEY].get(
        handler.handler_name, (frozenset(), frozenset())
    )
    allowed = ", ".join(sorted(known)) or "none"
    errors = []
    seen: set[str] = set()
    for name, value in connection.query_params.multi_items():
        pointer = pointer_of("query", name)
        if name not in known:
            errors.append(FieldError(pointer, "unknown_parameter", f"Allowed: {allowed}."))
        elif name in seen and name not in repeatable:
            errors.append(FieldError(pointer, "repeated_parameter", "Give this one once."))
        elif "\x00" in str(value):
            errors.append(FieldError(pointer, "control_character", "No U+0000."))
        seen.add(name)
    if errors:
        raise InvalidInput("invalid_parameter", errors[0].message, errors=errors)
