"""Medians of added histograms stay within the width of a bucket."""

import math

from hypothesis import given, strategies as st

from backend.statistics.waits import (
    BUCKET_MAX,
    BUCKET_RATIO,
    bucket_of,
    bucket_seconds,
    quantile_seconds,
)

WAITS = st.lists(st.integers(min_value=1, max_value=3_000_000), min_size=1, max_size=200)


@given(WAITS, st.sampled_from((0.5, 0.95, 1.0)))
def test_a_quantile_is_at_most_half_a_bucket_off(waits, share):
    histogram: dict[int, int] = {}
    for seconds in waits:
        bucket = bucket_of(seconds)
        histogram[bucket] = histogram.get(bucket, 0) + 1
    exact = sorted(waits)[max(1, math.ceil(share * len(waits))) - 1]
    found = quantile_seconds(histogram, share)
    assert found is not None
    assert abs(found - exact) <= 1 + exact * (math.sqrt(BUCKET_RATIO) - 1)


def test_the_ends_of_the_scale():
    assert quantile_seconds({}, 0.5) is None
    assert bucket_of(0.4) == 0
    assert bucket_seconds(0) == 0
    assert bucket_of(10**9) == BUCKET_MAX
    assert 49 * 86_400 < bucket_seconds(BUCKET_MAX) < 50 * 86_400
