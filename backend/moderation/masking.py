"""Pure: a case as a moderator from outside sees it, without a recipient's number."""

import re
from typing import Final

import msgspec

from backend.moderation.schemas.cases import CaseView
from backend.moderation.schemas.screening import Hit
from backend.sms.phone import mask

# Seven digits and more, as people write them: +47 912 34 567, (0047) 91 23 45 67.
_NUMBER: Final = re.compile(r"\+?\(?\d(?:[ ().-]{0,2}\d){6,14}")


def mask_numbers(text: str) -> str:
    """Of the same length, so that a span into the text still means the same characters."""
    return _NUMBER.sub(lambda found: _hidden(found.group()), text)


def _hidden(number: str) -> str:
    digits = [at for at, letter in enumerate(number) if letter.isdigit()]
    kept = {*digits[:2], *digits[-2:]}
    return "".join(
        "•" if letter.isdigit() and at not in kept else letter for at, letter in enumerate(number)
    )


def without_numbers(view: CaseView) -> CaseView:
    """What a recipient would read holds their data; what the tenant wrote itself is shown."""
    tenant = view.record.tenant
    phone = mask(tenant.verified_phone) if tenant.verified_phone else None
    renderings = [
        msgspec.structs.replace(one, text=mask_numbers(one.text)) for one in view.dry_run.renderings
    ]
    hosts = [
        msgspec.structs.replace(one, sample=mask_numbers(one.sample)) for one in view.dry_run.hosts
    ]
    return msgspec.structs.replace(
        view,
        dry_run=msgspec.structs.replace(view.dry_run, renderings=renderings, hosts=hosts),
        hits=[_masked(hit) for hit in view.hits],
        record=msgspec.structs.replace(
            view.record, tenant=msgspec.structs.replace(tenant, verified_phone=phone)
        ),
    )


def _masked(hit: Hit) -> Hit:
    return msgspec.structs.replace(
        hit, text=mask_numbers(hit.text), matched=mask_numbers(hit.matched)
    )
