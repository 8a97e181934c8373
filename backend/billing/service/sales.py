"""What was sold, as documents: purchases, top-ups by bank transfer, invoices finance writes."""

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.billing.bank_clues import letters_of
from backend.billing.document_states import (
    DocumentKind,
    DocumentState,
    PaymentMethod,
)
from backend.billing.pricing import PurchasePrice, in_micro
from backend.billing.queries import documents, top_ups
from backend.billing.schemas.documents import DocumentView, Draft, InvoiceCreate, Line
from backend.billing.schemas.profiles import LegalEntityView
from backend.billing.service.issuing import document, issue, move_document
from backend.billing.service.profiles import is_postpaid, profile_of, required_profile
from backend.billing.service.tariffs import priced, terms_of
from backend.billing.service.taxes import seller_of
from backend.billing.states import TaxCategory, TaxPoint, TopUpMethod, TopUpState
from backend.db.scope import Scope, platform_scope, tenant_scope
from backend.identity.service.stakes import refuse_own_tenant
from backend.identity.service.tenants import read_tenant_facts
from backend.kernel.errors import StateConflict
from backend.kernel.ids import uuid7
from backend.kernel.principal import Principal, system

NOTE_AT_REDEMPTION = (
    "Payment in advance for multi-purpose credits: VAT is due when they are used (Article 30b of"
    " Directive 2006/112/EC). This is no VAT invoice."
)


def sale_lines(price: PurchasePrice, tax_point: TaxPoint, description: str) -> tuple[Line, ...]:
    """Pure. Credits that are taxed when used are sold for the same money, without tax shown."""
    if tax_point is TaxPoint.AT_REDEMPTION:
        return (
            Line(
                description=description,
                quantity=price.credits,
                unit_price_micro=in_micro(price.gross_minor, price.currency) // price.credits,
                net_minor=price.gross_minor,
                tax_category=TaxCategory.OUTSIDE_SCOPE,
                rate_permille=0,
                tax_minor=0,
                tax_note=NOTE_AT_REDEMPTION,
            ),
        )
    return (
        Line(
            description=description,
            quantity=price.credits,
            unit_price_micro=price.unit_price_micro,
            net_minor=price.net_minor,
            tax_category=price.tax.category,
            rate_permille=price.tax.rate_permille,
            tax_minor=price.tax.tax_minor,
            tax_note=price.tax.note,
        ),
    )


def described(price: PurchasePrice) -> str:
    return f"Prepaid message credits (tariff {price.tariff_version})"


def paid_draft(
    source: str,
    price: PurchasePrice,
    entity: LegalEntityView,
    paid_at: datetime,
    method: PaymentMethod,
) -> Draft:
    """Pure: of money that has come. A receipt where the tax comes later, else an invoice."""
    is_receipt = entity.tax_point is TaxPoint.AT_REDEMPTION
    return Draft(
        kind=DocumentKind.RECEIPT if is_receipt else DocumentKind.INVOICE,
        state=DocumentState.ISSUED if is_receipt else DocumentState.PAID,
        source=source,
        currency=price.currency,
        credits=price.credits,
        lines=sale_lines(price, entity.tax_point, described(price)),
        supplied_on=paid_at.astimezone(ZoneInfo(entity.time_zone)).date(),
        paid_at=paid_at,
        paid_by=source,
        payment_method=method,
        is_advance=is_receipt,
    )


def due_on(entity: LegalEntityView, now: datetime) -> date:
    return now.astimezone(ZoneInfo(entity.time_zone)).date() + timedelta(days=entity.payment_days)


