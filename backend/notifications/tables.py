"""Mirrors of this feature's tables; the SQL in migrations is the schema."""

from piccolo.columns import JSONB, UUID, Array, Boolean, Integer, Text, Timestamptz
from piccolo.table import Table

from backend.db.engine import DATABASE


class Notice(Table, db=DATABASE, tablename="notices"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    account_id = UUID(default=None)
    kind = Text(default=None)
    reference = Text(default=None)
    facts = JSONB(default=None)
    is_shown = Boolean(default=None)
    created_at = Timestamptz(default=None)
    read_at = Timestamptz(null=True, default=None)


class NoticePreference(Table, db=DATABASE, tablename="notice_preferences"):
    tenant_id = UUID(default=None)
    account_id = UUID(primary_key=True, default=None)
    kind = Text(default=None)
    in_app = Boolean(default=None)
    by_mail = Boolean(default=None)


class BalanceWarning(Table, db=DATABASE, tablename="balance_warnings"):
    tenant_id = UUID(primary_key=True, default=None)
    levels = Array(base_column=Integer())


class QueuedMail(Table, db=DATABASE, tablename="mails"):
    id = UUID(primary_key=True, default=None)
    tenant_id = UUID(null=True, default=None)
    kind = Text(default=None)
    address = Text(default=None)
    language = Text(default=None)
    facts = JSONB(default=None)
    is_demo = Boolean(default=None)
    state = Text(default="queued")
    tries = Integer(default=0)
    not_before = Timestamptz(default=None)
    lease_until = Timestamptz(null=True, default=None)
    fence = Integer(default=0)
    last_error = Text(null=True, default=None)
    created_at = Timestamptz(default=None)
    ended_at = Timestamptz(null=True, default=None)


class MailboxMail(Table, db=DATABASE, tablename="mailbox"):
    id = UUID(primary_key=True, default=None)
    received_at = Timestamptz(default=None)
    sender = Text(default=None)
    recipient = Text(default=None)
    subject = Text(default=None)
    text_body = Text(default=None)
    html_body = Text(default=None)
