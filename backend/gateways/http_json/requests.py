"""One call of `submit_window` while it runs, as the requests it was cut into."""

from collections.abc import Iterable, Sequence
from uuid import uuid4

import msgspec

from backend.gateways.http_json.answers import parts_of, read_answer, unknown
from backend.gateways.http_json.client import Sent
from backend.gateways.http_json.protocol import PARTS_MAX, RequestOut, message_out
from backend.gateways.journal import Journal
from backend.gateways.port import Cause, Outcome, OutcomeKind, Permanence, Submission
from backend.gateways.status_maps import StatusMap

_encoder = msgspec.json.Encoder()


class Request:
    """`key` is ours and of this request alone: whoever repeats it on the way repeats the key, and
    the provider tells by it what became of it.
    """

    def __init__(self, submissions: Sequence[Submission], first_index: int) -> None:
        self.key = str(uuid4())
        self.submissions = submissions
        self.last_index = first_index + len(submissions) - 1
        self.parts_count = sum(map(parts_of, submissions))
        self.sent = Sent()
        self.has_begun = False
        self.outcomes: list[Outcome] | None = None

    def encoded(self, callback_url: str) -> bytes:
        messages = [message_out(ref, one) for ref, one in enumerate(self.submissions)]
        return _encoder.encode(RequestOut(messages, callback_url))

    def answered(self, status: int, body: bytes, status_map: StatusMap) -> None:
        self.outcomes = read_answer(status, body, self.submissions, status_map)

    def failed(self, code: str) -> None:
        kind = OutcomeKind.IN_DOUBT if self.sent.was_written else OutcomeKind.NOT_WRITTEN
        self.outcomes = unknown(self.submissions, kind, code)

    @property
    def is_doubtful(self) -> bool:
        return any(outcome.kind is OutcomeKind.IN_DOUBT for outcome in self.outcomes or ())


class RefusedHere(Request):
    """Can never be sent as it stands."""

    def __init__(self, submission: Submission, index: int) -> None:
        super().__init__([submission], index)
        self.outcomes = [
            Outcome(
                submission.key,
                part,
                OutcomeKind.REFUSED,
                code="parts_count",
                cause=Cause.INVALID_REQUEST,
                permanence=Permanence.PERMANENT,
            )
            for part in range(parts_of(submission))
        ]


def cut(submissions: Sequence[Submission], parts_max: int) -> list[Request]:
    """In order; at least one message each."""
    requests: list[Request] = []
    current: list[Submission] = []
    parts, first = 0, 0
    for index, submission in enumerate(submissions):
        is_sendable = 0 < len(submission.body_parts) <= PARTS_MAX
        if current and (not is_sendable or parts + parts_of(submission) > parts_max):
            requests.append(Request(current, first))
            current, parts = [], 0
        if not is_sendable:
            requests.append(RefusedHere(submission, index))
            continue
        if not current:
            first = index
        current.append(submission)
        parts += parts_of(submission)
    if current:
        requests.append(Request(current, first))
    return requests


class RequestWindow:
    def __init__(
        self, requests: Sequence[Request], *, write_before: float, journal: Journal | None
    ) -> None:
        self.all = requests
        self.requests = [request for request in requests if request.outcomes is None]
        self.write_before = write_before
        self._journal = journal
        for request in self.requests:
            request.sent.write_before = write_before

    def begin(self, request: Request) -> None:
        request.has_begun = True
        if self._journal is not None:
            self._journal.written(request.last_index)

    def drop_unbegun(self, code: str) -> None:
        for request in self.requests:
            if request.outcomes is None and not request.has_begun:
                request.failed(code)

    def results(self, code: str) -> list[Outcome]:
        """One outcome per part; what was cut short is judged by whether a byte of it left."""
        outcomes: list[Outcome] = []
        for request in self.all:
            if request.outcomes is None:
                request.failed(code)
            outcomes.extend(request.outcomes or ())
        return outcomes

    def doubtful(self) -> Iterable[Request]:
        return [request for request in self.requests if request.is_doubtful]
