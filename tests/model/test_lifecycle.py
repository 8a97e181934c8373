"""The life of a session, searched in full by spin: every interleaving of its people and processes.

The table of moves is generated from `campaigns/states.py`, so the model cannot say anything else
than the product does. A model that finds nothing proves nothing by itself: each seeded bug must be
found by the same search.
"""

import os
import re
import shutil
import subprocess
from enum import StrEnum
from pathlib import Path

import pytest

from backend.campaigns.states import TRANSITIONS, SessionEvent, SessionState

pytestmark = [pytest.mark.peer("spin"), pytest.mark.peer("gcc"), pytest.mark.timeout(900)]
MODEL = Path(__file__).with_name("session.pml")
NONE = 255
SEARCH_SECONDS_MAX = 600
MEMORY_MIB_MAX = 3_000
DEPTH_MAX = 20_000
BUGS = ("NO_CAS", "NO_VERSION_CHECK", "NO_UNDO_CHECK", "CANCEL_LEAVES_CASE", "SETTLE_TWICE")


def numbered(prefix: str, names: type[StrEnum]) -> list[str]:
    return [f"#define {prefix}_{one.name} {at}" for at, one in enumerate(names)]


def written_table() -> str:
    """Promela: one guarded line for each pair of the table, and NONE for every other."""
    lines = ["/* Generated from campaigns/states.py. */", f"#define NONE {NONE}"]
    lines += numbered("S", SessionState) + numbered("E", SessionEvent)
    lines += ["inline target(at, event, to) {", "  to = NONE;", "  if"]
    lines += [
        f"  :: at == S_{at.name} && event == E_{event.name} -> to = S_{to.name}"
        for (at, event), to in TRANSITIONS.items()
    ]
    return "\n".join([*lines, "  :: else -> skip", "  fi", "}", ""])


def search(home: Path, *defines: str) -> str:
    """Spin's report of the whole state space; at the first error found where a bug is seeded."""
    home.mkdir(exist_ok=True)
    shutil.copy(MODEL, home)
    (home / "transitions.pml").write_text(written_table())
    flags = [f"-D{one}" for one in defines]
    run(home, "spin", "-a", *flags, MODEL.name)
    run(
        home,
        "cc",
        "-O2",
        "-w",
        "-DSAFETY",
        "-DCOLLAPSE",
        f"-DMEMLIM={MEMORY_MIB_MAX}",
        "-o",
        "pan",
        "pan.c",
    )
    return run(home, "./pan", f"-m{DEPTH_MAX}")


def run(home: Path, *command: str) -> str:
    done = subprocess.run(
        command,
        cwd=home,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=SEARCH_SECONDS_MAX,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def errors(report: str) -> int:
    found = re.search(r"errors: (\d+)", report)
    assert found, report
    return int(found.group(1))


def test_the_table_in_the_model_is_the_products():
    text = written_table()
    lines = re.findall(r"at == S_(\w+) && event == E_(\w+) -> to = S_(\w+)", text)
    assert {
        (SessionState[at], SessionEvent[event]): SessionState[to] for at, event, to in lines
    } == TRANSITIONS
    used = set(re.findall(r"\bE_([A-Z_]+)", MODEL.read_text()))
    assert used <= {event.name for event in SessionEvent}
    assert len(used) >= 15, used


def test_no_promise_is_broken(tmp_path):
    report = search(tmp_path)
    assert errors(report) == 0, report
    assert "max search depth too small" not in report
    assert "Search not completed" not in report
    print(report)


@pytest.mark.parametrize("bug", BUGS)
def test_a_seeded_bug_is_found(bug, tmp_path):
    assert errors(search(tmp_path, bug)) >= 1
