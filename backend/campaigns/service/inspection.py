"""What stands between a draft and its submission, all of it at once; and freezing it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.audience.schemas.rules import AudienceRule
from backend.audience.service.freezing import freeze
from backend.audience.service.names import known_names
from backend.campaigns.schemas.content import Draft, FrozenContent
from backend.db.scope import Scope
from backend.identity.schemas import TenantFacts
from backend.kernel.errors import FieldError, Forbidden, InvalidInput, NotFound
from backend.sms import links
from backend.templates.rendering.brackets import attribute_key
from backend.templates.rendering.compose import CompiledMessage, compile_message
from backend.templates.rendering.template_only import MessageParts, check_template_only
from backend.templates.schemas import TemplateVersionView
from backend.templates.service.senders import require_usable_sender
from backend.templates.service.templates import read_template_version, require_approved_version

POINTERS = ("/header", "/body", "/footer")


class Inspection(msgspec.Struct, kw_only=True):
    """`content` only where nothing is wrong. `refusal` is the 403 a submission would get."""

    content: FrozenContent | None = None
    refusal: Forbidden | None = None
    problems: list[FieldError] = []
    warnings: list[FieldError] = []


async def inspect_draft(scope: Scope, draft: Draft, tenant: TenantFacts) -> Inspection:
    """A step; never raises for what a person may still be typing."""
    found = Inspection()
    message = inspect_text(found, draft.body, draft.header, draft.footer, await known_names(scope))
    sender = await _try(found, require_usable_sender(scope, draft.sender_id))
    rule = await _try(found, freeze(scope, draft.audience), "/audience")
    version_id = await _inspect_template(scope, found, draft, tenant, message)
    _inspect_time(found, draft, scope.now)
    if found.problems or found.refusal or sender is None or rule is None:
        return found
    found.content = _frozen(draft, sender.sender, rule, version_id)
    return found


async def require_content(scope: Scope, draft: Draft, tenant: TenantFacts) -> FrozenContent:
    """Strict. Raises Forbidden `template_only`, InvalidInput `draft_incomplete` with every
    problem.
    """
    found = await inspect_draft(scope, draft, tenant)
    if found.refusal is not None:
        raise found.refusal
    if found.content is None:
        detail = found.problems[0].message
        raise InvalidInput("draft_incomplete", detail, errors=found.problems)
    return found.content


def inspect_text(
    found: Inspection, body: str, header: str, footer: str, names: frozenset[str]
) -> CompiledMessage | None:
    """Liquid, names and links of the three parts; None where they are no template."""
    if not body.strip():
        found.problems.append(FieldError("/body", "body_missing", "the message has no text yet"))
        return None
    try:
        message = compile_message(body=body, header=header, footer=footer, pointers=POINTERS)
    except InvalidInput as error:
        found.problems += error.errors
        return None
    for part, pointer in zip(message.parts, POINTERS, strict=True):
        for key, written in sorted(part.analysis.attributes.items()):
            if key not in names:
                text = f"there is no attribute “{written}”; \\[{written}] writes the brackets"
                found.problems.append(FieldError(pointer, "unknown_attribute", text))
        for name in sorted(part.analysis.required):
            if not {attribute_key(name), attribute_key(name.replace("_", " "))} & names:
                text = f"there is no attribute “{name}”; a default makes it optional"
                found.problems.append(FieldError(pointer, "unknown_property", text))
    for source, pointer in zip((header, body, footer), POINTERS, strict=True):
        for link in links.find(source):
            found.warnings += [
                FieldError(pointer, f"link_{flag.value}", f"{link.text} ({link.host})")
                for flag in sorted(link.flags)
            ]
    return message


async def _inspect_template(
    scope: Scope,
    found: Inspection,
    draft: Draft,
    tenant: TenantFacts,
    message: CompiledMessage | None,
) -> UUID | None:
    """The version the text is, word for word; a changed one is a text of its own."""
    chosen = draft.template_version_id
    if tenant.is_template_only and chosen is None:
        detail = "until your number is verified, choose an approved template"
        found.refusal = Forbidden("template_only", detail, part="message", reason="no_template")
    if chosen is None:
        return None
    read = require_approved_version if tenant.is_template_only else _read_version
    version: TemplateVersionView | None = await _try(found, read(scope, chosen))
    if version is None:
        return None
    if tenant.is_template_only and message is not None:
        _check_words(found, draft, version, message)
    elif _parts(draft) != _parts(version):
        text = "the text differs from the template: it is validated as a text of its own"
        found.warnings.append(FieldError("/body", "template_changed", text))
        return None
    return chosen


def _inspect_time(found: Inspection, draft: Draft, now: datetime) -> None:
    """It was ahead when it was chosen."""
    if draft.schedule is not None and draft.schedule.at <= now:
        text = "the time it was scheduled for has passed: choose another one"
        found.problems.append(FieldError("/schedule/local", "date_past", text))


async def _read_version(scope: Scope, version_id: UUID) -> TemplateVersionView:
    try:
        return await read_template_version(scope, version_id)
    except NotFound as error:
        problem = FieldError("/template_version_id", "template_unknown", "there is none like it")
        raise InvalidInput("template_unknown", problem.message, errors=[problem]) from error


def _check_words(
    found: Inspection, draft: Draft, version: TemplateVersionView, message: CompiledMessage
) -> None:
    try:
        check_template_only(
            approved=_parts(version),
            wanted=_parts(draft),
            message=message,
            properties={},
            attributes={},
        )
    except Forbidden as refusal:
        found.refusal = refusal


def _parts(text: Draft | TemplateVersionView) -> MessageParts:
    return MessageParts(body=text.body, header=text.header, footer=text.footer)


def _frozen(
    draft: Draft, sender: str, rule: AudienceRule, version_id: UUID | None
) -> FrozenContent:
    return FrozenContent(
        body=draft.body,
        header=draft.header,
        footer=draft.footer,
        sender=sender,
        sender_id=draft.sender_id,
        template_version_id=version_id,
        audience=msgspec.to_builtins(rule),
        schedule_kind=draft.schedule_kind,
    )


async def _try(found: Inspection, asked: Any, pointer: str = "") -> Any:
    """The answer, or None with its refusal among the problems."""
    try:
        return await asked
    except (InvalidInput, NotFound) as error:
        found.problems += [
            FieldError(pointer + one.pointer, one.code, one.message) for one in error.errors
        ] or [FieldError(pointer, error.code, error.detail)]
        return None
