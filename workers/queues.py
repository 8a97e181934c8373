"""The queues. A process group listens to some of them, so that one kind of work never waits for
another: priority inside one queue orders only what a worker has already fetched.
"""

from enum import StrEnum


class Queue(StrEnum):
    BULK = "bulk"
    """Batches of campaign sessions."""
    TRANSACTIONAL = "transactional"
    """Batches of single sends."""
    MAINTENANCE = "maintenance"
    """Announcements: screening, preparing, imports, settling."""
    WEBHOOKS = "webhooks"
    """Calls to tenants' endpoints, and mails: whoever is called may hang."""


SENDING = (Queue.BULK, Queue.TRANSACTIONAL)
"""Whoever listens to these holds the gateways' links."""
