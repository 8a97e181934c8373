"""Mirrors of the directory tables; the SQL in migrations is the schema."""

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    Boolean,
    Bytea,
    Integer,
    Text,
    Timestamptz,
)
from piccolo.table import Table

from backend.db.engine import DATABASE


class Account(Table, db=DATABASE, tablename="accounts"):
    id = UUID(primary_key=True, default=None)
    email = Text(default=None)
    name = Text(default=None)
    password_hash = Text(default=None)
    state = Text(default="active")
    is_demo = Boolean(default=False)
    failed_tries = Integer(default=0)
    last_failed_at = Timestamptz(null=True, default=None)
    last_login_at = Timestamptz(null=True, default=None)
    email_confirmed_at = Timestamptz(null=True, default=None)
    language = Text(default="en")
    login_generation = Integer(default=0)
    created_at = Timestamptz()


class Tenant(Table, db=DATABASE, tablename="tenants"):
    id = UUID(primary_key=True, default=None)
    name = Text(default=None)
    status = Text(default="trial")
    trial_ends_at = Timestamptz(null=True, default=None)
    default_country = Text(null=True, default=None)
    language = Text(default="en")
    verified_phone = Text(null=True, default=None)
    verified_reason = Text(null=True, default=None)
    verified_at = Timestamptz(null=True, default=None)
    auto_validation = JSONB(null=True, default=None)
    auto_validation_lost_reason = Text(null=True, default=None)
    is_confirmed = Boolean(default=True)
    suspended_from = Text(null=True, default=None)
    suspended_reason = Text(null=True, default=None)
    sending_weight = Integer(default=100)
    created_at = Timestamptz()


class Member(Table, db=DATABASE, tablename="members"):
    tenant_id = UUID(default=None)
    account_id = UUID(primary_key=True, default=None)
    role = Text(default=None)
    created_at = Timestamptz()


class Staff(Table, db=DATABASE, tablename="staff"):
    account_id = UUID(primary_key=True, default=None)
    role = Text(default=None)
    created_at = Timestamptz()


class ApiKey(Table, db=DATABASE, tablename="api_keys"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    name = Text(default=None)
    prefix = Text(default=None)
    secret_hash = Bytea(default=None)
    scopes = Array(base_column=Text())
    is_test = Boolean(default=False)
    created_by = UUID(default=None)
    created_at = Timestamptz()
    expires_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)
    last_used_at = Timestamptz(null=True, default=None)


class MailToken(Table, db=DATABASE, tablename="mail_tokens"):
    token_hash = Bytea(primary_key=True, default=None)
    purpose = Text(default=None)
    subject_id = UUID(default=None)
    created_at = Timestamptz()
    expires_at = Timestamptz(default=None)
    used_at = Timestamptz(null=True, default=None)


class Invitation(Table, db=DATABASE, tablename="invitations"):
    tenant_id = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    email = Text(default=None)
    role = Text(default=None)
    invited_by = UUID(default=None)
    created_at = Timestamptz()
    expires_at = Timestamptz(default=None)
    accepted_at = Timestamptz(null=True, default=None)
    accepted_by = UUID(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)
