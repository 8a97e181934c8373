"""Why somebody was left out, as things that can be named and opened.

Stored evidence is `noun:id` or a fact, several of them joined by commas; a cap and hours name who
set them behind their own facts: `cap:3:7:group:…`, `hours:group:…,legal:US`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

import asyncpg

from backend.audience.service.names import names_of_groups
from backend.campaigns.service.campaigns import names_of_sessions
from backend.db.scope import Scope
from backend.delivery.queries import recipients as queries
from backend.delivery.schemas import EvidenceView

CAP_SESSIONS_SHOWN_MAX = 10
_NAMED = frozenset({"group", "target_group"})
_BY_ID = _NAMED | {"opt_out", "subscriber"}
_FACTS = frozenset(
    {"country", "number", "property", "attribute", "segments", "phone", "legal", "host"}
)
_WITHOUT_VALUE = frozenset({"settings", "campaign"})
_CAP_FACTS = 2


def pieces_of(evidence: str) -> list[EvidenceView]:
    """What stands in it, unnamed yet; what is in no known form stays as it is written."""
    found: list[EvidenceView] = []
    for part in evidence.split(","):
        noun, _, rest = part.partition(":")
        if noun == "cap" and rest.count(":") >= _CAP_FACTS:
            messages, days, source = rest.split(":", _CAP_FACTS)
            found += [EvidenceView(kind="cap", value=f"{messages}:{days}"), *pieces_of(source)]
        elif noun == "hours":
            found += pieces_of(rest)
        elif noun == "country" and rest.endswith(":settings"):
            country = rest.partition(":")[0]
            found += [EvidenceView(kind="country", value=country), EvidenceView(kind="settings")]
        elif noun in _BY_ID and _is_id(rest):
            found.append(EvidenceView(kind=noun, id=rest))
        elif noun in _FACTS:
            found.append(EvidenceView(kind=noun, value=rest))
        elif noun in _WITHOUT_VALUE:
            found.append(EvidenceView(kind=noun))
        elif part:
            found.append(EvidenceView(kind="fact", value=part))
    return found


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


async def explain(
    scope: Scope, session_id: UUID, rows: Sequence[asyncpg.Record]
) -> list[list[EvidenceView]]:
    """A step: the pieces of each row, with the names of what still is; of a cap the sessions that
    used it up.
    """
    pieces = [pieces_of(row["evidence"]) for row in rows]
    names = await _names(scope, (one for of_row in pieces for one in of_row))
    sessions = await _cap_sessions(scope, session_id, rows, pieces)
    return [
        [
            *(_named(one, names) for one in of_row),
            *sessions.get(row["k"], ()),
        ]
        for row, of_row in zip(rows, pieces, strict=True)
    ]


def _named(one: EvidenceView, names: Mapping[str, str]) -> EvidenceView:
    if one.kind not in _NAMED or one.id is None:
        return one
    return EvidenceView(kind=one.kind, id=one.id, label=names.get(one.id))


async def _names(scope: Scope, pieces: Iterable[EvidenceView]) -> dict[str, str]:
    wanted = {UUID(one.id) for one in pieces if one.kind in _NAMED and one.id}
    return {str(key): name for key, name in (await names_of_groups(scope, wanted)).items()}


async def _cap_sessions(
    scope: Scope,
    session_id: UUID,
    rows: Sequence[asyncpg.Record],
    pieces: Sequence[Sequence[EvidenceView]],
) -> dict[int, list[EvidenceView]]:
    """By the exclusion's k."""
    capped = []
    for row, of_row in zip(rows, pieces, strict=True):
        for one in of_row:
            if one.kind == "cap" and one.value:
                days = int(one.value.partition(":")[2])
                capped.append((row["k"], row["phone"], row["at"] - timedelta(days=days), row["at"]))
    if not capped:
        return {}
    found = await queries.sessions_of_phones(scope, session_id, capped)
    names = await names_of_sessions(scope, {row["session_id"] for row in found})
    by_k: dict[int, list[EvidenceView]] = {}
    for row in found:
        of_row = by_k.setdefault(row["k"], [])
        if len(of_row) < CAP_SESSIONS_SHOWN_MAX:
            label = names.get(row["session_id"])
            one = EvidenceView(kind="session", id=str(row["session_id"]), label=label)
            of_row.append(one)
    return by_k
