"""Appeals: a refusal, once, looked at by somebody else than who refused (docs/decisions/010)."""

from uuid import UUID

from backend.db.scope import Scope, tenant_scope
from backend.kernel.errors import Conflict, NotFound
from backend.kernel.principal import Principal
from backend.moderation.queries import cases, decisions, votes
from backend.moderation.schemas.cases import CaseRow, NewCase
from backend.moderation.schemas.decisions import DecisionRow
from backend.moderation.schemas.votes import AppealInput, AppealView
from backend.moderation.service.cases import open_case
from backend.moderation.service.desk_rules import rules_in_force
from backend.moderation.service.history import appeal_end
from backend.moderation.states import CaseKind, CaseState, Verdict

CAUSE = "appealed"


async def appeal_decision(
    principal: Principal, decision_id: UUID, given: AppealInput
) -> AppealView:
    """Raises Conflict `not_refused`, `already_appealed`, `appeal_too_late`; NotFound."""
    async with tenant_scope(principal) as scope:
        refusal = await decisions.read(scope, decision_id)
        await _check_may_appeal(scope, refusal)
        refused = await cases.read(scope, refusal.case_id)
        who = {vote.voter for vote in await votes.of_case(scope, refused.id)}
        case = await open_case(
            scope,
            NewCase(
                kind=CaseKind.APPEAL,
                session_id=refused.session_id,
                content_version=refused.content_version,
                template_version_id=refused.template_version_id,
                sender_id=refused.sender_id,
                cause=CAUSE,
                content_hash=refused.content_hash,
                title=refused.title,
                dry_run=refused.dry_run,
                hits=refused.hits,
                bounds=refused.bounds,
                score=refused.score,
                appeal_of=refusal.id,
                appeal_text=given.text,
                barred=sorted(who | {refusal.decided_by}),
            ),
        )
        if case.appeal_of != refusal.id:
            raise Conflict("already_appealed", "a refusal is appealed once")
        view = await _view(scope, case)
        await scope.answer(view)
    return view


async def _check_may_appeal(scope: Scope, refusal: DecisionRow) -> None:
    until = appeal_end(refusal, (await rules_in_force(scope)).rules.appeal_days_max)
    if until is None:
        raise Conflict("not_refused", "only a refusal is appealed", verdict=refusal.verdict.value)
    if await decisions.is_appealed(scope, refusal.id):
        raise Conflict("already_appealed", "a refusal is appealed once")
    if until <= scope.now:
        raise Conflict("appeal_too_late", "the time to appeal is over", until=until.isoformat())


async def read_appeal(principal: Principal, decision_id: UUID) -> AppealView:
    """Raises NotFound, also where nobody appealed."""
    async with tenant_scope(principal) as scope:
        await decisions.read(scope, decision_id)
        found = await cases.appeal_of(scope, decision_id)
        if found is None:
            raise NotFound
        return await _view(scope, found)


async def _view(scope: Scope, case: CaseRow) -> AppealView:
    if case.appeal_of is None:
        raise RuntimeError("an appeal against nothing")
    made = await decisions.of_case(scope, case.id) if case.state is CaseState.DECIDED else None
    answers = {Verdict.APPROVE: "granted", Verdict.REFUSE: "upheld"}
    return AppealView(
        case_id=case.id,
        decision_id=case.appeal_of,
        state=answers[made.verdict] if made else "waiting",
        text=case.appeal_text or "",
        made_at=case.opened_at,
        answered_at=made.decided_at if made else None,
        answer=made.message if made else None,
    )
