"""The closed sets and limits of the finance desk's view; the tables' CHECKs say the same."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

DAY_FINAL_AFTER: Final = timedelta(minutes=15)
"""A transaction that began before midnight has ended by then: statements and scopes have limits."""
VIOLATIONS_KEPT_MAX: Final = 100
LOW_BALANCE_DAYS: Final = 7
"""A balance that does not last so long at the last month's pace is low."""
SPENDING_DAYS: Final = 30
BIG_SENDER_CREDITS: Final = 10_000
"""Spent in SPENDING_DAYS: whose low balance is worth a call."""
REPORT_DAYS_MAX: Final = 366
REPORT_ROWS_MAX: Final = 100_000
GATEWAY_TOLERANCE_SEGMENTS: Final = 200
GATEWAY_TOLERANCE_PERMILLE: Final = 5
"""A meter is kept in memory and a minute belongs to one day: a killed process loses a few seconds
of it, and midnight falls into a window.
"""


class Reconciled(StrEnum):
    AGREES = "agrees"
    DIFFERS = "differs"
    MISSING = "missing"
    """Nobody compared that day."""


class HitKind(StrEnum):
    TENANT = "tenant"
    MEMBER = "member"
    TOP_UP = "top_up"
    PURCHASE = "purchase"
    REFUND = "refund"
    TRANSFER = "transfer"
    DOCUMENT = "document"


class Age(StrEnum):
    """Days since the credits were bought."""

    DAYS_30 = "30"
    DAYS_90 = "90"
    DAYS_180 = "180"
    DAYS_365 = "365"
    OLDER = "older"


class ReportName(StrEnum):
    SALES = "sales"
    CONSUMPTION = "consumption"
    LIABILITY = "liability"
    EXPIRY = "expiry"
    TENANTS = "tenants"
    JOURNAL = "journal"
