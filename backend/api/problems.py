"""Every error as `application/problem+json` (RFC 9457). The only place that knows HTTP statuses.

{type, title, status, code, detail, errors: [{pointer, code, message}], request_id, …facts}
"""

import traceback
from http import HTTPStatus
from typing import Any, Final

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import (
    HTTPException,
    ImproperlyConfiguredException,
    SerializationException,
    ValidationException,
)

from backend.api.context import request_id_of
from backend.api.validation import allowed_values, field_error, pointer_of
from backend.kernel.errors import ClearsendError, FieldError, InvalidInput
from backend.kernel.replay import IdempotentReplay

PROBLEM_MEDIA_TYPE: Final = "application/problem+json"
STATUS_BY_KIND: Final[dict[str, int]] = {
    "malformed": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "too_slow": 408,
    "conflict": 409,
    "too_large": 413,
    "unsupported_media": 415,
    "invalid": 422,
    "too_many_requests": 429,
    "unavailable": 503,
}
# What Litestar itself refuses before a route of ours runs.
CODE_BY_STATUS: Final[dict[int, str]] = {
    400: "malformed_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
    429: "rate_limited",
    503: "unavailable",
}
# The rest of such a body is never read, so the connection cannot be used again.
_CLOSING_STATUSES: Final = frozenset({408, 413})

_log = structlog.get_logger("clearsend.api")


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """The members every problem has; facts of the code stand beside them."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[FieldError]
    request_id: str


def status_of(error: ClearsendError) -> int:
    return STATUS_BY_KIND[error.kind]


def encode_problem(
    *,
    status: int,
    code: str,
    request_id: str,
    detail: str = "",
    errors: list[FieldError] | None = None,
    facts: dict[str, Any] | None = None,
) -> bytes:
    problem = Problem(
        type=f"/problems/{code}",
        title=code.replace("_", " ").capitalize(),
        status=status,
        code=code,
        detail=detail,
        errors=errors or [],
        request_id=request_id,
    )
    # A fact never replaces a member: the standard ones come last.
    members = {**(facts or {}), **msgspec.to_builtins(problem)}
    return msgspec.json.encode(members, enc_hook=str)


def problem_response(  # what a problem is made of
    request: Request[Any, Any, Any],
    *,
    status: int,
    code: str,
    detail: str = "",
    errors: list[FieldError] | None = None,
    facts: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Response[bytes]:
    body = encode_problem(
        status=status,
        code=code,
        request_id=request_id_of(request.scope),
        detail=detail,
        errors=errors,
        facts=facts,
    )
    sent = dict(headers or {})
    if status in _CLOSING_STATUSES:
        sent["connection"] = "close"
    if status == HTTPStatus.UNAUTHORIZED:
        sent["www-authenticate"] = "Bearer"
    return Response(body, status_code=status, media_type=PROBLEM_MEDIA_TYPE, headers=sent)


def answer_clearsend_error(
    request: Request[Any, Any, Any], error: ClearsendError
) -> Response[bytes]:
    headers = {}
    if "retry_after_seconds" in error.facts:
        headers["retry-after"] = str(error.facts["retry_after_seconds"])
    return problem_response(
        request,
        status=status_of(error),
        code=error.code,
        detail=error.detail,
        errors=error.errors,
        facts=error.facts,
        headers=headers,
    )


def answer_replay(_: Request[Any, Any, Any], replay: IdempotentReplay) -> Response[bytes]:
    return Response(
        replay.body,
        status_code=replay.status,
        media_type="application/json" if replay.status < 400 else PROBLEM_MEDIA_TYPE,
        headers={"idempotency-replayed": "true"},
    )


def answer_validation(
    request: Request[Any, Any, Any], refused: ValidationException
) -> Response[bytes]:
    """Litestar's refusal of parameters; bodies are decoded by `bodies` and never come here."""
    signature = request.route_handler.parsed_fn_signature.parameters
    errors = []
    for item in refused.extra or []:
        if not isinstance(item, dict):
            continue
        name = str(item.get("key", ""))
        field = signature.get(name)
        pointer = pointer_of(str(getattr(item.get("source"), "value", "query")), name)
        error = field_error(str(item.get("message", "")), pointer)
        allowed = allowed_values(field.annotation) if field else []
        message = "Allowed: " + ", ".join(allowed) + "." if allowed else error.message
        errors.append(FieldError(error.pointer, error.code, message))
    found = InvalidInput(
        "invalid_parameter", "A parameter of the request cannot be used.", errors=errors
    )
    return answer_clearsend_error(request, found)


def answer_http_exception(
    request: Request[Any, Any, Any], refused: HTTPException
) -> Response[bytes]:
    """404, 405 and the like. Litestar's own words may repeat the request, so they stay here."""
    status = refused.status_code
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return answer_unknown(request, refused)
    return problem_response(
        request,
        status=status,
        code=CODE_BY_STATUS.get(status, "request_refused"),
        headers=dict(refused.headers or {}),
    )


def answer_msgspec(
    request: Request[Any, Any, Any], refused: msgspec.ValidationError
) -> Response[bytes]:
    error = field_error(str(refused))
    found = InvalidInput(error.code, error.message, errors=[error])
    return answer_clearsend_error(request, found)


def answer_undecodable(request: Request[Any, Any, Any], _: Exception) -> Response[bytes]:
    return problem_response(
        request, status=400, code="invalid_json", detail="The body is not JSON."
    )


def answer_unknown(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The client learns the request id and nothing else; the log has the rest."""
    _log.error(
        "unhandled_exception",
        request_id=request_id_of(request.scope),
        operation=getattr(request.scope.get("route_handler"), "operation_id", None),
        # As text: a renderer given the exception would print local variables, and with them
        # request headers, keys and numbers.
        traceback="".join(traceback.format_exception(error)),
    )
    return problem_response(request, status=500, code="internal_error")


EXCEPTION_HANDLERS: Final[dict[type[Exception] | int, Any]] = {
    ClearsendError: answer_clearsend_error,
    IdempotentReplay: answer_replay,
    ValidationException: answer_validation,
    ImproperlyConfiguredException: answer_unknown,
    HTTPException: answer_http_exception,
    SerializationException: answer_undecodable,
    msgspec.ValidationError: answer_msgspec,
    msgspec.DecodeError: answer_undecodable,
    Exception: answer_unknown,
}
