"""What a dry run saw, and what the content rules said to it."""

from enum import StrEnum

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


class Rendering(msgspec.Struct, frozen=True, kw_only=True):
    """One real text of the dry run. `why` says what makes it worth reading."""

    why: str
    text: str
    segments: int
    credits: int
    encoding: str
    country: str


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
