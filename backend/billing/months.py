"""Months as a seller's zone has them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


def next_month(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def start_of(month: date, zone: str) -> datetime:
    return datetime(month.year, month.month, 1, tzinfo=ZoneInfo(zone))
