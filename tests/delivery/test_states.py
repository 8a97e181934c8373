"""Receipts commute: any order, any repetition, the same row (promise 10), proven on pure values."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, strategies as st

from backend.delivery.states import (
    RESEND_DELAYS_SECONDS,
    RETRY_DELAYS,
    MessageRow,
    MessageState as M,
    News,
    Rank,
    apply_news,
    judge,
    merge_ranks,
    resend_delay_seconds,
)
from backend.gateways.port import (
    Cause,
    Outcome,
    OutcomeKind as K,
    Permanence,
    Receipt,
    ReceiptStatus,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SUBMITTED = NOW + timedelta(minutes=2, seconds=29)


def row(segments: int = 1, state: M = M.ACCEPTED, attempt: int = 1) -> MessageRow:
    return MessageRow(
        session_id=None, n=1, batch_no=1, state=state, attempt=attempt, segments=segments,
        credits=segments * 2, charged=segments * 2 if state is M.ACCEPTED else 0,
        parts_accepted=(1 << segments) - 1 if state is M.ACCEPTED else 0, ranks=0, cause_rank=0,
        cause=None, error_code=None, retry_at=None, submitted_at=SUBMITTED,
        accepted_at=None, done_at=None,
    )  # fmt: skip


def receipt(status: ReceiptStatus, *, temporary: bool = False, code: str = "000", minute: int = 0):
    return Receipt(
        "id", status, code, Cause.PHONE_OFF if temporary else Cause.UNKNOWN,
        Permanence.TEMPORARY if temporary else Permanence.PERMANENT,
        NOW + timedelta(minutes=minute), "1", "2", None, b"",
    )  # fmt: skip


receipts = st.builds(
    receipt,
    st.sampled_from(list(ReceiptStatus)),
    temporary=st.booleans(),
    code=st.sampled_from(["000", "001", "027"]),
    minute=st.integers(0, 5),
)


def applied(start: MessageRow, told) -> MessageRow:
    for part, one in told:
        news = News()
        news.add_receipt(part, one)
        start = apply_news(start, news, NOW, may_retry=True)
    return start


@given(st.data(), st.integers(1, 3), st.sampled_from([M.ACCEPTED, M.UNCONFIRMED]))
def test_any_order_and_repetition_gives_the_same_row(data, segments, state):
    told = data.draw(
        st.lists(st.tuples(st.integers(0, segments - 1), receipts), min_size=1, max_size=6)
    )
    shuffled = data.draw(st.permutations(told + data.draw(st.lists(st.sampled_from(told)))))
    assert applied(row(segments, state), shuffled) == applied(row(segments, state), told)


@given(st.lists(st.tuples(st.integers(0, 1), receipts), min_size=1, max_size=6))
def test_receipts_of_one_batch_are_the_same_as_one_by_one(told):
    together = News()
    for part, one in told:
        together.add_receipt(part, one)
    assert apply_news(row(2), together, NOW, may_retry=True) == applied(row(2), told)


def test_a_message_is_never_done_before_it_was_submitted():
    """A carrier's minute begins before what was submitted in it; another clock may be behind."""
    before = applied(row(), [(0, receipt(ReceiptStatus.DELIVERED, minute=2))])
    assert before.done_at == SUBMITTED
    after = applied(row(), [(0, receipt(ReceiptStatus.DELIVERED, minute=3))])
    assert after.done_at == NOW + timedelta(minutes=3)
    enroute = applied(row(), [(0, receipt(ReceiptStatus.ENROUTE, minute=3))])
    assert enroute.done_at is None


def test_only_a_temporary_proof_for_every_part_is_retried():
    down = receipt(ReceiptStatus.UNDELIVERED, temporary=True)
    gone = receipt(ReceiptStatus.UNDELIVERED)
    there = receipt(ReceiptStatus.DELIVERED)
    assert applied(row(), [(0, down)]).retry_at == NOW + RETRY_DELAYS[0]
    assert applied(row(2), [(0, down), (1, down)]).retry_at is not None
    assert applied(row(2), [(0, down)]).state is M.ACCEPTED
    assert applied(row(2), [(0, down), (1, there)]).retry_at is None
    assert applied(row(), [(0, down), (0, gone)]).retry_at is None
    last = applied(row(attempt=len(RETRY_DELAYS) + 1), [(0, down)])
    assert (last.state, last.retry_at) == (M.UNREACHABLE, None)
    assert sum(RETRY_DELAYS, timedelta()) < timedelta(hours=48)


