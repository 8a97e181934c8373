"""Pure: a dry run and its hits without the texts of people who are erased. Figures stay, and that
there was a text; what it said, and whose it was, does not.
"""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

import msgspec

from backend.moderation.queries.screenings import Screening
from backend.moderation.schemas.screening import DryRun, Hit

_RENDERING: Final = {"text": "", "links": [], "hits": []}
_HOST: Final = {"sample": ""}
_HIT: Final = {"text": "", "span": None, "matched": ""}


def without_texts_of(
    gone: Collection[str], dry_run: dict[str, Any], hits: list[Any]
) -> tuple[dict[str, Any], list[Any]]:
    """As they are stored; `gone` are subscribers' ids. What is not theirs stays to the byte."""
    shown = {
        **dry_run,
        "renderings": _emptied(gone, dry_run["renderings"], _RENDERING),
        "hosts": _emptied(gone, dry_run["hosts"], _HOST),
    }
    return shown, _emptied(gone, hits, _HIT)


def _emptied(gone: Collection[str], several: list[Any], blank: dict[str, Any]) -> list[Any]:
    return [
        {**one, **blank, "subscriber_id": None} if one.get("subscriber_id") in gone else one
        for one in several
    ]


def screening_without(found: Screening, gone: Collection[UUID]) -> Screening:
    """The same of one that was not stored yet."""
    if not gone:
        return found
    ids = {str(one) for one in gone}
    stored = msgspec.to_builtins((found.dry_run, found.hits))
    dry_run, hits = without_texts_of(ids, *stored)
    return msgspec.structs.replace(
        found,
        dry_run=msgspec.convert(dry_run, DryRun),
        hits=msgspec.convert(hits, list[Hit]),
    )
