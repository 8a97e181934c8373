"""`python -m workers [--queues bulk transactional]`: Dramatiq's processes for some queues."""

import argparse
import sys
from typing import Any

from dramatiq import cli

from backend.settings import load
from workers.queues import Queue

SHUTDOWN_MS = 20_000


def main() -> int:
    settings = load()
    parser = argparse.ArgumentParser(prog="python -m workers")
    parser.add_argument(
        "--queues", nargs="+", choices=[q.value for q in Queue], default=list(Queue)
    )
    parser.add_argument("--processes", type=int, default=settings.worker_processes)
    parser.add_argument("--threads", type=int, default=settings.worker_threads)
    chosen = parser.parse_args()
    words = ["workers.broker:broker", "workers.features", "--queues", *map(str, chosen.queues)]
    words += ["--processes", str(chosen.processes), "--threads", str(chosen.threads)]
    words += ["--worker-shutdown-timeout", str(SHUTDOWN_MS), "--use-spawn"]
    dramatiq: Any = cli  # untyped
    return int(dramatiq.main(dramatiq.make_argument_parser().parse_args(words)))


if __name__ == "__main__":
    sys.exit(main())
