"""Imports are read and applied here; contact facts are folded."""

from backend.audience.service.applying import apply_import, clean_import, sweep_imports
from backend.audience.service.contacts import fold_contacts
from backend.audience.service.parsing import parse_import
from backend.audience.service.people import forget_subscriber
from backend.outbox.service import Announcement
from backend.outbox.topics import Topic
from workers.consumers import consumes, id_of, tenant_of
from workers.jobs import every


@consumes(Topic.IMPORT_UPLOADED)
async def read_file(announcement: Announcement) -> None:
    await parse_import(tenant_of(announcement), id_of(announcement, "import_id"))


@consumes(Topic.IMPORT_ACCEPTED)
async def add_subscribers(announcement: Announcement) -> None:
    tenant_id, import_id = tenant_of(announcement), id_of(announcement, "import_id")
    await apply_import(tenant_id, import_id)
    await clean_import(tenant_id, import_id)


@consumes(Topic.SUBSCRIBER_ERASED)
async def forget_in_audience(announcement: Announcement) -> None:
    subscriber_id = id_of(announcement, "subscriber_id")
    await forget_subscriber(tenant_of(announcement), subscriber_id, announcement.payload["phone"])


@every(600)
async def sweep_old_imports() -> bool:
    return bool(await sweep_imports())


@every(10)
async def fold_contact_facts() -> bool:
    return bool(await fold_contacts())
