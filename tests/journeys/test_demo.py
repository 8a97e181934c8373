"""`clearsend demo` and `clearsend demo-key`, as the README types them beside a running system."""

import asyncio
import json
import os
import sys

import httpx
import pytest

from backend.settings import environment
from tests.journeys.system import ROOT, System

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]
RECIPIENTS = 40
SAID = [
    *("recipients", "excluded", "accepted", "delivered", "undelivered", "unconfirmed"),
    *("segments", "credits_charged", "seconds", "messages_per_second", "prove"),
]


async def clearsend(system: System, *words: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "backend.cli", *words),
        env={**os.environ, **environment(system.settings), "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await process.communicate()
    return process.returncode, said.decode(), complained.decode()


async def test_the_demo_explains_everybody_and_ends_in_time_or_not_well(system: System):
    code, said, complained = await clearsend(
        system, "demo", "--recipients", str(RECIPIENTS), "--json"
    )
    assert code == 0, complained
    result = json.loads(said)
    assert list(result) == SAID
    assert result["recipients"] == RECIPIENTS == result["excluded"] + result["accepted"]
    assert result["accepted"] == result["delivered"] + result["undelivered"] > 0
    assert (result["unconfirmed"], result["prove"]) == (0, True)
    assert result["credits_charged"] >= result["segments"] >= result["accepted"]
    assert result["messages_per_second"] == pytest.approx(
        result["accepted"] / result["seconds"], rel=0.05
    )

    code, said, complained = await clearsend(
        system, "demo", "--recipients", str(RECIPIENTS), "--timeout", "0", "--json"
    )
    assert (code, said) == (1, "")
    assert complained.startswith("clearsend demo: ")

    code, said, complained = await clearsend(
        system, "demo", "--recipients", str(RECIPIENTS), "--timeout", "0"
    )
    assert code == 1, complained
    at, data = system.settings.url, system.settings.data_dir
    assert said == f"clearsend demo: on the running system at {at}, data in {data}\n"

    code, said, complained = await clearsend(system, "demo-key", "--tenant", "Nordlys Retail")
    assert code == 0, complained
    async with httpx.AsyncClient(base_url=system.settings.url) as client:
        bearer = {"Authorization": f"Bearer {said.strip()}"}
        assert (await client.get("/v1/campaigns", headers=bearer)).status_code == 200
        assert (await client.get("/v1/campaigns")).status_code == 401
