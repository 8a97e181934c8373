"""Content rules as data: what staff leads edit, version and test before they switch them on."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from backend.kernel.views import Input, RowVersion, View
from backend.moderation.schemas.screening import Hit, Severity

RULES_MAX = 200
WORDS_MAX = 500
HOSTS_MAX = 500
BRANDS_MAX = 300
TEST_DAYS_MAX = 365
TEST_SESSIONS_MAX = 20_000
TRIED_CHARACTERS_MAX = 2_000

Note = Annotated[str, Meta(min_length=3, max_length=500, examples=["Parcel phishing of this week"])]


class RuleKind(StrEnum):
    """What a rule looks at. The fields beside it that it reads stand in `rule_book.FIELDS`."""

    WORDS = "words"
    """Words and phrases, also spelt l i k e  t h i s, with look-alikes or hidden characters."""
    PATTERN = "pattern"
    """A regular expression of RE2, over the text as it reads: lower case, without marks, every
    currency sign as $.
    """
    LINK_FORM = "link_form"
    SHORTENER = "shortener"
    BLOCKED_HOST = "blocked_host"
    CONFUSABLE_HOST = "confusable_host"
    CONFUSABLE_SENDER = "confusable_sender"
    BRAND_ELSEWHERE = "brand_elsewhere"
    """The text names a brand and its link leads to another host than the brand's."""
    LINK_IN_DATA = "link_in_data"
    NEW_HOST = "new_host"
    NO_OPT_OUT = "no_opt_out"
    ALL_CAPITALS = "all_capitals"
    EMPTY_FIELD = "empty_field"
    UNUSUAL_SIZE = "unusual_size"
    UNUSUAL_COUNTRY = "unusual_country"
    TOO_MANY_HOSTS = "too_many_hosts"
    FIRST_SUBMISSION = "first_submission"
    NEAR_DUPLICATE = "near_duplicate"
    """Nearly a text that was refused, whichever tenant's."""
    STRIKES = "strikes"
    """The tenant's strikes stand at the weight that asks for a lead."""


class LinkForm(StrEnum):
    BAD_SCHEME = "bad_scheme"
    USER = "user"
    ADDRESS = "address"
    BARE_ADDRESS = "bare_address"
    HIDDEN_CHARACTERS = "hidden_characters"
    MIXED_SCRIPT = "mixed_script"
    PUNYCODE = "punycode"
    DISGUISED = "disguised"


class ContentClass(StrEnum):
    """What carriers ask about (SHAFT), and what is near to it."""

    SEX = "sex"
    HATE = "hate"
    ALCOHOL = "alcohol"
    FIREARMS = "firearms"
    TOBACCO = "tobacco"
    GAMBLING = "gambling"
    CANNABIS = "cannabis"
    FRAUD = "fraud"


RuleId = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{2,49}$", examples=["parcel_phishing"])]
Word = Annotated[str, Meta(min_length=2, max_length=60, examples=["customs fee"])]
Host = Annotated[str, Meta(min_length=3, max_length=253, examples=["nordlys.example.com"])]


class Brand(Input, kw_only=True, frozen=True):
    """A name that is imitated. `hosts`: its own, with every domain below them; a host whose last
    label but one is the name counts as its own too.
    """

    name: Annotated[str, Meta(min_length=2, max_length=40, examples=["Postnord"])]
    hosts: Annotated[list[Host], Meta(max_length=50)] = []


class Rule(Input, kw_only=True, frozen=True):
    """Acts only where it says so: `info` is shown, `flag` asks for a person, `block` gives the
    submission back to its draft and names the rule. `points` add to the score.

    Fields that the kind does not read stay out; null is the kind's own figure.
    """

    id: RuleId
    kind: RuleKind
    severity: Severity
    points: Annotated[int, Meta(ge=0, le=100)] = 0
    message: Annotated[str, Meta(min_length=3, max_length=300, examples=["Reads like phishing."])]
    is_on: bool = True
    content_class: ContentClass | None = None
    words: Annotated[list[Word], Meta(max_length=WORDS_MAX)] = []
    """`*` at the end of a word: whatever follows. For `no_opt_out`: words that say how to stop."""
    pattern: Annotated[str, Meta(max_length=500)] = ""
    hosts: Annotated[list[Host], Meta(max_length=HOSTS_MAX)] = []
    brands: Annotated[list[Brand], Meta(max_length=BRANDS_MAX)] = []
    forms: Annotated[list[LinkForm], Meta(max_length=10)] = []
    letters_min: Annotated[int, Meta(ge=1, le=2_000)] | None = None
    capitals_percent_max: Annotated[int, Meta(ge=1, le=100)] | None = None
    recipients_min: Annotated[int, Meta(ge=1, le=10_000_000)] | None = None
    times_max: Annotated[int, Meta(ge=1, le=1_000)] | None = None
    similar_percent_min: Annotated[int, Meta(ge=50, le=100)] | None = None
    days_max: Annotated[int, Meta(ge=1, le=365)] | None = None


