"""A document as a page of A4: made when asked for, from what was frozen when it was issued.

The same document gives the same bytes. Latin with every accent, Greek and Cyrillic are printed;
what the typeface lacks (Arabic, Hebrew, Georgian, Chinese, …) is shown as `?` and said so on the
page; the structured data has it.
"""

import unicodedata
from pathlib import Path
from typing import Final

from fpdf import FPDF, XPos, YPos
from fpdf.enums import Align, MethodReturnValue

from backend.billing.document_states import DocumentKind
from backend.billing.papers.words import (
    TITLES,
    address_of,
    facts_of,
    notes_of,
    payment_of,
    percent,
    unit_price,
    vat_name,
)
from backend.billing.pricing import money
from backend.billing.schemas.documents import DocumentView, LineView, Party
from backend.billing.states import TaxCategory

_FONTS: Final = Path(__file__).resolve().parent / "fonts"
_FAMILY: Final = "opensans"
_MARGIN_MM: Final = 18.0
_WIDTH_MM: Final = 210.0 - 2 * _MARGIN_MM
_FOOT_MM: Final = 24.0
_INK: Final = (24, 28, 35)
_QUIET: Final = (104, 112, 124)
_RULE: Final = (222, 226, 232)
_TINT: Final = (245, 247, 250)
_WORD: Final = (28, 91, 184)
_WARNING: Final = (178, 60, 34)
_COLUMNS: Final = (("Description", 74.0), ("Credits", 24.0), ("Unit price", 30.0), ("VAT", 18.0))
_UNPRINTABLE: Final = (
    "Characters this page cannot print are shown as “?”; the structured data has them."
)


