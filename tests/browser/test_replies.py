"""A reply reaches the page, and a lead stops and lets go on, by mouse."""

import pytest
from playwright.async_api import expect

from backend.identity.service.login import DEMO_PASSWORD
from tests.browser.stage import WAIT_MS_MAX, Stage
from tests.journeys.system import System, cast_of
from tests.journeys.test_reply_journeys import counted, sent, write

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(240)]
expect.set_options(timeout=WAIT_MS_MAX)


async def test_replies_on_the_session_page_and_switches_on_the_desk(
    system: System, stage: Stage, tmp_path
):
    async with cast_of(system, "Talkative") as cast:
        await cast.import_people(5)
        await cast.top_up(100, "talkative-1")
        session = await sent(cast, "Ask them")
        numbers = {person.phone.removeprefix("+") for person in cast.persons}
        got = list(
            {r.destination: r for r in system.accepted() if r.destination in numbers}.values()
        )
        await write(system, got[0].destination, got[0].source, "STOP")
        await write(system, got[1].destination, got[1].source, "Yes, two of us")
        await counted(cast, session["id"], stops=1, others=1)

        owner = await stage.window("owner")
        await owner.page.goto("/login")
        await owner.page.get_by_label("E-mail").fill("talkative@journey.example")
        await owner.page.get_by_role("textbox", name="Password").fill(DEMO_PASSWORD)
        await owner.page.keyboard.press("Enter")
        await owner.page.get_by_role("navigation").first.wait_for()
        await owner.page.goto(f"/campaigns/{session['id']}?tab=replies")
        await expect(owner.page.get_by_role("cell", name="Yes, two of us")).to_be_visible()
        await owner.shot(tmp_path / "replies.png")

        lead = await stage.person("Moderation lead · Jonas Lie")
        await lead.page.goto("/sending")
        await lead.page.get_by_role("button", name="Stop all sending").click()
        await lead.page.get_by_role("textbox", name="Reason").fill("A wrong link is out")
        dialog = lead.page.get_by_role("dialog")
        await dialog.get_by_role("button", name="Stop all sending").click()
        await expect(lead.page.get_by_text("A wrong link is out")).to_be_visible()
        await lead.shot(tmp_path / "sending.png", full_page=True)
        await lead.page.get_by_role("button", name="Let sending go on").click()
        await lead.page.get_by_role("textbox", name="Reason").fill("It was mended")
        await dialog.get_by_role("button", name="Let sending go on").click()
        await expect(lead.page.get_by_role("button", name="Stop all sending")).to_be_visible()
        await lead.page.goto(f"/tenants/{cast.tenant_id}")
        await expect(lead.page.get_by_role("button", name="Suspend")).to_be_visible()
        await lead.shot(tmp_path / "tenant.png", full_page=True)
    assert not await stage.close()
