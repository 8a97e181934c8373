"""Bank statements read: CAMT.053 and CSV → lines of money that came in. Pure.

Whatever is not a statement is InvalidInput or MalformedInput with a stable code and, where there is
one, the line. External entities, document types and entity bombs are refused before they expand.
"""

import codecs
import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from backend.billing.desk_states import (
    BANK_AMOUNT_MINOR_MAX,
    BANK_DEPTH_MAX,
    BANK_LINES_MAX,
    DateOrder,
)
from backend.billing.schemas.bank import BankFileOptions
from backend.kernel.errors import InvalidInput, MalformedInput, TooLarge

_DIGITS: Final = {"JPY": 0, "KRW": 0, "ISK": 0, "HUF": 2, "KWD": 3, "BHD": 3, "TND": 3}
_UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_CURRENCY = re.compile(r"[A-Z]{3}")
YEAR_MIN: Final = 2000
YEAR_MAX: Final = 2200
CELL_CHARACTERS_MAX: Final = 10_000


class BankLine(NamedTuple):
    account: str
    entry_key: str
    booked_on: date
    amount_minor: int
    currency: str
    counterparty: str
    remittance: str


class Statement(NamedTuple):
    """`debits`: what we paid, counted and left out."""

    lines: list[BankLine]
    debits: int


def wrong(code: str, message: str, line: int | None = None) -> InvalidInput:
    facts = {"line": line} if line else {}
    return InvalidInput(code, message, errors=None, **facts)


def shown(text: str | None, characters_max: int) -> str:
    return _UNSHOWABLE.sub(" ", text or "").strip()[:characters_max]


def minor_of(text: str, currency: str, line: int) -> int:
    """Exact: what has more decimals than the currency is refused, not rounded."""
    try:
        value = Decimal(text) if len(text) <= 30 else Decimal("NaN")
    except InvalidOperation:
        value = Decimal("NaN")
    scaled = value.scaleb(_DIGITS.get(currency, 2)) if value.is_finite() else value
    if not scaled.is_finite() or scaled != scaled.to_integral_value():
        raise wrong("amount_invalid", "an amount is a decimal number", line)
    if abs(scaled) > BANK_AMOUNT_MINOR_MAX:
        raise wrong("amount_too_large", "no bank books so much", line)
    return int(scaled)


def currency_of(text: str, line: int) -> str:
    if not _CURRENCY.fullmatch(text) or text == "XXX":
        raise wrong("currency_unknown", "a currency is three letters of ISO 4217", line)
    return text


def _checked_day(day: date, line: int) -> date:
    if not YEAR_MIN <= day.year <= YEAR_MAX:
        raise wrong("date_invalid", "a booking day of this century", line)
    return day


