-- Who gets it: target groups, frequency caps, quiet hours and send windows, the legal table.

-- {quiet_hours: [{days, starts, ends}], send_windows: […], frequency_caps: [{messages, days}]}
ALTER TABLE groups ADD COLUMN sending jsonb NOT NULL DEFAULT '{}'
    CHECK (jsonb_typeof(sending) = 'object');
GRANT UPDATE (sending) ON groups TO clearsend_tenant;

-- A saved rule over subscriber data; content versions carry a copy, never the id alone.
CREATE TABLE target_groups (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    description text NOT NULL DEFAULT '' CHECK (length(description) <= 500),
    rule jsonb NOT NULL CHECK (rule ? 'kind'),
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, name)
);
CALL secure_tenant_table('target_groups', 'SELECT, INSERT, DELETE,
    UPDATE (name, description, rule, version, changed_at)');

-- What holds for recipients whose groups say nothing; no row: nothing holds.
CREATE TABLE sending_settings (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    sending jsonb NOT NULL CHECK (jsonb_typeof(sending) = 'object'),
    keeps_legal_hours boolean NOT NULL DEFAULT false,
    blocked_countries text[] NOT NULL DEFAULT '{}',
    version integer NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    PRIMARY KEY (tenant_id)
);
CALL secure_tenant_table('sending_settings', 'SELECT, INSERT,
    UPDATE (sending, keeps_legal_hours, blocked_countries, version, changed_at, changed_by)');

-- Data our people keep, a start and no legal advice. Holidays and states are not in it.
CREATE TABLE legal_hours (
    country text PRIMARY KEY CHECK (country ~ '^[A-Z]{2}$'),
    quiet_hours jsonb NOT NULL CHECK (jsonb_typeof(quiet_hours) = 'array'),
    note text NOT NULL DEFAULT '' CHECK (length(note) <= 500),
    source text NOT NULL DEFAULT '' CHECK (length(source) <= 200),
    version integer NOT NULL DEFAULT 1,
    changed_at timestamptz NOT NULL DEFAULT now(),
    changed_by text NOT NULL
);
REVOKE ALL ON legal_hours FROM PUBLIC;
GRANT SELECT ON legal_hours TO clearsend_tenant;
GRANT SELECT, INSERT, DELETE, UPDATE (quiet_hours, note, source, version, changed_at, changed_by)
    ON legal_hours TO clearsend_platform;
INSERT INTO legal_hours (country, quiet_hours, note, source, changed_by) VALUES
    ('US', '[{"days": [1, 2, 3, 4, 5, 6, 7], "starts": "21:00", "ends": "08:00"}]',
     'Federal: 08:00 to 21:00 where the recipient is. States are stricter, among them Florida, Oklahoma, Maryland and Mississippi (until 20:00), Texas and Rhode Island (later on Sundays).',
     '47 CFR 64.1200(c)(1)', 'system:migration'),
    ('FR', '[{"days": [1, 2, 3, 4, 5, 6], "starts": "22:00", "ends": "08:00"}, {"days": [7], "starts": "00:00", "ends": "00:00"}, {"days": [7], "starts": "22:00", "ends": "08:00"}]',
     'Marketing is not carried from 22:00 to 08:00, on Sundays and on public holidays; holidays are not in this table.',
     'Rules of the operators', 'system:migration');

-- opens_at: held by somebody's hours until then; null where nothing is held. not_after: it is not
-- taken up later, because some window in it is about to close; its messages are then timed anew.
ALTER TABLE batches ADD COLUMN opens_at timestamptz, ADD COLUMN not_after timestamptz;
CREATE INDEX batches_closing ON batches (not_after) WHERE state = 'queued' AND not_after IS NOT NULL;
