"""Buyers to start from."""

from uuid import UUID

import msgspec

from backend.billing.queries import profiles as rows
from backend.billing.schemas.profiles import BillingProfileUpdate, BillingProfileView
from backend.billing.service.profiles import save_billing_profile
from backend.billing.states import VatState
from backend.billing.vat_register import VatAnswer
from backend.db.scope import tenant_scope
from backend.kernel.errors import Unavailable
from backend.kernel.principal import system
from tests.factories import member_of

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
