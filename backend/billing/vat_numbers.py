"""Form and check digits of VAT ids: what can be said of one without asking anybody."""

from typing import Final

from stdnum.eu import vat
from stdnum.exceptions import ValidationError

from backend.billing.pricing import EU
from backend.billing.states import VatState
from backend.kernel.errors import invalid_field

_PREFIXES: Final = {"GR": "EL"}
"""Greece writes its language's code before the number."""


def prefix_of(country: str) -> str:
    return _PREFIXES.get(country, country)


def normal_vat_id(vat_id: str | None, country: str) -> tuple[str | None, VatState]:
    """The id as registers write it, and what it is worth unasked.

    Raises InvalidInput `vat_id_invalid` where an EU country's form or check digits do not fit.
    """
    if vat_id is None or not vat_id.strip():
        return None, VatState.NONE
    found = "".join(c for c in vat_id.upper() if c.isascii() and c.isalnum())
    if country not in EU:
        if len(found) < 3:
            raise _invalid(country)
        return found, VatState.NOT_CHECKABLE
    prefix = prefix_of(country)
    if not found.startswith(prefix):
        if country == "GR" and found.startswith("GR"):
            found = found.removeprefix("GR")
        found = f"{prefix}{found}"
    try:
        return str(vat.validate(found)), VatState.FORMAT_VALID
    except ValidationError as error:
        raise _invalid(country) from error


def _invalid(country: str) -> Exception:
    return invalid_field(
        "/vat_id",
        "vat_id_invalid",
        "not a VAT id of this country: its form or its check digits do not fit",
        country=country,
    )
