"""How a picture of docs/pictures is taken."""

from pathlib import Path
from typing import Literal

from tests.browser.stage import DESKTOP, PHONE, Window

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
PICTURE_BYTES_MAX = 400_000


async def picture(window: Window, name: str, address: str, ready: str) -> None:
    """Light and dark, at the desk and on a phone."""
    page = window.page
    views: tuple[tuple[tuple[int, int], Literal["light", "dark"], str], ...] = (
        (DESKTOP, "light", "light"),
        (DESKTOP, "dark", "dark"),
        (PHONE, "light", "mobile"),
        (PHONE, "dark", "mobile-dark"),
    )
    for size, scheme, suffix in views:
        width, height = size
        await page.set_viewport_size({"width": width, "height": height})
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await page.goto(address)
        await page.locator(ready).first.wait_for()
        for waiting in await page.get_by_role("status", name="Loading").all():
            await waiting.wait_for(state="detached")
        path = PICTURES / f"{name}-{suffix}.png"
        await window.shot(path)
        size_bytes = path.stat().st_size
        if size_bytes > PICTURE_BYTES_MAX:
            raise SystemExit(f"{path.name}: {size_bytes} bytes, at most {PICTURE_BYTES_MAX}")
    await page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
