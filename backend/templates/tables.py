"""Mirrors of the tables of templates; the SQL in migrations is the schema."""

from piccolo.columns import UUID, Integer, Text, Timestamptz
from piccolo.table import Table

from backend.db.engine import DATABASE


class Template(Table, db=DATABASE, tablename="templates"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    name = Text(default=None)
    description = Text(default=None)
    versions = Integer(default=None)
    created_by = Text(default=None)
    created_at = Timestamptz(default=None)
    archived_at = Timestamptz(null=True, default=None)


class TemplateVersion(Table, db=DATABASE, tablename="template_versions"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    template_id = UUID(default=None)
    version = Integer(default=None)
    body = Text(default=None)
    header = Text(default=None)
    footer = Text(default=None)
    hash = Text(default=None)
    state = Text(default=None)
    state_version = Integer(default=None)
    decision_id = UUID(null=True, default=None)
    reason = Text(null=True, default=None)
    state_changed_at = Timestamptz(default=None)
    created_by = Text(default=None)
    created_at = Timestamptz(default=None)


class SenderId(Table, db=DATABASE, tablename="sender_ids"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    sender = Text(default=None)
    kind = Text(default=None)
    skeleton = Text(default=None)
    resembles = Text(null=True, default=None)
    purpose = Text(default=None)
    state = Text(default=None)
    state_version = Integer(default=None)
    decision_id = UUID(null=True, default=None)
    reason = Text(null=True, default=None)
    state_changed_at = Timestamptz(default=None)
    created_by = Text(default=None)
    created_at = Timestamptz(default=None)


class ApprovalEventRow(Table, db=DATABASE, tablename="approval_events"):
    tenant_id = UUID(default=None)
    subject_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    subject = Text(default=None)
    at = Timestamptz(default=None)
    from_state = Text(default=None)
    to_state = Text(default=None)
    event = Text(default=None)
    actor = Text(default=None)
    reason = Text(null=True, default=None)
