"""Becomes the command given, tied to the process that started it.

Run as a file by the supervisor: `python leash.py PARENT_PID COMMAND…`. Linux then sends SIGTERM
when the supervisor dies, even by kill -9; the mark survives the exec. A program of its own and not
a `preexec_fn`, which may deadlock in a process that has threads.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before the mark was set
        sys.exit(128 + signal.SIGTERM)
    os.execvp(command[0], command)  # noqa: S606  the command comes from the supervisor's own list


if __name__ == "__main__":
    main()
