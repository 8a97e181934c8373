"""The life of a campaign session: this file is the table of DESIGN §3.1.

A pair (state, event) that is not in `TRANSITIONS` is refused. Every state that is no end has an
owner and an alarm in `WATCHES`.
"""

from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple


class SessionState(StrEnum):
    DRAFT = "draft"
    SCREENING = "screening"
    AWAITING_VALIDATION = "awaiting_validation"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    PREPARING = "preparing"
    AWAITING_CREDITS = "awaiting_credits"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    SENDING = "sending"
    PAUSED = "paused"
    SETTLING = "settling"
    MISSED = "missed"
    COMPLETED = "completed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    FAILED = "failed"


class SessionEvent(StrEnum):
    SUBMIT = "submit"
    """A confirmed quote is submitted."""
    DISCARD = "discard"
    """The tenant throws a draft away."""
    NEED_VALIDATION = "need_validation"
    """Screening is clean and a person must look."""
    AUTO_APPROVE = "auto_approve"
    """Clean, inside the tenant's auto-validation bounds."""
    INHERIT_APPROVAL = "inherit_approval"
    """Clean, and an approval of the same hash is in force, inside its bounds."""
    RETURN_PROBLEMS = "return_problems"
    """Screening found problems; the draft lists them."""
    APPROVE = "approve"
    REQUEST_CHANGES = "request_changes"
    REFUSE = "refuse"
    CANCEL = "cancel"
    """The tenant takes it back."""
    KILL = "kill"
    """Staff stop it for good."""
    LAPSE = "lapse"
    """Its time, its deadline or its max_lateness passed."""
    START = "start"
    """Approved and immediate."""
    SCHEDULE = "schedule"
    """Approved with a due time; or a missed one gets a new time, its approval still valid."""
    MOVE_TIME = "move_time"
    EDIT = "edit"
    """Content or audience of a scheduled session changes: version n+1."""
    REVOKE = "revoke"
    """The approval is taken back: by a moderator, a lost privilege, a withdrawn sender, age."""
    DUE = "due"
    EXCEED_BOUNDS = "exceed_bounds"
    """At dispatch the hash differs or the approval bounds are passed."""
    EXCEED_CEILING = "exceed_ceiling"
    """At dispatch the price is over the confirmed ceiling."""
    FALL_SHORT = "fall_short"
    """At dispatch the balance does not cover the hold."""
    FIND_NOBODY = "find_nobody"
    """At dispatch nobody is left to send to."""
    HOLD = "hold"
    """The hold is placed: sending."""
    COVER = "cover"
    """Credits arrived: prepare again from nothing."""
    CONFIRM = "confirm"
    """The tenant confirmed the new price."""
    PAUSE = "pause"
    RAISE_PAUSE = "raise_pause"
    """Somebody above the pause's owner takes it over."""
    RESUME = "resume"
    STOP = "stop"
    """The tenant ends the sending."""
    DRAIN = "drain"
    """Nothing queued, no retry due."""
    RETRY = "retry"
    """A retry is due."""
    COMPLETE = "complete"
    """All messages final, or the receipt deadline passed."""
    SEND_NOW = "send_now"
    """A missed session goes now, its approval still valid."""
    SUBMIT_AGAIN = "submit_again"
    """A missed session without a valid approval goes through screening."""
    FAIL = "fail"
    """Our own fault, after TRIES_MAX tries."""


S, E = SessionState, SessionEvent

