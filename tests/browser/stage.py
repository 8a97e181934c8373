"""Windows of a real browser on a running system, and what their pages complained of."""

import asyncio
from contextlib import suppress
from pathlib import Path

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Request,
    Response,
)

from tests.journeys.system import System

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WAIT_MS_MAX = 30_000
CLOSE_SECONDS_MAX = 10.0
DESKTOP = (1440, 900)
PHONE = (390, 844)
# What a page asks, knowing that the answer may be a refusal.
EXPECTED_REFUSALS = {
    ("GET", "/v1/session", 401): "nobody is logged in yet",
    ("POST", "/v1/cases/next/claim", 404): "the queue is empty",
    ("POST", "/v1/schedules/preview", 422): "a time that does not exist, or comes twice",
}


class Window:
    """One person's browser window."""

    def __init__(self, name: str, context: BrowserContext, page: Page) -> None:
        self.name = name
        self.context = context
        self.page = page
        self.complaints: list[str] = []
        self._expected = set(EXPECTED_REFUSALS)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(f"{name}: {error}"))
        page.on("requestfailed", self._on_failed)
        page.on("response", self._on_response)

    def _on_console(self, message: ConsoleMessage) -> None:
        # Refused requests are judged where their method and status are known.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(f"{self.name}: {message.text}")

    def _on_failed(self, request: Request) -> None:
        # A page that is left takes its requests and its event stream with it.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{self.name}: {request.method} {request.url} {request.failure}")

    async def _on_response(self, response: Response) -> None:
        path = "/" + response.url.split("/", 3)[3].split("?")[0]
        asked = (response.request.method, path, response.status)
        if response.status >= 400 and asked not in self._expected:
            complaint = f"{self.name}: {asked} {response.request.post_data}"
            self.complaints.append(complaint)
            with suppress(Error):  # the page was left, and took the answer's words with it
                self.complaints.append(await response.text())

    def expect_refusal(self, method: str, path: str, status: int) -> None:
        """What the person tries, knowing that somebody else was faster."""
        self._expected.add((method, path, status))

    async def log_in_as(self, card: str) -> None:
        """By the demo's role card of this title."""
        await self.page.goto("/login")
        # Tests that share the system bring people of their own: the demo's stand first.
        await self.page.get_by_role("button", name=card).first.click()
        await self.page.get_by_role("navigation").first.wait_for()

    async def shot(self, path: Path, *, full_page: bool = False) -> None:
        await self.page.evaluate("document.fonts.ready")
        await self.page.screenshot(path=path, animations="disabled", full_page=full_page)


class Stage:
    """Opens windows, each in a context of its own: people do not share cookies."""

    def __init__(self, browser: Browser, system: System) -> None:
        self.browser = browser
        self.system = system
        self.windows: list[Window] = []

    async def window(self, name: str, size: tuple[int, int] = DESKTOP) -> Window:
        width, height = size
        context = await self.browser.new_context(
            base_url=self.system.settings.url,
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
            color_scheme="light",
            locale="en-GB",
            timezone_id="Europe/Oslo",
        )
        context.set_default_timeout(WAIT_MS_MAX)
        opened = Window(name, context, await context.new_page())
        self.windows.append(opened)
        return opened

    async def person(self, card: str, size: tuple[int, int] = DESKTOP) -> Window:
        opened = await self.window(card, size)
        await opened.log_in_as(card)
        return opened

    async def photograph(self, directory: Path) -> list[Path]:
        """What every window shows now, for whoever reads a failure."""
        paths = []
        for number, window in enumerate(self.windows):
            path = directory / f"window-{number}.png"
            await window.shot(path)
            paths.append(path)
        return paths

    async def close(self) -> list[str]:
        """All complaints, once every window is closed."""
        for window in self.windows:
            await asyncio.wait_for(window.context.close(), CLOSE_SECONDS_MAX)
        return [complaint for window in self.windows for complaint in window.complaints]
