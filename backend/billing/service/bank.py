"""A bank file uploaded, its lines matched with tenants, and a match taken back. A match and its
top-up are two transactions: the line first, with the id the top-up will have, so that a repeated
or interrupted match ends as one top-up.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from backend.api.bodies import decode, parse
from backend.api.uploads import FormField, FormPart
from backend.billing.bank_camt import read_camt
from backend.billing.bank_clues import candidates, letters_of, suggestions
from backend.billing.bank_csv import read_csv
from backend.billing.bank_lines import Statement, shown
from backend.billing.desk_states import BANK_FILE_BYTES_MAX, BankFormat, LineState
from backend.billing.queries import bank
from backend.billing.schemas.bank import (
    BankFileOptions,
    BankFileView,
    BankLineView,
    LineMatch,
    LineReason,
    Suggestion,
)
from backend.billing.schemas.corrections import Reversal
from backend.billing.schemas.top_ups import TopUpCreate, TopUpDecline
from backend.billing.service.corrections import reverse_top_up
from backend.billing.service.sightings import reference_key
from backend.billing.service.top_ups import create_top_up, decline_top_up
from backend.billing.states import ENDED, TopUpMethod, TopUpState
from backend.db.pages import PAGE_ROWS_DEFAULT, check_limit, cursor_id, next_cursor
from backend.db.scope import Scope, platform_scope
from backend.kernel.errors import (
    ClearsendError,
    Conflict,
    NotFound,
    StateConflict,
    TooLarge,
    invalid_field,
)
from backend.kernel.faults import point
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal, system
from backend.kernel.views import Page

NAMES_MAX: Final = 50_000
INVOICES_MAX: Final = 1_000
OUR_CURRENCY: Final = "EUR"
PURCHASES_LOOKED_AT: Final = timedelta(days=60)
BY_HAND_LOOKED_AT: Final = timedelta(days=30)
ABANDONED_AFTER: Final = timedelta(minutes=10)
"""A match whose top-up never came: its request is long over."""


async def upload_bank_file(principal: Principal, parts: AsyncIterator[FormPart]) -> BankFileView:
    """A form of `file` and `options` (BankFileOptions). The same file again adds nothing.

    Raises TooLarge `file_too_large`, `too_many_lines`, MalformedInput and InvalidInput by what is
    wrong in it: one line that cannot be read keeps the whole file out.
    """
    content, name, options = await _received(parts)
    statement = await asyncio.to_thread(_read, content, options)
    digest = hashlib.sha256(content).hexdigest()
    if principal.idempotency is not None:
        asked = principal.idempotency.covering(digest.encode() + msgspec.json.encode(options))
        principal = msgspec.structs.replace(principal, idempotency=asked)
    async with platform_scope(principal, "upload a bank file", takes_key=True) as scope:
        await bank.take_turn(scope)
        known = await bank.known_keys(scope, statement.lines)
        new = [one for one in statement.lines if (one.account, one.entry_key) not in known]
        facts: dict[str, object] = {
            "name": shown(name, 200) or "statement",
            "format": options.format.value,
            "sha256": digest,
            "size_bytes": len(content),
            "lines_total": len(statement.lines),
            "lines_new": len(new),
            "debits": statement.debits,
        }
        row = await bank.insert_file(scope, facts)
        await bank.insert_lines(scope, row["id"], new)
        view = msgspec.convert(dict(row), BankFileView)
        await scope.answer(view)
    return view


async def _received(parts: AsyncIterator[FormPart]) -> tuple[bytes, str, BankFileOptions]:
    content, name, options = bytearray(), "", BankFileOptions()
    async for part in parts:
        if isinstance(part, FormField):
            if part.name != "options":
                raise invalid_field(f"/{part.name}", "unknown_field", "not known here")
            text = part.value.encode()
            parse(text)  # as strict as a JSON body
            options = decode(text, BankFileOptions)
            continue
        if part.name != "file" or name:
            raise invalid_field("/file", "one_file", "one field named file")
        name = part.file_name or "statement"
        async for chunk in part.chunks:
            content += chunk
            if len(content) > BANK_FILE_BYTES_MAX:
                message = "the file is too large"
                raise TooLarge("file_too_large", message, limit_bytes=BANK_FILE_BYTES_MAX)
    if not name:
        raise invalid_field("/file", "missing_field", "This field is required.")
    if not content.strip():
        raise invalid_field("/file", "empty_file", "nothing stands in the file")
    return bytes(content), name, options


def _read(content: bytes, options: BankFileOptions) -> Statement:
    if options.format is BankFormat.CAMT053:
        return read_camt(content)
    return read_csv(content, options)


async def list_bank_files(
    principal: Principal, *, cursor: str | None = None, limit: int = PAGE_ROWS_DEFAULT
) -> Page[BankFileView]:
    """Newest first."""
    check_limit(limit)
    before = cursor_id(cursor)
    async with platform_scope(principal, "bank files") as scope:
        rows = await bank.files_page(scope, before, limit)
    views = [msgspec.convert(dict(row), BankFileView) for row in rows]
    return Page(items=views, next_cursor=next_cursor(rows, limit, "id"))


async def list_bank_lines(
    principal: Principal,
    *,
    state: LineState | None = None,
    file_id: UUID | None = None,
    cursor: str | None = None,
    limit: int = PAGE_ROWS_DEFAULT,
) -> Page[BankLineView]:
    """In the order they came; unmatched ones with whose they may be."""
    check_limit(limit)
    after = cursor_id(cursor)
    async with platform_scope(principal, "bank lines") as scope:
        rows = await bank.lines_page(scope, state.value if state else None, file_id, after, limit)
        views = await _suggested(scope, rows)
    return Page(items=views, next_cursor=next_cursor(rows, limit, "id"))


async def _suggested(scope: Scope, rows: list[asyncpg.Record]) -> list[BankLineView]:
    waiting = [row for row in rows if row["state"] == LineState.UNMATCHED.value]
    before = await bank.paid_before(scope, [row["counterparty"] for row in waiting])
    amounts = [row["amount_minor"] for row in waiting]
    said = [letters_of(f"{row['counterparty']} {row['remittance']}") for row in waiting]
    known = candidates(
        {row["tenant_id"]: row["name"] for row in await bank.tenant_names(scope, NAMES_MAX)},
        frozenset((row["counterparty"], row["tenant_id"]) for row in before),
        await bank.open_purchases(scope, amounts, PURCHASES_LOOKED_AT),
        await bank.open_invoices(scope, amounts, said, INVOICES_MAX),
    )
    return [_view(row, suggestions(row, known) if row in waiting else []) for row in rows]


def _view(row: asyncpg.Record, suggested: Sequence[Suggestion] = ()) -> BankLineView:
    view = msgspec.convert(dict(row), BankLineView)
    return msgspec.structs.replace(view, suggestions=list(suggested))


async def match_line(principal: Principal, line_id: UUID, given: LineMatch) -> BankLineView:
    """A top-up by the usual door, with its second person above the limit.

    Raises StateConflict `line_not_unmatched`, Conflict `currency_not_ours`, `reference_seen` where
    the payment seems entered by hand already, and what the door raises; `second_person_required`
    leaves the line matched with the top-up that waits.
    """
    reason = f"match bank line {line_id}"
    async with platform_scope(principal, reason, given.tenant_id, takes_key=True) as scope:
        row = await bank.line(scope, line_id)
        top_up_id = await _claim(scope, row, given)
    point("billing.bank_line_claimed")
    asked = TopUpCreate(
        amount_credits=given.amount_credits,
        method=TopUpMethod.BANK_TRANSFER,
        reference=f"bank line {line_id}/{top_up_id.hex[-8:]}",  # a line may be matched anew
        reason=f"Bank line of {row['booked_on']}: {row['remittance'] or row['counterparty']}"[:500],
        confirm_duplicate=True,
    )
    try:
        await create_top_up(_without_key(principal), given.tenant_id, asked, top_up_id)
    except Conflict as error:
        if error.code == "second_person_required":
            raise
        if error.code != "reference_reused" or error.facts.get("top_up_id") != top_up_id:
            await _let_go(line_id, top_up_id)
            raise
    except ClearsendError:
        await _let_go(line_id, top_up_id)
        raise
    return await _answered(principal, line_id, 201)


async def _claim(scope: Scope, row: asyncpg.Record, given: LineMatch) -> UUID:
    """The id of the line's top-up: a new one, or the one of the same match begun before."""
    same = (row["tenant_id"], row["amount_credits"]) == (given.tenant_id, given.amount_credits)
    if row["state"] == LineState.MATCHED.value and same and row["top_up_state"] not in ENDED:
        begun: UUID = row["top_up_id"]
        return begun
    if row["currency"] != OUR_CURRENCY:
        raise Conflict("currency_not_ours", f"we sell in {OUR_CURRENCY}", currency=row["currency"])
    if not given.confirm_duplicate:
        await _check_by_hand(scope, row, given.tenant_id)
    if not await bank.tenant_exists(scope, given.tenant_id):
        raise NotFound
    top_up_id = uuid7()
    matched = await bank.match(scope, row["id"], given.tenant_id, top_up_id, given.amount_credits)
    if not matched:
        raise StateConflict("line_not_unmatched", "somebody was faster", state=row["state"])
    return top_up_id


