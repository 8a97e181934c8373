"""How much one person of finance corrects or gives alone, and the answer above it."""

from backend.billing.desk_states import (
    SINGLE_CLERK_CREDIT_LINE_CREDITS_MAX,
    CorrectionKind,
    CorrectionState,
)
from backend.billing.schemas.corrections import CorrectionView
from backend.billing.states import (
    GRANT_CREDITS_MAX,
    SINGLE_CLERK_SUM_HOURS,
    SINGLE_CLERK_TOP_UP_CREDITS_MAX,
)
from backend.kernel.errors import Conflict

ALONE_MAX = {
    CorrectionKind.REVERSAL: SINGLE_CLERK_TOP_UP_CREDITS_MAX,
    CorrectionKind.CREDIT_LINE: SINGLE_CLERK_CREDIT_LINE_CREDITS_MAX,
    CorrectionKind.GRANT: GRANT_CREDITS_MAX,
}


def done_or_waiting(view: CorrectionView) -> CorrectionView:
    """Outside the scope, so that what waits stays. Raises Conflict `second_person_required`."""
    if view.state is CorrectionState.DONE:
        return view
    raise Conflict(
        "second_person_required",
        "another person of finance has to approve this",
        correction_id=view.id,
        single_clerk_credits_max=ALONE_MAX[view.kind],
        single_clerk_sum_hours=SINGLE_CLERK_SUM_HOURS,
    )
