"""The one way a document comes to be: numbered and sealed in one transaction."""

from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from backend.audit.service import record
from backend.billing.document_states import (
    NUMBER_DIGITS,
    TRANSITIONS,
    DocumentKind,
    DocumentState,
    PaymentMethod,
    Series,
    series_of,
)
from backend.billing.pricing import half_up, in_micro
from backend.billing.queries import documents
from backend.billing.schemas.documents import (
    DocumentView,
    Draft,
    Line,
    LineView,
    Party,
    VatRow,
)
from backend.billing.schemas.profiles import BillingProfileView, LegalEntityView
from backend.billing.service.profiles import required_profile
from backend.billing.service.taxes import seller_of
from backend.db.scope import Scope
from backend.kernel.errors import Conflict, StateConflict, invalid_field
from backend.kernel.faults import point
from backend.kernel.ids import uuid7
from backend.outbox.service import announce
from backend.outbox.topics import Topic

NOTE_SPECIMEN = "Specimen: the seller is not set up. This is no invoice."


async def issue(scope: Scope, draft: Draft) -> UUID:
    """A step: the document of a source, once; its id, also where it stood already.

    The number's row is locked until the transaction ends, so call this last in it. Raises Conflict
    `billing_profile_required`.
    """
    await documents.wait_for_source(scope, draft.source)
    known = await documents.id_of_source(scope, draft.source)
    if known is not None:
        return known
    profile = await required_profile(scope)
    entity = (await seller_of(scope, profile.legal_entity)).entity
    document_id, series = uuid7(), series_of(draft.kind)
    if entity.is_specimen:
        draft = msgspec.structs.replace(draft, notes=(NOTE_SPECIMEN, *draft.notes))
    await documents.insert_lines(scope, document_id, draft)
    seq = await documents.take_number(scope, entity.code, series, document_id)
    number = f"{prefix_of(entity, series)}{seq:0{NUMBER_DIGITS}d}"
    await documents.insert(
        scope,
        document_id,
        draft,
        entity=entity.code,
        series=series,
        seq=seq,
        number=number,
        issued_on=scope.now.astimezone(ZoneInfo(entity.time_zone)).date(),
        seller=seller_party(entity),
        buyer=buyer_party(profile),
        is_specimen=entity.is_specimen,
    )
    await record(
        scope, "document.issued", f"document:{document_id}", number=number, source=draft.source
    )
    await announce(scope, Topic.DOCUMENT_ISSUED, {"document_id": str(document_id)})
    point("billing.document_issued")
    return document_id


def prefix_of(entity: LegalEntityView, series: Series) -> str:
    prefixes = {
        Series.INVOICE: entity.invoice_prefix,
        Series.RECEIPT: entity.receipt_prefix,
        Series.CREDIT_NOTE: entity.credit_note_prefix,
    }
    return prefixes[series]


def seller_party(entity: LegalEntityView) -> Party:
    return Party(
        name=entity.name,
        address_lines=entity.address_lines,
        postal_code=entity.postal_code,
        city=entity.city,
        country=entity.country,
        vat_id=entity.vat_id,
        email=entity.email,
        registration=entity.registration,
        bank_name=entity.bank_name,
        iban=entity.iban,
        bic=entity.bic,
    )


def buyer_party(profile: BillingProfileView) -> Party:
    return Party(
        name=profile.company_name,
        address_lines=profile.address_lines,
        postal_code=profile.postal_code,
        city=profile.city,
        country=profile.country,
        vat_id=profile.vat_id,
        email=profile.email,
        purchase_reference=profile.purchase_reference,
        vat_check_reference=profile.vat_check_reference or "",
    )


async def document(scope: Scope, tenant_id: UUID, document_id: UUID) -> DocumentView:
    """A step, in the tenant's scope or the platform's. Raises NotFound."""
    row = await documents.one(scope, tenant_id, document_id)
    rows = await documents.lines(scope, tenant_id, document_id)
    lines = [msgspec.convert(dict(line), LineView) for line in rows]
    return msgspec.convert({**dict(row), "lines": lines, "vat": vat_rows(lines)}, DocumentView)


def vat_rows(lines: list[LineView]) -> list[VatRow]:
    """Pure: sums by category and rate, in the order they first come."""
    found: dict[tuple[str, int, str], VatRow] = {}
    for line in lines:
        key = (line.tax_category.value, line.rate_permille, line.tax_note)
        before = found.get(key)
        found[key] = VatRow(
            tax_category=line.tax_category,
            rate_permille=line.rate_permille,
            net_minor=line.net_minor + (before.net_minor if before else 0),
            tax_minor=line.tax_minor + (before.tax_minor if before else 0),
            tax_note=line.tax_note,
        )
    return list(found.values())


