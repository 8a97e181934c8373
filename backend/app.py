"""Puts the product together: routes, credentials, gateways. The only place that wires."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from litestar import Litestar, Request
from redis.asyncio import Redis

from backend.api.application import build_application
from backend.api.auth import PrincipalResolver
from backend.api.authorization.access import (
    ACCOUNTANTS,
    ADMINS,
    DESK,
    EVERY_MEMBER,
    READERS,
    Access,
)
from backend.api.guards import check_access
from backend.api.settings import ApiSettings
from backend.audience.routes.imports import router as imports_router
from backend.audience.routes.people import router as people_router
from backend.audience.routes.targeting import router as targeting_router
from backend.billing.payments import close_payments, open_payments
from backend.billing.routes.bank import router as bank_router
from backend.billing.routes.cards import router as cards_router
from backend.billing.routes.corrections import router as corrections_router
from backend.billing.routes.documents import router as documents_router
from backend.billing.routes.prices import router as prices_router
from backend.billing.routes.profiles import router as billing_profiles_router
from backend.billing.routes.proofs import router as proofs_router
from backend.billing.routes.purchases import router as purchases_router
from backend.billing.routes.refunds import router as refunds_router
from backend.billing.routes.tariffs import router as tariffs_router
from backend.billing.routes.top_ups import router as top_ups_router
from backend.campaigns.routes import router as campaigns_router
from backend.db.engine import DATABASE
from backend.delivery.routes.gateways import router as delivery_gateways_router
from backend.delivery.routes.sessions import router as delivery_router
from backend.exports.routes import router as exports_router
from backend.files.service import DirectoryStorage, use_storage
from backend.finance.routes.desk import router as finance_router
from backend.finance.routes.reports import router as reports_router
from backend.gateways.desk.credentials import Setup
from backend.gateways.desk.routes import router as gateways_router
from backend.identity.routes.doors import provide_door
from backend.identity.routes.members import router as members_router
from backend.identity.routes.numbers import router as numbers_router
from backend.identity.routes.second_factor import router as second_factor_router
from backend.identity.routes.tenants import router as identity_router
from backend.identity.service.resolver import Resolver
from backend.kernel.errors import NotFound
from backend.kernel.principal import KeyScope, Principal
from backend.ledger.routes import router as ledger_router
from backend.moderation.routes.cases import router as moderation_router
from backend.moderation.routes.desk import router as desk_router
from backend.moderation.routes.rules import router as rules_router
from backend.moderation.routes.trust import router as trust_router
from backend.notifications.routes import router as notifications_router
from backend.settings import Settings, load, require
from backend.statistics.routes import router as statistics_router
from backend.templates.routes import router as templates_router

PAGES_DIRECTORY = Path(__file__).resolve().parents[1] / "admin_ui" / "dist"
ROUTERS = [
    gateways_router,
    identity_router,
    members_router,
    second_factor_router,
    numbers_router,
    people_router,
    targeting_router,
    imports_router,
    ledger_router,
    top_ups_router,
    purchases_router,
    refunds_router,
    tariffs_router,
    documents_router,
    billing_profiles_router,
    cards_router,
    proofs_router,
    corrections_router,
    bank_router,
    prices_router,
    finance_router,
    reports_router,
    templates_router,
    campaigns_router,
    moderation_router,
    rules_router,
    trust_router,
    desk_router,
    delivery_router,
    delivery_gateways_router,
    exports_router,
    statistics_router,
    notifications_router,
]


# A topic's first word → who may listen: member roles, a key's scope, staff.
TOPICS: dict[str, Access] = {
    "session": Access(members=READERS, scope=KeyScope.REPORTS_READ),
    "balance": Access(members=READERS | ACCOUNTANTS, scope=KeyScope.BALANCE_READ),
    "notices": Access(members=EVERY_MEMBER),
    "queue": Access(staff=DESK),
    "case": Access(staff=DESK),
    "platform": Access(staff=ADMINS),
}


async def authorize_topic(principal: Principal, topic: str) -> UUID | None:
    """Raises Forbidden, or NotFound for a topic nobody has. None: the platform's."""
    access = TOPICS.get(topic.split(":", 1)[0])
    if access is None:
        raise NotFound
    check_access(access, principal)
    return None if access.staff else principal.tenant_id


def api_settings_of(settings: Settings) -> ApiSettings:
    return ApiSettings(
        https=settings.url.startswith("https://"),
        public_origins=frozenset({settings.public_url} if settings.public_url else ()),
        trusted_proxy_hops=settings.trusted_proxy_hops,
        pages_directory=PAGES_DIRECTORY,
    )


def gateway_setup_of(settings: Settings) -> Setup:
    return Setup(
        secret_key=settings.secret_key,
        url=settings.url,
        may_reach_private=settings.may_reach_private,
        platform_sender=settings.platform_sender,
        test_phone=settings.test_phone,
    )


def create_app(
    settings: Settings | None = None,
    *,
    resolver: PrincipalResolver | None = None,
    limits_rate: bool = True,
) -> Litestar:
    """Raises SettingsError, and RoutesAndRowsDiffer when the authorisation table is incomplete.

    `resolver` other than identity's and `limits_rate` off are for tests that ask as everybody.
    """
    settings = settings or load()
    require(settings, "database_url", "redis_url")
    redis = Redis.from_url(settings.redis_url)
    api_settings = api_settings_of(settings)

    async def provide_api_settings(request: Request[Any, Any, Any]) -> ApiSettings:
        del request
        return api_settings

    setup = gateway_setup_of(settings)

    async def provide_setup(request: Request[Any, Any, Any]) -> Setup:
        del request
        return setup

    @asynccontextmanager
    async def resources(app: Litestar) -> AsyncIterator[None]:
        app.state.redis = redis
        use_storage(DirectoryStorage(settings.data_dir / "files"))
        open_payments(settings)
        app.state.is_demo_mode = settings.demo
        app.state.secret_key = settings.secret_key
        app.state.url = settings.url
        await DATABASE.open(
            settings.database_url, connections_max=settings.database_connections_per_process_max
        )
        try:
            yield
        finally:
            await DATABASE.close()
            await redis.aclose()
            await close_payments()

    return build_application(
        ROUTERS,
        resolver=resolver or Resolver(redis, is_demo_mode=settings.demo),
        redis=redis if limits_rate else None,
        settings=api_settings,
        authorize_topic=authorize_topic,
        health_checks={"redis": redis.ping},
        lifespan=[resources],
        dependencies={
            "door": provide_door,
            "api_settings": provide_api_settings,
            "setup": provide_setup,
        },
    )