class RuleSetState(StrEnum):
    DRAFT = "draft"
    IN_FORCE = "in_force"
    REPLACED = "replaced"
    DISCARDED = "discarded"


class RuleSetCreate(Input, kw_only=True, frozen=True):
    """A draft. Without `rules` it begins as a copy of the set in force."""

    note: Note
    rules: Annotated[list[Rule], Meta(max_length=RULES_MAX)] | None = None


class RuleSetUpdate(Input, kw_only=True, frozen=True):
    row_version: RowVersion
    note: Note
    rules: Annotated[list[Rule], Meta(min_length=1, max_length=RULES_MAX)]


class SwitchOn(Input, kw_only=True, frozen=True):
    row_version: RowVersion
    """Of the draft that was read: another one since is a 409."""


class RuleSetBadge(View, kw_only=True, frozen=True):
    """`version` 0 is what the product ships with."""

    version: int
    state: RuleSetState
    base_version: int
    note: str
    rules_on: int
    row_version: int
    changed_by: str
    changed_at: datetime | None
    switched_by: str | None
    switched_at: datetime | None
    is_tested: bool
    """These very rules were run over past sessions."""


class RuleChange(View, kw_only=True, frozen=True):
    """Against the set it is based on: `added`, `removed`, `changed` with the fields."""

    rule: str
    what: str
    fields: list[str]


class RuleSetView(RuleSetBadge, kw_only=True, frozen=True):
    rules: list[Rule]
    changes: list[RuleChange]


class TextTrial(Input, kw_only=True, frozen=True):
    text: Annotated[
        str, Meta(min_length=1, max_length=TRIED_CHARACTERS_MAX, examples=["Win at the c4sino"])
    ]
    sender: Annotated[str, Meta(max_length=20)] = ""


class TrialView(View, kw_only=True, frozen=True):
    score: int
    hits: list[Hit]


class RuleTestState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class RuleTestCreate(Input, kw_only=True, frozen=True):
    """Over the newest `sessions_max` sessions screened in the last `days`."""

    days: Annotated[int, Meta(ge=1, le=TEST_DAYS_MAX)] = 30
    sessions_max: Annotated[int, Meta(ge=1, le=TEST_SESSIONS_MAX)] = 2_000


class Fate(StrEnum):
    """What rules alone make of a submission; bounds, balance and people come on top."""

    BLOCKED = "blocked"
    FLAGGED = "flagged"
    CLEAN = "clean"


class Flip(msgspec.Struct, frozen=True, kw_only=True):
    """A past session with another fate. `decided`: the verdict of the person who ruled on it,
    or how it went without one (`auto_approve`, `return_problems`, …).
    """

    tenant_id: UUID
    session_id: UUID
    content_version: int
    before: Fate
    after: Fate
    decided: str
    rules: list[str]
    """Hit by the tested rules and not by those in force, or the other way round."""
    text: str
    screened_at: datetime


class RuleFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Of one rule over the test: how often it would have spoken, and what people had ruled."""

    rule: str
    hit: int = 0
    hit_before: int = 0
    """By the same rule of the set in force."""
    approved: int = 0
    refused: int = 0


class RuleTestResult(msgspec.Struct, frozen=True, kw_only=True):
    """Both sets over the same stored facts, so that what differs is the rules alone."""

    compared_version: int
    sessions: int
    days: int
    fates_before: dict[str, int]
    fates_after: dict[str, int]
    moved: dict[str, int]
    """`clean>flagged` → sessions."""
    overruled: dict[str, int]
    """`approve>blocked`, `refuse>clean` …: persons' decisions the tested rules go against."""
    people_before: int
    """Sessions a person would have had to look at by rules alone."""
    people_after: int
    people_per_day_before: float
    people_per_day_after: float
    rules: list[RuleFigures]
    flips: list[Flip]
    flips_left_out: int
    not_tested: list[str]
    """Kinds of which older sessions hold too little to be tested."""


class RuleTestView(View, kw_only=True, frozen=True):
    id: UUID
    rules_version: int
    days: int
    sessions_max: int
    state: RuleTestState
    is_current: bool
    """The draft has not changed since."""
    requested_by: str
    requested_at: datetime
    finished_at: datetime | None
    result: RuleTestResult | None
