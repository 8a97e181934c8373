"""Handsets that write back at the shares a script says; by default none does."""

import pytest

from tests.gateways.lines import Recorder, carrier, gateway, submission, until

pytestmark = pytest.mark.anyio
SOON = "reply_delay_ms_min=0,reply_delay_ms_max=20"


def texts(recorder: Recorder) -> list[str]:
    return [message.body.decode() for message in recorder.messages]


async def test_shares_of_handsets_reply_after_their_receipts():
    recorder = Recorder()
    script = f"perfect,stop_reply_share=0.2,help_reply_share=0.1,text_reply_share=0.7,{SOON}"
    async with carrier(script) as running, gateway(running.smpp_port, recorder) as way:
        window = [submission(n, parts=1 + n % 2) for n in range(300)]
        await way.submit_window(window, timeout_seconds=10)
        await until(lambda: len(recorder.receipts) == 450 and len(recorder.messages) == 300)
        shown = running.carrier.handsets.shown()
    said = texts(recorder)
    assert len(said) == len({message.source for message in recorder.messages}), "once each"
    for text, share in (("STOP", 0.2), ("HELP", 0.1), ("Thanks, see you!", 0.7)):
        assert abs(said.count(text) / 300 - share) < 0.08, text
    assert {message.destination for message in recorder.messages} == {"Clearsend"}
    assert any(message.is_reply for message in shown)


async def test_nobody_answers_by_default_nor_what_asked_for_no_receipt_nor_what_never_came():
    recorder = Recorder()
    async with carrier("perfect") as running, gateway(running.smpp_port, recorder) as way:
        await way.submit_window([submission(n) for n in range(20)], timeout_seconds=10)
        await until(lambda: len(recorder.receipts) == 20)
    script = f"seed=1,stop_reply_share=1,{SOON}"
    async with carrier(script) as running, gateway(running.smpp_port, recorder) as way:
        window = [submission(1, "0002"), submission(2, "0001", wants_receipt=False)]
        await way.submit_window(window, timeout_seconds=10)
        await way.submit_window([submission(3, "0001")], timeout_seconds=10)
        await until(lambda: recorder.messages)
    assert [message.source for message in recorder.messages] == ["49170000000300" + "01"]
