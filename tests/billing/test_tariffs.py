"""What credits cost: versions two people put in force, frozen, and the same twice."""

from datetime import UTC, datetime, timedelta

import asyncpg
import msgspec
import pytest

from backend.billing.schemas.tariffs import TariffCreate
from backend.billing.service import tariffs
from backend.billing.states import PURCHASE_CREDITS_MAX, PURCHASE_CREDITS_MIN, TariffState
from backend.db.scope import platform_scope, tenant_scope
from backend.kernel import clock
from backend.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, StateConflict
from backend.kernel.principal import StaffRole, system
from tests.billing.factories import VAT_IDS, make_profile
from tests.factories import make_tenant, member_of, staff

pytestmark = pytest.mark.anyio
SOON = timedelta(days=10)


def proposal(**changed: object) -> TariffCreate:
    body = {
        "currency": "EUR",
        "effective_from": datetime.now(UTC) + SOON,
        "tiers": [
            {"credits_from": 1, "unit_price_micro": 80_000},
            {"credits_from": 10_000, "unit_price_micro": 60_000},
        ],
        "reason": "carriers are dearer",
    }
    return msgspec.convert(body | changed, TariffCreate)


async def price_of(tenant, bought=1_000):
    async with tenant_scope(system("test", tenant)) as scope:
        return await tariffs.price_purchase(scope, bought)


@pytest.mark.parametrize(
    ("profile", "net", "tax", "gross"),
    [
        ({"country": "IE", "vat_id": VAT_IDS["IE"]}, 6500, 1495, 7995),
        ({"country": "DE", "vat_id": VAT_IDS["DE"], "is_confirmed": True}, 6500, 0, 6500),
        ({"country": "DE", "vat_id": VAT_IDS["DE"]}, 6500, 1495, 7995),
        ({"country": "DE"}, 6500, 1495, 7995),
        ({"country": "NO"}, 6500, 0, 6500),
    ],
)
async def test_a_thousand_credits_by_who_buys(database, profile, net, tax, gross):
    tenant = await make_tenant()
    await make_profile(tenant, **profile)
    price = await price_of(tenant)
    assert (price.net_minor, price.tax.tax_minor, price.gross_minor) == (net, tax, gross)
    assert (price.tariff_version, price.tier_no, price.currency) == (1, 1, "EUR")
    assert msgspec.json.encode(price) == msgspec.json.encode(await price_of(tenant))


async def test_every_tier_from_its_first_credit_on(database):
    tenant = await make_tenant()
    await make_profile(tenant)
    found = [
        (await price_of(tenant, bought)).unit_price_micro
        for bought in (500, 4_999, 5_000, 49_999, 50_000, 499_999, 500_000, 5_000_000)
    ]
    assert found == [65_000, 65_000, 59_000, 59_000, 52_000, 52_000, 45_000, 45_000]


async def test_nothing_is_sold_to_nobody(database):
    tenant = await make_tenant()
    with pytest.raises(Conflict, match="billing_profile_required"):
        await price_of(tenant)
    shown = await tariffs.read_credit_price(member_of(tenant), 1_000)
    assert (shown.is_estimate, shown.price.gross_minor) == (True, 7995)
    listed = await tariffs.list_credit_packages(member_of(tenant))
    assert listed.is_estimate
    assert [p.credits for p in listed.packages] == list(tariffs.PACKAGE_CREDITS)
    assert listed.tiers[0].credits_from == 1
    dearest = max(p.price.unit_price_micro for p in listed.packages)
    assert listed.tiers[0].unit_price_micro >= dearest
    await make_profile(tenant)
    assert not (await tariffs.list_credit_packages(member_of(tenant))).is_estimate


@pytest.mark.parametrize("bought", [-1, 0, PURCHASE_CREDITS_MIN - 1, PURCHASE_CREDITS_MAX + 1])
async def test_neither_too_few_nor_too_many(database, bought):
    tenant = await make_tenant()
    await make_profile(tenant)
    with pytest.raises(InvalidInput, match="invalid_amount"):
        await price_of(tenant, bought)
    with pytest.raises(InvalidInput, match="invalid_amount"):
        await tariffs.read_credit_price(member_of(tenant), bought)


