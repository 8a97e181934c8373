"""When and how often somebody is written to, as a group, a tenant or a campaign says it."""

from typing import Annotated, Final

from msgspec import Meta, field

from backend.kernel.views import Input

SPANS_MAX: Final = 14
CAPS_MAX: Final = 3
CAP_DAYS_MAX: Final = 90
"""As long as the daily totals of contacts are asked for."""
CAP_MESSAGES_MAX: Final = 1_000

Weekday = Annotated[int, Meta(ge=1, le=7)]
Clock = Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["21:00"])]
Days = Annotated[list[Weekday], Meta(min_length=1, max_length=7)]


class TimeSpan(Input, frozen=True, kw_only=True):
    """From `starts` to `ends` on the clock of whoever is written to, on `days` (1 is Monday).

    One that ends at or before its start ends on the day after.
    """

    days: Days
    starts: Clock
    ends: Clock


Spans = Annotated[list[TimeSpan], Meta(max_length=SPANS_MAX)]


class FrequencyCap(Input, frozen=True, kw_only=True):
    """At most `messages` accepted for one number in `days` days."""

    messages: Annotated[int, Meta(ge=1, le=CAP_MESSAGES_MAX)]
    days: Annotated[int, Meta(ge=1, le=CAP_DAYS_MAX)]


class SendingHours(Input, frozen=True, kw_only=True):
    """Of one campaign: they win over those of groups and tenant."""

    quiet_hours: Spans = field(default_factory=list)
    send_windows: Spans = field(default_factory=list)


class SendingRules(SendingHours, frozen=True, kw_only=True):
    """Nothing said means: this has no say."""

    frequency_caps: Annotated[list[FrequencyCap], Meta(max_length=CAPS_MAX)] = field(
        default_factory=list
    )

    @property
    def has_hours(self) -> bool:
        return bool(self.quiet_hours or self.send_windows)
