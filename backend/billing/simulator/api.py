"""The API's face: keys, forms, the same answer to the same key, errors in the provider's form."""

import base64
import hashlib
import secrets
from typing import Any

import msgspec

from backend.billing.simulator import forms, tables
from backend.billing.simulator.book import Stored
from backend.billing.simulator.provider import API_VERSION, Provider
from backend.billing.simulator.refusals import Refusal
from backend.billing.simulator.web import Answer, Request, as_json

KEY_LENGTH_MAX = 255


def is_authorized(provider: Provider, request: Request) -> bool:
    """A bearer key, or the user of basic credentials, as Stripe takes both."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given).decode().partition(":")[0]
        except ValueError:
            return False
    return secrets.compare_digest(given.encode(), provider.api_key.encode())


def answer(provider: Provider, request: Request) -> Answer:
    """One request, one transaction. None of it waits: requests follow one another."""
    named = {"request_id": f"req_{secrets.token_hex(7)}", "stripe_version": API_VERSION}
    if not is_authorized(provider, request):
        said = {"type": "invalid_request_error", "message": "Invalid API Key provided"}
        return as_json(401, {"error": said}, **named)
    path = request.path.removeprefix("/v1/").strip("/")
    if provider.faults.fail_next > 0:
        provider.faults.fail_next -= 1
        said = {"type": "api_error", "message": "Something went wrong on our end."}
        return as_json(500, {"error": said}, **named, stripe_should_retry="true")
    if request.method == "GET":
        return _read(provider, path, request, named)
    if request.method == "DELETE":
        return _delete(provider, path, named)
    return _write(provider, path, request, named)


def _read(provider: Provider, path: str, request: Request, named: dict[str, str]) -> Answer:
    try:
        with provider.book.transaction():
            return as_json(200, tables.get(provider, path, forms.parse(request.query)), **named)
    except Refusal as refusal:
        return as_json(refusal.status, refusal.body, **named)


def _delete(provider: Provider, path: str, named: dict[str, str]) -> Answer:
    try:
        with provider.book.transaction():
            return as_json(200, tables.delete(provider, path), **named)
    except Refusal as refusal:
        return as_json(refusal.status, refusal.body, **named)


def _write(provider: Provider, path: str, request: Request, named: dict[str, str]) -> Answer:
    key = request.headers.get("idempotency-key", "")
    fingerprint = hashlib.sha256(f"{path}\n".encode() + request.body).hexdigest()
    if key:
        named = {**named, "idempotency_key": key}
        known = provider.book.answer(key)
        if len(key) > KEY_LENGTH_MAX or (known and known.fingerprint != fingerprint):
            return as_json(400, _key_error(key), **named)
        if known:
            headers = {name.replace("_", "-"): value for name, value in named.items()}
            headers["idempotent-replayed"] = "true"
            return Answer(known.status, known.body, headers=headers)
    try:
        with provider.book.transaction():
            made = _carry_out(provider, path, request)
            if key and made.status != 400:  # what never began may be asked again, put right
                provider.book.keep_answer(key, Stored(fingerprint, made.status, made.body))
    except Refusal as refusal:
        return as_json(refusal.status, refusal.body, **named)
    headers = {name.replace("_", "-"): value for name, value in named.items()}
    return Answer(made.status, made.body, headers=headers)


def _carry_out(provider: Provider, path: str, request: Request) -> Answer:
    """Raises Refusal where nothing was done; one that is kept becomes an answer."""
    try:
        fields = forms.parse(request.body.decode())
        return as_json(200, tables.post(provider, path, fields))
    except UnicodeDecodeError:
        raise Refusal("The body is no form.") from None
    except Refusal as refusal:
        if not refusal.is_kept:
            raise
        return Answer(refusal.status, msgspec.json.encode(refusal.body))


def _key_error(key: str) -> dict[str, Any]:
    message = (
        "Keys for idempotent requests can only be used with the same parameters they were first "
        f"used with. Try using a key other than '{key[:KEY_LENGTH_MAX]}' if you meant to execute "
        "a different request."
    )
    return {"error": {"type": "idempotency_error", "message": message}}
