"""Who is told of which topic. Each consumer may run twice and finds its work done then.

A feature's file beside this one registers its consumers; a topic without one fails a test.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from uuid import UUID

from backend.outbox.service import Announcement
from backend.outbox.topics import Topic

Consumer = Callable[[Announcement], Awaitable[None]]
CONSUMERS: dict[Topic, list[Consumer]] = defaultdict(list)


def consumes(*topics: Topic) -> Callable[[Consumer], Consumer]:
    def register(consumer: Consumer) -> Consumer:
        for topic in topics:
            CONSUMERS[topic].append(consumer)
        return consumer

    return register


def tenant_of(announcement: Announcement) -> UUID:
    """The tenant a topic is about; only platform topics have none."""
    if announcement.tenant_id is None:
        raise RuntimeError(f"{announcement.topic} came without a tenant")
    return announcement.tenant_id


def id_of(announcement: Announcement, name: str) -> UUID:
    return UUID(announcement.payload[name])