TRANSITIONS: dict[tuple[SessionState, SessionEvent], SessionState] = {
    (S.DRAFT, E.SUBMIT): S.SCREENING,
    (S.DRAFT, E.DISCARD): S.CANCELLED,
    (S.DRAFT, E.KILL): S.CANCELLED,
    (S.SCREENING, E.NEED_VALIDATION): S.AWAITING_VALIDATION,
    (S.SCREENING, E.AUTO_APPROVE): S.APPROVED,
    (S.SCREENING, E.INHERIT_APPROVAL): S.APPROVED,
    (S.SCREENING, E.RETURN_PROBLEMS): S.DRAFT,
    (S.SCREENING, E.CANCEL): S.DRAFT,
    (S.SCREENING, E.KILL): S.CANCELLED,
    (S.SCREENING, E.FAIL): S.FAILED,
    (S.AWAITING_VALIDATION, E.APPROVE): S.APPROVED,
    (S.AWAITING_VALIDATION, E.REQUEST_CHANGES): S.DRAFT,
    (S.AWAITING_VALIDATION, E.REFUSE): S.REFUSED,
    (S.AWAITING_VALIDATION, E.CANCEL): S.DRAFT,
    (S.AWAITING_VALIDATION, E.LAPSE): S.MISSED,
    (S.AWAITING_VALIDATION, E.KILL): S.CANCELLED,
    (S.APPROVED, E.START): S.PREPARING,
    (S.APPROVED, E.SCHEDULE): S.SCHEDULED,
    (S.APPROVED, E.REVOKE): S.AWAITING_VALIDATION,
    (S.APPROVED, E.CANCEL): S.CANCELLED,
    (S.APPROVED, E.KILL): S.CANCELLED,
    (S.SCHEDULED, E.MOVE_TIME): S.SCHEDULED,
    (S.SCHEDULED, E.EDIT): S.SCREENING,
    (S.SCHEDULED, E.REVOKE): S.AWAITING_VALIDATION,
    (S.SCHEDULED, E.DUE): S.PREPARING,
    (S.SCHEDULED, E.LAPSE): S.MISSED,
    (S.SCHEDULED, E.CANCEL): S.CANCELLED,
    (S.SCHEDULED, E.KILL): S.CANCELLED,
    (S.PREPARING, E.EXCEED_BOUNDS): S.AWAITING_VALIDATION,
    (S.PREPARING, E.EXCEED_CEILING): S.AWAITING_CONFIRMATION,
    (S.PREPARING, E.FALL_SHORT): S.AWAITING_CREDITS,
    (S.PREPARING, E.LAPSE): S.MISSED,
    (S.PREPARING, E.FIND_NOBODY): S.COMPLETED,
    (S.PREPARING, E.HOLD): S.SENDING,
    (S.PREPARING, E.REVOKE): S.AWAITING_VALIDATION,
    (S.PREPARING, E.CANCEL): S.CANCELLED,
    (S.PREPARING, E.KILL): S.CANCELLED,
    (S.PREPARING, E.FAIL): S.FAILED,
    (S.AWAITING_CREDITS, E.COVER): S.PREPARING,
    (S.AWAITING_CREDITS, E.LAPSE): S.MISSED,
    (S.AWAITING_CREDITS, E.REVOKE): S.AWAITING_VALIDATION,
    (S.AWAITING_CREDITS, E.CANCEL): S.CANCELLED,
    (S.AWAITING_CREDITS, E.KILL): S.CANCELLED,
    (S.AWAITING_CONFIRMATION, E.CONFIRM): S.PREPARING,
    (S.AWAITING_CONFIRMATION, E.LAPSE): S.MISSED,
    (S.AWAITING_CONFIRMATION, E.REVOKE): S.AWAITING_VALIDATION,
    (S.AWAITING_CONFIRMATION, E.CANCEL): S.CANCELLED,
    (S.AWAITING_CONFIRMATION, E.KILL): S.CANCELLED,
    (S.SENDING, E.PAUSE): S.PAUSED,
    (S.SENDING, E.STOP): S.SETTLING,
    (S.SENDING, E.KILL): S.SETTLING,
    (S.SENDING, E.DRAIN): S.SETTLING,
    (S.SENDING, E.FAIL): S.FAILED,
    (S.PAUSED, E.RAISE_PAUSE): S.PAUSED,
    (S.PAUSED, E.RESUME): S.SENDING,
    (S.PAUSED, E.LAPSE): S.SETTLING,
    (S.PAUSED, E.STOP): S.SETTLING,
    (S.PAUSED, E.KILL): S.SETTLING,
    (S.SETTLING, E.RETRY): S.SENDING,
    (S.SETTLING, E.KILL): S.SETTLING,
    (S.SETTLING, E.COMPLETE): S.COMPLETED,
    (S.MISSED, E.SEND_NOW): S.PREPARING,
    (S.MISSED, E.SCHEDULE): S.SCHEDULED,
    (S.MISSED, E.SUBMIT_AGAIN): S.SCREENING,
    (S.MISSED, E.REVOKE): S.AWAITING_VALIDATION,
    (S.MISSED, E.CANCEL): S.CANCELLED,
    (S.MISSED, E.LAPSE): S.CANCELLED,
    (S.MISSED, E.KILL): S.CANCELLED,
}

