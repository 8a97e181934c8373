"""The dry run of everyone, for whoever leased the session: a first screening, or another one."""

from datetime import timedelta
from uuid import UUID

import msgspec

from backend.campaigns.schemas.content import content_hash
from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.service.contents import find_withdrawn, read_content_version
from backend.campaigns.service.evaluation import Evaluation, evaluate_page, open_evaluation
from backend.campaigns.service.moves import change_session
from backend.campaigns.service.prices import price_version_of
from backend.campaigns.states import SessionEvent
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel.faults import point
from backend.kernel.principal import Principal
from backend.moderation.dry_run import DryRunSums, fixed_text, holds_values
from backend.moderation.queries import decisions
from backend.moderation.queries.screenings import Screening
from backend.moderation.rule_book import RuleBook
from backend.moderation.rules import score_of
from backend.moderation.schemas.screening import SubmissionContext
from backend.moderation.service.comparing import nearest_refused
from backend.moderation.service.judging import bounds_of
from backend.moderation.service.rule_sets import KNOWN_DECISIONS_MAX, read_rules
from backend.moderation.service.trust import standing_of

SCREENING_LEASE_SECONDS = 60
RENEW_AFTER_SECONDS = 20


class DryRunWork(msgspec.Struct, kw_only=True):
    """One leased dry run: what was read once, and the sums that grow."""

    session: SessionRow
    hash: str
    withdrawn: str | None
    """`sender` or `template` where what was approved as such no longer is."""
    evaluation: Evaluation
    sums: DryRunSums
    context: SubmissionContext
    book: RuleBook


async def lease_session(scope: Scope, session: SessionRow) -> SessionRow:
    """Raises StateConflict when somebody was first."""
    return await change_session(
        scope,
        session,
        lease_until=scope.now + timedelta(seconds=SCREENING_LEASE_SECONDS),
        fence=session.fence + 1,
        tries=session.tries + 1,
    )


async def run_dry(principal: Principal, session: SessionRow) -> DryRunWork:
    """Page by page, one transaction each. Raises StateConflict when the session moved on."""
    async with tenant_scope(principal) as scope:
        work = await _open(scope, session)
    await _look_for_refused(principal, work)
    after: UUID | None = None
    while True:
        async with tenant_scope(principal) as scope:
            page = await evaluate_page(scope, work.evaluation, after)
            await _keep_lease(scope, work)
        work.sums.add(page)
        point("moderation.page_screened")
        if page.next_after is None:
            return work
        after = page.next_after


async def _open(scope: Scope, session: SessionRow) -> DryRunWork:
    version = await read_content_version(scope, session.id, session.content_version)
    tenant = await read_tenant_facts(scope)
    evaluation = await open_evaluation(
        scope,
        version.content,
        tenant=tenant,
        price_version=price_version_of(session, scope.now),
        properties=version.properties,
        session=session,
    )
    plain = evaluation.wording(None, None)
    assert not isinstance(plain, str), "the content itself compiled when the evaluation opened"
    blank = plain.message.render({}, {})
    rules = await read_rules(scope, version.content, tenant.auto_validation)
    history = await decisions.record(scope)
    weight, is_lead_only = await standing_of(scope)
    context = SubmissionContext(
        sender=version.content.sender,
        largest_approved=history["largest_approved_recipients"],
        countries_approved=await decisions.known_countries(scope, KNOWN_DECISIONS_MAX) or [],
        strikes_weight=weight,
        is_lead_only=is_lead_only,
        fixed_text=fixed_text(version.content),
        has_values=holds_values(version.content),
    )
    return DryRunWork(
        session=session,
        # From the stored content, not from the stored hash: what a moderator sees is what leaves.
        hash=content_hash(version.content),
        withdrawn=await find_withdrawn(scope, version.content),
        evaluation=evaluation,
        sums=DryRunSums(version.content, rules, blank=blank if isinstance(blank, str) else None),
        context=context,
        book=rules.book,
    )


async def _look_for_refused(principal: Principal, work: DryRunWork) -> None:
    """Whichever tenant's: what was refused to one is tried through another."""
    reason = f"texts refused that are like those of session {work.session.id}"
    async with platform_scope(principal, reason) as scope:
        similar = await nearest_refused(scope, work.context.fixed_text, work.hash)
    work.context = msgspec.structs.replace(work.context, similar_refused=similar)


async def _keep_lease(scope: Scope, work: DryRunWork) -> None:
    """Raises StateConflict when the session was taken back meanwhile."""
    until = work.session.lease_until
    spare = timedelta(seconds=SCREENING_LEASE_SECONDS - RENEW_AFTER_SECONDS)
    if until is not None and until - scope.now < spare:
        renewed = scope.now + timedelta(seconds=SCREENING_LEASE_SECONDS)
        work.session = await change_session(scope, work.session, lease_until=renewed)


def screening_of(
    scope: Scope, work: DryRunWork, outcome: SessionEvent = SessionEvent.NEED_VALIDATION
) -> Screening:
    dry_run = work.sums.result(work.context)
    hits = work.sums.hits(dry_run)
    return Screening(
        session_id=work.session.id,
        content_version=work.session.content_version,
        hash=work.hash,
        dry_run=dry_run,
        hits=hits,
        bounds=bounds_of(dry_run, hits, work.book),
        score=score_of(hits),
        outcome=outcome.value,
        screened_at=scope.now,
        rules_version=work.book.version,
    )
