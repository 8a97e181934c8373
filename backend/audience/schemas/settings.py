"""A tenant's sending settings and the legal table, as they come in and go out."""

from datetime import datetime
from typing import Annotated, Final

from msgspec import Meta, field

from backend.audience.schemas.people import Country
from backend.audience.schemas.sending import SPANS_MAX, SendingRules, TimeSpan
from backend.kernel.views import Input, RowVersion, View

BLOCKED_COUNTRIES_MAX: Final = 250


class SendingSettingsUpdate(Input, frozen=True, kw_only=True):
    """The tenant's: they hold where no group of the recipient says anything.

    `keeps_legal_hours` adds the legal table's hours of the recipient's country to whatever else
    holds; `blocked_countries` are left out of every session.
    """

    version: RowVersion
    sending: SendingRules
    keeps_legal_hours: bool = False
    blocked_countries: Annotated[list[Country], Meta(max_length=BLOCKED_COUNTRIES_MAX)] = field(
        default_factory=list
    )


class SendingSettingsView(View, frozen=True, kw_only=True):
    sending: SendingRules
    keeps_legal_hours: bool
    blocked_countries: list[str]
    version: int
    changed_at: datetime | None
    changed_by: str | None


class LegalHoursUpdate(Input, frozen=True, kw_only=True):
    """`version` 0 adds a country."""

    version: RowVersion
    quiet_hours: Annotated[list[TimeSpan], Meta(min_length=1, max_length=SPANS_MAX)]
    note: Annotated[str, Meta(max_length=500)] = ""
    source: Annotated[str, Meta(max_length=200)] = ""


class LegalHoursView(View, frozen=True, kw_only=True):
    """Data to start from, kept by our people. It is no legal advice."""

    country: str
    quiet_hours: list[TimeSpan]
    note: str
    source: str
    version: int
    changed_at: datetime
    changed_by: str
