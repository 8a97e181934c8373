"""Steps that put a case into its lane and say whether two people must agree."""

import msgspec

from backend.db.scope import Scope
from backend.identity.service.tenants import read_tenant_facts
from backend.moderation.placing import CaseFacts, four_eyes_of, lane_of, priority_at
from backend.moderation.queries import decisions, desk
from backend.moderation.queries.screenings import Screening
from backend.moderation.schemas.cases import CaseRow, NewCase, Placement
from backend.moderation.service.desk_rules import rules_in_force
from backend.moderation.states import CaseKind, Lane

KNOWN_DECISIONS_MAX = 200


async def place_new(scope: Scope, new: NewCase) -> Placement:
    facts = await _facts(scope, new)
    rules = (await rules_in_force(scope)).rules
    lane, why = lane_of(rules.lanes, facts)
    return await _placed(scope, facts, lane, why)


async def place_in(scope: Scope, case: CaseRow, lane: Lane, why: str) -> Placement:
    """A case that somebody moves."""
    return await _placed(scope, await _facts(scope, case), lane, why)


async def place_again(scope: Scope, case: CaseRow, found: Screening) -> Placement:
    """A case that shows a fresh dry run: who gets what decides where it waits, as if it were new.
    Nobody moved it by hand, because nobody takes a case before its dry run is fresh.
    """
    shown = msgspec.structs.replace(case, dry_run=found.dry_run, hits=found.hits, score=found.score)
    lane, why = lane_of((await rules_in_force(scope)).rules.lanes, await _facts(scope, shown))
    return await place_in(scope, shown, lane, why)


async def _placed(scope: Scope, facts: CaseFacts, lane: Lane, why: str) -> Placement:
    rules = (await rules_in_force(scope)).rules
    measured = (await desk.figures(scope, lane)).review_seconds
    usual: int = getattr(rules.usual_review_seconds, lane.value)
    seconds = usual if measured is None else measured
    return Placement(lane=lane, why=why, priority_at=priority_at(rules, facts, seconds))


async def four_eyes(scope: Scope, case: CaseRow) -> list[str]:
    """Why an approval of this case needs two people, by the thresholds in force now."""
    if case.kind is CaseKind.AFTER_REVIEW:
        return []
    rules = (await rules_in_force(scope)).rules
    return four_eyes_of(rules.four_eyes, await _facts(scope, case))


async def _facts(scope: Scope, case: NewCase | CaseRow) -> CaseFacts:
    known = await decisions.known_countries(scope, KNOWN_DECISIONS_MAX)
    if known is not None:
        home = (await read_tenant_facts(scope)).default_country
        known = [*known, home] if home else known
    # Nobody receives a template, a sender or an appeal about one: its countries are nobody's.
    countries = case.dry_run.countries if case.session_id is not None else {}
    return CaseFacts(
        kind=CaseKind(case.kind),
        opened_at=case.opened_at if isinstance(case, CaseRow) else scope.now,
        due_at=case.due_at,
        recipients=case.dry_run.recipients,
        segments=case.dry_run.segments,
        score=case.score,
        rules_hit=frozenset(hit.rule for hit in case.hits),
        countries=frozenset(countries),
        known_countries=None if known is None else frozenset(known),
    )
