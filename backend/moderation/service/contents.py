"""What a case is about, read back from the feature that owns it."""

from typing import Any
from uuid import UUID

import msgspec

from backend.campaigns.service.contents import read_content_version
from backend.campaigns.service.moves import read_session
from backend.db.scope import Scope
from backend.moderation.schemas.cases import CaseContentView, CaseRow
from backend.templates.service.senders import read_sender
from backend.templates.service.templates import read_template_version


class TextParts(msgspec.Struct, frozen=True):
    header: str
    body: str
    footer: str

    @property
    def whole(self) -> str:
        """As one text, for comparing."""
        return "\n".join(part for part in (self.header, self.body, self.footer) if part)


async def read_parts(scope: Scope, case: CaseRow) -> TextParts:
    if case.session_id is not None:
        return await session_parts(scope, case.session_id, case.content_version or 0)
    if case.template_version_id is not None:
        version = await read_template_version(scope, case.template_version_id)
        return TextParts(version.header, version.body, version.footer)
    return TextParts("", case.title, "")


async def session_parts(scope: Scope, session_id: UUID, version: int) -> TextParts:
    content = (await read_content_version(scope, session_id, version)).content
    return TextParts(content.header, content.body, content.footer)


async def read_case_content(scope: Scope, case: CaseRow) -> CaseContentView:
    parts = await read_parts(scope, case)
    facts: dict[str, Any] = dict.fromkeys(CaseContentView.__struct_fields__)
    facts |= {"sender": "", "audience": {}, "purpose": ""}
    facts |= {"header": parts.header, "body": parts.body, "footer": parts.footer}
    if case.session_id is not None:
        session = await read_session(scope, case.session_id)
        content = (
            await read_content_version(scope, case.session_id, case.content_version or 0)
        ).content
        facts |= {"sender": content.sender, "audience": content.audience}
        facts["schedule_kind"] = content.schedule_kind
        for name in ("due_local", "due_zone", "submitted_by", "submitted_at", "ceiling_credits"):
            facts[name] = getattr(session, name)
    elif case.sender_id is not None:
        sender = await read_sender(scope, case.sender_id)
        facts |= {"sender": sender.sender, "purpose": sender.purpose}
        facts |= {"resembles": sender.resembles, "submitted_by": sender.created_by}
    return CaseContentView(**facts)
