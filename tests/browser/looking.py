"""What is wrong with a page as it stands: for axe, and for who would have to scroll aside."""

from pathlib import Path
from typing import Final, Literal

from playwright.async_api import Page

Scheme = Literal["light", "dark"]
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")
AXE = Path(__file__).parents[2] / "admin_ui" / "node_modules" / "axe-core" / "axe.min.js"
# The page hears of another scheme and another width a frame or two later, and redraws in more.
SETTLED = """async (scheme) => {
  const frame = () => new Promise(requestAnimationFrame);
  const moving = () => document.getAnimations().some(({ effect }) =>
    Number.isFinite(effect.getComputedTiming().endTime));
  for (let still = 0; still < 3; await frame()) {
    const obeys = document.documentElement.dataset.mantineColorScheme === scheme;
    still = obeys && !moving() ? still + 1 : 0;
  }
}"""
LOOK = """async (within) => {
  const found = await axe.run(document.querySelector(within), {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    resultTypes: ["violations"],
  });
  const why = ({ html, any }) => `${html.slice(0, 160)} ${any.map(({ message }) => message)}`;
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(why).join(" | ")}`);
}"""
TOO_WIDE = """() => {
  const page = document.documentElement;
  return page.scrollWidth > page.clientWidth ? page.scrollWidth : 0;
}"""


async def problems_at(
    page: Page, size: tuple[int, int], scheme: Scheme, *, within: str = "html"
) -> list[str]:
    """`within` a selector: what an open dialog's veil covers is not meant to be read."""
    width, height = size
    await page.set_viewport_size({"width": width, "height": height})
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await page.evaluate(SETTLED, scheme)
    found = []
    if wide := await page.evaluate(TOO_WIDE):
        found.append(f"at {width} px, {scheme}: scrolls aside, {wide} px wide")
    seen = await page.evaluate(LOOK, within)
    return found + [f"at {width} px, {scheme}: {problem}" for problem in seen]
