"""Server-sent events through a real Valkey and a real server."""

import asyncio
import contextlib
import json
from uuid import UUID

import httpx
import pytest

from backend.api import listener, live
from backend.api.listener import Listener
from backend.api.live import LiveHub, channel_of, publish
from backend.kernel.errors import TooManyRequests, Unavailable
from backend.kernel.principal import MemberRole
from tests.api.demo import OTHER_TENANT, TENANT, Credentials, build, client_of, member
from tests.api.serving import serving

pytestmark = pytest.mark.anyio
TOPIC = "campaign_session:1"


@pytest.fixture
def credentials():
    return Credentials()


@pytest.fixture
async def desk(credentials, redis):
    app = build(credentials, redis=redis)
    async with serving(app) as address, httpx.AsyncClient(base_url=address, timeout=10) as client:
        yield client


async def blocks(answer):
    """Event by event: (name, data)."""
    name, data = "", ""
    async for line in answer.aiter_lines():
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            data = line[6:]
        elif line.startswith(":"):
            name = "comment"
        elif not line and name:
            yield name, data
            name, data = "", ""


@contextlib.asynccontextmanager
async def listening(client, headers, topics=TOPIC):
    url = f"/v1/events?topics={topics}"
    async with client.stream("GET", url, headers=headers) as answer:
        assert answer.status_code == 200, await answer.aread()
        found = blocks(answer)
        assert (await anext(found))[0] == "ready"
        yield answer, found


async def test_a_snapshot_arrives_at_its_tenant_only(desk, credentials, redis):
    mine = credentials.log_in(member(MemberRole.VIEWER), "mine")
    theirs = credentials.log_in(member(MemberRole.VIEWER, OTHER_TENANT), "theirs")
    async with listening(desk, mine) as (answer, ours), listening(desk, theirs) as (_, others):
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        await publish(redis, TENANT, TOPIC, {"id": "1", "version": 3, "percent": 40})
        await publish(redis, OTHER_TENANT, TOPIC, {"id": "1", "version": 9, "percent": 1})
        name, data = await anext(ours)
        expected = {"topic": TOPIC, "id": "1", "version": 3, "percent": 40}
        assert (name, json.loads(data)) == ("campaign_session", expected)
        assert json.loads((await anext(others))[1])["version"] == 9


async def test_topics_are_authorised(desk, credentials):
    headers = credentials.log_in(member(MemberRole.VIEWER))
    answer = await desk.get("/v1/events?topics=secret", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await desk.get(f"/v1/events?topics={TOPIC}")).status_code == 401


@pytest.mark.parametrize("topics", ["", ",", ",".join(f"t{n}" for n in range(21)), "x" * 101])
async def test_topics_have_limits(desk, credentials, topics):
    headers = credentials.log_in(member(MemberRole.VIEWER))
    assert (await desk.get(f"/v1/events?topics={topics}", headers=headers)).status_code == 422


async def test_pings_and_the_end_of_a_revoked_login(desk, credentials, monkeypatch):
    monkeypatch.setattr(live, "PING_SECONDS", 0.2)
    headers = credentials.log_in(member(MemberRole.VIEWER))
    async with listening(desk, headers) as (_, found):
        assert (await anext(found))[0] == "comment"
        credentials.sessions.clear()
        async with asyncio.timeout(3):
            assert all([name == "comment" async for name, _ in found])


async def test_after_a_lost_connection_listeners_are_told_to_ask_again(
    desk, credentials, redis, monkeypatch
):
    monkeypatch.setattr(live, "RECONNECT_SECONDS", 0.05)
    headers = credentials.log_in(member(MemberRole.VIEWER))
    async with listening(desk, headers) as (_, found):
        await redis.client_kill_filter(_type="pubsub")
        assert (await anext(found))[0] == "resync"
        await publish(redis, TENANT, TOPIC, {"id": "1", "version": 4})
        assert (await anext(found))[0] == "campaign_session"


async def test_one_subscriber_connection_for_all_streams(desk, credentials, redis):
    headers = credentials.log_in(member(MemberRole.VIEWER))
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(5):
            await stack.enter_async_context(listening(desk, headers))
        connected = await redis.client_list(_type="pubsub")
        assert len(connected) == 1
        assert (await redis.pubsub_numsub(channel_of(TENANT, TOPIC)))[0][1] == 1
    await until(lambda: nobody_listens(redis))


