"""How gateways fare: rows, what processes have of them, and what was seen minute by minute."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from backend.db.scope import Scope, platform_scope
from backend.gateways.desk import queries
from backend.gateways.desk.schemas import (
    Figures,
    GatewayDetail,
    GatewaySettings,
    GatewayView,
    HealthMinute,
    HttpJsonSettings,
    LinkView,
    SmppSettings,
)
from backend.gateways.service import WORKING_SECONDS_MAX
from backend.gateways.states import GatewayState
from backend.kernel.principal import Principal

LINK_SEEN_SECONDS_MAX: Final = 60
RECENT_MINUTES: Final = 15
HISTORY_MINUTES: Final = 120
_SETTINGS: Final[dict[str, type[SmppSettings | HttpJsonSettings]]] = {
    "smpp": SmppSettings,
    "http_json": HttpJsonSettings,
}


async def list_gateways(principal: Principal) -> list[GatewayView]:
    async with platform_scope(principal, "gateways") as scope:
        return await views_of(scope, await queries.everything(scope))


async def read_gateway(principal: Principal, gateway_id: UUID) -> GatewayDetail:
    """Raises NotFound."""
    async with platform_scope(principal, f"gateway {gateway_id}") as scope:
        [view] = await views_of(scope, [await queries.one(scope, gateway_id)])
        since = scope.now - timedelta(minutes=HISTORY_MINUTES)
        rows = await queries.minutes(scope, gateway_id, since)
    return GatewayDetail(
        **{name: getattr(view, name) for name in view.__struct_fields__},
        minutes=[HealthMinute(minute=row["minute"], **_figures(row)) for row in rows],
    )


def _figures(row: asyncpg.Record) -> dict[str, Any]:
    return {name: row[name] for name in Figures.__struct_fields__}


async def views_of(scope: Scope, rows: list[asyncpg.Record]) -> list[GatewayView]:
    links = await queries.links(scope, scope.now - timedelta(seconds=LINK_SEEN_SECONDS_MAX))
    since = scope.now - timedelta(minutes=RECENT_MINUTES)
    recent = {row["gateway_id"]: row for row in await queries.recent(scope, since)}
    return [
        _view(
            row,
            scope.now,
            [link for link in links if link["gateway_id"] == row["id"]],
            recent.get(row["id"]),
        )
        for row in rows
    ]


def _view(
    row: asyncpg.Record, now: datetime, links: list[asyncpg.Record], recent: asyncpg.Record | None
) -> GatewayView:
    given = dict(row)
    working_at = given["working_at"]
    is_recent = working_at is not None and now - working_at <= timedelta(
        seconds=WORKING_SECONDS_MAX
    )
    shown = [
        LinkView(
            **{name: link[name] for name in LinkView.__struct_fields__ if name != "is_current"},
            is_current=link["version"] == row["version"],
        )
        for link in links
    ]
    return msgspec.convert(
        {
            **given,
            "settings": _settings_of(row["kind"], row["config"]),
            "is_working": is_recent and row["state"] != GatewayState.DISABLED.value,
            "links": shown,
            "recent": Figures(**_figures(recent)) if recent else Figures(),
        },
        GatewayView,
        from_attributes=True,
    )


def _settings_of(kind: str, config: dict[str, object]) -> GatewaySettings:
    wanted = _SETTINGS[kind]
    known = {name: config[name] for name in wanted.__struct_fields__ if name in config}
    found: GatewaySettings = msgspec.convert({**known, "kind": kind}, GatewaySettings)
    return found