async def test_a_version_counts_from_its_day_on_and_by_two_people(database):
    tenant = await make_tenant()
    await make_profile(tenant)
    first, second = staff(StaffRole.FINANCE), staff(StaffRole.FINANCE)
    made = await tariffs.propose_tariff(first, proposal())
    assert (made.version, made.state, made.is_in_force) == (2, TariffState.PROPOSED, False)
    with pytest.raises(Forbidden, match="second_person_must_differ"):
        await tariffs.approve_tariff(first, 2)
    clock.set_offset(SOON * 2)
    assert (await price_of(tenant)).tariff_version == 1, "proposed is not in force"
    clock.set_offset(timedelta(0))
    approved = await tariffs.approve_tariff(second, 2)
    assert (approved.state, approved.is_in_force) == (TariffState.APPROVED, False)
    assert (await price_of(tenant)).tariff_version == 1
    clock.set_offset(SOON * 2)
    now = await price_of(tenant)
    assert (now.tariff_version, now.net_minor) == (2, 8_000)
    (newest, oldest) = (await tariffs.list_tariffs(first, None, 50)).items
    assert (newest.is_in_force, oldest.is_in_force) == (True, False)


async def test_a_day_that_came_before_its_second_person(database):
    await tariffs.propose_tariff(staff(StaffRole.FINANCE), proposal())
    clock.set_offset(SOON * 2)
    with pytest.raises(Conflict, match="effective_from_past"):
        await tariffs.approve_tariff(staff(StaffRole.FINANCE), 2)


async def test_a_proposal_is_withdrawn_or_approved_once(database):
    clerk = staff(StaffRole.FINANCE)
    await tariffs.propose_tariff(clerk, proposal())
    assert (await tariffs.withdraw_tariff(clerk, 2)).state is TariffState.WITHDRAWN
    for refused in (tariffs.withdraw_tariff, tariffs.approve_tariff):
        with pytest.raises(StateConflict, match="tariff_not_proposed"):
            await refused(staff(StaffRole.FINANCE), 2)
    for version in (0, 9, 2**40):
        with pytest.raises(NotFound):
            await tariffs.approve_tariff(clerk, version)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"tiers": [{"credits_from": 2, "unit_price_micro": 1}]}, "tiers_disordered"),
        ({"tiers": [{"credits_from": 1, "unit_price_micro": 1}] * 2}, "tiers_disordered"),
        ({"currency": "XXX"}, "currency_unknown"),
        ({"effective_from": "2020-01-01T00:00:00Z"}, "effective_from_past"),
        ({"effective_from": "9999-12-31T23:59:59-23:59"}, "date_too_far"),
    ],
)
async def test_what_no_tariff_can_be(database, changed, code):
    with pytest.raises(InvalidInput, match=code):
        await tariffs.propose_tariff(staff(StaffRole.FINANCE), proposal(**changed))


async def test_a_tariff_never_changes_not_even_by_its_owner(database):
    await tariffs.propose_tariff(staff(StaffRole.FINANCE), proposal())
    connection = await database.connect()
    try:
        for statement in (
            "UPDATE tariff_tiers SET unit_price_micro = 1",
            "DELETE FROM tariff_tiers",
            "INSERT INTO tariff_tiers VALUES (2, 3, 99, 1)",
            "UPDATE tariffs SET effective_from = now()",
            "UPDATE tariffs SET approved_by = NULL, approved_at = NULL WHERE version = 1",
            "DELETE FROM tariffs",
        ):
            with pytest.raises(asyncpg.RestrictViolationError):
                await connection.execute(statement)
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(
                "UPDATE tariffs SET approved_by = created_by, approved_at = now() WHERE version = 2"
            )
    finally:
        await connection.close()


async def test_a_role_of_ours_cannot_touch_what_stands(database):
    for statement in ("UPDATE tariffs SET currency = 'USD'", "DELETE FROM tariff_tiers"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with platform_scope(system("test"), "test") as scope:
                await scope.execute(statement)


@pytest.mark.parametrize("unit_price_micro", [1, 10**12])
async def test_a_price_no_card_pays_is_said(database, unit_price_micro):
    del database
    tenant = await make_tenant()
    await make_profile(tenant)
    tiers = [{"credits_from": 1, "unit_price_micro": unit_price_micro}]
    made = await tariffs.propose_tariff(staff(StaffRole.FINANCE), proposal(tiers=tiers))
    await tariffs.approve_tariff(staff(StaffRole.FINANCE), made.version)
    clock.set_offset(SOON + timedelta(days=1))
    with pytest.raises(Conflict, match="price_not_payable"):
        await price_of(tenant)
