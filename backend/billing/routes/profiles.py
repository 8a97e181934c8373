"""Who buys and who sells, over HTTP."""

from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody

from backend.api.routing import FromPrincipal, get, post, put
from backend.billing.schemas.profiles import (
    BillingProfileUpdate,
    BillingProfileView,
    LegalEntityUpdate,
    LegalEntityView,
    TermsUpdate,
    VatRateCreate,
)
from backend.billing.service import profiles, taxes


@get("/v1/billing-profile")
async def read_billing_profile(principal: FromPrincipal) -> BillingProfileView:
    return await profiles.read_billing_profile(principal)


@put("/v1/billing-profile")
async def save_billing_profile(
    data: JSONBody[BillingProfileUpdate], principal: FromPrincipal
) -> BillingProfileView:
    return await profiles.save_billing_profile(principal, data)


@get("/v1/tenants/{tenant_id:uuid}/billing-profile")
async def read_tenant_billing_profile(
    tenant_id: FromPath[UUID], principal: FromPrincipal
) -> BillingProfileView:
    return await profiles.read_tenant_billing_profile(principal, tenant_id)


@put("/v1/tenants/{tenant_id:uuid}/billing-terms")
async def set_billing_terms(
    tenant_id: FromPath[UUID], data: JSONBody[TermsUpdate], principal: FromPrincipal
) -> BillingProfileView:
    return await profiles.set_billing_terms(principal, tenant_id, data)


@get("/v1/legal-entities")
async def list_legal_entities(principal: FromPrincipal) -> list[LegalEntityView]:
    return await taxes.list_legal_entities(principal)


@put("/v1/legal-entities/{legal_entity:str}")
async def update_legal_entity(
    legal_entity: FromPath[str], data: JSONBody[LegalEntityUpdate], principal: FromPrincipal
) -> LegalEntityView:
    return await taxes.update_legal_entity(principal, legal_entity, data)


@post("/v1/legal-entities/{legal_entity:str}/vat-rates", status_code=201)
async def add_vat_rate(
    legal_entity: FromPath[str], data: JSONBody[VatRateCreate], principal: FromPrincipal
) -> LegalEntityView:
    return await taxes.add_vat_rate(principal, legal_entity, data)


router = Router(
    "/",
    route_handlers=[
        read_billing_profile,
        save_billing_profile,
        read_tenant_billing_profile,
        set_billing_terms,
        list_legal_entities,
        update_legal_entity,
        add_vat_rate,
    ],
)
