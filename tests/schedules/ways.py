"""The steps by name, the events each may be, and the roads: names of steps that lead to a state."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import httpx

from backend.campaigns.states import TRANSITIONS, SessionEvent as E, SessionState as S
from tests.schedules import steps
from tests.schedules.factories import ZONE, local_in
from tests.schedules.steps import Stage

Answer = httpx.Response | None
Step = Callable[[Stage], Awaitable[Answer]]


class Ask(NamedTuple):
    step: Step
    may_be: tuple[E, ...] = ()
    """The events it is, by the state it is asked in; none: it only prepares something."""
    is_of_people: bool = False


def _people(step: Step, *may_be: E) -> Ask:
    return Ask(step, may_be, is_of_people=True)


def _post(verb: str, *may_be: E, body: Callable[[], dict[str, Any]] = dict) -> Ask:
    return _people(lambda stage: stage.post(verb, body()), *may_be)


def _staff(verb: str, *may_be: E) -> Ask:
    reason = {"reason": "a wrong link is out"}
    return _people(lambda stage: stage.desk.post(f"{stage.desk_path}/{verb}", reason), *may_be)


def _rule(verdict: str, event: E, **facts: Any) -> Ask:
    return _people(lambda stage: steps.decide(stage, verdict, **facts), event)


def _a_time() -> dict[str, Any]:
    return {"local": local_in(hours=1), "zone": ZONE}


ASKS: dict[str, Ask] = {
    "submit": _people(steps.submit, E.SUBMIT, E.EDIT),
    "submit_tight": _people(steps.submit_tight, E.SUBMIT, E.EDIT),
    "save": _people(steps.save, E.SUBMIT, E.EDIT),
    "discard": _post("discard", E.DISCARD),
    "cancel": _post("cancel", E.CANCEL, E.DISCARD),
    "pause": _post("pause", E.PAUSE),
    "hold": _staff("pause", E.PAUSE, E.RAISE_PAUSE),
    "resume": _post("resume", E.RESUME),
    "let_go_on": _staff("resume", E.RESUME),
    "stop": _post("stop", E.STOP),
    "kill": _staff("kill", E.KILL),
    "confirm": _post("confirm", E.CONFIRM, body=lambda: {"ceiling_credits": 10_000}),
    "send_now": _post("send-now", E.SEND_NOW, E.SUBMIT_AGAIN),
    "reschedule": _post("reschedule", E.MOVE_TIME, E.SCHEDULE, E.SUBMIT_AGAIN, body=_a_time),
    "approve": _rule("approve", E.APPROVE),
    "refuse": _rule("refuse", E.REFUSE, reason_code="unsafe_link"),
    "ask_changes": _rule("request_changes", E.REQUEST_CHANGES, message="Say who you are."),
    "revoke": _people(steps.revoke, E.REVOKE),
    "screen": Ask(
        steps.screen, (E.NEED_VALIDATION, E.AUTO_APPROVE, E.INHERIT_APPROVAL, E.RETURN_PROBLEMS)
    ),
    "start": Ask(steps.start, (E.START, E.SCHEDULE)),
    "due": Ask(steps.due, (E.DUE, E.LAPSE)),
    "oversleep": Ask(steps.oversleep, (E.DUE, E.LAPSE)),
    "wait_for_ever": Ask(steps.wait_for_ever, (E.LAPSE,)),
    "grow_old": Ask(steps.grow_old, (E.REVOKE,)),
    "prepare": Ask(
        steps.prepare,
        (E.HOLD, E.EXCEED_BOUNDS, E.EXCEED_CEILING, E.FALL_SHORT, E.FIND_NOBODY),
    ),
    "cover": Ask(steps.cover, (E.COVER,)),
    "settle": Ask(steps.settle, (E.DRAIN, E.COMPLETE)),
    "settle_late": Ask(steps.settle_late, (E.DRAIN, E.COMPLETE)),
    "retry": Ask(steps.retry, (E.RETRY,)),
    "switch_off": Ask(steps.switch_off, (E.PAUSE, E.RAISE_PAUSE, E.RESUME)),
    "fail_screening": Ask(steps.fail_screening, (E.FAIL,)),
    "fail_preparing": Ask(steps.fail_preparing, (E.FAIL,)),
    "fail_sending": Ask(steps.fail_sending, (E.FAIL,)),
    **{
        step.__name__: Ask(step)
        for step in (
            *(steps.at_once, steps.compose, steps.copy, steps.rename_to_a_link, steps.join),
            *(steps.opt_out, steps.trust, steps.pay, steps.accept, steps.not_there),
            *(steps.settle_failed,),
        )
    },
}

_TO_VALIDATION = "compose submit screen"
_TO_PREPARING = f"{_TO_VALIDATION} approve start due"
_TO_SENDING = f"pay {_TO_PREPARING} prepare"
ROADS: dict[S, str] = {
    S.DRAFT: f"{_TO_VALIDATION} cancel",
    # By way of an edit, so that there is a ruling which no longer counts.
    S.SCREENING: f"{_TO_VALIDATION} approve start save submit",
    S.AWAITING_VALIDATION: _TO_VALIDATION,
    S.APPROVED: f"{_TO_VALIDATION} approve",
    S.SCHEDULED: f"{_TO_VALIDATION} approve start",
    S.PREPARING: _TO_PREPARING,
    S.AWAITING_CREDITS: f"{_TO_PREPARING} prepare",
    S.AWAITING_CONFIRMATION: "compose submit_tight screen approve start join due prepare",
    S.SENDING: _TO_SENDING,
    S.PAUSED: f"{_TO_SENDING} pause",
    S.SETTLING: f"{_TO_SENDING} accept settle",
    S.MISSED: f"{_TO_VALIDATION} approve start oversleep",
    S.COMPLETED: f"{_TO_SENDING} accept settle settle_late",
    S.REFUSED: f"{_TO_VALIDATION} refuse",
    S.CANCELLED: f"{_TO_VALIDATION} approve start cancel",
    S.FAILED: f"{_TO_SENDING} fail_sending settle_failed",
}

# The step that is this event, on a session that came by the state's own road.
USUAL: dict[E, str] = {
    E.SUBMIT: "submit",
    E.DISCARD: "discard",
    E.KILL: "kill",
    E.CANCEL: "cancel",
    E.STOP: "stop",
    E.PAUSE: "pause",
    E.RESUME: "resume",
    E.APPROVE: "approve",
    E.REFUSE: "refuse",
    E.REQUEST_CHANGES: "ask_changes",
    E.REVOKE: "revoke",
    E.CONFIRM: "confirm",
    E.SEND_NOW: "send_now",
    E.EDIT: "save submit",
    E.MOVE_TIME: "reschedule",
    E.RAISE_PAUSE: "hold",
    E.LAPSE: "wait_for_ever",
    E.NEED_VALIDATION: "screen",
    E.DUE: "due",
    E.COVER: "pay cover",
    E.HOLD: "pay prepare",
    E.FALL_SHORT: "prepare",
    E.FIND_NOBODY: "opt_out prepare",
    E.DRAIN: "accept settle",
    E.EXCEED_BOUNDS: "rename_to_a_link prepare",
    E.COMPLETE: "settle_late",
    E.RETRY: "not_there retry",
    E.RETURN_PROBLEMS: "opt_out screen",
    E.AUTO_APPROVE: "trust screen",
}
WAYS: dict[tuple[S, E], str] = {
    **{
        (state, event): f"{ROADS[state]} {USUAL[event]}"
        for state, event in TRANSITIONS
        if event in USUAL
    },
    (
        S.SCREENING,
        E.INHERIT_APPROVAL,
    ): f"at_once {_TO_VALIDATION} approve cancel copy submit screen",
    (S.SCREENING, E.FAIL): f"{ROADS[S.SCREENING]} fail_screening",
    (S.AWAITING_VALIDATION, E.LAPSE): f"{_TO_VALIDATION} oversleep",
    (S.APPROVED, E.START): f"at_once {_TO_VALIDATION} approve start",
    (S.APPROVED, E.SCHEDULE): f"{_TO_VALIDATION} approve start",
    (S.SCHEDULED, E.LAPSE): f"{ROADS[S.SCHEDULED]} oversleep",
    (S.PREPARING, E.EXCEED_CEILING): "compose submit_tight screen approve start join due prepare",
    (S.PREPARING, E.FAIL): f"pay {_TO_PREPARING} fail_preparing",
    (S.SENDING, E.FAIL): f"{_TO_SENDING} fail_sending",
    (S.MISSED, E.SCHEDULE): f"{ROADS[S.MISSED]} reschedule",
    (S.MISSED, E.SUBMIT_AGAIN): f"{_TO_VALIDATION} oversleep send_now",
}


async def travel(stage: Stage, road: str) -> None:
    for name in road.split():
        answer = await ASKS[name].step(stage)
        assert answer is None or answer.status_code == 200, (name, answer.text)
