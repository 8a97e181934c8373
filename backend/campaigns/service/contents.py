"""Frozen versions: written once, read back, and hashed again before anything leaves."""

from typing import Any

import msgspec

from backend.audience.schemas.rules import AudienceRule
from backend.campaigns.queries import contents
from backend.campaigns.schemas.content import FrozenContent, content_hash
from backend.campaigns.schemas.sessions import SessionRow
from backend.db.scope import Scope
from backend.templates.service.senders import read_sender
from backend.templates.service.templates import read_template_version
from backend.templates.states import ApprovalState

read_content_version = contents.read_version


async def read_audience_rule(scope: Scope, session: SessionRow) -> AudienceRule:
    """Of the version that runs. Raises NotFound."""
    number = session.approved_version or session.content_version
    version = await contents.read_version(scope, session.id, number)
    return msgspec.convert(version.content.audience, AudienceRule, strict=False)


async def find_withdrawn(scope: Scope, content: FrozenContent) -> str | None:
    """`sender` or `template` where what was approved as such no longer is; None: all stands."""
    if content.sender_id is not None:
        sender = await read_sender(scope, content.sender_id)
        if sender.state is not ApprovalState.APPROVED:
            return "sender"
    if content.template_version_id is not None:
        version = await read_template_version(scope, content.template_version_id)
        if version.state is ApprovalState.WITHDRAWN:
            return "template"
    return None


async def freeze_version(
    scope: Scope,
    session: SessionRow,
    content: FrozenContent,
    properties: dict[str, Any] | None = None,
) -> str:
    """Writes `session.content_version`, which the caller's move has just raised; the hash."""
    frozen_hash = content_hash(content)
    await contents.insert_version(
        scope, session.id, session.content_version, frozen_hash, content, properties
    )
    return frozen_hash


async def recompute_hash(scope: Scope, session: SessionRow) -> str:
    """From the stored content, not from the stored hash: what would leave now (promise 4)."""
    version = await contents.read_version(scope, session.id, session.content_version)
    return content_hash(version.content)