async def _check_by_hand(scope: Scope, row: asyncpg.Record, tenant_id: UUID) -> None:
    """A clerk may have typed the same payment from the bank's page before the file came."""
    said = reference_key(f"{row['counterparty']} {row['remittance']}"[:1000])
    whole = reference_key(row["remittance"])
    entered = await bank.recent_references(scope, tenant_id, BY_HAND_LOOKED_AT)
    alike = [
        one
        for one in entered
        if (key := reference_key(one["reference"])) and (key in said or key == whole)
    ]
    if alike:
        raise Conflict(
            "reference_seen",
            "a top-up with this reference was entered by hand",
            earlier=[dict(one) for one in alike],
        )


def _without_key(principal: Principal) -> Principal:
    return msgspec.structs.replace(principal, idempotency=None)


async def _let_go(line_id: UUID, top_up_id: UUID) -> None:
    async with platform_scope(system("bank lines"), "let a bank line go") as scope:
        await bank.let_go(scope, line_id, top_up_id)


async def _answered(principal: Principal, line_id: UUID, status: int) -> BankLineView:
    async with platform_scope(principal, f"bank line {line_id}", takes_key=True) as scope:
        view = _view(await bank.line(scope, line_id))
        await scope.answer(view, status)
    return view


async def unmatch_line(principal: Principal, line_id: UUID, given: LineReason) -> BankLineView:
    """The top-up is reversed, or declined where it waits. An ignored line only waits again.

    Raises StateConflict `line_unmatched`, and what a reversal raises: above one clerk's limit the
    line is let go when the second person has approved it.
    """
    reason = f"unmatch bank line {line_id}"
    async with platform_scope(principal, reason, takes_key=True) as scope:
        row = await bank.line(scope, line_id)
        if row["state"] == LineState.UNMATCHED.value:
            raise StateConflict("line_unmatched", "it is nobody's", state=row["state"])
        if row["state"] == LineState.IGNORED.value:
            await bank.consider(scope, line_id)
    if row["top_up_state"] == TopUpState.CREDITED.value:
        reversal = Reversal(reason=given.reason)
        await reverse_top_up(_without_key(principal), row["top_up_id"], reversal)
    elif row["top_up_state"] == TopUpState.PENDING.value:
        declined = TopUpDecline(reason=given.reason)
        await decline_top_up(_without_key(principal), row["top_up_id"], declined)
    await settle_bank_lines()
    return await _answered(principal, line_id, 200)


async def ignore_line(principal: Principal, line_id: UUID, given: LineReason) -> BankLineView:
    """Interest, a mistake of the bank, money that is no customer's. Raises StateConflict
    `line_not_unmatched`.
    """
    async with platform_scope(principal, given.reason, takes_key=True) as scope:
        row = await bank.line(scope, line_id)
        if not await bank.ignore(scope, line_id, given.reason):
            raise StateConflict("line_not_unmatched", "it waits no more", state=row["state"])
        view = _view(await bank.line(scope, line_id))
        await scope.answer(view, 200)
    return view


async def settle_bank_lines() -> bool:
    """Lines whose top-up was declined or reversed wait again. Never more at once."""
    async with platform_scope(system("bank lines"), "settle bank lines") as scope:
        await bank.settle(scope, ABANDONED_AFTER)
    return False
