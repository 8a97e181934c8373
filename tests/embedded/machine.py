"""A whole machine in small, run as a program by `test_supervisor.py`: the real supervisor and
servers, and children that behave like the product's: one with children of its own (a Dramatiq
master), one that dies, one that does not listen to SIGTERM.
"""

import sys

from backend import settings
from backend.embedded import supervisor
from backend.embedded.children import ProcessSpec

STEADY = "import time\nprint('ready', flush=True)\nwhile True: time.sleep(1)"
MASTER = (
    "import os, signal, subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\n"
    "print('master', os.getpid(), 'worker', child.pid, flush=True)\n"
    "try:\n"
    "    while True: time.sleep(1)\n"
    "finally:\n"
    "    child.terminate(); child.wait(); print('orderly', flush=True)\n"
)
DEAF = (
    "import signal, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('deaf', flush=True)\n"
    "while True: time.sleep(1)\n"
)
CHILDREN = {
    "api": ProcessSpec("api", (sys.executable, "-c", STEADY)),
    "workers": ProcessSpec("workers", (sys.executable, "-c", MASTER)),
    "deaf": ProcessSpec("deaf", (sys.executable, "-c", DEAF)),
    "dying": ProcessSpec("dying", (sys.executable, "-c", "raise SystemExit(3)")),
    "carrier": ProcessSpec("carrier", (sys.executable, "-c", MASTER), stop_stage=1),
}


def main() -> None:
    supervisor.run(
        settings.load(),
        specs=lambda _: [CHILDREN[name] for name in sys.argv[1:]],
        prepare=lambda complete: print("prepared", complete.database_owner_url, flush=True),
    )


if __name__ == "__main__":
    main()
