"""The limiters on a real Valkey."""

import asyncio
from uuid import UUID

import pytest
from redis.asyncio import Redis

from backend.api import login_limit, rate_limit
from backend.api.login_limit import check_login_try, remember_login
from backend.api.rate_limit import ALLOWANCES, Allowance, Bucket, bucket_address, take
from backend.kernel.errors import TooManyRequests, Unavailable
from backend.kernel.principal import MemberRole
from tests.api.conftest import free_port
from tests.api.demo import KEY, Credentials, build, client_of, member

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """A loaded machine may need longer than the product would wait."""
    monkeypatch.setattr(rate_limit, "LIMITER_TIMEOUT_SECONDS", 5.0)
    monkeypatch.setattr(login_limit, "GUARDED_TIMEOUT_SECONDS", 5.0)


def bucket(name="a", per_minute=60, burst=5):
    return Bucket(f"test:{name}", per_minute, burst)


async def test_a_burst_then_the_rate(redis):
    slow = bucket(per_minute=1)
    verdicts = [await take(redis, [slow]) for _ in range(6)]
    assert [verdict.allowed for verdict in verdicts] == [True] * 5 + [False]
    assert [verdict.remaining for verdict in verdicts] == [4, 3, 2, 1, 0, 0]
    assert verdicts[-1].retry_after_seconds in {59, 60}


async def test_tokens_come_back(redis):
    slow = bucket(per_minute=1, burst=1)
    assert (await take(redis, [slow])).allowed
    assert not (await take(redis, [slow])).allowed
    await redis.hincrby(slow.key, "m", -60_000)  # a minute passes
    assert (await take(redis, [slow])).allowed
    assert not (await take(redis, [slow])).allowed


async def test_many_at_once_get_exactly_the_burst(redis):
    slow = bucket(per_minute=1, burst=20)
    verdicts = await asyncio.gather(*(take(redis, [slow]) for _ in range(50)))
    assert sum(verdict.allowed for verdict in verdicts) == 20


async def test_all_buckets_or_none(redis):
    wide, narrow = bucket("wide", 1, 10), bucket("narrow", 1, 1)
    assert (await take(redis, [wide, narrow])).allowed
    refusal = await take(redis, [wide, narrow])
    assert (refusal.allowed, refusal.bucket.key) == (False, "test:narrow")
    assert refusal.retry_after_seconds in {59, 60}
    assert (await take(redis, [wide])).remaining == 8


async def test_buckets_are_forgotten_when_full_again(redis):
    await take(redis, [bucket(per_minute=600, burst=10)])
    assert 0 < await redis.pttl("test:a") <= 2000


def test_addresses_by_network():
    assert bucket_address("2001:db8:1:2:3::9") == bucket_address("2001:db8:1:2::1")
    assert bucket_address("2001:db8:1:3::1") != bucket_address("2001:db8:1:2::1")
    assert bucket_address("::ffff:192.0.2.1") == "192.0.2.1"
    assert bucket_address("") == bucket_address("nonsense") == "unknown"


async def test_a_route_says_what_is_left_and_when_to_come_back(redis, monkeypatch):
    monkeypatch.setitem(ALLOWANCES, ("key", "read"), Allowance(per_minute=60, burst=2))
    async with client_of(build(redis=redis)) as client:
        first = await client.get("/v1/things", headers=KEY)
        assert first.status_code == 200
        assert first.headers["ratelimit-limit"] == "2"
        assert first.headers["ratelimit-remaining"] == "1"
        assert first.headers["ratelimit-reset"] == "1"
        await client.get("/v1/things", headers=KEY)
        refusal = await client.get("/v1/things", headers=KEY)
        assert (refusal.status_code, refusal.json()["code"]) == (429, "rate_limited")
        assert refusal.headers["retry-after"] == "1"
        assert refusal.json()["retry_after_seconds"] == 1
        assert (await client.get("/v1/health", headers=KEY)).status_code == 200
        path = "/v1/things/01890a5d-ac96-774b-bcce-b302099a8003/pause"
        assert (await client.post(path, headers=KEY)).status_code == 200


async def test_one_tenant_does_not_use_up_another_s(redis, monkeypatch):
    monkeypatch.setitem(ALLOWANCES, ("tenant", "read"), Allowance(per_minute=60, burst=1))
    credentials = Credentials()
    other = credentials.log_in(member(MemberRole.OWNER, UUID(int=77)))
    async with client_of(build(credentials, redis=redis)) as client:
        assert (await client.get("/v1/things", headers=KEY)).status_code == 200
        assert (await client.get("/v1/things", headers=KEY)).status_code == 429
        assert (await client.get("/v1/things", headers=other)).status_code == 200


