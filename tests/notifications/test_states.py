from backend.kernel.principal import MemberRole
from backend.notifications.states import (
    MAIL_PAUSE_SECONDS_MAX,
    MAIL_TRIES_MAX,
    NoticeKind,
    crossed_level,
    kinds_seen_by,
    pause_seconds,
)


def test_who_only_reads_hears_of_sessions_and_not_of_credits():
    seen = kinds_seen_by(MemberRole.VIEWER)
    assert NoticeKind.REFUSED in seen
    assert NoticeKind.LOW_BALANCE not in seen
    assert NoticeKind.LOW_BALANCE in kinds_seen_by(MemberRole.BILLING)


def test_a_level_is_crossed_once_on_the_way_down():
    levels = (500, 100)
    assert crossed_level(levels, 600, 499) == 500
    assert crossed_level(levels, 600, 99) == 100, "the lowest of those it fell through"
    assert crossed_level(levels, 499, 400) is None
    assert crossed_level(levels, 500, 500) is None
    assert crossed_level((), 600, 0) is None


def test_pauses_double_and_end():
    pauses = [pause_seconds(tries) for tries in range(1, MAIL_TRIES_MAX + 1)]
    assert pauses[:3] == [15, 30, 60]
    assert max(pauses) == MAIL_PAUSE_SECONDS_MAX
    assert 12 * 3600 < sum(pauses) < 18 * 3600
