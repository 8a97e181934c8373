"""What the provider refuses, in the form its library reads."""

from typing import Any


class Refusal(Exception):
    """One error body. `is_kept`: the request was carried out, so its key answers the same again."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        is_kept: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.is_kept = is_kept
        said = {"type": kind, "message": message, "code": code, "param": param, **more}
        self.body = {"error": {name: value for name, value in said.items() if value is not None}}


def missing(noun: str, object_id: str, param: str = "id") -> Refusal:
    """`param`: where it was named; in the address it is the `id`."""
    return Refusal(
        f"No such {noun}: '{object_id}'",
        status=404 if param == "id" else 400,
        code="resource_missing",
        param=param,
    )


def needed(param: str) -> Refusal:
    return Refusal(f"Missing required param: {param}.", code="parameter_missing", param=param)


def wrong(param: str, message: str, code: str = "parameter_invalid_integer") -> Refusal:
    return Refusal(message, code=code, param=param)