async def create_invoice(
    principal: Principal, tenant_id: UUID, data: InvoiceCreate
) -> DocumentView:
    """To be paid by bank transfer; the top-up that names its number settles it.

    Raises Conflict `billing_profile_required`, `currency_not_priced`.
    """
    async with tenant_scope(principal, tenant_id, reason=data.reason) as scope:
        await refuse_own_tenant(scope)
        await read_tenant_facts(scope)
        profile = await required_profile(scope)
        terms = await terms_of(scope, profile)
        price, entity = priced(data.credits, terms), terms.seller.entity
        document_id = await issue(
            scope,
            Draft(
                kind=DocumentKind.INVOICE,
                state=DocumentState.OPEN,
                source=f"invoice:{uuid7()}",
                currency=price.currency,
                credits=price.credits,
                lines=sale_lines(price, entity.tax_point, described(price)),
                due_on=due_on(entity, scope.now),
                is_advance=entity.tax_point is TaxPoint.AT_REDEMPTION,
            ),
        )
        view = await document(scope, tenant_id, document_id)
        await scope.answer(view)
    return view


async def settle_top_up(tenant_id: UUID, top_up_id: UUID) -> UUID | None:
    """Consumer of `top_up.credited`: the unpaid invoice its reference names is paid by it; where it
    names none, money that came by bank gets an invoice of its own. Told twice, nothing more.

    None where there is nothing to issue: no billing profile yet, credits finance gave otherwise, or
    a postpaid tenant, whose months are invoiced.
    """
    async with tenant_scope(system("documents", tenant_id)) as scope:
        row = await top_ups.locked(scope, top_up_id)
        source = f"top_up:{top_up_id}"
        known = await documents.id_settled_by(scope, source)
        if known is not None or row["state"] != TopUpState.CREDITED.value:
            return known
        # What the bank said of a matched line stands in its top-up's reason.
        said = f"{row['reference']} {row['reason']}"
        named = await _named(scope, said, row["amount_credits"])
        if named is not None:
            bank = PaymentMethod.BANK_TRANSFER
            await move_document(scope, named, DocumentState.PAID, paid_by=source, method=bank)
            return named
        profile = await profile_of(scope)
        is_by_bank = row["method"] == TopUpMethod.BANK_TRANSFER.value
        if profile is None or is_postpaid(profile) or not is_by_bank:
            return None
        return await _issue_for_top_up(scope, top_up_id)


async def _named(scope: Scope, reference: str, credits_paid: int) -> UUID | None:
    """The unpaid document whose number stands in a bank's reference, for as many credits."""
    said = letters_of(reference)
    for row in await documents.unpaid(scope):
        if letters_of(row["number"]) in said and row["credits"] == credits_paid:
            found: UUID = row["id"]
            return found
    return None


async def _issue_for_top_up(scope: Scope, top_up_id: UUID) -> UUID:
    row = await top_ups.locked(scope, top_up_id)
    profile = await required_profile(scope)
    terms = await terms_of(scope, profile)
    credited_at = row["approved_at"] or row["created_at"]
    method = PaymentMethod(row["method"])
    price = priced(row["amount_credits"], terms)
    source = f"top_up:{top_up_id}"
    draft = paid_draft(source, price, terms.seller.entity, credited_at, method)
    return await issue(scope, draft)


async def create_top_up_document(principal: Principal, top_up_id: UUID) -> DocumentView:
    """By finance's wish, for a credited top-up that got none. Raises StateConflict
    `top_up_not_credited`, Conflict `billing_profile_required`.
    """
    reason = f"document of top-up {top_up_id}"
    async with platform_scope(principal, reason) as scope:
        tenant_id = await top_ups.tenant_of(scope, top_up_id)
    async with tenant_scope(principal, tenant_id, reason=reason) as scope:
        row = await top_ups.locked(scope, top_up_id)
        if row["state"] != TopUpState.CREDITED.value:
            raise StateConflict("top_up_not_credited", "nothing was credited", state=row["state"])
        known = await documents.id_settled_by(scope, f"top_up:{top_up_id}")
        document_id = known or await _issue_for_top_up(scope, top_up_id)
        view = await document(scope, tenant_id, document_id)
        await scope.answer(view)
    return view


async def seller_entity(scope: Scope) -> LegalEntityView:
    profile = await required_profile(scope)
    return (await seller_of(scope, profile.legal_entity)).entity
