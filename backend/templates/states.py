"""The life of a template version and of a sender: asked for, looked at, decided, taken back."""

from enum import StrEnum


class ApprovalState(StrEnum):
    DRAFT = "draft"
    """A template version that nobody asked to approve yet."""
    REQUESTED = "requested"
    """A sender that waits to be put before a moderator."""
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ApprovalEvent(StrEnum):
    SUBMIT = "submit"
    TAKE_BACK = "take_back"
    """The tenant takes a submission back before it is decided."""
    APPROVE = "approve"
    REFUSE = "refuse"
    OVERTURN = "overturn"
    """A refusal was appealed, and somebody else approved."""
    WITHDRAW = "withdraw"
    """For good, by the tenant or by staff; what is scheduled on it is validated again."""


class Subject(StrEnum):
    """What is approved."""

    TEMPLATE_VERSION = "template_version"
    SENDER = "sender"


S, E = ApprovalState, ApprovalEvent

_SHARED: dict[tuple[ApprovalState, ApprovalEvent], ApprovalState] = {
    (S.AWAITING_APPROVAL, E.APPROVE): S.APPROVED,
    (S.AWAITING_APPROVAL, E.REFUSE): S.REFUSED,
    (S.AWAITING_APPROVAL, E.WITHDRAW): S.WITHDRAWN,
    (S.REFUSED, E.OVERTURN): S.APPROVED,
    (S.APPROVED, E.WITHDRAW): S.WITHDRAWN,
}

TRANSITIONS: dict[Subject, dict[tuple[ApprovalState, ApprovalEvent], ApprovalState]] = {
    Subject.TEMPLATE_VERSION: {
        **_SHARED,
        (S.DRAFT, E.SUBMIT): S.AWAITING_APPROVAL,
        (S.DRAFT, E.WITHDRAW): S.WITHDRAWN,
        (S.AWAITING_APPROVAL, E.TAKE_BACK): S.DRAFT,
    },
    Subject.SENDER: {
        **_SHARED,
        (S.REQUESTED, E.SUBMIT): S.AWAITING_APPROVAL,
        (S.REQUESTED, E.WITHDRAW): S.WITHDRAWN,
        (S.AWAITING_APPROVAL, E.TAKE_BACK): S.REQUESTED,
    },
}


def target(subject: Subject, state: ApprovalState, event: ApprovalEvent) -> ApprovalState | None:
    """Where the event leads from here; None when it is refused."""
    return TRANSITIONS[subject].get((state, event))
