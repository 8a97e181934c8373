"""Bank statements to upload."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec

from backend.api.uploads import FormField, FormFile, FormPart

IBAN = "NO9386011117947"


def entry(
    *,
    amount: str = "450.00",
    name: str = "Nordlys Retail AS",
    text: str = "Invoice 77",
    reference: str = "",
    side: str = "CRDT",
    currency: str = "EUR",
    extra: str = "",
) -> str:
    ref = f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else ""
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>'
        f"<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-20</Dt></BookgDt>{ref}"
        f"<NtryDtls><TxDtls><RltdPties><Dbtr><Pty><Nm>{name}</Nm></Pty></Dbtr></RltdPties>"
        f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls>{extra}</Ntry>"
    )


def camt(*entries: str, account: str = IBAN, head: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>'
        f"<Acct><Id><IBAN>{account}</IBAN></Id></Acct>{''.join(entries)}"
        "</Stmt></BkToCstmrStmt></Document>"
    ).encode()


async def bank_form(content: bytes, **options: Any) -> AsyncIterator[FormPart]:
    if options:
        yield FormField("options", msgspec.json.encode(options).decode())
    yield FormFile("file", "statement.xml", _chunks(content))


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 65_536):
        yield content[start : start + 65_536]
