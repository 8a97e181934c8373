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
BUGS = {
    "NO_CAS": "DECIDING",
    "NO_VERSION_CHECK": "DECIDING",
    "NO_UNDO_CHECK": "DECIDING",
    "CANCEL_LEAVES_CASE": "DECIDING",
    "SETTLE_TWICE": "SENDING",
}
"""What is broken on purpose, and the scene that must find it."""


def numbered(prefix: str, names: type[StrEnum]) -> list[str]:
    return [f"#define {prefix}_{one.name} {at}" for at, one in enumerate(names)]


def written_table() -> str:
    """Promela: a macro for each event, which names the state it leads to, or NONE."""
    lines = ["/* Generated from campaigns/states.py. */", f"#define NONE {NONE}"]
    lines += numbered("S", SessionState)
    for event in SessionEvent:
        moves = "".join(
            f" :: at == S_{at.name} -> to = S_{to.name}"
            for (at, one), to in TRANSITIONS.items()
            if one is event
        )
        lines.append(
            f"#define target_E_{event.name}(at, to) to = NONE; if{moves} :: else -> skip fi"
        )
    return "\n".join([*lines, ""])


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
    found = {}
    for name, moves in re.findall(r"target_E_(\w+)\(at, to\) (.*)", written_table()):
        for at, to in re.findall(r"at == S_(\w+) -> to = S_(\w+)", moves):
            found[SessionState[at], SessionEvent[name]] = SessionState[to]
    assert found == TRANSITIONS
    used = set(re.findall(r"\bE_([A-Z_]+)", MODEL.read_text()))
    assert used <= {event.name for event in SessionEvent}
    assert len(used) >= 15, used


@pytest.mark.parametrize("scene", ["DECIDING", "SENDING"])
def test_no_promise_is_broken(scene, tmp_path):
    report = search(tmp_path, scene)
    assert errors(report) == 0, report
    assert "max search depth too small" not in report
    assert "Search not completed" not in report
    print(report)


@pytest.mark.parametrize(("bug", "scene"), BUGS.items())
def test_a_seeded_bug_is_found(bug, scene, tmp_path):
    assert errors(search(tmp_path, bug, scene)) >= 1
