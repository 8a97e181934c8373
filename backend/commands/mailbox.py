"""`clearsend mailbox`: what was mailed while no SMTP server is named, for the operator's eyes."""

import argparse

from backend.commands.connection import run_with_database
from backend.notifications.service.reading import newest_mails
from backend.settings import Settings

MAILS_SHOWN_DEFAULT = 5


def mailbox(settings: Settings, arguments: argparse.Namespace) -> int:
    parser = argparse.ArgumentParser(prog="clearsend mailbox", description=__doc__)
    parser.add_argument("--last", type=int, default=MAILS_SHOWN_DEFAULT, help="how many")
    given = parser.parse_args(arguments.rest)
    return run_with_database(settings, lambda: _show(given.last))


async def _show(count: int) -> int:
    mails = await newest_mails(count)
    for mail in reversed(mails):
        print(f"{mail.received_at:%Y-%m-%d %H:%M:%S} UTC  to {mail.recipient}")
        print(f"{mail.subject}\n\n{mail.text_body}")
    if not mails:
        print("the mailbox is empty")
    return 0
