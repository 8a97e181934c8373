"""The numbering plans of phonenumbers' metadata, compiled to one regular expression a calling code.

phonenumbers takes about 25 µs for a number, too long for a million of them; the expression takes
one or two. It repeats the library's rules in the library's order, so the first alternative that
matches names the region and kind the library would name. Where the library may rewrite digits
(national prefixes inside an international number) the expression does not match, and the caller
asks the library.
"""

import enum
import re
from typing import Any, Final, NamedTuple

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumberType


class NumberKind(enum.StrEnum):
    MOBILE = "mobile"
    FIXED_LINE_OR_MOBILE = "fixed_line_or_mobile"
    FIXED_LINE = "fixed_line"
    PREMIUM_RATE = "premium_rate"
    TOLL_FREE = "toll_free"
    SHARED_COST = "shared_cost"
    VOIP = "voip"
    PERSONAL = "personal_number"
    PAGER = "pager"
    UAN = "uan"
    VOICEMAIL = "voicemail"


class Assignment(NamedTuple):
    country: str
    kind: NumberKind


KIND_OF_TYPE: Final = {
    PhoneNumberType.MOBILE: NumberKind.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberKind.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.FIXED_LINE: NumberKind.FIXED_LINE,
    PhoneNumberType.PREMIUM_RATE: NumberKind.PREMIUM_RATE,
    PhoneNumberType.TOLL_FREE: NumberKind.TOLL_FREE,
    PhoneNumberType.SHARED_COST: NumberKind.SHARED_COST,
    PhoneNumberType.VOIP: NumberKind.VOIP,
    PhoneNumberType.PERSONAL_NUMBER: NumberKind.PERSONAL,
    PhoneNumberType.PAGER: NumberKind.PAGER,
    PhoneNumberType.UAN: NumberKind.UAN,
    PhoneNumberType.VOICEMAIL: NumberKind.VOICEMAIL,
}

# The order in which the library asks; the fixed and mobile kinds follow.
_SPECIAL_KINDS: Final = (
    NumberKind.PREMIUM_RATE,
    NumberKind.TOLL_FREE,
    NumberKind.SHARED_COST,
    NumberKind.VOIP,
    NumberKind.PERSONAL,
    NumberKind.PAGER,
    NumberKind.UAN,
    NumberKind.VOICEMAIL,
)
NON_GEOGRAPHIC_REGION: Final = "001"
_REGIONS: Final = {
    str(code): regions
    for code, regions in COUNTRY_CODE_TO_REGION_CODE.items()
    if NON_GEOGRAPHIC_REGION not in regions
}
# ITU-T E.164: zones 1 and 7 are one digit, other codes two or three, no code a prefix of another.
_CODE_DIGITS: Final = {
    f"{prefix:02}": (
        1 if f"{prefix:02}"[0] in "17" else 2 if prefix in COUNTRY_CODE_TO_REGION_CODE else 3
    )
    for prefix in range(10, 100)
}


def calling_code(digits: str) -> str:
    """The digits of the calling code an international number (without +) begins with."""
    return digits[: _CODE_DIGITS.get(digits[:2], 3)]


def is_geographic(code: str) -> bool:
    return code in _REGIONS


def assignment(digits: str) -> Assignment | None:
    """Country and kind of an international number without +; None means: ask the library."""
    code = digits[: _CODE_DIGITS.get(digits[:2], 3)]
    plan = _plans.get(code)
    if plan is None:
        if code not in _REGIONS:
            return None
        plan = _plans[code] = _compile_plan(code)
    match = plan.fullmatch(digits, len(code))
    return _assignments[match.lastgroup] if match else None


_NEVER = re.compile(r"(?!)")
# Name of the group that matched → what it means; None where a region claims a number by its
# leading digits without having a kind for it.
_assignments: dict[str | None, Assignment | None] = {}
_plans: dict[str, re.Pattern[str]] = {}


def _compile_plan(code: str) -> re.Pattern[str]:
    regions = _REGIONS[code]
    prefix = _metadata(regions[0]).national_prefix_for_parsing
    # A prefix that also matches nothing (Argentina) cannot be told from none by a look ahead.
    if prefix and re.match(prefix, ""):
        return _NEVER
    alternatives: list[str] = []
    for region in regions:
        metadata = _metadata(region)
        # The library looks at leading digits only to tell regions of one code apart.
        leading = metadata.leading_digits if len(regions) > 1 else None
        claim = f"(?={leading})" if leading else ""
        kinds: list[str] = []
        for kind, pattern in _kind_patterns(metadata):
            _assignments[f"{region}_{kind}"] = Assignment(region, kind)
            kinds.append(f"(?P<{region}_{kind}>{pattern})")
        general = _lookahead(metadata.general_desc)
        alternatives.append(f"{claim}{general}(?:{'|'.join(kinds)})")
        if claim:
            _assignments[f"{region}_claimed"] = None
            alternatives.append(f"(?P<{region}_claimed>{claim}[0-9]*)")
    unprefixed = f"(?!{_CAPTURE.sub('(?:', prefix)})" if prefix else ""
    return re.compile(f"{unprefixed}(?:{'|'.join(alternatives)})", re.ASCII)


# Groups of the library's patterns must not take part in `lastgroup`.
_CAPTURE = re.compile(r"\((?!\?)")


def _kind_patterns(metadata: Any) -> list[tuple[NumberKind, str]]:
    patterns = [
        (kind, _pattern(description))
        for kind in _SPECIAL_KINDS
        if (description := getattr(metadata, kind)) is not None
    ]
    fixed = _pattern(metadata.fixed_line)
    if metadata.same_mobile_and_fixed_line_pattern:
        return [*patterns, (NumberKind.FIXED_LINE_OR_MOBILE, fixed)]
    if metadata.mobile is None:
        return [*patterns, (NumberKind.FIXED_LINE, fixed)]
    return [
        *patterns,
        (NumberKind.FIXED_LINE_OR_MOBILE, _lookahead(metadata.mobile) + fixed),
        (NumberKind.FIXED_LINE, fixed),
        (NumberKind.MOBILE, _pattern(metadata.mobile)),
    ]


def _pattern(description: Any) -> str:
    # The leading digits rule most kinds out at once, so they stand before the lengths.
    lengths = "|".join(f"[0-9]{{{length}}}" for length in description.possible_length)
    return f"(?=(?:{description.national_number_pattern})\\Z)(?:{lengths})"


def _lookahead(description: Any) -> str:
    return f"(?={_pattern(description)}\\Z)"


def _metadata(region: str) -> Any:
    return PhoneMetadata.metadata_for_region(region)