async def test_a_caller_has_a_limit_of_streams(redis, monkeypatch):
    monkeypatch.setattr(live, "STREAMS_PER_CALLER_LIMIT", 1)
    hub = LiveHub(redis)
    async with hub.lifespan(build()):
        await until(lambda: is_subscribed(hub))
        async with hub.listen("member:1", ["live:x"]):
            with pytest.raises(TooManyRequests):
                async with hub.listen("member:1", ["live:x"]):
                    pass
            async with hub.listen("member:2", ["live:x"]):
                pass
        async with hub.listen("member:1", ["live:x"]):
            pass


async def nobody_listens(redis):
    return (await redis.pubsub_numsub(channel_of(TENANT, TOPIC)))[0][1] == 0


async def is_subscribed(hub):
    return hub._subscriber is not None


async def until(condition, seconds=5.0):
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 # a server's state has no event of ours
            await asyncio.sleep(0.02)


async def test_without_redis_the_stream_is_refused_not_hung(credentials):
    headers = credentials.log_in(member(MemberRole.VIEWER))
    async with client_of(build(credentials)) as client:
        answer = await client.get(f"/v1/events?topics={TOPIC}", headers=headers)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    with pytest.raises(Unavailable):
        async with LiveHub(None).listen("x", ["live:x"]):
            pass


def snapshot(version, identity="1", **more: object):
    return json.dumps({"topic": "t", "id": identity, "version": version, **more}).encode()


async def test_a_slow_reader_gets_the_newest_per_id():
    reader = Listener(["live:t"])
    for version in (1, 3, 2):
        reader.offer("live:t", snapshot(version))
    reader.offer("live:t", snapshot(1, "2"))
    sent = (await reader.wait(1)).decode()
    assert sent.count("event: t\n") == 2
    assert '"version": 3' in sent
    assert '"version": 2' not in sent


async def test_a_reader_too_slow_is_told_to_ask_again(monkeypatch):
    monkeypatch.setattr(listener, "PENDING_LIMIT", 10)
    reader = Listener(["live:t"])
    for number in range(50):
        reader.offer("live:t", snapshot(1, str(number)))
    sent = await reader.wait(1)
    assert sent.startswith(b"event: resync\n")
    assert sent.count(b"event:") <= 11


async def test_a_line_break_in_a_value_breaks_no_event(desk, credentials, redis):
    headers = credentials.log_in(member(MemberRole.VIEWER))
    async with listening(desk, headers) as (_, found):
        await publish(redis, TENANT, TOPIC, {"id": "1", "text": "a\n\nevent: evil\r\ndata: x"})
        assert json.loads((await anext(found))[1])["text"].startswith("a\n\n")


def test_channels_carry_the_tenant():
    assert channel_of(None, "queue") == "live:platform:queue"
    assert channel_of(UUID(int=1), "queue") != channel_of(UUID(int=2), "queue")


async def listens_until(found) -> bool:
    """Whether nothing but pings came before the end."""
    async with asyncio.timeout(5):
        return all([name == "comment" async for name, _ in found])


async def test_a_revoked_key_stops_listening(desk, credentials, monkeypatch):
    monkeypatch.setattr(live, "PING_SECONDS", 0.2)
    headers = {"authorization": "Bearer sk_live_sender"}
    async with listening(desk, headers) as (_, found):
        assert (await anext(found))[0] == "comment"
        assert (await anext(found))[0] == "comment", "a key that is alive goes on"
        del credentials.keys["sk_live_sender"]
        assert await listens_until(found)


async def test_a_right_that_is_lost_ends_the_stream(desk, credentials, monkeypatch):
    """Still logged in, in another tenant by now: the topic is not theirs any more."""
    monkeypatch.setattr(live, "PING_SECONDS", 0.2)
    headers = credentials.log_in(member(MemberRole.VIEWER))
    async with listening(desk, headers) as (_, found):
        assert (await anext(found))[0] == "comment"
        credentials.log_in(member(MemberRole.VIEWER, OTHER_TENANT))
        assert await listens_until(found)


async def test_a_topic_that_is_withdrawn_ends_the_stream(desk, credentials, monkeypatch):
    monkeypatch.setattr(live, "PING_SECONDS", 0.2)
    headers = credentials.log_in(member(MemberRole.VIEWER))
    async with listening(desk, headers) as (_, found):
        assert (await anext(found))[0] == "comment"
        credentials.withdrawn.add(TOPIC)
        assert await listens_until(found)
