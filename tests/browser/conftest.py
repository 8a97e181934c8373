from collections.abc import AsyncIterator, Generator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from backend.app import PAGES_DIRECTORY
from backend.commands.api_client import Person
from backend.commands.connection import opened
from backend.commands.demo_accounts import LEAD, make_accounts
from backend.identity.service.login import DEMO_PASSWORD
from tests.browser.desk_rules import put_rules
from tests.browser.stage import FLAGS, Stage
from tests.journeys.system import System, running

_FAILED = pytest.StashKey[bool]()
UNDO_SECONDS = 20


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[_FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        await started.close()


@pytest.fixture(scope="session")
async def system() -> AsyncIterator[System]:
    """One for all tests of a process: each brings or names the people it needs. The tests stand
    side by side in the collection, so even in parallel two processes at most have one.
    """
    assert (PAGES_DIRECTORY / "index.html").is_file(), "`make ui` builds the pages"
    with running() as started:
        async with opened(started.complete):
            await make_accounts()
        yield started


@pytest.fixture
async def stage(
    browser: Browser, system: System, request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[Stage]:
    made = Stage(browser, system)
    yield made
    if request.node.stash.get(_FAILED, True):
        for path in await made.photograph(tmp_path):
            print(f"what the window showed: {path}")
        print(system.log())
    complaints = await made.close()
    assert not complaints


@pytest.fixture
async def time_to_undo(system: System) -> AsyncIterator[None]:
    """Twice what the product gives: on a busy machine pages are slow. Elsewhere tests decide at
    once.
    """
    async with await Person.log_in(system.settings.url, LEAD, DEMO_PASSWORD) as lead:
        before = await lead.get("/v1/desk-rules")
        await put_rules(lead, before["version"], {**before["rules"], "undo_seconds": UNDO_SECONDS})
        yield
        now = await lead.get("/v1/desk-rules")
        await put_rules(lead, now["version"], before["rules"])
