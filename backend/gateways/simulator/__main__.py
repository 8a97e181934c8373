"""`python -m backend.gateways.simulator`: a carrier in a process of its own.

Prints one line of JSON with its ports when it is ready, and ends at SIGTERM or SIGINT.
"""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

import msgspec
import uvloop

from backend.gateways.simulator.fates import MAGIC
from backend.gateways.simulator.script import Script, parse
from backend.gateways.simulator.server import serve
from backend.kernel.errors import ClearsendError

# SMPP 3.4 §5.2.2 leaves a password 8 characters; the second account is for the HTTP JSON face.
DEFAULT_ACCOUNTS = ("clearsend:carrier1", "clearsend-http:carrier-http-secret")


def _magic_numbers() -> str:
    lines = ["Last four digits of a number choose its fate (first message, then the next ones):"]
    for digits, fates in MAGIC.items():
        lines.append(f"  {digits}  {', then '.join(fate.name for fate in fates)}")
    return "\n".join(lines)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m backend.gateways.simulator",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=_magic_numbers(),
    )
    parser.add_argument("--port", type=int, default=0, help="SMPP port, 0 for a free one")
    parser.add_argument("--http-port", type=int, default=0)
    parser.add_argument("--script", default="demo", help="preset[,name=value…], JSON, or its file")
    parser.add_argument("--truth", type=Path, help="file the truth log is appended to")
    parser.add_argument(
        "--account",
        action="append",
        help=f"system_id:password, may be repeated (default {' '.join(DEFAULT_ACCOUNTS)})",
    )
    return parser.parse_args()


async def _run(arguments: argparse.Namespace, script: Script, accounts: dict[str, str]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with serve(
        script,
        accounts=accounts,
        smpp_port=arguments.port,
        http_port=arguments.http_port,
        truth_path=arguments.truth,
    ) as running:
        ports = {"smpp_port": running.smpp_port, "http_port": running.http_port}
        sys.stdout.buffer.write(msgspec.json.encode(ports) + b"\n")
        sys.stdout.buffer.flush()
        await stop.wait()


def main() -> None:
    arguments = _arguments()
    try:
        script = parse(arguments.script)
    except ClearsendError as error:
        sys.exit(f"--script: {error}")
    pairs = (account.partition(":") for account in arguments.account or DEFAULT_ACCOUNTS)
    accounts = {system_id: password for system_id, _, password in pairs}
    uvloop.run(_run(arguments, script, accounts))


if __name__ == "__main__":
    main()
