"""Pictures of the finance desk: a month of sales, payments to match, what waits for somebody."""

import contextlib
import random
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg

from backend.commands.api_client import ApiRefused, Person
from backend.commands.demo_accounts import CLERK, SECOND_CLERK
from backend.identity.service.login import DEMO_PASSWORD
from backend.kernel.ids import uuid7
from tests.browser.camera import picture
from tests.browser.stage import Stage

DAYS = 30
TAX_PERMILLE = 250
AGES = {"30": 0.52, "90": 0.24, "180": 0.13, "365": 0.08, "older": 0.03}
PACKAGES = {1_000: 6_500, 5_000: 31_000, 20_000: 116_000}
BANK_CSV = """Dato;Avsender;Tekst;Beløp
20.11.2026;NORDLYS RETAIL AS;Nordlys 1182;2 000,00
20.11.2026;Kargo Twentyfour;Kargo24 faktura 311;1 250,00
21.11.2026;CAFE MILAN;sms kreditt;450,00
21.11.2026;Amira Haddad;kunde Milan november;120,00
22.11.2026;Nordlys Retail;påfyll november;3 400,00
22.11.2026;Ukjent avsender;innbetaling;75,50
"""
BANK_OPTIONS = {
    "format": "csv",
    "account": "NO93 8601 1117 947",
    "columns": {
        "booked_on": "Dato",
        "amount": "Beløp",
        "counterparty": "Avsender",
        "remittance": "Tekst",
    },
    "date_order": "dmy",
    "decimal": ",",
}


async def plant_a_month(database_url: str, tenants: list[UUID]) -> None:
    """Sales and closed days of a month, as the clock would have left them."""
    chance = random.Random(11)
    today = datetime.now(UTC).date()
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            for ago in range(DAYS, 0, -1):
                day = today - timedelta(days=ago)
                for _ in range(chance.randint(1, 6) if day.weekday() < 5 else 1):
                    await _plant_purchase(connection, chance, chance.choice(tenants), day)
                await _plant_day(connection, chance, day, 96_000 + (DAYS - ago) * 1_900, tenants)
    finally:
        await connection.close()


async def _plant_purchase(
    connection: asyncpg.Connection, chance: random.Random, tenant: UUID, day: date
) -> None:
    amount, net = chance.choice(list(PACKAGES.items()))
    tax = net * TAX_PERMILLE // 1000
    at = datetime(day.year, day.month, day.day, chance.randint(7, 18), 12, tzinfo=UTC)
    purchase = uuid7()
    await connection.execute(
        "INSERT INTO purchases (tenant_id, id, source, state, credits, tariff_version, tier_no,"
        " unit_price_micro, currency, net_minor, tax_rate_permille, tax_minor, is_reverse_charge,"
        " tax_category, tax_note, gross_minor, payment_id, created_by, created_at, expires_at,"
        " paid_at) VALUES ($1, $2, $3, 'paid', $4, 1, 0, $5, 'EUR', $6, $7, $8, false, 'S', '', $9,"
        " $10, 'system:pictures', $11, $12, $11)",
        *(tenant, purchase, "checkout" if chance.random() < 0.7 else "auto_reload", amount),
        *(net * 10_000 // amount, net, TAX_PERMILLE, tax, net + tax, f"pi_{purchase.hex}"),
        *(at, at + timedelta(hours=2)),
    )


async def _plant_day(
    connection: asyncpg.Connection,
    chance: random.Random,
    day: date,
    liability: int,
    tenants: list[UUID],
) -> None:
    await connection.execute(
        "INSERT INTO closed_days VALUES ($1, $2, 'system:finance', $3, $4, true, 0, '[]', $5)"
        " ON CONFLICT DO NOTHING",
        *(day, datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=24.25)),
        *(len(tenants), chance.randint(900, 4_000), "agrees"),
    )
    await connection.execute(
        "INSERT INTO reconciliations VALUES ($1, 1, $2, 'system:finance', true, $3, 0, $3, $4, $4)"
        " ON CONFLICT DO NOTHING",
        *(day, datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=24.1)),
        *(chance.randint(1, 6), chance.randint(2_000, 14_000)),
    )
    for age, share in AGES.items():
        await connection.execute(
            "INSERT INTO day_liabilities VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            *(day, age, round(liability * share * chance.uniform(0.94, 1.06)), len(tenants)),
        )
    for tenant in tenants:
        await connection.execute(
            "INSERT INTO day_movements VALUES ($1, $2, 'captured', 'held', 'spent', $3, $4)"
            " ON CONFLICT DO NOTHING",
            *(day, tenant, chance.randint(20, 90), chance.randint(600, 6_500)),
        )


async def arrange(clerk: Person, tenant_id: str) -> None:
    given: tuple[tuple[int, str, str], ...] = (
        (20_000, "2026-1182", "Bank transfer of 20 November"),
        (5_000, "2026-1190", "Bank transfer of 21 November"),
        (80_000, "2026-1201", "Yearly budget, bank transfer of 22 November"),
    )
    for amount, reference, reason in given:
        body = {"amount_credits": amount, "method": "bank_transfer"}
        with contextlib.suppress(ApiRefused):  # the largest waits for a second person
            path = f"/v1/tenants/{tenant_id}/top-ups"
            await clerk.post(path, {**body, "reference": reference, "reason": reason})
    for amount, reference in ((10_000, "Outage of 14 November"), (2_500, "Outage of 21 November")):
        grant = {"amount_credits": amount, "kind": "granted", "reference": reference}
        with contextlib.suppress(ApiRefused):  # the second is above what one clerk gives in a day
            given_for = {"reason": "Messages were late through us"}
            await clerk.post(f"/v1/tenants/{tenant_id}/grants", {**grant, **given_for})
    await clerk.upload("/v1/bank-files", "november.csv", BANK_CSV.encode(), BANK_OPTIONS)


async def take_money(stage: Stage) -> None:
    url = stage.system.settings.url
    async with (
        await Person.log_in(url, CLERK, DEMO_PASSWORD) as clerk,
        await Person.log_in(url, SECOND_CLERK, DEMO_PASSWORD) as second,
    ):
        tenants = await clerk.every("/v1/tenants")
        nordlys = next(one["id"] for one in tenants if one["name"] == "Nordlys Retail")
        await arrange(clerk, nordlys)
        entered = await clerk.get(f"/v1/tenants/{nordlys}/top-ups")
        refund = {
            "credits": 500,
            "amount_minor": 3_250,
            "currency": "EUR",
            "reason": "Bought twice by mistake",
            "top_up_id": next(
                one["id"] for one in entered["items"] if one["reference"] == "2026-1190"
            ),
        }
        await second.post(f"/v1/tenants/{nordlys}/refunds", refund)
    await plant_a_month(stage.system.superuser_url(), [UUID(one["id"]) for one in tenants])
    desk = await stage.person("Finance · Tom Okafor")
    await picture(desk, "finance-desk", "/finance", "text=Credits sold by day")
    await picture(desk, "finance", f"/finance/tenants/{nordlys}", "text=2026-1201")
    await picture(desk, "finance-waiting", "/finance/waiting", "text=Bought twice by mistake")
    await picture(desk, "finance-matching", "/finance/matching", "text=NORDLYS RETAIL AS")
    await picture(desk, "finance-reports", "/finance/reports", "text=Card sales by day, EUR")
