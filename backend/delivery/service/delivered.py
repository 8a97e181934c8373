"""Most receipts say *delivered* of a message that nothing but *accepted* is known of. Those are
written without being read first, a statement a stretch; whatever is otherwise goes the long way.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from backend.campaigns.schemas.sessions import ProgressDelta
from backend.campaigns.service.watching import LockedSession
from backend.db.scope import Scope
from backend.delivery.queries import receipts as queries
from backend.delivery.queries.preparing import SessionKey
from backend.delivery.service.claiming import Part
from backend.delivery.states import News, delivered_rank, latest
from backend.gateways.port import Receipt, ReceiptStatus

TenantReceipts = Mapping[SessionKey, Mapping[int, list[tuple[Part, Receipt]]]]
"""Session → message number → what receipts say of its parts."""


class Tally(msgspec.Struct):
    """What the shortcut wrote, and what it left."""

    deltas: dict[UUID, list[ProgressDelta]] = msgspec.field(default_factory=dict)
    phones: list[str] = msgspec.field(default_factory=list)
    """Of messages that are delivered now."""
    changed: int = 0


class _Delivered(NamedTuple):
    ranks: int
    done_at: datetime | None


async def write_delivered(
    scope: Scope, sessions: Mapping[UUID, LockedSession], told: TenantReceipts
) -> tuple[Tally, dict[SessionKey, dict[int, list[tuple[Part, Receipt]]]]]:
    """Under the sessions' locks. Returns what was written, and whose receipts it leaves."""
    tally = Tally()
    left: dict[SessionKey, dict[int, list[tuple[Part, Receipt]]]] = {}
    for key, of_session in sorted(told.items()):
        session = sessions.get(key.session_id)
        plain = _plain(of_session) if session is not None and session.is_open else {}
        written = await _write(scope, key, plain, tally) if plain else set()
        if len(written) < len(of_session):
            left[key] = {n: pairs for n, pairs in of_session.items() if n not in written}
    return tally, left


def _plain(of_session: Mapping[int, list[tuple[Part, Receipt]]]) -> dict[int, _Delivered]:
    """By first attempts that nothing else is told of."""
    found: dict[int, _Delivered] = {}
    for n in sorted(of_session):
        pairs = of_session[n]
        ranks = 0
        done_at = None
        for part, receipt in pairs:
            if receipt.status is not ReceiptStatus.DELIVERED or part.attempt != 1:
                break
            ranks |= delivered_rank(part.part)
            done_at = latest(done_at, receipt.done_at)
        else:
            found[n] = _Delivered(ranks, done_at)
    return found


async def _write(
    scope: Scope, key: SessionKey, plain: Mapping[int, _Delivered], tally: Tally
) -> set[int]:
    columns = [list(column) for column in zip(*plain.values(), strict=True)]
    rows = await queries.write_delivered(scope, key, list(plain), columns)
    written: set[int] = set()
    deltas = tally.deltas.setdefault(key.session_id, [])
    for row in rows:
        written.update(row["ns"])
        tally.phones += row["phones"] or ()
        count = row["delivered"]
        deltas.append(ProgressDelta(batch_no=row["batch_no"], accepted=-count, delivered=count))
    tally.changed += len(written)
    return written


def news_of(pairs: Sequence[tuple[Part, Receipt]]) -> dict[int, News]:
    """Attempt → what is new about it."""
    news: dict[int, News] = {}
    for part, receipt in pairs:
        news.setdefault(part.attempt, News()).add_receipt(part.part, receipt)
    return news
