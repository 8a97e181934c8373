"""Texts against what was ruled on before: the last approved one, and refused ones nearly alike."""

from datetime import timedelta
from uuid import UUID

import msgspec

from backend.campaigns.service.moves import read_session
from backend.db.scope import Scope, tenant_scope
from backend.kernel.errors import NotFound
from backend.kernel.principal import system
from backend.moderation.diff import diff_words
from backend.moderation.dry_run import without_values
from backend.moderation.prints import bands_of, signature_of, similar_percent
from backend.moderation.queries import cases, decisions, prints
from backend.moderation.schemas.cases import CaseRow, ComparisonView
from backend.moderation.schemas.decisions import DecisionRow
from backend.moderation.schemas.screening import SimilarText
from backend.moderation.service.contents import read_parts, session_parts
from backend.moderation.states import CaseKind, Verdict

COMPARED_MAX = 5
CANDIDATES_MAX = 200
REFUSED_DAYS_MAX = 365
CLOSE_PERCENT_MIN = 40
"""Less alike, and the newest approved text says more than the nearest."""


async def compare_case(scope: Scope, case: CaseRow) -> ComparisonView | None:
    """A step, made once when the case is opened: long texts take longer than a page may."""
    found = await _compare(scope, case)
    await prints.save_comparison(scope, case.id, msgspec.to_builtins(found))
    return found


async def read_comparison(scope: Scope, case: CaseRow) -> ComparisonView | None:
    """As it was made; a case from before there were any is compared now."""
    row = await prints.comparison_of(scope, case.id)
    if row is None:
        return await _compare(scope, case)
    if row["comparison"] is None:
        return None
    return msgspec.convert(row["comparison"], ComparisonView, strict=False)


async def _compare(scope: Scope, case: CaseRow) -> ComparisonView | None:
    """Against the last approved content of the same campaign, else the tenant's closest one."""
    if case.sender_id is not None:
        return None
    is_session = case.session_id is not None
    kind = CaseKind.CAMPAIGN_SESSION if is_session else CaseKind.TEMPLATE_VERSION
    approved = await decisions.last_approved(scope, kind.value, case.id)
    if not approved:
        return None
    after = (await read_parts(scope, case)).whole
    chosen = await _of_same_campaign(scope, case, approved)
    is_same, percent = chosen is not None, None
    if chosen is None and case.session_id is not None:
        chosen, percent = await _closest(scope, case, after)
    chosen = chosen or approved[0]
    before = await _decided_text(scope, chosen)
    return ComparisonView(
        decision_id=chosen.id,
        title=chosen.title,
        approved_at=chosen.decided_at,
        is_same_campaign=is_same,
        similar_percent=percent if percent is not None else _alike(before, after),
        pieces=diff_words(before, after),
    )


def _alike(before: str, after: str) -> int | None:
    one, other = signature_of(without_values(before)), signature_of(without_values(after))
    return similar_percent(one, other) if one and other else None


async def _of_same_campaign(
    scope: Scope, case: CaseRow, approved: list[DecisionRow]
) -> DecisionRow | None:
    if case.session_id is None:
        return None
    campaign = (await read_session(scope, case.session_id)).campaign_id
    for one in approved[:COMPARED_MAX]:
        if campaign and one.session_id:
            session = await read_session(scope, one.session_id)
            if session.campaign_id == campaign:
                return one
    return None


async def _closest(scope: Scope, case: CaseRow, text: str) -> tuple[DecisionRow | None, int | None]:
    signature = signature_of(without_values(text))
    if signature is None:
        return None, None
    rows = await prints.approved_like(scope, bands_of(signature), CANDIDATES_MAX)
    alike = [
        (similar_percent(row["signature"], signature), row["decided_at"], row["decision_id"])
        for row in rows
        if row["case_id"] != case.id
    ]
    percent, _, decision_id = max(alike, default=(0, None, None))
    if decision_id is None or percent < CLOSE_PERCENT_MIN:
        return None, None
    return await decisions.read(scope, decision_id), percent


async def _decided_text(scope: Scope, decision: DecisionRow) -> str:
    if decision.session_id is not None and decision.content_version is not None:
        parts = await session_parts(scope, decision.session_id, decision.content_version)
        return parts.whole
    return (await read_parts(scope, await cases.read(scope, decision.case_id))).whole


async def nearest_refused(scope: Scope, text: str, content_hash: str) -> SimilarText | None:
    """In a platform scope: the refused text this one is most alike, whichever tenant's."""
    signature = signature_of(without_values(text))
    if signature is None:
        return None
    since = scope.now - timedelta(days=REFUSED_DAYS_MAX)
    rows = await prints.refused_like(scope, bands_of(signature), since, CANDIDATES_MAX)
    alike = [
        (similar_percent(row["signature"], signature), row["decided_at"], number)
        for number, row in enumerate(rows)
    ]
    if not alike:
        return None
    percent, _, number = max(alike)
    row = rows[number]
    # The very same content of the same tenant is a matter of its own ruling; others' is not.
    return SimilarText(
        percent=100 if row["content_hash"] == content_hash else percent,
        tenant_id=row["tenant_id"],
        case_id=row["case_id"],
        title=row["title"],
        decided_at=row["decided_at"],
    )


async def remember_ruling(tenant_id: UUID, session_id: UUID) -> bool:
    """Use case of the topics that say a session was approved or refused: its words are kept, for
    what comes later. Whether there was a person's ruling to keep; twice is once.
    """
    async with tenant_scope(system("prints", tenant_id)) as scope:
        try:
            session = await read_session(scope, session_id)
        except NotFound:
            return False
        newest = await decisions.page(scope, session_id, None, 1)
        if not newest or newest[0].content_version is None:
            return False
        (ruling,) = newest
        parts = await session_parts(scope, session.id, ruling.content_version or 0)
        signature = signature_of(without_values(parts.whole))
        if signature is None or ruling.verdict is Verdict.REQUEST_CHANGES:
            return False
        await prints.save(
            scope,
            ruling.content_hash,
            ruling.verdict.value,
            ruling.id,
            ruling.case_id,
            ruling.title,
            signature,
            bands_of(signature),
            ruling.decided_at,
        )
    return True
