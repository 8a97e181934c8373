"""Pure: a case as a moderator from outside sees it, without a recipient's number."""

import re
from typing import Any, Final

import msgspec

from backend.kernel.principal import Principal, StaffRole
from backend.moderation.schemas.cases import CaseView
from backend.sms.phone import mask

# Seven digits and more, as people write them: +47 912 34 567, (0047) 91 23 45 67.
_NUMBER: Final = re.compile(r"\+?\(?\d(?:[ ().-]{0,2}\d){6,14}")
# What the tenant wrote itself is shown: it is what is ruled on. Hashes say nothing about anybody,
# and one that is masked would be no lease's any more.
_SHOWN: Final = frozenset({"content", "comparison", "content_hash", "fixed_text"})


def mask_numbers(text: str) -> str:
    """Of the same length, so that a span into the text still means the same characters."""
    return _NUMBER.sub(lambda found: _hidden(found.group()), text)


def _hidden(number: str) -> str:
    digits = [at for at, letter in enumerate(number) if letter.isdigit()]
    kept = {*digits[:2], *digits[-2:]}
    return "".join(
        "•" if letter.isdigit() and at not in kept else letter for at, letter in enumerate(number)
    )


def sees_numbers(principal: Principal) -> bool:
    """Only moderators of our own house, whatever else somebody from outside may be."""
    return bool(principal.staff_roles & {StaffRole.MODERATOR, StaffRole.LEAD})


def without_numbers(view: CaseView) -> CaseView:
    """Everywhere but in what the tenant wrote: renderings, links and hosts made of a recipient's
    data, what a rule matched, where consent came from, what colleagues and the tenant quote. A
    field that comes later is masked unless it is named above.
    """
    tenant = view.record.tenant
    phone = mask(tenant.verified_phone) if tenant.verified_phone else None
    record = msgspec.structs.replace(
        view.record, tenant=msgspec.structs.replace(tenant, verified_phone=phone)
    )
    masked: CaseView = _masked(msgspec.structs.replace(view, record=record))
    return masked


def _masked(value: Any) -> Any:
    # Enums are words of ours.
    if type(value) is str:
        return mask_numbers(value)
    if isinstance(value, msgspec.Struct):
        changed = {
            name: _masked(getattr(value, name))
            for name in value.__struct_fields__
            if name not in _SHOWN
        }
        return msgspec.structs.replace(value, **changed)
    if isinstance(value, list):
        return [_masked(one) for one in value]
    if isinstance(value, dict):
        return _with_masked_names(value)
    return value


def _with_masked_names(counted: dict[Any, Any]) -> dict[Any, Any]:
    """Two names that look alike now are counted together."""
    found: dict[Any, Any] = {}
    for name, value in counted.items():
        shown = _masked(name)
        is_sum = shown in found and isinstance(value, int)
        found[shown] = found[shown] + value if is_sum else _masked(value)
    return found
