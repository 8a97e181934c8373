from typing import Any

import pytest


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    # The loop the worker processes run on.
    return "asyncio", {"use_uvloop": True}
