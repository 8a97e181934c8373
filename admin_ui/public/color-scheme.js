// Runs before the first paint, so that a dark page never flashes white.
(() => {
  let scheme = null;
  try {
    scheme = localStorage.getItem("mantine-color-scheme-value");
  } catch {
    // Storage may be refused; the system's choice is used then.
  }
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const chosen = scheme === "dark" || scheme === "light" ? scheme : dark ? "dark" : "light";
  document.documentElement.setAttribute("data-mantine-color-scheme", chosen);
})();
