"""Servers of the test run (interim: the launcher replaces this)."""

import pytest


@pytest.fixture(scope="session")
def postgres_url() -> str:
    return "postgresql://postgres@127.0.0.1:55432/postgres"