ENDS = frozenset({S.COMPLETED, S.REFUSED, S.CANCELLED, S.FAILED})
OPEN_UNAPPROVED = frozenset({S.DRAFT, S.SCREENING, S.AWAITING_VALIDATION})
"""With no first approval yet a campaign has at most one session in these (unique index)."""

TRIES_MAX = 3
AWAITING_DEADLINE_HOURS = 48
RECEIPT_DEADLINE_HOURS = 48
PAUSED_DAYS_MAX = 7
MISSED_DAYS_MAX = 7
APPROVAL_DAYS_MAX = 90
MAX_LATENESS_MINUTES_DEFAULT = 60


TENANT = "tenant"
"""The owner of what waits for a customer; every other one is ours."""


class SeriesState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class SeriesEvent(StrEnum):
    PAUSE = "pause"
    """By a person, or because an occurrence was refused, given back or killed."""
    RESUME = "resume"
    END = "end"
    """By a person, or because no occurrence is left."""


SERIES_TRANSITIONS: dict[tuple[SeriesState, SeriesEvent], SeriesState] = {
    (SeriesState.ACTIVE, SeriesEvent.PAUSE): SeriesState.PAUSED,
    (SeriesState.ACTIVE, SeriesEvent.END): SeriesState.ENDED,
    (SeriesState.PAUSED, SeriesEvent.RESUME): SeriesState.ACTIVE,
    (SeriesState.PAUSED, SeriesEvent.END): SeriesState.ENDED,
}
UNDECIDED = (S.SCREENING, S.AWAITING_VALIDATION, S.APPROVED, S.SCHEDULED)
"""While an occurrence is in one of these the next one is not created."""


class Watch(NamedTuple):
    """Who must act on a session in this state, and when somebody is alarmed if nobody did."""

    owner: str
    alarm_after: timedelta


WATCHES: dict[SessionState, Watch] = {
    S.DRAFT: Watch(TENANT, timedelta(days=30)),
    S.SCREENING: Watch("moderation worker", timedelta(minutes=15)),
    S.AWAITING_VALIDATION: Watch("moderators", timedelta(minutes=30)),
    S.APPROVED: Watch("delivery worker", timedelta(minutes=5)),
    S.SCHEDULED: Watch("clock", timedelta(days=400)),
    S.PREPARING: Watch("delivery worker", timedelta(minutes=30)),
    S.AWAITING_CREDITS: Watch(TENANT, timedelta(hours=AWAITING_DEADLINE_HOURS)),
    S.AWAITING_CONFIRMATION: Watch(TENANT, timedelta(hours=AWAITING_DEADLINE_HOURS)),
    S.SENDING: Watch("delivery worker", timedelta(hours=24)),
    S.PAUSED: Watch("owner of the pause", timedelta(days=PAUSED_DAYS_MAX)),
    S.SETTLING: Watch("clock", timedelta(hours=2 * RECEIPT_DEADLINE_HOURS)),
    S.MISSED: Watch(TENANT, timedelta(days=MISSED_DAYS_MAX)),
}


class Capabilities(NamedTuple):
    """What the tenant may do now; the pages show exactly these."""

    may_edit: bool
    may_submit: bool
    may_cancel: bool
    may_pause: bool
    may_resume: bool
    may_stop: bool
    may_send_now: bool
    may_reschedule: bool
    may_confirm: bool


def target(state: SessionState, event: SessionEvent) -> SessionState | None:
    """Where the event leads from here; None when it is refused."""
    return TRANSITIONS.get((state, event))


def capabilities(state: SessionState) -> Capabilities:
    return Capabilities(
        may_edit=state is S.DRAFT or (state, E.EDIT) in TRANSITIONS,
        may_submit=(state, E.SUBMIT) in TRANSITIONS or (state, E.EDIT) in TRANSITIONS,
        may_cancel=(state, E.CANCEL) in TRANSITIONS or (state, E.DISCARD) in TRANSITIONS,
        may_pause=(state, E.PAUSE) in TRANSITIONS,
        may_resume=(state, E.RESUME) in TRANSITIONS,
        may_stop=(state, E.STOP) in TRANSITIONS,
        may_send_now=(state, E.SEND_NOW) in TRANSITIONS,
        may_reschedule=(state, E.MOVE_TIME) in TRANSITIONS or state is S.MISSED,
        may_confirm=(state, E.CONFIRM) in TRANSITIONS,
    )
