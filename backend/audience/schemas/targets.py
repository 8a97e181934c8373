"""Target groups as they come in and go out."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from backend.audience.schemas.people import Text80, Text500
from backend.kernel.views import Input, RowVersion, View

Rule = Annotated[
    dict[str, Any],
    Meta(
        description="A condition: all, any (of: […]), not (of: …), attribute or field (name,"
        " comparison, values), group or target_group (id), consent, activity (event accepted,"
        " delivered or replied; days).",
        examples=[{"kind": "all", "of": [{"kind": "consent"}]}],
    ),
]


class TargetGroupCreate(Input, frozen=True, kw_only=True):
    name: Text80
    description: Text500 = ""
    rule: Rule


class TargetGroupUpdate(Input, frozen=True, kw_only=True):
    """A field left out stays."""

    version: RowVersion
    name: Text80 | UnsetType = UNSET
    description: Text500 | UnsetType = UNSET
    rule: Rule | UnsetType = UNSET


class RuleCount(Input, frozen=True, kw_only=True):
    """`target_group_id`: the one being edited, which its rule may not come back to."""

    rule: Rule
    target_group_id: UUID | None = None


class TargetGroupView(View, frozen=True, kw_only=True):
    id: UUID
    name: str
    description: str
    rule: dict[str, Any]
    version: int
    created_at: datetime
    changed_at: datetime


class CountView(View, frozen=True, kw_only=True):
    """Whom a rule means now. An estimate (`is_exact` false) where counting all takes too long."""

    subscribers: int
    with_consent: int
    is_exact: bool
