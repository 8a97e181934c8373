"""What an HTTP answer means for the parts of its request, in the words of the port.

Refused is said only where the provider itself says so: a body of its own with a code. A bare
status may come from a proxy on the way, behind which the provider has the request already.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from backend.gateways.http_json.protocol import CODE_CHARACTERS_MAX, Answer, AnswerOf, Problem
from backend.gateways.port import Outcome, OutcomeKind, Submission
from backend.gateways.status_maps import CodeMeaning, StatusMap

OK_STATUSES: Final = frozenset({200, 201, 202})
THROTTLED_STATUSES: Final = frozenset({429, 503})
_UNDECIDED_STATUSES: Final = frozenset({408, 409, 421, 425, 429})
"""Of the 4xx those that may follow a request which was taken, or still is: only the provider's
own `"accepted": false` makes them a refusal (RFC 9110 §15.5, RFC 8470 §5.2)."""

_answers: Final = msgspec.json.Decoder(Answer)
_problems: Final = msgspec.json.Decoder(Problem)


def parts_of(submission: Submission) -> int:
    return max(1, len(submission.body_parts))


def unknown(submissions: Sequence[Submission], kind: OutcomeKind, code: str) -> list[Outcome]:
    return [
        Outcome(submission.key, part, kind, code=code)
        for submission in submissions
        for part in range(parts_of(submission))
    ]


def read_answer(
    status: int, body: bytes, submissions: Sequence[Submission], status_map: StatusMap
) -> list[Outcome]:
    """One outcome per part, in order. What is not readable is in doubt."""
    if status in OK_STATUSES:
        return _read_ok(body, submissions, status_map)
    meaning = _refusal(status, body, status_map)
    if meaning is None:
        return unknown(submissions, OutcomeKind.IN_DOUBT, f"http_{status}")
    return [outcome for submission in submissions for outcome in _refused(submission, meaning)]


def is_refusal(status: int, body: bytes, status_map: StatusMap) -> bool:
    return status not in OK_STATUSES and _refusal(status, body, status_map) is not None


def _refusal(status: int, body: bytes, status_map: StatusMap) -> CodeMeaning | None:
    try:
        problem = _problems.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    is_definite = problem.accepted is False or (
        400 <= status < 500
        and status not in _UNDECIDED_STATUSES
        and problem.accepted is None
        and bool(problem.code)
    )
    if not is_definite:
        return None
    return status_map.refusal(problem.code[:CODE_CHARACTERS_MAX], status)


def _read_ok(
    body: bytes, submissions: Sequence[Submission], status_map: StatusMap
) -> list[Outcome]:
    try:
        answer = _answers.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return unknown(submissions, OutcomeKind.IN_DOUBT, "malformed_response")
    told: dict[str, AnswerOf] = {}
    for one in answer.messages:
        # Said twice in two ways is not said at all.
        told[one.ref] = one if told.get(one.ref, one) == one else AnswerOf(one.ref, "")
    outcomes = []
    for ref, submission in enumerate(submissions):
        outcomes.extend(_of_message(submission, told.get(str(ref)), status_map))
    return outcomes


def _of_message(
    submission: Submission, told: AnswerOf | None, status_map: StatusMap
) -> list[Outcome]:
    count = parts_of(submission)
    if told is None:
        return unknown([submission], OutcomeKind.IN_DOUBT, "unanswered")
    if told.status == "accepted" and len(told.ids) == len(set(told.ids)) == count:
        return [
            Outcome(submission.key, part, OutcomeKind.ACCEPTED, told.ids[part])
            for part in range(count)
        ]
    if told.status == "refused" and told.code and not told.ids:
        return _refused(submission, status_map.refusal(told.code[:CODE_CHARACTERS_MAX], 0))
    return unknown([submission], OutcomeKind.IN_DOUBT, "malformed_response")


def _refused(submission: Submission, meaning: CodeMeaning) -> list[Outcome]:
    return [
        Outcome(
            submission.key,
            part,
            OutcomeKind.REFUSED,
            "",
            meaning.name,
            meaning.cause,
            meaning.permanence,
        )
        for part in range(parts_of(submission))
    ]
