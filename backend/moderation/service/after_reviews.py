"""A look afterwards at a sample of what was sent without one. It stops nothing that left; a bad
verdict costs trust, and ends what still sends.
"""

import random

from backend.campaigns.schemas.sessions import SessionRow
from backend.campaigns.service.moves import read_session
from backend.campaigns.states import ENDS
from backend.db.scope import Scope
from backend.identity.service.tenants import suspend_auto_validation
from backend.moderation.queries.screenings import Screening
from backend.moderation.schemas.cases import CaseRow
from backend.moderation.schemas.trust import StrikeCause
from backend.moderation.schemas.votes import VoteRow
from backend.moderation.service.cases import open_session_case
from backend.moderation.service.trust import give_strike, policy_in_force
from backend.moderation.states import CaseKind, Verdict
from backend.outbox.service import announce
from backend.outbox.topics import Topic

AFTER_REVIEW = "sent without a look: is it what it should be?"
_chance = random.SystemRandom()


async def sample_for_review(scope: Scope, session: SessionRow, screening: Screening) -> bool:
    """A step beside the automatic approval. By chance that nobody foresees: a tenant that knew
    which are looked at would behave there.
    """
    policy = (await policy_in_force(scope)).policy
    if _chance.randrange(100) >= policy.after_review_percent:
        return False
    await open_session_case(scope, session, screening, AFTER_REVIEW, kind=CaseKind.AFTER_REVIEW)
    return True


async def apply_after_review(scope: Scope, case: CaseRow, vote: VoteRow) -> str:
    """A step of the decision: what the verdict does; the session's state, which it leaves to
    delivery. Changes that are asked for are advice.
    """
    if case.session_id is None:
        raise RuntimeError("an after-review without its session")
    session = await read_session(scope, case.session_id)
    if vote.verdict is Verdict.REFUSE:
        reason = f"after-review: {vote.reason_code}"
        await suspend_auto_validation(scope, reason)
        await give_strike(
            scope,
            StrikeCause.AFTER_REVIEW,
            f"case:{case.id}",
            reason,
            session_id=session.id,
            case_id=case.id,
        )
        if session.state not in ENDS:
            facts = {"session_id": str(session.id), "reason": reason}
            await announce(scope, Topic.SESSION_CONDEMNED, facts)
    return session.state.value