class _Page(FPDF):
    """Knows its foot; everything else is drawn by the functions below."""

    def __init__(self, document: DocumentView) -> None:
        super().__init__(format="A4")
        self.document = document
        self.is_incomplete = False
        self.add_font(_FAMILY, "", _FONTS / "OpenSans-Regular.ttf")
        self.add_font(_FAMILY, "B", _FONTS / "OpenSans-Semibold.ttf")
        self.set_margins(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
        self.c_margin = 0.0  # text begins where rules and columns do
        self.set_auto_page_break(True, _FOOT_MM)
        self.set_creation_date(document.issued_at)
        self.set_title(f"{TITLES[document.kind]} {document.number}")
        self.set_author(document.seller.name)
        self.set_creator("Clearsend")
        self.set_producer("Clearsend")
        self.set_lang("en")
        self.alias_nb_pages("{pages}")

    def face(self, size: float, *, bold: bool = False, colour: tuple[int, int, int] = _INK) -> None:
        self.set_font(_FAMILY, "B" if bold else "", size)
        self.set_text_color(*colour)

    def said(self, text: str) -> str:
        """As it can be printed."""
        cmap = self.fonts[_FAMILY].cmap  # type: ignore[union-attr] # both are of TrueType files
        shown = "".join(c if ord(c) in cmap else "?" for c in unicodedata.normalize("NFC", text))
        self.is_incomplete |= shown != unicodedata.normalize("NFC", text)
        return shown

    def write_line(
        self, text: str, width: float, height: float = 5.0, align: Align = Align.L
    ) -> None:
        """One paragraph in a column, wrapped; the cursor goes below it, at the same left."""
        self.multi_cell(
            width, height, self.said(text), align=align, new_x=XPos.LEFT, new_y=YPos.NEXT
        )

    def rule(self, left: float = _MARGIN_MM, width: float = _WIDTH_MM) -> None:
        self.set_draw_color(*_RULE)
        self.set_line_width(0.25)
        self.line(left, self.get_y(), left + width, self.get_y())

    def footer(self) -> None:
        seller = self.document.seller
        self.set_y(-_FOOT_MM + 8)
        self.rule()
        self.ln(2)
        self.face(7.5, colour=_QUIET)
        about = " · ".join(
            part for part in (seller.name, seller.vat_id or "", seller.registration) if part
        )
        self.cell(_WIDTH_MM - 50, 4, self.said(about)[:110])
        page = f"{self.document.number} · page {self.page_no()} of {{pages}}"
        # The mark is wider than the number that replaces it.
        wider = self.get_string_width("{pages}") - self.get_string_width("1")
        self.cell(50 + wider, 4, page, align=Align.R)


def pdf_of(document: DocumentView) -> bytes:
    page = _Page(document)
    page.add_page()
    _draw_head(page, document)
    _draw_parties(page, document)
    _draw_facts(page, document)
    _draw_lines(page, document)
    _draw_totals(page, document)
    _draw_words(page, document)
    return bytes(page.output())


def _draw_head(page: _Page, document: DocumentView) -> None:
    top = page.get_y()
    page.set_fill_color(*_WORD)
    page.rect(_MARGIN_MM, top + 1.2, 5, 5, style="F")
    page.set_xy(_MARGIN_MM + 7.5, top)
    page.face(14, bold=True, colour=_WORD)
    page.write_line(document.seller.name, 92, 7.4)
    below = page.get_y()
    page.set_xy(_MARGIN_MM + 104, top)
    page.face(20, bold=True)
    page.cell(_WIDTH_MM - 104, 8, TITLES[document.kind], align=Align.R)
    page.set_xy(_MARGIN_MM + 104, top + 9)
    page.face(10, colour=_QUIET)
    page.cell(_WIDTH_MM - 104, 5, document.number, align=Align.R)
    page.set_xy(_MARGIN_MM, max(below, top + 16) + 6)


def _draw_parties(page: _Page, document: DocumentView) -> None:
    top, half = page.get_y(), _WIDTH_MM / 2
    label = "Credited to" if document.kind is DocumentKind.CREDIT_NOTE else "Billed to"
    bottom = top
    for left, title, party in (
        (_MARGIN_MM, label, document.buyer),
        (_MARGIN_MM + half, "From", document.seller),
    ):
        page.set_xy(left, top)
        _draw_party(page, title, party, half - 6)
        bottom = max(bottom, page.get_y())
    page.set_xy(_MARGIN_MM, bottom + 6)


def _draw_party(page: _Page, title: str, party: Party, width: float) -> None:
    page.face(7.5, bold=True, colour=_QUIET)
    page.write_line(title.upper(), width, 5)
    page.face(10, bold=True)
    page.write_line(party.name, width, 5.2)
    page.face(9)
    for line in address_of(party):
        page.write_line(line, width, 4.7)
    page.face(9, colour=_QUIET)
    if party.vat_id:
        page.write_line(f"VAT id {party.vat_id}", width, 4.7)
    page.write_line(party.email, width, 4.7)


def _draw_facts(page: _Page, document: DocumentView) -> None:
    facts = facts_of(document)
    width, top = _WIDTH_MM / len(facts), page.get_y()
    page.set_fill_color(*_TINT)
    page.rect(_MARGIN_MM, top, _WIDTH_MM, 14, style="F")
    for at, (label, value) in enumerate(facts):
        left = _MARGIN_MM + at * width + 3
        page.set_xy(left, top + 2)
        page.face(7.5, colour=_QUIET)
        page.cell(width - 3, 4, label)
        page.set_xy(left, top + 6.4)
        page.face(8.5, bold=True)
        page.cell(width - 3, 5, _fitting(page, value, width - 4))
    page.set_xy(_MARGIN_MM, top + 14 + 8)


def _fitting(page: _Page, text: str, width: float) -> str:
    shown = page.said(text)
    while shown and page.get_string_width(shown) > width:
        shown = shown.rstrip("…")[:-1] + "…"
    return shown


def _draw_lines(page: _Page, document: DocumentView) -> None:
    page.face(7.5, bold=True, colour=_QUIET)
    for name, width in _COLUMNS:
        page.cell(width, 6, name, align=Align.L if name == "Description" else Align.R)
    page.cell(0, 6, "Net", align=Align.R, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    page.rule()
    for line in document.lines:
        _draw_line(page, line, document.currency)


def _draw_line(page: _Page, line: LineView, currency: str) -> None:
    width = _COLUMNS[0][1]
    page.face(9)
    text = page.said(line.description)
    found = page.multi_cell(width - 4, 5, text, dry_run=True, output=MethodReturnValue.HEIGHT)
    height = float(found)  # type: ignore[arg-type] # what was asked for: one number
    if page.will_page_break(height + 4):
        page.add_page()
    page.ln(2)
    top = page.get_y()
    page.write_line(line.description, width - 4)
    page.set_xy(_MARGIN_MM + width, top)
    is_taxed = line.tax_category is TaxCategory.STANDARD
    values = (
        f"{line.quantity:,}",
        unit_price(line.unit_price_micro, currency),
        percent(line.rate_permille) if is_taxed else "–",
    )
    for value, (_, column) in zip(values, _COLUMNS[1:], strict=True):
        page.cell(column, 5, value, align=Align.R)
    page.cell(0, 5, money(line.net_minor, currency), align=Align.R)
    page.set_xy(_MARGIN_MM, top + height + 2)
    page.rule()


def _draw_totals(page: _Page, document: DocumentView) -> None:
    currency, left, width = document.currency, _MARGIN_MM + _WIDTH_MM - 92, 92.0
    if page.will_page_break(12 + 6 * len(document.vat) + 14):
        page.add_page()
    page.ln(3)
    rows = [("Net", document.net_minor)]
    rows += [
        (f"{vat_name(row)} on {money(row.net_minor, currency)}", row.tax_minor)
        for row in document.vat
    ]
    page.face(9)
    for label, amount in rows:
        page.set_x(left)
        page.cell(width - 32, 6, label)
        page.cell(32, 6, money(amount, currency), align=Align.R)
        page.ln(6)
    page.ln(1)
    page.rule(left, width)
    page.ln(2)
    page.set_x(left)
    is_credit = document.kind is DocumentKind.CREDIT_NOTE
    page.face(11, bold=True)
    page.cell(width - 42, 7, "Total credited" if is_credit else "Total")
    page.cell(42, 7, money(document.gross_minor, currency), align=Align.R)
    page.ln(14)


def _draw_words(page: _Page, document: DocumentView) -> None:
    payment = payment_of(document)
    if payment:
        page.face(7.5, bold=True, colour=_QUIET)
        page.write_line("PAYMENT", _WIDTH_MM)
        page.face(9)
        for text in payment:
            page.write_line(text, _WIDTH_MM, 4.8)
        page.ln(4)
    notes = notes_of(document)
    if notes or page.is_incomplete:
        page.face(7.5, bold=True, colour=_QUIET)
        page.write_line("NOTES", _WIDTH_MM)
    for at, text in enumerate(notes):
        is_warning = document.is_specimen and at == 0
        page.face(9, bold=is_warning, colour=_WARNING if is_warning else _INK)
        page.write_line(text, _WIDTH_MM, 4.8)
        page.ln(1)
    if page.is_incomplete:
        page.face(9, colour=_QUIET)
        page.write_line(_UNPRINTABLE, _WIDTH_MM, 4.8)