async def test_without_redis_requests_pass_and_soon():
    gone = Redis.from_url(f"redis://127.0.0.1:{free_port()}/0")
    async with client_of(build(redis=gone)) as client:
        answer = await client.get("/v1/things", headers=KEY)
    await gone.aclose()
    assert answer.status_code == 200
    assert "ratelimit-limit" not in answer.headers


async def test_a_redis_that_does_not_answer_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(rate_limit, "LIMITER_TIMEOUT_SECONDS", 0.2)

    async def silent(reader, writer):
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    mute = Redis.from_url(f"redis://127.0.0.1:{port}/0")
    started = asyncio.get_running_loop().time()
    async with client_of(build(redis=mute)) as client:
        answer = await client.get("/v1/things", headers=KEY)
    assert answer.status_code == 200
    assert asyncio.get_running_loop().time() - started < 3
    await mute.aclose()
    server.close()


async def test_wrong_keys_are_counted_by_address(redis, monkeypatch):
    monkeypatch.setattr(rate_limit, "REFUSED_KEYS_BURST", 3)
    wrong = {"authorization": "Bearer sk_live_wrong"}
    async with client_of(build(redis=redis)) as client:
        found = [(await client.get("/v1/things", headers=wrong)).status_code for _ in range(5)]
        assert found == [401, 401, 401, 429, 429]
        assert (await client.get("/v1/things", headers=KEY)).status_code == 200


async def tries(redis, account, address, count):
    passed, waits = 0, []
    for _ in range(count):
        try:
            await check_login_try(redis, account, address)
            passed += 1
        except TooManyRequests as refusal:
            waits.append(refusal.facts["retry_after_seconds"])
    assert all(wait >= 1 for wait in waits)
    return passed


async def test_b53_fifty_tries_on_one_account(redis):
    assert await tries(redis, "a@b.test", "6.6.6.6", 50) == login_limit.PAIR_TRIES_BURST


async def test_b53_the_victim_is_not_locked_out(redis):
    await tries(redis, "victim@b.test", "6.6.6.6", 50)
    assert await tries(redis, "victim@b.test", "203.0.113.5", 1) == 1


async def test_b53_many_addresses_on_one_account_do_not_lock_out_a_known_one(redis):
    await remember_login(redis, "victim@b.test", "203.0.113.5")
    attack = [await tries(redis, "victim@b.test", f"6.6.6.{n}", 5) for n in range(20)]
    assert sum(attack) == login_limit.ACCOUNT_TRIES_BURST
    assert await tries(redis, "victim@b.test", "198.51.100.1", 1) == 0
    assert await tries(redis, "Victim@b.test ", "203.0.113.5", 1) == 1


async def test_b53_one_try_on_each_of_a_thousand_accounts(redis):
    passed = sum([await tries(redis, f"{n}@b.test", "6.6.6.6", 1) for n in range(200)])
    assert login_limit.ADDRESS_TRIES_BURST <= passed <= login_limit.ADDRESS_TRIES_BURST + 2


async def test_b53_the_whole_platform_has_a_limit(redis, monkeypatch):
    monkeypatch.setattr(login_limit, "PLATFORM_TRIES_BURST", 10)
    monkeypatch.setattr(login_limit, "PLATFORM_TRIES_PER_MINUTE", 1)
    passed = [await tries(redis, f"{n}@b.test", f"6.6.{n}.6", 1) for n in range(15)]
    assert sum(passed) == 10


async def test_b53_spelling_the_account_differently_is_the_same_account(redis):
    assert await tries(redis, "A@B.test", "6.6.6.6", 3) == 3
    assert await tries(redis, " a@b.TEST", "6.6.6.6", 3) == 2


async def test_a_success_gives_the_tries_back(redis):
    await tries(redis, "a@b.test", "203.0.113.5", 5)
    await remember_login(redis, "a@b.test", "203.0.113.5")
    assert await tries(redis, "a@b.test", "203.0.113.5", 1) == 1


async def test_no_address_of_a_person_stands_in_redis(redis):
    await tries(redis, "someone@b.test", "6.6.6.6", 1)
    await remember_login(redis, "someone@b.test", "6.6.6.6")
    assert not [key for key in await redis.keys() if b"someone" in key]


async def test_without_redis_nobody_guesses_for_free():
    gone = Redis.from_url(f"redis://127.0.0.1:{free_port()}/0")
    with pytest.raises(Unavailable):
        await check_login_try(gone, "a@b.test", "6.6.6.6")
    await gone.aclose()


async def test_a_slow_redis_delays_a_login_and_is_not_waited_for_elsewhere(redis, monkeypatch):
    monkeypatch.setattr(rate_limit, "LIMITER_TIMEOUT_SECONDS", 0.2)
    await redis.client_pause(600)
    with pytest.raises(TimeoutError):  # the guard lets such a request pass uncounted
        await take(redis, [bucket()])
    await check_login_try(redis, "a@b.test", "203.0.113.5")
