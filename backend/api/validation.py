"""What msgspec says in words, as field errors: a JSON pointer, a stable code, plain words.

The words are ours: msgspec repeats the offending value in some of its messages, and what a
person typed does not belong in an answer or a log.
"""

import enum
import re
import types
import typing
from typing import Any, Final, Literal

import msgspec

from backend.kernel.errors import FieldError

_PATH: Final = re.compile(r" - at `(?:key in )?\$(?P<path>[^`]*)`$")
_STEP: Final = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")

# (what msgspec 0.22 says, our code, our words; {0} is the first group)
_RULES: Final[tuple[tuple[re.Pattern[str], str, str], ...]] = tuple(
    (re.compile(pattern), code, words)
    for pattern, code, words in (
        (r"unknown field `(.+?)`", "unknown_field", "This field is not known here."),
        (r"missing required field `(.+?)`", "missing_field", "This field is required."),
        (r"^Number out of range|^Integer value out of range", "out_of_range", "Out of range."),
        (r"^Expected `int` ([<>]=? .+)$", "out_of_range", "Must be {0}."),
        (r"^Expected `(?:float|decimal)` ([<>]=? .+)$", "out_of_range", "Must be {0}."),
        (r"^Expected `array` of length >= (\d+)", "min_items", "At least {0} items."),
        (r"^Expected `array` of length <= (\d+)", "max_items", "At most {0} items."),
        (r"^Expected `object` of length >= (\d+)", "min_items", "At least {0} entries."),
        (r"^Expected `object` of length <= (\d+)", "max_items", "At most {0} entries."),
        (r"^Expected `\w+` of length >= (\d+)", "too_short", "At least {0} characters."),
        (r"^Expected `\w+` of length <= (\d+)", "too_long", "At most {0} characters."),
        (r"matching regex", "pattern_mismatch", "Not of the expected form."),
        (r"^Expected `int(?: \| null)?`, got", "not_an_integer", "An integer is expected."),
        (r"with a timezone component", "timezone_missing", "Give the offset, or Z for UTC."),
        (r"^Expected `(.+?)`, got", "wrong_type", "Expected {0}."),
        (r"^Invalid enum value|^Invalid value", "not_allowed", "Not one of the allowed values."),
        (r"^Invalid UUID", "invalid_id", "Not an id."),
        (r"^Invalid RFC3339|^Invalid (?:date|time|duration)", "invalid_time", "ISO 8601 expected."),
    )
)


def pointer_of(*steps: str | int) -> str:
    """RFC 6901: `~` and `/` inside a name are escaped."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def field_error(message: str, prefix: str = "") -> FieldError:
    """One msgspec message. `prefix` is the pointer of the value it was said about."""
    found = _PATH.search(message)
    steps = [name or index for name, index in _STEP.findall(found["path"])] if found else []
    said = message[: found.start()] if found else message
    for pattern, code, words in _RULES:
        matched = pattern.search(said)
        if matched is None:
            continue
        if code in {"unknown_field", "missing_field"}:
            steps.append(matched[1])
        return FieldError(prefix + pointer_of(*steps), code, words.format(*matched.groups()))
    return FieldError(prefix + pointer_of(*steps), "invalid_value", "This value cannot be used.")


def collect(value: Any, target: Any) -> list[FieldError]:
    """Every wrong field of an object at once; msgspec itself stops at the first.

    `value` is decoded JSON that `target` has refused. Nested objects report their first error.
    """
    if not (isinstance(value, dict) and isinstance(target, type)):
        return []
    if not issubclass(target, msgspec.Struct):
        return []
    fields = {field.encode_name: field for field in msgspec.structs.fields(target)}
    errors = []
    if target.__struct_config__.forbid_unknown_fields:
        errors += [
            FieldError(pointer_of(name), "unknown_field", "This field is not known here.")
            for name in value
            if name not in fields
        ]
    for name, field in fields.items():
        if name not in value:
            if field.required:
                errors.append(
                    FieldError(pointer_of(name), "missing_field", "This field is required.")
                )
            continue
        error = refusal(value[name], field.type)
        if error is not None:
            errors.append(with_allowed(field_error(error, pointer_of(name)), field.type))
    return errors


def refusal(value: Any, target: Any) -> str | None:
    try:
        msgspec.convert(value, target)
    except msgspec.ValidationError as refused:
        return str(refused)
    return None


def allowed_values(annotation: Any) -> list[str]:
    """The values a Literal or an enumeration offers, looking through Optional and Annotated."""
    origin = typing.get_origin(annotation)
    if origin is Literal:
        return [str(value) for value in typing.get_args(annotation)]
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return [str(member.value) for member in annotation]
    if origin in {typing.Union, types.UnionType, typing.Annotated, list, tuple, set, frozenset}:
        return [value for inner in typing.get_args(annotation) for value in allowed_values(inner)]
    return []


def with_allowed(error: FieldError, annotation: Any) -> FieldError:
    allowed = allowed_values(annotation) if error.code == "not_allowed" else []
    if not allowed:
        return error
    return FieldError(error.pointer, error.code, "Allowed: " + ", ".join(allowed) + ".")
