"""Statements of the bank: what is read of them, and everything that is no statement."""

import pytest

from backend.billing import bank_lines
from backend.billing.bank_camt import read_camt
from backend.billing.bank_csv import read_csv
from backend.billing.desk_states import DateOrder
from backend.billing.schemas.bank import BankColumns, BankFileOptions
from backend.kernel.errors import InvalidInput, MalformedInput, TooLarge
from tests.billing.statements import IBAN, camt, entry

COLUMNS = BankColumns(booked_on="Date", amount="Amount", counterparty="Name", remittance="Text")
OPTIONS = BankFileOptions(account="our account", columns=COLUMNS)
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
EXTERNAL = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def test_a_statement_is_its_booked_credits():
    pending = entry().replace("BOOK", "PDNG")
    found = read_camt(camt(entry(reference="R1"), entry(side="DBIT"), pending))
    [line] = found.lines
    assert (line.account, line.entry_key, line.amount_minor, line.currency) == (
        IBAN,
        "R1",
        45_000,
        "EUR",
    )
    assert (line.counterparty, line.remittance) == ("Nordlys Retail AS", "Invoice 77")
    assert found.debits == 1


def test_an_entry_of_several_payments_is_a_line_each():
    def part(amount: str, name: str) -> str:
        return (
            f'<TxDtls><Amt Ccy="EUR">{amount}</Amt><RltdPties><Dbtr><Nm>{name}</Nm></Dbtr>'
            "</RltdPties></TxDtls>"
        )

    parts = f"<NtryDtls>{part('100', 'A')}{part('200.50', 'B')}</NtryDtls>"
    whole = entry(amount="300.50", reference="R").replace("</NtryDtls>", "</NtryDtls>", 1)
    start, end = whole.index("<NtryDtls>"), whole.index("</NtryDtls>") + len("</NtryDtls>")
    found = read_camt(camt(whole[:start] + parts + whole[end:]))
    assert [(line.counterparty, line.amount_minor) for line in found.lines] == [
        ("A", 10_000),
        ("B", 20_050),
    ]
    assert len({line.entry_key for line in found.lines}) == 2


def test_two_like_lines_without_a_reference_are_two_and_the_same_again():
    file = camt(entry(), entry())
    keys = [line.entry_key for line in read_camt(file).lines]
    assert len(set(keys)) == 2
    assert [line.entry_key for line in read_camt(file).lines] == keys


@pytest.mark.parametrize(
    ("content", "error", "code"),
    [
        (b"no xml", MalformedInput, "xml_unreadable"),
        (camt(entry())[:-20], MalformedInput, "xml_unreadable"),
        (camt(entry(text="\xff")).replace(b"\xc3\xbf", b"\xff"), MalformedInput, "xml_unreadable"),
        (camt(entry(text="&b;"), head=BOMB), MalformedInput, "xml_forbidden"),
        (camt(entry(text="&a;"), head=EXTERNAL), MalformedInput, "xml_forbidden"),
        (b"<Document/>", InvalidInput, "no_statement"),
        (b"<a>" * 50 + b"</a>" * 50, InvalidInput, "xml_too_deep"),
        (camt(entry(amount="-5")), InvalidInput, "amount_invalid"),
        (camt(entry(amount="0")), InvalidInput, "amount_invalid"),
        (camt(entry(amount="1.005")), InvalidInput, "amount_invalid"),
        (camt(entry(amount="NaN")), InvalidInput, "amount_invalid"),
        (camt(entry(amount="9e999999")), InvalidInput, "amount_invalid"),
        (camt(entry(amount="1_000")), InvalidInput, "amount_invalid"),
        (camt(entry(amount="\u0661")), InvalidInput, "amount_invalid"),
        (camt(entry(amount="9" * 20)), InvalidInput, "amount_too_large"),
        (camt(entry(currency="XXX")), InvalidInput, "currency_unknown"),
        (camt(entry(currency="eur")), InvalidInput, "currency_unknown"),
        (camt(entry(side="")), InvalidInput, "side_missing"),
        (camt(entry(), account=""), InvalidInput, "account_missing"),
        (camt(entry().replace("2026-11-20", "20.11.2026")), InvalidInput, "date_invalid"),
        (camt(entry().replace("2026-11-20", "0001-01-01")), InvalidInput, "date_invalid"),
    ],
)
def test_what_is_no_statement_is_refused_with_a_code(content, error, code):
    with pytest.raises(error, match=code):
        read_camt(content)


def test_a_file_of_too_many_lines_is_refused(monkeypatch):
    monkeypatch.setattr(bank_lines, "BANK_LINES_MAX", 2)
    with pytest.raises(TooLarge, match="too_many_lines"):
        read_camt(camt(entry(), entry(), entry()))


def table(*rows: str) -> bytes:
    return "\r\n".join(("Date;Amount;Name;Text", *rows)).encode()


def test_a_table_is_read_by_its_columns():
    options = BankFileOptions(
        account="x",
        columns=COLUMNS,
        date_order=DateOrder.DAY_FIRST,
        decimal=",",
        encoding="windows-1252",
    )
    rows = table("20.11.2026;1.450,50;Bjørn;Sms", "20.11.2026;-3,00;Bank;Fee")
    found = read_csv(rows.decode().encode("cp1252"), options)
    [line] = found.lines
    assert (line.amount_minor, line.counterparty, line.booked_on.isoformat()) == (
        145_050,
        "Bjørn",
        "2026-11-20",
    )
    assert found.debits == 1


@pytest.mark.parametrize(
    ("content", "error", "code"),
    [
        (table("2026-11-20;1;\u00f8;y").decode().encode("cp1252"), MalformedInput, "encoding"),
        (b"\x00\x01", MalformedInput, "invalid_encoding"),
        (b"Date;Amount;Name\r\n", InvalidInput, "missing_column"),
        (table('2026-11-20;1;"open;y'), MalformedInput, "csv_unreadable"),
        (table("2026-11-20;one;x;y"), InvalidInput, "amount_invalid"),
        (table("2026-11-20;;x;y"), InvalidInput, "amount_invalid"),
        (table("2026-11-20;0;x;y"), InvalidInput, "amount_invalid"),
        (table("2026-11-20;1,50;x;y"), InvalidInput, "amount_invalid"),
        (table("2026-11-20;1,000,50;x;y"), InvalidInput, "amount_invalid"),
        (table("20.11.2026;1;x;y"), InvalidInput, "date_invalid"),
        (table("2026-02-30;1;x;y"), InvalidInput, "date_invalid"),
        (table(f"2026-11-20;1;{'x' * 10_001};y"), InvalidInput, "cell_too_long"),
    ],
)
def test_what_is_no_table_is_refused_with_a_code(content, error, code):
    with pytest.raises(error, match=code):
        read_csv(content, OPTIONS)


def test_a_table_says_whose_account_it_is():
    with pytest.raises(InvalidInput, match="account_missing"):
        read_csv(table("2026-11-20;1;x;y"), BankFileOptions())


def test_a_refused_line_is_named():
    with pytest.raises(InvalidInput) as refused:
        read_csv(table("2026-11-20;1;x;y", "2026-11-20;one;x;y"), OPTIONS)
    assert refused.value.facts["line"] == 3
