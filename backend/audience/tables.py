"""Mirrors of the audience's tables; the SQL in migrations is the schema."""

from piccolo.columns import JSONB, UUID, Array, BigInt, Boolean, Date, Integer, Text, Timestamptz
from piccolo.table import Table

from backend.db.engine import DATABASE


class Attribute(Table, db=DATABASE, tablename="attributes"):
    tenant_id = UUID(default=None)
    name = Text(primary_key=True, default=None)
    label = Text(default=None)
    kind = Text(default=None)
    created_at = Timestamptz()


class Subscriber(Table, db=DATABASE, tablename="subscribers"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    phone = Text(null=True, default=None)
    country = Text(null=True, default=None)
    name = Text(null=True, default=None)
    name_key = Text(null=True, default=None)
    full_name_key = Text(null=True, default=None)
    email = Text(null=True, default=None)
    external_id = Text(null=True, default=None)
    language = Text(null=True, default=None)
    time_zone = Text(null=True, default=None)
    attributes = JSONB(default="{}")
    consent_source = Text(null=True, default=None)
    consent_text = Text(null=True, default=None)
    consent_at = Timestamptz(null=True, default=None)
    state = Text(default="active")
    number_state = Text(default="valid")
    import_id = UUID(null=True, default=None)
    version = Integer(default=1)
    created_at = Timestamptz()
    changed_at = Timestamptz()


class Group(Table, db=DATABASE, tablename="groups"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    name = Text(default=None)
    description = Text(default="")
    header = Text(null=True, default=None)
    footer = Text(null=True, default=None)
    require_consent = Boolean(default=False)
    sending = JSONB(default="{}")
    version = Integer(default=1)
    created_at = Timestamptz()


class GroupMember(Table, db=DATABASE, tablename="group_members"):
    tenant_id = UUID(default=None)
    group_id = UUID(default=None)
    subscriber_id = UUID(primary_key=True, default=None)
    added_at = Timestamptz()


class TargetGroup(Table, db=DATABASE, tablename="target_groups"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    name = Text(default=None)
    description = Text(default="")
    rule = JSONB(default=None)
    version = Integer(default=1)
    created_at = Timestamptz()
    changed_at = Timestamptz()


class SendingSettings(Table, db=DATABASE, tablename="sending_settings"):
    tenant_id = UUID(primary_key=True, default=None)
    sending = JSONB(default=None)
    keeps_legal_hours = Boolean(default=False)
    blocked_countries = Array(base_column=Text())
    version = Integer(default=None)
    changed_at = Timestamptz()
    changed_by = Text(default=None)


class LegalHours(Table, db=DATABASE, tablename="legal_hours"):
    country = Text(primary_key=True, default=None)
    quiet_hours = JSONB(default=None)
    note = Text(default="")
    source = Text(default="")
    version = Integer(default=1)
    changed_at = Timestamptz()
    changed_by = Text(default=None)


class OptOutEvent(Table, db=DATABASE, tablename="opt_out_events"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    phone = Text(default=None)
    sender = Text(default="")
    kind = Text(default=None)
    source = Text(default=None)
    evidence = Text(default=None)
    actor = Text(default=None)
    at = Timestamptz()


class OptOut(Table, db=DATABASE, tablename="opt_outs"):
    tenant_id = UUID(default=None)
    phone = Text(primary_key=True, default=None)
    sender = Text(default="")
    event_id = UUID(default=None)
    source = Text(default=None)
    opted_out_at = Timestamptz()
    opted_in_at = Timestamptz(null=True, default=None)


class ContactEvent(Table, db=DATABASE, tablename="contact_events"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    kind = Text(default=None)
    at = Timestamptz()
    phones = Array(base_column=Text())


class ContactTotal(Table, db=DATABASE, tablename="contact_totals"):
    tenant_id = UUID(default=None)
    phone = Text(primary_key=True, default=None)
    day = Date()
    accepted = Integer(default=0)
    delivered = Integer(default=0)
    replied = Integer(default=0)
    last_accepted_at = Timestamptz(null=True, default=None)
    last_delivered_at = Timestamptz(null=True, default=None)
    last_replied_at = Timestamptz(null=True, default=None)


class Import(Table, db=DATABASE, tablename="imports"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    file_id = UUID(default=None)
    file_name = Text(default=None)
    file_bytes = BigInt(default=None)
    file_sha256 = Text(default=None)
    state = Text(default=None)
    options = JSONB(default=None)
    preview = JSONB(null=True, default=None)
    report = JSONB(null=True, default=None)
    rows_read = Integer(default=0)
    rows_ready = Integer(default=0)
    rows_refused = Integer(default=0)
    duplicates = Integer(default=0)
    subscribers_new = Integer(null=True, default=None)
    subscribers_updated = Integer(null=True, default=None)
    created_by = Text(default=None)
    created_at = Timestamptz()
    changed_at = Timestamptz()
    fence = Integer(default=0)
    lease_until = Timestamptz(null=True, default=None)
    cleaned_at = Timestamptz(null=True, default=None)
    problems_cleared_at = Timestamptz(null=True, default=None)


class StagedRow(Table, db=DATABASE, tablename="import_rows"):
    tenant_id = UUID(default=None)
    import_id = UUID(default=None)
    line = Integer(primary_key=True, default=None)
    subscriber_id = UUID(default=None)
    phone = Text(default=None)
    country = Text(default=None)
    name = Text(null=True, default=None)
    email = Text(null=True, default=None)
    external_id = Text(null=True, default=None)
    language = Text(null=True, default=None)
    time_zone = Text(null=True, default=None)
    attributes = JSONB(default=None)
    consent_at = Timestamptz(null=True, default=None)


class ImportProblem(Table, db=DATABASE, tablename="import_problems"):
    tenant_id = UUID(default=None)
    import_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    line = Integer(default=None)
    column_name = Text(default="")
    severity = Text(default=None)
    code = Text(default=None)
    value = Text(default="")
    message = Text(default="")
