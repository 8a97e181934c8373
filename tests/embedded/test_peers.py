"""The plugin that leaves tests out aloud, run as pytest runs it."""

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
SAMPLE = """
import pytest

@pytest.mark.browser
def test_pages(): pass

@pytest.mark.peer("kannel")
def test_bearerbox(): pass

def test_rest(): pass
"""


def run_sample(directory: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    (directory / "test_sample.py").write_text(SAMPLE)
    (directory / "pytest.ini").write_text("[pytest]\nmarkers = browser: drives Chromium\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.peers", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, "-n", "2", str(directory)],
        cwd=directory,
        # A path with no program on it: nothing is installed.
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PATH": str(directory), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_rest_runs_and_what_was_left_out_is_said(tmp_path):
    said = run_sample(tmp_path, CLEARSEND_REQUIRE_BROWSER="")
    assert said.returncode == 0, said.stdout
    assert "LEFT OUT: 1 tests that need chromium" in said.stdout
    assert "1 passed" in said.stdout or "2 passed" in said.stdout  # Kannel's path is absolute


def test_where_a_browser_is_required_its_absence_fails(tmp_path):
    said = run_sample(tmp_path, CLEARSEND_REQUIRE_BROWSER="1")
    assert said.returncode != 0
    assert "must not go without" in said.stdout + said.stderr
