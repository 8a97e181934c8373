"""An import from upload to acceptance."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, field

from backend.audience.schemas.people import Country, Text80, Text2000
from backend.audience.states import ImportState
from backend.kernel.views import Input, View

Encoding = Literal["utf-8", "utf-16-le", "utf-16-be", "cp1252"]
Delimiter = Literal[",", ";", "\t", "|"]
# phone, name, email, external_id, language, time_zone, consent_at, ignore, attribute:LABEL
Mapping = Annotated[
    dict[str, Annotated[str, Meta(min_length=1, max_length=60)]], Meta(max_length=256)
]


class ImportOptions(Input, frozen=True, kw_only=True):
    """What the tenant chose; what is null is guessed and shown in the preview."""

    group_id: UUID | None = None
    new_group: Text80 | None = None
    default_country: Country | None = None
    mapping: Mapping | None = None
    encoding: Encoding | None = None
    delimiter: Delimiter | None = None
    duplicates: Literal["first", "last"] = "last"
    consent_source: Text80 | None = None
    consent_text: Text2000 = ""


class ColumnView(View, frozen=True, kw_only=True):
    """`target` is what the column becomes; `is_guess` asks the person to confirm it."""

    column: str
    target: str
    is_guess: bool
    samples: list[str]


class ImportPreview(View, frozen=True, kw_only=True):
    encoding: str
    is_encoding_guessed: bool
    delimiter: str
    columns: list[ColumnView]


class ImportFailure(View, frozen=True, kw_only=True):
    """Why the file as a whole cannot be read; `line` as a spreadsheet numbers it."""

    code: str
    message: str
    line: int | None = None
    column: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)


class SuspiciousRange(View, frozen=True, kw_only=True):
    """Many numbers of one operator range: bought, made up, or bait for toll fraud."""

    prefix: str
    numbers: int


class ImportReport(View, frozen=True, kw_only=True):
    """`problems` and `notices` count rows by code, all of them; the list keeps the first ones."""

    problems: dict[str, int] = field(default_factory=dict)
    notices: dict[str, int] = field(default_factory=dict)
    countries: dict[str, int] = field(default_factory=dict)
    opted_out: int = 0
    existing: int = 0
    suspicious_ranges: list[SuspiciousRange] = field(default_factory=list)
    failure: ImportFailure | None = None


class ImportView(View, frozen=True, kw_only=True):
    id: UUID
    file_name: str
    file_bytes: int
    state: ImportState
    options: ImportOptions
    preview: ImportPreview | None
    report: ImportReport | None
    rows_read: int
    rows_ready: int
    rows_refused: int
    duplicates: int
    subscribers_new: int | None
    subscribers_updated: int | None
    created_at: datetime
    changed_at: datetime


class ImportProblemView(View, frozen=True, kw_only=True):
    """`line` 1 is the header, 2 the first row of data, as in a spreadsheet."""

    line: int
    column: str
    severity: Literal["error", "notice"]
    code: str
    value: str
    message: str


class ImportRow(msgspec.Struct, frozen=True, gc=False):
    """A row that can become a subscriber, in the order of the staging table's columns."""

    line: int
    subscriber_id: UUID
    phone: str
    country: str
    name: str | None
    email: str | None
    external_id: str | None
    language: str | None
    time_zone: str | None
    attributes: dict[str, Any]
    consent_at: datetime | None