async def credit_document(
    scope: Scope,
    original_id: UUID,
    source: str,
    note: str,
    *,
    amount_minor: int | None = None,
    credits_back: int | None = None,
) -> UUID:
    """A step: a credit note over `amount_minor` with tax, or over all that is left.

    Raises InvalidInput `credit_exceeds_document`, Conflict `document_not_creditable`.
    """
    await documents.lock(scope, original_id)  # two credit notes at once count each other
    known = await documents.id_of_source(scope, source)
    if known is not None:
        return known
    original = await document(scope, scope.tenant_id, original_id)
    if original.kind is DocumentKind.CREDIT_NOTE:
        raise Conflict("document_not_creditable", "a credit note is corrected by another invoice")
    before = await documents.credited(scope, original_id)
    left = original.gross_minor - before["net_minor"] - before["tax_minor"]
    amount = left if amount_minor is None else amount_minor
    if not 0 < amount <= left:
        raise invalid_field(
            "/amount_minor", "credit_exceeds_document", "more than is left", left_minor=left
        )
    back = credits_back if credits_back is not None else original.credits - before["credits"]
    line = credit_line(original, before["net_minor"] + before["tax_minor"], amount, back)
    draft = Draft(
        kind=DocumentKind.CREDIT_NOTE,
        state=DocumentState.ISSUED,
        source=source,
        currency=original.currency,
        credits=max(back, 0),
        lines=(line,),
        notes=(f"Credit note to {original.number} of {original.issued_on.isoformat()}.", note),
        original_id=original_id,
        supplied_on=original.supplied_on,
    )
    return await issue(scope, draft)


async def credit_what_is_left(
    scope: Scope,
    original_id: UUID,
    source: str,
    note: str,
    *,
    amount_minor: int | None = None,
    credits_back: int | None = None,
) -> UUID | None:
    """A step: never more than the document says, for a bank may take back more than was paid; all
    that is left where no amount is named. None: all of it was taken back before.
    """
    await documents.lock(scope, original_id)
    known = await documents.id_of_source(scope, source)
    if known is not None:
        return known
    view = await document(scope, scope.tenant_id, original_id)
    before = await documents.credited(scope, original_id)
    left = view.gross_minor - before["net_minor"] - before["tax_minor"]
    if left <= 0:
        return None
    amount = left if amount_minor is None else min(amount_minor, left)
    is_all = amount == left and credits_back is None
    return await credit_document(
        scope,
        original_id,
        source,
        note,
        amount_minor=amount,
        credits_back=None if is_all else credits_back or 0,
    )


def credit_line(original: DocumentView, credited_minor: int, amount: int, back: int) -> Line:
    """Pure. The tax in any sum of credit notes is the original's in proportion, rounded once: all
    of it together is exactly the original's.
    """
    first = original.lines[0]

    def tax_in(gross: int) -> int:
        return half_up(original.tax_minor * gross, original.gross_minor)

    tax_minor = tax_in(credited_minor + amount) - tax_in(credited_minor)
    net, currency = amount - tax_minor, original.currency
    is_by_credits = 0 < back <= original.credits
    return Line(
        description=f"Taken back: {first.description}"[:300],
        quantity=back if is_by_credits else 1,
        unit_price_micro=first.unit_price_micro if is_by_credits else in_micro(net, currency),
        net_minor=net,
        tax_category=first.tax_category,
        rate_permille=first.rate_permille,
        tax_minor=tax_minor,
        tax_note=first.tax_note,
    )


async def move_document(
    scope: Scope,
    document_id: UUID,
    to: DocumentState,
    *,
    paid_by: str | None = None,
    method: PaymentMethod | None = None,
) -> None:
    """A step: the one door of a document's state. Raises StateConflict `document_not_open`."""
    before = await documents.lock(scope, document_id)
    is_moved = to in TRANSITIONS[before] and await documents.move(
        scope, document_id, before, to, paid_by=paid_by, method=method
    )
    if not is_moved:
        raise StateConflict("document_not_open", "nothing is to be paid here", state=before.value)
    await record(
        scope, "document.moved", f"document:{document_id}", before=before.value, after=to.value
    )
