"""The list of hosts nobody may send."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from backend.kernel.views import Input, View


class HostBlock(Input, kw_only=True, frozen=True):
    host: Annotated[str, Meta(min_length=3, max_length=253, examples=["phish.example.com"])]
    reason: Annotated[str, Meta(min_length=3, max_length=500)]


class BlockedHostView(View, kw_only=True, frozen=True):
    host: str
    reason: str
    added_by: str
    added_at: datetime
