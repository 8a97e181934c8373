"""CAMT.053 statements read. Pure.

External entities, document types and entity bombs are refused before they expand.
"""

import io
from collections.abc import Iterator
from datetime import date
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from backend.billing.bank_lines import (
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
from backend.billing.desk_states import BANK_DEPTH_MAX
from backend.kernel.errors import MalformedInput


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
    keys = Keys()
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
            check_count(entries)
            found = list(_entry_lines(element, shown(account, 64), keys, entries))
            lines += [line for line in found if line.amount_minor > 0]
            debits += sum(line.amount_minor < 0 for line in found)
            element.clear()
    if not has_statement:
        raise wrong("no_statement", "no bank statement (Stmt) stands in this file")
    return Statement(lines, debits)


def _entry_lines(entry: Element, account: str, keys: Keys, at: int) -> Iterator[BankLine]:
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
        day = checked_day(date.fromisoformat(booked), at)
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
    keys: Keys,
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
