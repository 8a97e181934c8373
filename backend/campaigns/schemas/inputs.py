"""What comes in about campaigns, drafts, quotes and texts."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from backend.audience.schemas.rules import AudienceInput
from backend.campaigns.schemas.schedules import ScheduleInput
from backend.kernel.views import Input, RowVersion
from backend.templates.schemas import BODY_CHARACTERS_MAX, PART_CHARACTERS_MAX

PREVIEWS_MAX = 20

CampaignName = Annotated[
    str, Meta(min_length=1, max_length=120, examples=["Black Friday early access"])
]
Body = Annotated[
    str,
    Meta(max_length=BODY_CHARACTERS_MAX, examples=["Hi [first name], doors open at nine."]),
]
Part = Annotated[str, Meta(max_length=PART_CHARACTERS_MAX, examples=[""])]


class CampaignCreate(Input, kw_only=True, frozen=True):
    name: CampaignName


class CampaignUpdate(Input, kw_only=True, frozen=True):
    name: CampaignName


class DraftUpdate(Input, kw_only=True, frozen=True):
    """A field left out stays. `draft_version` is the one that was read: 409 `draft_changed` when
    somebody saved meanwhile. A template brings its texts unless they are given beside it.
    Without a schedule it is sent as soon as it is approved.
    """

    draft_version: RowVersion
    body: Body | UnsetType = UNSET
    header: Part | UnsetType = UNSET
    footer: Part | UnsetType = UNSET
    sender_id: UUID | UnsetType | None = UNSET
    template_version_id: UUID | UnsetType | None = UNSET
    audience: AudienceInput | UnsetType = UNSET
    schedule: ScheduleInput | UnsetType | None = UNSET


class Submission(Input, kw_only=True, frozen=True):
    """The quote that was shown and what the person agreed it may cost at most."""

    quote_id: UUID
    ceiling_credits: Annotated[int, Meta(ge=0, le=2**53, examples=[1100])]


class PreviewRequest(Input, kw_only=True, frozen=True):
    """`longest` and `missing` look through the first recipients for what to worry about."""

    count: Annotated[int, Meta(ge=1, le=PREVIEWS_MAX, examples=[3])] = 3
    kind: Literal["first", "longest", "missing"] = "first"


class TextCheck(Input, kw_only=True, frozen=True):
    body: Body = ""
    header: Part = ""
    footer: Part = ""
