"""Imports every feature's actors, consumers and jobs, once."""

from workers import announcements, audience, billing, relay

__all__ = ["announcements", "audience", "billing", "relay"]
