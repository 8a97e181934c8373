"""Buyers to start from."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from backend.billing.queries import profiles as rows
from backend.billing.schemas.profiles import BillingProfileUpdate, BillingProfileView, TermsUpdate
from backend.billing.schemas.top_ups import TopUpCreate
from backend.billing.service.profiles import save_billing_profile, set_billing_terms
from backend.billing.service.top_ups import create_top_up
from backend.billing.states import Terms, VatState
from backend.billing.vat_register import VatAnswer
from backend.db.scope import tenant_scope
from backend.kernel import clock
from backend.kernel.errors import Unavailable
from backend.kernel.ids import uuid7
from backend.kernel.principal import StaffRole, system
from backend.ledger.service.holds import capture, place_hold
from backend.ledger.service.lines import set_credit_line
from tests.factories import member_of, staff

VAT_IDS = {
    "AT": "ATU13585627",
    "DE": "DE136695976",
    "FR": "FR40303265045",
    "GR": "EL094259216",
    "IE": "IE6433435F",
    "NL": "NL004495445B01",
}


def profile_input(**changed: object) -> BillingProfileUpdate:
    body = {
        "version": 0,
        "company_name": "Nordlys Retail AS",
        "address_lines": ["Storgata 1"],
        "postal_code": "0155",
        "city": "Oslo",
        "country": "NO",
        "email": "billing@nordlys.example",
    }
    return msgspec.convert(body | changed, BillingProfileUpdate)


async def make_profile(
    tenant_id: UUID, *, is_confirmed: bool = False, **changed: object
) -> BillingProfileView:
    """A billing profile; without it nothing can be bought. `is_confirmed`: by the register."""
    view = await save_billing_profile(member_of(tenant_id), profile_input(**changed))
    if is_confirmed:
        assert view.vat_id is not None
        async with tenant_scope(system("factory", tenant_id)) as scope:
            await rows.record_vat_answer(
                scope, view.vat_id, VatState.CONFIRMED, "WAPIAAAA", scope.now
            )
        view = msgspec.structs.replace(view, vat_state=VatState.CONFIRMED)
    return view


class FakeRegister:
    """Answers by list; `None` is no answer."""

    def __init__(self, *answers: bool | None) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str | None]] = []

    async def check(self, vat_id: str, requester_vat_id: str | None) -> VatAnswer:
        self.asked.append((vat_id, requester_vat_id))
        answer = self.answers.pop(0)
        if answer is None:
            raise Unavailable("vat_register_unavailable", "MS_UNAVAILABLE")
        return VatAnswer(answer, "WAPIAAAA")


async def topped_up(
    tenant: UUID, reference: str, bought: int = 1_000, method: str = "bank_transfer"
) -> UUID:
    asked = {
        "amount_credits": bought,
        "method": method,
        "reference": reference,
        "reason": "bank statement 12",
    }
    data = msgspec.convert(asked, TopUpCreate)
    return (await create_top_up(staff(StaffRole.FINANCE), tenant, data)).id


MONTHLY_CREDITS = 120


async def credit_line(tenant_id: UUID, limit: int) -> None:
    async with tenant_scope(system("factory", tenant_id)) as scope:
        await set_credit_line(scope, limit, f"line:{uuid7()}", "contract 12")


async def use_credits(tenant_id: UUID, amount: int) -> UUID:
    """Held and captured now, by the product's clock; the hold."""
    async with tenant_scope(system("factory", tenant_id)) as scope:
        name = f"use:{uuid7()}"
        hold = await place_hold(scope, name, None, amount)
        await capture(scope, hold.id, amount, f"{name}:captured")
    return hold.id


async def postpaid_user(tenant_id: UUID, *, months: int) -> None:
    """Used MONTHLY_CREDITS on credit in each of some months; the clock stands after the last."""
    await make_profile(tenant_id)
    await credit_line(tenant_id, MONTHLY_CREDITS * (months + 2))
    asked = TermsUpdate(terms=Terms.POSTPAID, reason="contract 12")
    await set_billing_terms(staff(StaffRole.FINANCE), tenant_id, asked)
    for _ in range(months):
        await use_credits(tenant_id, MONTHLY_CREDITS)
        to_next_month()


def to_next_month() -> None:
    """Moves the product's clock to noon of the next month's first day."""
    now = datetime.now(UTC) + clock.offset()
    first = (now.replace(day=1) + timedelta(days=32)).replace(day=1, hour=12, minute=0)
    clock.set_offset(first - datetime.now(UTC))