class _Keys:
    """Of entries without a reference of the bank: a hash, and which of its like it is."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def of(self, reference: str, *facts: object) -> str:
        if reference:
            self._seen[reference] += 1
            again = self._seen[reference]
            return reference if again == 1 else f"{reference}/{again}"
        text = "\x1f".join(map(str, facts))
        digest = hashlib.sha256(text.encode()).hexdigest()[:40]
        self._seen[digest] += 1
        return f"#{digest}/{self._seen[digest]}"


# CAMT.053 ------------------------------------------------------------------------------------


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _find(element: Element | None, *path: str) -> Element | None:
    """By local names: the namespace tells the version, and every bank has its own."""
    for name in path:
        if element is None:
            return None
        element = next((child for child in element if _local(child) == name), None)
    return element


def _text(element: Element | None, *path: str) -> str:
    found = _find(element, *path)
    return (found.text or "").strip() if found is not None else ""


def read_camt(content: bytes) -> Statement:
    """Booked entries of every statement in the file. Raises MalformedInput `xml_unreadable`,
    `xml_forbidden`; InvalidInput `no_statement` and of the entry.
    """
    try:
        return _read_statements(content)
    except DefusedXmlException as error:
        raise MalformedInput("xml_forbidden", "no document types, no entities") from error
    except (ParseError, UnicodeDecodeError, LookupError, ValueError) as error:
        raise MalformedInput("xml_unreadable", "this is no well-formed XML") from error


def _read_statements(content: bytes) -> Statement:
    lines: list[BankLine] = []
    keys = _Keys()
    debits = entries = depth = 0
    account = ""
    has_statement = False
    for event, element in iterparse(io.BytesIO(content), ("start", "end"), forbid_dtd=True):
        name = _local(element)
        if event == "start":
            depth += 1
            if depth > BANK_DEPTH_MAX:
                raise wrong("xml_too_deep", "nested deeper than any statement")
            has_statement |= name == "Stmt"
            continue
        depth -= 1
        if name == "Acct" and not account:
            account = _text(element, "Id", "IBAN") or _text(element, "Id", "Othr", "Id")
        elif name == "Stmt":
            account = ""
            element.clear()
        elif name == "Ntry":
            entries += 1
            _check_count(entries)
            found = list(_entry_lines(element, shown(account, 64), keys, entries))
            lines += [line for line in found if line.amount_minor > 0]
            debits += sum(line.amount_minor < 0 for line in found)
            element.clear()
    if not has_statement:
        raise wrong("no_statement", "no bank statement (Stmt) stands in this file")
    return Statement(lines, debits)


def _check_count(lines: int) -> None:
    if lines > BANK_LINES_MAX:
        raise TooLarge("too_many_lines", "split the file", limit_lines=BANK_LINES_MAX)


def _entry_lines(entry: Element, account: str, keys: _Keys, at: int) -> Iterator[BankLine]:
    """One line per transaction of the entry where the bank tells them apart. Debits negative."""
    status = _text(entry, "Sts", "Cd") or _text(entry, "Sts")
    if status not in ("BOOK", ""):
        return
    if not account:
        raise wrong("account_missing", "the statement names no account", at)
    amount = _find(entry, "Amt")
    currency = currency_of((amount.get("Ccy") or "") if amount is not None else "", at)
    total = _signed(entry, _text(entry, "Amt"), currency, at)
    booked = _text(entry, "BookgDt", "Dt") or _text(entry, "BookgDt", "DtTm")[:10]
    try:
        day = _checked_day(date.fromisoformat(booked), at)
    except ValueError:
        raise wrong("date_invalid", "an entry has no booking day", at) from None
    reference = shown(_text(entry, "AcctSvcrRef") or _text(entry, "NtryRef"), 150)
    details = [
        part
        for group in entry
        if _local(group) == "NtryDtls"
        for part in group
        if _local(part) == "TxDtls"
    ]
    parts = [(one, _part_amount(one, currency, at)) for one in details]
    if len(parts) > 1 and sum(abs(each) for _, each in parts) == abs(total):
        for part, each in parts:
            signed = each if total > 0 else -each
            own = shown(_text(part, "Refs", "AcctSvcrRef"), 150) or reference
            yield _camt_line(part, account, keys, own, day, signed, currency)
        return
    yield _camt_line(
        details[0] if details else None, account, keys, reference, day, total, currency
    )


def _signed(entry: Element, text: str, currency: str, at: int) -> int:
    value = minor_of(text, currency, at)
    if value <= 0:
        raise wrong("amount_invalid", "an entry's amount is above 0; its side is told apart", at)
    side = _text(entry, "CdtDbtInd")
    if side not in ("CRDT", "DBIT"):
        raise wrong("side_missing", "an entry is CRDT or DBIT", at)
    # A reversal of a debit is money that came back, but not a customer's.
    return value if side == "CRDT" and _text(entry, "RvslInd") != "true" else -value


def _part_amount(part: Element, currency: str, at: int) -> int:
    text = _text(part, "Amt") or _text(part, "AmtDtls", "TxAmt", "Amt")
    return minor_of(text, currency, at) if text else 0


def _camt_line(  # noqa: PLR0917 - the facts of one line
    part: Element | None,
    account: str,
    keys: _Keys,
    reference: str,
    day: date,
    amount: int,
    currency: str,
) -> BankLine:
    payer = _find(part, "RltdPties", "Dbtr")
    name = _text(payer, "Nm") or _text(payer, "Pty", "Nm")
    said = _find(part, "RmtInf")
    words = [one.text or "" for one in said if _local(one) == "Ustrd"] if said is not None else []
    words.append(_text(said, "Strd", "CdtrRefInf", "Ref"))
    end_to_end = _text(part, "Refs", "EndToEndId")
    words.append("" if end_to_end == "NOTPROVIDED" else end_to_end)
    remittance = shown(" ".join(word for word in words if word), 1000)
    counterparty = shown(name, 300)
    key = keys.of(reference, day, amount, currency, counterparty, remittance)
    return BankLine(account, key, day, amount, currency, counterparty, remittance)


# CSV -----------------------------------------------------------------------------------------

_DATE: Final = {
    DateOrder.ISO: re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"),
    DateOrder.DAY_FIRST: re.compile(r"(?P<d>\d{1,2})[./-](?P<m>\d{1,2})[./-](?P<y>\d{4})"),
    DateOrder.MONTH_FIRST: re.compile(r"(?P<m>\d{1,2})[./-](?P<d>\d{1,2})[./-](?P<y>\d{4})"),
}


def _decoded(content: bytes, encoding: str | None) -> str:
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            encoding = name
    try:
        text = content.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        raise MalformedInput("invalid_encoding", "say which encoding the file has") from error
    if "\x00" in text:
        raise MalformedInput("invalid_encoding", "the file is no text")
    return text


def read_csv(content: bytes, options: BankFileOptions) -> Statement:
    """Rows below a header. Negative amounts are debits. Raises MalformedInput `invalid_encoding`,
    `csv_unreadable`; InvalidInput `account_missing`, `missing_column` and of the line.
    """
    text = _decoded(content, options.encoding)
    if options.account is None or options.columns is None:
        raise wrong("account_missing", "a CSV file needs `account` and `columns`")
    head = text[:10_000]
    separator = max(";,\t|", key=head.count)
    lines: list[BankLine] = []
    debits = 0
    keys = _Keys()
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        header = rows.fieldnames or []
        _check_columns(options, list(header))
        for at, row in enumerate(rows, 2):
            _check_count(at - 1)
            if not any(value for value in row.values() if isinstance(value, str)):
                continue
            line = _csv_line(row, options, keys, at)
            if line.amount_minor > 0:
                lines.append(line)
            else:
                debits += 1
    except csv.Error as error:
        raise MalformedInput("csv_unreadable", "a row cannot be read") from error
    return Statement(lines, debits)


def _check_columns(options: BankFileOptions, header: list[str]) -> None:
    columns = options.columns
    assert columns is not None
    for name in (
        columns.booked_on,
        columns.amount,
        columns.counterparty,
        columns.remittance,
        columns.entry_reference,
        columns.currency,
    ):
        if name is not None and name not in header:
            raise InvalidInput("missing_column", "the file has no such column", column=name)


def _csv_line(row: dict[str, str], options: BankFileOptions, keys: _Keys, at: int) -> BankLine:
    columns = options.columns
    assert columns is not None
    assert options.account is not None

    def cell(name: str | None) -> str:
        value = (row.get(name) or "") if name else ""
        if len(value) > CELL_CHARACTERS_MAX:
            raise wrong("cell_too_long", "a cell is too long", at)
        return value.strip()

    currency = currency_of(cell(columns.currency) or options.currency, at)
    thousands = "." if options.decimal == "," else ","
    plain = cell(columns.amount).replace(thousands, "").replace("\u00a0", "").replace(" ", "")
    amount = minor_of(plain.replace(options.decimal, "."), currency, at)
    if amount == 0:
        raise wrong("amount_invalid", "nothing was booked", at)
    found = _DATE[options.date_order].fullmatch(cell(columns.booked_on)[:10])
    try:
        day = date(*(int(found[part]) for part in "ymd")) if found else None
    except ValueError:
        day = None
    if day is None:
        raise wrong("date_invalid", f"a date in the order {options.date_order.value}", at)
    counterparty = shown(cell(columns.counterparty), 300)
    remittance = shown(cell(columns.remittance), 1000)
    reference = shown(cell(columns.entry_reference), 150)
    key = keys.of(reference, day, amount, currency, counterparty, remittance)
    return BankLine(
        options.account, key, _checked_day(day, at), amount, currency, counterparty, remittance
    )
