"""Bank statements as CSV, by a mapping of columns. Pure."""

import codecs
import csv
import io
import re
from datetime import date
from typing import Final

from backend.billing.bank_lines import (
    CELL_CHARACTERS_MAX,
    BankLine,
    Keys,
    Statement,
    check_count,
    checked_day,
    currency_of,
    minor_of,
    shown,
    wrong,
)
from backend.billing.desk_states import DateOrder
from backend.billing.schemas.bank import BankFileOptions
from backend.kernel.errors import InvalidInput, MalformedInput

_DATE: Final = {
    DateOrder.ISO: re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"),
    DateOrder.DAY_FIRST: re.compile(r"(?P<d>\d{1,2})[./-](?P<m>\d{1,2})[./-](?P<y>\d{4})"),
    DateOrder.MONTH_FIRST: re.compile(r"(?P<m>\d{1,2})[./-](?P<d>\d{1,2})[./-](?P<y>\d{4})"),
}
_GROUPED: Final = {
    ",": re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.|$)"),
    ".": re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{3})+(,|$)"),
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
    keys = Keys()
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        header = rows.fieldnames or []
        _check_columns(options, list(header))
        for at, row in enumerate(rows, 2):
            check_count(at - 1)
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


def _csv_line(row: dict[str, str], options: BankFileOptions, keys: Keys, at: int) -> BankLine:
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
    plain = cell(columns.amount).replace("\u00a0", "").replace(" ", "")
    if thousands in plain:
        if not _GROUPED[thousands].match(plain):  # `1,50` read as 150 is the wrong `decimal`
            raise wrong("amount_invalid", f"{thousands} parts thousands by `decimal`", at)
        plain = plain.replace(thousands, "")
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
        options.account, key, checked_day(day, at), amount, currency, counterparty, remittance
    )
