"""What speaks against a recipient, in the words the page has for it, as one cell."""

from typing import Final

from backend.delivery.schemas import EvidenceView, ExclusionView

_GONE: Final = "A group that is gone by now"
_PLAIN: Final = {
    "opt_out": "Their opt-out",
    "subscriber": "Their record",
    "settings": "Workspace settings",
    "campaign": "The campaign’s own hours",
    "phone": "The number was there already",
}
_WITH_VALUE: Final = {
    "legal": "Legal hours of {}",
    "country": "{} is not sent to",
    "property": "No value for {}",
    "attribute": "No value for {}",
    "segments": "{} segments",
    "host": "Link to {}",
}
_NUMBERS: Final = {
    "fixed_line": "A landline",
    "toll_free": "A toll-free number",
    "unknown": "No such number is in use",
    "unreachable": "The carrier says it is out of use",
    "voip": "An internet line",
}


def because_of(left_out: ExclusionView) -> str:
    return "; ".join(_words(one) for one in left_out.because) or left_out.evidence


def _words(one: EvidenceView) -> str:
    value = one.value or ""
    if one.kind in _WITH_VALUE:
        return _WITH_VALUE[one.kind].format(value)
    match one.kind:
        case "group":
            return f"Group {one.label}" if one.label else _GONE
        case "target_group":
            return f"Target group {one.label}" if one.label else _GONE
        case "session":
            return f"Got “{one.label}”" if one.label else "Got a session without a campaign"
        case "cap":
            messages, _, days = value.partition(":")
            return f"At most {messages} in {days} days"
        case "number":
            return _NUMBERS.get(value, "Not a mobile number")
    return _PLAIN.get(one.kind, value or one.kind)
