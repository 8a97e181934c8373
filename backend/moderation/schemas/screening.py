"""What a dry run saw, and what the content rules said to it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from backend.sms.links import LinkFlag


class Severity(StrEnum):
    INFO = "info"
    FLAG = "flag"
    """A person must look: never auto-validated."""
    BLOCK = "block"
    """The submission goes back to its draft."""


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that was hit, with the first place it was hit at. `rule` is its stable id."""

    rule: str
    severity: Severity
    message: str
    text: str = ""
    """The text it was first found in, cut."""
    span: tuple[int, int] | None = None
    """In `text`; null where the rule is about the whole submission."""
    matched: str = ""
    host: str = ""
    messages: int = 0
    """How many of the rendered texts hit it."""
    points: int = 0
    """What it adds to the score."""
    content_class: str = ""
    similar: "SimilarText | None" = None
    subscriber_id: UUID | None = None
    """Whose data `text` was made of; null where the tenant alone wrote it, and once erased."""


class SimilarText(msgspec.Struct, frozen=True, kw_only=True):
    """A text somebody ruled on that this one nearly is; `percent` of their words are shared."""

    percent: int
    tenant_id: UUID
    case_id: UUID
    title: str
    decided_at: datetime


class TextLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link of a rendering: to be shown, never to be opened from there."""

    span: tuple[int, int]
    host: str
    shown: str


class TextHit(msgspec.Struct, frozen=True, kw_only=True):
    rule: str
    severity: Severity
    span: tuple[int, int]


class HostSeen(msgspec.Struct, frozen=True, kw_only=True):
    """`host` is lower case and punycode; `shown` what a handset may make of it."""

    host: str
    shown: str
    messages: int
    flags: list[LinkFlag] = []
    in_fixed_text: bool
    """False: the host came in with a recipient's data."""
    known: bool = False
    """A person approved this host for the tenant before."""
    sample: str = ""
    """A text it stands in, cut; only where it came in with data or wears a flag."""
    subscriber_id: UUID | None = None
    """Of `sample`."""


class Rendering(msgspec.Struct, frozen=True, kw_only=True):
    """One real text of the dry run. `why` says what makes it worth reading. An empty `text` was
    somebody's who is erased.
    """

    why: str
    text: str
    segments: int
    credits: int
    encoding: str
    country: str
    links: list[TextLink] = []
    hits: list[TextHit] = []
    subscriber_id: UUID | None = None
    """Who would get it, where it holds anything of theirs."""


class SubmissionContext(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules know beside the texts, as it was when the submission was screened."""

    sender: str = ""
    largest_approved: int | None = None
    """Recipients; null: nothing was ever approved."""
    countries_approved: list[str] = []
    similar_refused: SimilarText | None = None
    strikes_weight: int = 0
    is_lead_only: bool = False
    """By the strikes."""
    fixed_text: str = ""
    """What the tenant wrote itself, with a blank where a value will stand."""
    has_values: bool = False


class DryRun(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over every recipient; lists are cut at named limits, and say so."""

    recipients: int
    excluded: dict[str, int]
    """Reason → recipients."""
    missing: dict[str, int]
    """Property or attribute → recipients left out for the lack of it."""
    segments: int
    segments_max: int
    """Of the longest message."""
    credits: int
    countries: dict[str, int]
    encodings: dict[str, int]
    alphabets: dict[str, int]
    hosts: list[HostSeen]
    hosts_left_out: int
    """Hosts beyond the limit; above 0 the submission is not auto-validated."""
    empty_fields: int
    """Texts a missing value left a hole in, or that are what nobody's data would give."""
    renderings: list[Rendering]
    consent_sources: dict[str, int] = {}
    """Where the consent of those who get a message came from → recipients; empty text: not told."""
    without_consent: int = 0
    """Nobody noted that they agreed."""
    context: SubmissionContext | None = None


class Changed(StrEnum):
    CONTENT = "content"
    RECIPIENTS = "recipients"
    SEGMENTS_MAX = "segments_max"
    CREDITS = "credits"
    HOSTS = "hosts"
    COUNTRIES = "countries"
    RULES = "rules"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is not as it was approved. Numbers, or what came and went; `allowed` the bound."""

    what: Changed
    before: int | None = None
    after: int | None = None
    allowed: int | None = None
    added: list[str] = []
    removed: list[str] = []


class TextProblem(msgspec.Struct, frozen=True, gc=False):
    """Why a rendered text may not leave. `evidence` is `host:…` or `rule:…`."""

    code: str
    evidence: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What a draft lists after screening gave it back."""

    code: str
    message: str
    rule: str | None = None
    text: str = ""
    span: tuple[int, int] | None = None
    matched: str = ""
    messages: int = 0
    facts: dict[str, int] = {}
