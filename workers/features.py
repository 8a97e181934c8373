"""Imports every feature's actors, consumers and jobs, once."""

from workers import (
    announcements,
    audience,
    billing,
    billing_cards,
    billing_profiles,
    billing_purchases,
    campaigns,
    delivery,
    gateways,
    identity,
    ledger,
    moderation,
    notifications,
    relay,
    statistics,
    templates,
)

__all__ = [
    "announcements",
    "audience",
    "billing",
    "billing_cards",
    "billing_profiles",
    "billing_purchases",
    "campaigns",
    "delivery",
    "gateways",
    "identity",
    "ledger",
    "moderation",
    "notifications",
    "relay",
    "statistics",
    "templates",
]
