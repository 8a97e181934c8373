-- Notices of what happened, the mails that carry them, and the mailbox of a system without SMTP.

-- One row per event and person, also where the person wants a mail only (`is_shown` false): the
-- reference is what keeps an event that is told twice from being noticed twice.
CREATE TABLE notices (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    account_id uuid NOT NULL REFERENCES accounts (id),
    kind text NOT NULL CHECK (kind IN ('low_balance', 'awaiting_credits', 'needs_confirmation',
        'refused', 'changes_requested', 'completed', 'missed', 'failed')),
    reference text NOT NULL CHECK (length(reference) BETWEEN 1 AND 120),
    facts jsonb NOT NULL,
    is_shown boolean NOT NULL,
    created_at timestamptz NOT NULL,
    read_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, account_id, reference)
);
CREATE INDEX notices_list ON notices (tenant_id, account_id, id DESC) WHERE is_shown;
CREATE INDEX notices_unread ON notices (tenant_id, account_id) WHERE is_shown AND read_at IS NULL;
CREATE INDEX notices_age ON notices (tenant_id, created_at);
CALL secure_tenant_table('notices', 'SELECT, INSERT, UPDATE (read_at), DELETE');

CREATE TABLE notice_preferences (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    account_id uuid NOT NULL REFERENCES accounts (id),
    kind text NOT NULL,
    in_app boolean NOT NULL,
    by_mail boolean NOT NULL,
    PRIMARY KEY (tenant_id, account_id, kind)
);
CALL secure_tenant_table('notice_preferences', 'SELECT, INSERT, UPDATE (in_app, by_mail)');

-- Below which balances somebody is told, in descending order. No row: the product's own levels.
CREATE TABLE balance_warnings (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    levels integer[] NOT NULL CHECK (cardinality(levels) <= 5),
    PRIMARY KEY (tenant_id)
);
CALL secure_tenant_table('balance_warnings', 'SELECT, INSERT, UPDATE (levels)');

-- What is to be mailed and what became of it: the rows decide, a doorbell only hastens. `id` is the
-- notice's, or that of the announcement that asked for it: a second telling writes no second mail.
-- Facts and kind, never a text: a link's secret is made when the mail is sent and kept nowhere.
CREATE TABLE mails (
    id uuid PRIMARY KEY,
    tenant_id uuid REFERENCES tenants (id),
    kind text NOT NULL,
    address text NOT NULL CHECK (length(address) BETWEEN 3 AND 254),
    language text NOT NULL CHECK (language IN ('en', 'fr')),
    facts jsonb NOT NULL,
    is_demo boolean NOT NULL,
    state text NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'sent', 'given_up', 'dropped')),
    tries integer NOT NULL DEFAULT 0,
    not_before timestamptz NOT NULL,
    lease_until timestamptz,
    fence integer NOT NULL DEFAULT 0,
    last_error text,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    CHECK ((state = 'queued') = (ended_at IS NULL))
);
CREATE INDEX mails_due ON mails (not_before) WHERE state = 'queued';
CREATE INDEX mails_ended ON mails (ended_at) WHERE ended_at IS NOT NULL;
CALL secure_shared_table('mails', 'INSERT', 'SELECT, INSERT, UPDATE, DELETE');

-- Where mails go when no SMTP server is named, and those of demo accounts always.
CREATE TABLE mailbox (
    id uuid PRIMARY KEY,
    received_at timestamptz NOT NULL,
    sender text NOT NULL,
    recipient text NOT NULL,
    subject text NOT NULL,
    text_body text NOT NULL,
    html_body text NOT NULL
);
CREATE INDEX mailbox_newest ON mailbox (id DESC);
REVOKE ALL ON mailbox FROM PUBLIC;
GRANT SELECT, INSERT, DELETE ON mailbox TO clearsend_platform;
