"""The OpenAPI 3.1 document: the same bytes from the same routes, so it can be committed.

It is built by a second, unguarded application over the same handlers that serves nothing: the
one that serves would add Litestar's own schema routes, which no authorisation row covers.
"""

from typing import Any, Final, get_args, get_origin

import msgspec
from litestar import Litestar, Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from backend.api.auth import CSRF_HEADER, PLAIN_COOKIE
from backend.api.authorization.access import Access, Rows
from backend.api.bodies import body_kind, body_type
from backend.api.examples import example_of, to_json
from backend.api.guards import operations
from backend.api.openapi_sharing import share
from backend.api.routing import get

_PARTS: Final = "openapi_parts"
_DOCUMENT: Final = "openapi_document"
_WRITES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_IDEMPOTENCY_PARAMETER: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key with the same request gives the same answer, once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}


def _config(version: str) -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Clearsend",
        version=version,
        description=(
            "Bulk text messages for many tenants: validated by people, paid in advance, every "
            "message and credit accounted for. Errors are application/problem+json with a "
            "stable `code`."
        ),
        components=Components(
            security_schemes={
                "apiKey": SecurityScheme(type="http", scheme="bearer"),
                "loginSession": SecurityScheme(
                    type="apiKey",
                    name=PLAIN_COOKIE,
                    security_scheme_in="cookie",
                    description=f"Unsafe requests repeat the session's token in {CSRF_HEADER}.",
                ),
            }
        ),
        security=[{"apiKey": []}, {"loginSession": []}],
        render_plugins=[JsonRenderPlugin()],
    )


class DocumentParts(msgspec.Struct, frozen=True):
    """What the documenting application is built from, kept in `app.state`."""

    route_handlers: list[Any]
    dependencies: dict[str, Any]
    rows: Rows
    version: str


def remember_parts(app: Litestar, parts: DocumentParts) -> None:
    app.state[_PARTS] = parts


def export(app: Litestar) -> bytes:
    """Keys sorted, one space, one line break at the end: what `admin_ui` commits."""
    if _DOCUMENT not in app.state:
        app.state[_DOCUMENT] = to_json(_document(app, app.state[_PARTS]))
    exported: bytes = app.state[_DOCUMENT]
    return exported


def _document(app: Litestar, parts: DocumentParts) -> dict[str, Any]:
    shown = Litestar(
        route_handlers=parts.route_handlers,
        dependencies=parts.dependencies,
        openapi_config=_config(parts.version),
        logging_config=None,
        debug=False,
        pdb_on_exception=False,
    )
    document: dict[str, Any] = shown.openapi_schema.to_schema()
    documented: list[dict[str, Any]] = []
    for method, path, handler in operations(app):
        operation = document["paths"].get(path, {}).get(method.lower())
        if operation is not None:
            _complete(operation, method, handler)
            _show_access(operation, parts.rows[handler.handler_name])
            documented.append(operation)
    share(document, documented)
    return document


def _complete(operation: dict[str, Any], method: str, handler: HTTPRouteHandler) -> None:
    """Adds the examples and, on writes, the Idempotency-Key header."""
    if method in _WRITES:
        operation["parameters"] = [*operation.get("parameters", []), _IDEMPOTENCY_PARAMETER]
    if (body := body_type(handler)) is not None and body_kind(handler) == "json":
        for content in operation["requestBody"]["content"].values():
            content["example"] = example_of(body)
    answered = answered_type(handler)
    if answered is None:
        return
    success = operation["responses"][str(handler.status_code)]
    for media_type, content in success.get("content", {}).items():
        if media_type == "application/json":
            content["example"] = example_of(answered)


def _show_access(operation: dict[str, Any], access: Access) -> None:
    """The authorisation row, as the credentials that work and the roles that may."""
    operation["security"] = []
    if access.public:
        return
    if access.key or access.scope is not None:
        operation["security"].append({"apiKey": []})
    if access.account or access.members or access.staff:
        operation["security"].append({"loginSession": []})
    operation["x-access"] = {
        "members": sorted(role.value for role in access.members),
        "staff": sorted(role.value for role in access.staff),
        "scope": access.scope.value if access.scope else None,
        "step_up": access.step_up,
    }


def answered_type(handler: HTTPRouteHandler) -> Any:
    """What a route answers with, out of its Response; None where that is no JSON of ours."""
    annotation = handler.parsed_fn_signature.return_type.annotation
    if get_origin(annotation) is Response:
        annotation = get_args(annotation)[0]
    if annotation is None or (isinstance(annotation, type) and issubclass(annotation, Response)):
        return None
    return None if annotation in {bytes, type(None), Any} else annotation


def openapi_route() -> HTTPRouteHandler:
    @get("/v1/openapi.json", include_in_schema=False)
    async def read_openapi(request: Request[Any, Any, Any]) -> Response[bytes]:
        return Response(export(request.app), media_type="application/json")

    return read_openapi
