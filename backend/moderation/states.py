"""The life of a case: opened by a submission, closed once, by whatever comes first."""

from enum import StrEnum


class CaseKind(StrEnum):
    CAMPAIGN_SESSION = "campaign_session"
    TEMPLATE_VERSION = "template_version"
    SENDER_ID = "sender_id"
    AFTER_REVIEW = "after_review"
    """A session that was sent without a look."""
    APPEAL = "appeal"
    """A refusal that its tenant asks somebody else to look at."""


class CaseState(StrEnum):
    OPEN = "open"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"
    """The tenant took the submission back."""
    LAPSED = "lapsed"
    """Its time passed before anybody decided."""
    KILLED = "killed"
    """Our own people stopped the session for good."""


class CaseEvent(StrEnum):
    DECIDE = "decide"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"
    KILL = "kill"


class Rescreening(StrEnum):
    """Whether a case shows what would leave now."""

    NONE = "none"
    """It was just screened."""
    PENDING = "pending"
    """Everybody is being rendered again: nobody takes the case until then."""
    DONE = "done"
    FAILED = "failed"
    """It could not be rendered: the case can be decided, but not approved."""


class Verdict(StrEnum):
    APPROVE = "approve"
    REQUEST_CHANGES = "request_changes"
    REFUSE = "refuse"


class Lane(StrEnum):
    STANDARD = "standard"
    LARGE = "large"
    FLAGGED = "flagged"
    LEAD_ONLY = "lead_only"


class VoteState(StrEnum):
    PENDING = "pending"
    """It takes effect later: the voter may still undo it."""
    UNDONE = "undone"
    COUNTED = "counted"
    """The first of two: the case waits for somebody else."""
    DECIDED = "decided"
    VOID = "void"
    """Something else came first, or what was voted on is not there any more."""


class NoteKind(StrEnum):
    NOTE = "note"
    QUESTION = "question"
    """A second opinion that is asked for."""
    OPINION = "opinion"
    ESCALATION = "escalation"
    SKIP = "skip"


TRANSITIONS: dict[tuple[CaseState, CaseEvent], CaseState] = {
    (CaseState.OPEN, CaseEvent.DECIDE): CaseState.DECIDED,
    (CaseState.OPEN, CaseEvent.WITHDRAW): CaseState.WITHDRAWN,
    (CaseState.OPEN, CaseEvent.LAPSE): CaseState.LAPSED,
    (CaseState.OPEN, CaseEvent.KILL): CaseState.KILLED,
}
"""What is closed stays closed: the same content waits again as a new case."""

LEASE_MINUTES = 5


def target(state: CaseState, event: CaseEvent) -> CaseState | None:
    """Where the event leads from here; None when it is refused."""
    return TRANSITIONS.get((state, event))
