"""Template versions and senders put before a moderator, as cases of their own kind."""

import hashlib
from uuid import UUID

import msgspec

from backend.audit.service import record
from backend.db.scope import tenant_scope
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel.errors import NotFound
from backend.kernel.principal import Principal
from backend.moderation.checks import links_of
from backend.moderation.dry_run import EMPTY, hosts_seen, without_values
from backend.moderation.rule_book import RuleBook
from backend.moderation.rules import RuleSet, score_of
from backend.moderation.schemas.cases import NewCase
from backend.moderation.schemas.rules import RuleKind
from backend.moderation.schemas.screening import DryRun, Hit, Rendering
from backend.moderation.service.cases import SUBMITTED, open_case
from backend.moderation.service.rule_sets import book_in_force, read_rules
from backend.moderation.states import CaseKind
from backend.moderation.texts import hits_of
from backend.sms import segments
from backend.templates.schemas import SenderView, TemplateVersionView
from backend.templates.service.approvals import (
    mark_sender_awaiting,
    mark_template_version_awaiting,
)
from backend.templates.service.senders import read_sender
from backend.templates.service.templates import (
    read_template_row,
    read_template_version,
    template_versions,
)


async def submit_template_version(
    principal: Principal, template_id: UUID, number: int
) -> TemplateVersionView:
    """Raises NotFound, StateConflict `not_in_state` for one that is not a draft."""
    async with tenant_scope(principal) as scope:
        versions = await template_versions(scope, template_id)
        version = next((one for one in versions if one.version == number), None)
        if version is None:
            raise NotFound
        await mark_template_version_awaiting(scope, version.id)
        name = (await read_template_row(scope, template_id))["name"]
        text = "\n".join(filter(None, (version.header, version.body, version.footer)))
        tenant = await read_tenant_facts(scope)
        rules = await read_rules(scope, None, tenant.auto_validation)
        dry_run, hits = _read_text(text, rules)
        await open_case(
            scope,
            NewCase(
                kind=CaseKind.TEMPLATE_VERSION,
                template_version_id=version.id,
                cause=SUBMITTED,
                content_hash=version.hash,
                title=f"{name}, version {number}",
                dry_run=dry_run,
                hits=hits,
                score=score_of(hits),
                rules_version=rules.book.version,
            ),
        )
        view = await read_template_version(scope, version.id)
        await record(scope, "template_version.submitted", f"template_version:{version.id}")
        await scope.answer(view, 200)
    return view


async def submit_sender(principal: Principal, sender_id: UUID) -> SenderView:
    """Raises NotFound, StateConflict `not_in_state` for one that was not just requested."""
    async with tenant_scope(principal) as scope:
        sender = await read_sender(scope, sender_id)
        await mark_sender_awaiting(scope, sender_id)
        book = await book_in_force(scope)
        hits = _lookalikes(sender, book)
        await open_case(
            scope,
            NewCase(
                kind=CaseKind.SENDER_ID,
                sender_id=sender_id,
                cause=SUBMITTED,
                content_hash=sender_hash(sender),
                title=sender.sender,
                dry_run=EMPTY,
                hits=hits,
                score=score_of(hits),
                rules_version=book.version,
            ),
        )
        view = await read_sender(scope, sender_id)
        await record(scope, "sender.submitted", f"sender:{sender_id}")
        await scope.answer(view, 200)
    return view


def sender_hash(sender: SenderView) -> str:
    """SHA-256 (hex) over what a moderator sees of a sender."""
    return hashlib.sha256(
        msgspec.json.encode([sender.sender, sender.kind, sender.purpose])
    ).hexdigest()


def _lookalikes(sender: SenderView, book: RuleBook) -> list[Hit]:
    """Also the very name: whose it is, only a person can tell."""
    return [
        Hit(
            rule=rule.id,
            severity=rule.severity,
            message=rule.message,
            text=sender.sender,
            span=(0, len(sender.sender)),
            matched=sender.resembles or book.brands[rule.id].resembled_by_sender(sender.sender),
            points=rule.points,
        )
        for rule in book.by_kind[RuleKind.CONFUSABLE_SENDER]
        if sender.resembles or book.brands[rule.id].resembled_by_sender(sender.sender)
    ]


def _read_text(text: str, rules: RuleSet) -> tuple[DryRun, list[Hit]]:
    """The fixed text alone: nobody receives a template."""
    written = without_values(text)
    links = [link for link in links_of(written) if link.host]
    rules = msgspec.structs.replace(rules, fixed_hosts=frozenset(link.host for link in links))
    count = segments.count(text)
    shown = Rendering(
        why="template",
        text=text,
        segments=count.segments,
        credits=0,
        encoding=count.encoding,
        country="",
    )
    dry_run = msgspec.structs.replace(
        EMPTY,
        segments_max=count.segments,
        hosts=hosts_seen(links, rules),
        renderings=[shown],
    )
    return dry_run, hits_of(written, rules)
