"""Whose a line of the bank may be, by what stands in it. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from backend.billing.desk_states import Clue
from backend.billing.schemas.bank import Suggestion

SUGGESTIONS_MAX: Final = 5
_FORMS: Final = frozenset(
    [
        "as",
        "asa",
        "ab",
        "aps",
        "oy",
        "gmbh",
        "ag",
        "kg",
        "ltd",
        "limited",
        "llc",
        "inc",
        "plc",
        "bv",
        "nv",
        "sa",
        "sas",
        "sarl",
        "srl",
        "spa",
        "sl",
        "oü",
        "the",
        "and",
        "und",
    ]
)
_WORD = re.compile(r"[^\W_]+")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")

CONFIDENCE: Final = {
    Clue.TENANT_ID: 99,
    Clue.INVOICE_NUMBER: 98,
    Clue.PAID_BEFORE: 95,
    Clue.NAME: 90,
    Clue.OPEN_INVOICE: 70,
    Clue.OPEN_PURCHASE: 60,
    Clue.SIMILAR_NAME: 50,
}


def words_of(text: str) -> frozenset[str]:
    """A company's words without its legal form: `Nordlys AS` pays as `NORDLYS`."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return frozenset(_WORD.findall(folded)) - _FORMS


def letters_of(text: str) -> str:
    """A document's number as it survives a bank: `INV-000012` may come as `inv 000 012`."""
    return "".join(c for c in text.upper() if c.isalnum())


class Candidates(NamedTuple):
    """Read once for a page of lines. `before`: (counterparty, tenant) pairs matched earlier."""

    names: Mapping[UUID, str]
    words: Mapping[str, frozenset[UUID]]
    before: frozenset[tuple[str, UUID]]
    purchases: Sequence[Mapping[str, Any]]
    invoices: Sequence[Mapping[str, Any]]


def candidates(
    names: Mapping[UUID, str],
    before: frozenset[tuple[str, UUID]],
    purchases: Sequence[Mapping[str, Any]],
    invoices: Sequence[Mapping[str, Any]] = (),
) -> Candidates:
    index: dict[str, set[UUID]] = {}
    for tenant_id, name in names.items():
        for word in words_of(name):
            index.setdefault(word, set()).add(tenant_id)
    frozen = {word: frozenset(tenants) for word, tenants in index.items()}
    return Candidates(names, frozen, before, purchases, invoices)


def suggestions(line: Mapping[str, Any], known: Candidates) -> list[Suggestion]:
    """The surest first. Two clues for one tenant are surer than one."""
    clues: dict[UUID, set[Clue]] = {}

    def add(tenant_id: UUID, clue: Clue) -> None:
        if tenant_id in known.names:
            clues.setdefault(tenant_id, set()).add(clue)

    text = f"{line['counterparty']} {line['remittance']}"
    for found in _UUID.findall(text.lower()):
        add(UUID(found), Clue.TENANT_ID)
    for counterparty, tenant_id in known.before:
        if counterparty == line["counterparty"]:
            add(tenant_id, Clue.PAID_BEFORE)
    said = words_of(text)
    for tenant_id in {one for word in said for one in known.words.get(word, ())}:
        of_name = words_of(known.names[tenant_id])
        shared = len(of_name & said)
        if shared == len(of_name):
            add(tenant_id, Clue.NAME)
        elif shared * 2 >= len(of_name):
            add(tenant_id, Clue.SIMILAR_NAME)
    priced: dict[UUID, int] = {}
    money = (line["amount_minor"], line["currency"])
    for row in known.purchases:
        if (row["gross_minor"], row["currency"]) == money:
            add(row["tenant_id"], Clue.OPEN_PURCHASE)
            priced[row["tenant_id"]] = row["credits"]
    letters = letters_of(text)
    # Invoices named by their number last: they say best how many credits were paid for.
    for row in sorted(known.invoices, key=lambda row: letters_of(row["number"]) in letters):
        is_paid = (row["gross_minor"], row["currency"]) == money
        if is_named := letters_of(row["number"]) in letters:
            add(row["tenant_id"], Clue.INVOICE_NUMBER)
        if is_paid:
            add(row["tenant_id"], Clue.OPEN_INVOICE)
            priced[row["tenant_id"]] = row["credits"]
        elif is_named:
            priced.pop(row["tenant_id"], None)
    made = [
        Suggestion(
            tenant_id=tenant_id,
            tenant_name=known.names[tenant_id],
            confidence=_confidence(found_clues),
            clue=max(found_clues, key=lambda clue: CONFIDENCE[clue]),
            amount_credits=priced.get(tenant_id),
        )
        for tenant_id, found_clues in clues.items()
    ]
    made.sort(key=lambda one: (-one.confidence, str(one.tenant_id)))
    return made[:SUGGESTIONS_MAX]


def _confidence(found: set[Clue]) -> int:
    """Each further clue halves the doubt that the surest left."""
    surest = max(CONFIDENCE[clue] for clue in found)
    doubt: float = (100 - surest) / 2 ** (len(found) - 1)
    return min(99, 100 - int(doubt))