def test_a_part_nobody_has_accepted_leaves_its_message_in_doubt():
    there = receipt(ReceiptStatus.DELIVERED)
    assert applied(row(2, M.UNCONFIRMED), [(0, there)]).state is M.UNCONFIRMED
    assert applied(row(2, M.UNCONFIRMED), [(0, there), (1, there)]).state is M.DELIVERED


def test_delivered_ends_a_waiting_retry():
    waiting = applied(row(), [(0, receipt(ReceiptStatus.UNDELIVERED, temporary=True))])
    queued = msgspec.structs.replace(waiting, state=M.QUEUED, retry_at=None)
    assert applied(queued, [(0, receipt(ReceiptStatus.DELIVERED))]).state is M.DELIVERED


def outcome(part: int, kind: K, permanence: Permanence | None = None) -> Outcome:
    return Outcome(1, part, kind, "id", "code", Cause.THROTTLED, permanence)


@pytest.mark.parametrize(
    ("outcomes", "state", "parts"),
    [
        ([(K.ACCEPTED, None)], M.ACCEPTED, 1),
        ([(K.ACCEPTED, None)] * 3, M.ACCEPTED, 7),
        ([(K.ACCEPTED, None), (K.IN_DOUBT, None)], M.UNCONFIRMED, 1),
        ([(K.NOT_WRITTEN, None), (K.IN_DOUBT, None)], M.UNCONFIRMED, 0),
        ([(K.REFUSED, Permanence.PERMANENT), (K.IN_DOUBT, None)], M.UNCONFIRMED, 0),
        ([(K.REFUSED, Permanence.TEMPORARY)], M.QUEUED, 0),
        ([(K.NOT_WRITTEN, None)] * 2, M.QUEUED, 0),
        ([(K.REFUSED, Permanence.PERMANENT)], M.REJECTED, 0),
        ([(K.ACCEPTED, None), (K.REFUSED, Permanence.TEMPORARY)], M.REJECTED, 1),
        ([(K.ACCEPTED, None), (K.NOT_WRITTEN, None)], M.REJECTED, 1),
    ],
)
def test_a_message_goes_again_only_when_every_part_is_proven_absent(outcomes, state, parts):
    verdict = judge([outcome(n, *one) for n, one in enumerate(outcomes)])
    assert (verdict.state, verdict.parts_accepted) == (state, parts)


def test_ranks_merge_digit_by_digit():
    assert merge_ranks(0x19, 0x91) == 0x99
    assert merge_ranks(0, Rank.DELIVERED) == Rank.DELIVERED


def test_what_was_decided_without_a_receipt_stays_decided():
    """A receipt for a row that was cancelled, excluded or is on the wire decides nothing."""
    there = receipt(ReceiptStatus.DELIVERED)
    for state in (M.EXCLUDED, M.CANCELLED, M.SUBMITTING):
        assert applied(row(state=state), [(0, there)]).state is state


def test_a_late_temporary_refusal_moves_nothing_that_went_on():
    """The message is queued again already, or was given up: the older proof changes no state."""
    down = receipt(ReceiptStatus.UNDELIVERED, temporary=True)
    for state in (M.QUEUED, M.UNREACHABLE):
        before = msgspec.structs.replace(row(), state=state)
        assert applied(before, [(0, down)]).state is state


def test_the_counter_a_message_stands_in():
    """Waiting for a retry is a counter of its own: it is not final."""
    waiting = applied(row(), [(0, receipt(ReceiptStatus.UNDELIVERED, temporary=True))])
    assert waiting.counter == "waiting_retry"
    given_up = msgspec.structs.replace(waiting, retry_at=None)
    assert given_up.counter == "undelivered"
    assert row(state=M.QUEUED).counter != given_up.counter


def test_resends_wait_longer_and_longer_up_to_the_last_delay():
    delays = [resend_delay_seconds(number) for number in range(len(RESEND_DELAYS_SECONDS) + 3)]
    assert delays == sorted(delays)
    assert delays[-1] == RESEND_DELAYS_SECONDS[-1]
