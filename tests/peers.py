"""Tests that need what a wheel cannot bring: a browser, and programs of others that speak our
protocols. Where one is absent its tests are left out, and the run's last lines say so; with
`CLEARSEND_REQUIRE_BROWSER=1` a missing browser fails them instead.
"""

import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

LEFT_OUT = "left out, needs "
HINT = "`sudo deploy/dev/install-peers` installs it"
STRIPE_KEY = "CLEARSEND_STRIPE_TEST_KEY"
"""Of a Stripe account in test mode: the contract is then asked of Stripe itself, too."""
HINTS = {"stripe": f"{STRIPE_KEY}=sk_test_… names an account in test mode"}
# A peer's name in `@pytest.mark.peer(...)`, and the program that shows it is there.
PROGRAMS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "kannel": ("bearerbox", "/usr/sbin/bearerbox"),
    "rabbitmq": ("rabbitmq-server", "/usr/sbin/rabbitmq-server"),
    "pgbouncer": ("pgbouncer", "/usr/sbin/pgbouncer"),
    "spin": ("spin",),
    "gcc": ("cc", "gcc"),
    "postgresql-15": ("/usr/lib/postgresql/15/bin/postgres",),
}


def program_of(peer: str) -> str | None:
    """The path of the peer's program, None where it is absent; a service is there by its key."""
    if peer == "stripe":
        return os.environ.get(STRIPE_KEY)
    return next(filter(None, map(shutil.which, PROGRAMS[peer])), None)


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's path, for Playwright's `executable_path`: it downloads none of its own."""
    found = program_of("chromium")
    assert found, "mark the test `browser`"
    return Path(found)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "peer(name): talks to a program of somebody else's")


def pytest_runtest_setup(item: pytest.Item) -> None:
    wanted = {str(mark.args[0]) for mark in item.iter_markers("peer")}
    if item.get_closest_marker("browser"):
        wanted.add("chromium")
    missing = sorted(peer for peer in wanted if not program_of(peer))
    if "chromium" in missing and os.environ.get("CLEARSEND_REQUIRE_BROWSER"):
        pytest.fail(f"no Chromium, and this run must not go without: {HINT}", pytrace=False)
    if missing:
        pytest.skip(f"{LEFT_OUT}{', '.join(missing)}")


def pytest_terminal_summary(terminalreporter) -> None:
    left_out: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", ()):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        _, found, peers = reason.partition(LEFT_OUT)
        if found:
            left_out[peers] += 1
    for peers, count in sorted(left_out.items()):
        terminalreporter.write_line(
            f"LEFT OUT: {count} tests that need {peers}; {HINTS.get(peers, HINT)}"
        )
