"""Do the tests bite? Each mutant breaks one rule in a copy of the source, and a named test of that
copy must turn red. A mutant whose line is gone fails too: it would prove nothing any more.
"""

import asyncio
import os
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.delivery.factories import ROOT

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]
COPIED = ("backend", "workers", "migrations", "tests", "pyproject.toml")
TESTS_FAILED = 1
"""What pytest answers then; anything else means that the test never ran."""


class Mutant(NamedTuple):
    path: str
    line: str
    instead: str
    test: str


MUTANTS = {
    # What the carrier may have goes again.
    "blind_retry": Mutant(
        "backend/delivery/states.py",
        "return Verdict(M.UNCONFIRMED, accepted, None, doubtful.code)",
        'return Verdict(M.QUEUED, 0, "unknown", doubtful.code)',
        "tests/delivery/test_in_doubt.py::test_what_the_carrier_may_have_never_goes_again",
    ),
    # A move no longer asks whether the session is still what was read.
    "no_cas": Mutant(
        "backend/campaigns/queries/sessions.py",
        "AND state = $3 AND state_version = $4",
        "AND $3::text <> '' AND $4::int >= 0",
        "tests/campaigns/test_states.py::test_a_lost_compare_and_set_is_told",
    ),
    # What stands in the row is no longer compared with what the moderator saw.
    "no_version_check": Mutant(
        "backend/moderation/service/rulings.py",
        "if is_there and current != case.content_hash:",
        "if is_there and not current:",
        "tests/moderation/test_voting.py::test_what_changed_by_sql_after_the_vote_is_not_approved",
    ),
    # A stop keeps the credits of what it cancelled.
    "skip_release": Mutant(
        "backend/delivery/service/stopping.py",
        "if released and session.hold_id is not None:",
        "if released < 0 and session.hold_id is not None:",
        "tests/delivery/test_claims.py::test_stops_racing_claims_add_up",
    ),
}


def copy_to(home: Path) -> None:
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
            shutil.copytree(source, home / name, ignore=ignored)
        else:
            shutil.copy(source, home / name)


async def outcome_of(home: Path, test: str, server_url: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pytest", test, "-q", "-p", "no:cacheprovider", "-p", "no:xdist"),
        *("-o", "addopts=-p no:asyncio --strict-markers"),
        cwd=home,
        env={**os.environ, "CLEARSEND_TEST_OWNER_URL": server_url, "PYTHONPATH": str(home)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), 240)
    return process.returncode or 0, output.decode()


@pytest.mark.parametrize("name", MUTANTS)
async def test_a_mutant_turns_its_test_red(name, tmp_path, server_url, database):
    mutant = MUTANTS[name]
    copy_to(tmp_path)
    source = tmp_path / mutant.path
    text = source.read_text()
    assert text.count(mutant.line) == 1, f"{name}: its line is not there any more"
    source.write_text(text.replace(mutant.line, mutant.instead))
    code, output = await outcome_of(tmp_path, mutant.test, server_url)
    assert code == TESTS_FAILED, f"{name} lives:\n{output[-3000:]}"
    assert f"FAILED {mutant.test}" in output, output[-3000:]
