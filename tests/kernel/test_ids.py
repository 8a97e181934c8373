"""UUIDv7 as RFC 9562 has them, also where it leaves a choice."""

import time
from uuid import RFC_4122

import pytest

from backend.kernel import ids

MS = 0x017F_22E2_79B0
"""RFC 9562, appendix A.6: 2022-02-22 19:22:22 UTC."""


@pytest.mark.parametrize(
    ("nanoseconds", "fraction"), [(0, 0), (244, 0), (245, 1), (500_000, 0x800), (999_999, 0xFFF)]
)
def test_the_time_stands_in_front(monkeypatch, nanoseconds, fraction):
    monkeypatch.setattr(time, "time_ns", lambda: MS * 1_000_000 + nanoseconds)
    made = ids.uuid7()
    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int >> 64 == MS << 16 | 0x7 << 12 | fraction


def test_ids_of_one_instant_differ(monkeypatch):
    monkeypatch.setattr(time, "time_ns", lambda: MS * 1_000_000)
    drawn = {ids.uuid7() for _ in range(1_000)}
    assert len(drawn) == 1_000
    assert len({made.int >> 64 for made in drawn}) == 1


def test_ids_sort_as_they_were_made(monkeypatch):
    """A microsecond apart, across the end of a millisecond."""
    moments = iter(range(MS * 1_000_000 - 500_000, MS * 1_000_000 + 500_000, 1_000))
    monkeypatch.setattr(time, "time_ns", lambda: next(moments))
    made = [ids.uuid7() for _ in range(1_000)]
    assert made == sorted(made)
