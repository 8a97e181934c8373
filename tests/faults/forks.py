"""Programs for a test to kill, each in a fork of one interpreter that has imported them already: a
new interpreter for every kill would cost more than what is killed.

`python -m tests.faults.forks`: a line on stdin names a module, its plan and a fault; a fork runs
the module's `run(Plan)` with it, and its exit code is a line on stdout.
"""

import asyncio
import atexit
import functools
import importlib
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import msgspec
import uvloop

from backend.kernel import faults

ROOT = Path(__file__).parents[2]
ERROR_BYTES_SHOWN = 3_000


class Program(NamedTuple):
    process: subprocess.Popen[bytes]
    errors: BinaryIO

    def said(self) -> str:
        self.errors.seek(0)
        return self.errors.read()[-ERROR_BYTES_SHOWN:].decode()

    def kill(self) -> None:
        """With its fork, which shares its group."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Asked(msgspec.Struct):
    module: str
    plan: msgspec.Raw
    fault: str


@functools.cache
def _program() -> Program:
    errors = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the program runs
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.forks"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        start_new_session=True,
    )
    program = Program(process, errors)
    atexit.register(program.kill)
    return program


def _answer(program: Program, asked: Asked) -> int:
    process = program.process
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(msgspec.json.encode(asked) + b"\n")
    process.stdin.flush()
    line = process.stdout.readline()
    assert line, program.said()
    return int(line)


async def run_fork(module: str, plan: dict[str, Any], fault: str, seconds_max: float) -> int:
    """For the test: what the fork ended with, 0 or the kill."""
    program = _program()
    asked = Asked(module, msgspec.Raw(msgspec.json.encode(plan)), fault)
    answer = asyncio.ensure_future(asyncio.to_thread(_answer, program, asked))
    done, _ = await asyncio.wait({answer}, timeout=seconds_max)
    if not done:
        _program.cache_clear()
        program.kill()
        await asyncio.wait({answer})
        raise TimeoutError(f"{module} did not end within {seconds_max} s: {program.said()}")
    code = answer.result()
    assert code in (0, -signal.SIGKILL), program.said()
    return code


def _in_a_fork(asked: Asked) -> int:
    program = importlib.import_module(asked.module)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            plan = msgspec.json.decode(asked.plan, type=program.Plan)
            with faults.armed(asked.fault):
                uvloop.run(program.run(plan))
            code = 0
        except Exception:  # noqa: BLE001 - the parent must hear of it, and go on
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    for line in sys.stdin.buffer:
        print(_in_a_fork(msgspec.json.decode(line, type=Asked)), flush=True)
