"""`python -m backend.billing.simulator`: a payment provider in a process of its own.

The key of its API and the secret of its events come from the environment, where `ps` does not show
them. Prints one line of JSON with its address when it is ready; ends at SIGTERM or SIGINT.
"""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

import msgspec
import uvloop

from backend.billing.simulator.fates import METHODS
from backend.billing.simulator.server import serve
from backend.settings import Settings, load, require


def _numbers() -> str:
    lines = (
        f"  {method.number:<22} {method.fate} {method.decline_code or ''}" for method in METHODS
    )
    return "\n".join(["Numbers to pay with, and what becomes of them:", *lines])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m backend.billing.simulator",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=_numbers(),
    )
    parser.add_argument("--port", type=int, default=0, help="0 for a free one")
    parser.add_argument("--book", type=Path, required=True, help="file that keeps everything")
    parser.add_argument("--webhook-url", default="", help="where its events are posted")
    return parser.parse_args()


async def _run(arguments: argparse.Namespace, settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    arguments.book.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    async with serve(
        arguments.book,
        api_key=settings.stripe_api_key,
        webhook_secret=settings.stripe_webhook_secret,
        webhook_url=arguments.webhook_url,
        port=arguments.port,
    ) as provider:
        sys.stdout.buffer.write(msgspec.json.encode({"url": provider.url}) + b"\n")
        sys.stdout.buffer.flush()
        await stop.wait()


def main() -> None:
    settings = load()
    require(settings, "stripe_api_key", "stripe_webhook_secret")
    uvloop.run(_run(_arguments(), settings))


if __name__ == "__main__":
    main()
