-- Delivery: messages by day, batches, attempts, carrier ids and receipts.

-- One row per recipient from preparing on. Partitioned by the UTC day of the session's first entry
-- into preparing, which is part of every key. No foreign key to the session: attaching tomorrow's
-- partition would lock every session against its updates. No index on what outcomes and receipts
-- change, so that those updates stay on their page.
CREATE TABLE messages (
    tenant_id uuid NOT NULL,
    session_day date NOT NULL,
    session_id uuid NOT NULL,
    n integer NOT NULL CHECK (n >= 1),
    generation integer NOT NULL,
    -- the batch that counts it, for ever; a retry's batch only names it
    batch_no integer NOT NULL,
    subscriber_id uuid,
    phone text COLLATE "C" NOT NULL CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
    country text NOT NULL,
    body text NOT NULL,
    encoding text NOT NULL CHECK (encoding IN ('gsm7', 'ucs2')),
    segments smallint NOT NULL CHECK (segments BETWEEN 1 AND 10),
    credits integer NOT NULL CHECK (credits >= 0),
    charged integer NOT NULL DEFAULT 0,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN (
        'queued', 'submitting', 'accepted', 'delivered', 'undelivered', 'unreachable', 'rejected',
        'expired', 'cancelled', 'unconfirmed', 'excluded')),
    -- the newest attempt; 0: never claimed
    attempt smallint NOT NULL DEFAULT 0,
    -- how often a carrier proved not to have it
    resends smallint NOT NULL DEFAULT 0,
    gateway_id uuid,
    -- of the newest attempt: a bit per accepted part, a hexadecimal digit per part's highest receipt
    parts_accepted integer NOT NULL DEFAULT 0,
    ranks bigint NOT NULL DEFAULT 0,
    cause_rank smallint NOT NULL DEFAULT 0,
    cause text,
    error_code text,
    not_before timestamptz,
    retry_at timestamptz,
    submitted_at timestamptz,
    accepted_at timestamptz,
    done_at timestamptz,
    PRIMARY KEY (tenant_id, session_day, session_id, n),
    -- the phone before the session: a key that began like the primary one would tempt the planner
    UNIQUE (tenant_id, phone, session_day, session_id),
    CHECK (charged BETWEEN 0 AND credits),
    CHECK (state NOT IN ('submitting', 'accepted', 'delivered', 'unconfirmed', 'undelivered') OR attempt >= 1)
) PARTITION BY RANGE (session_day);
CALL secure_tenant_table('messages', 'SELECT, INSERT, DELETE, UPDATE (charged, state, attempt, resends, gateway_id,
    parts_accepted, ranks, cause_rank, cause, error_code, retry_at, submitted_at, accepted_at, done_at)');
-- Only a preparation deletes, and only what no window ever held.
CREATE POLICY never_claimed ON messages AS RESTRICTIVE FOR DELETE TO clearsend_tenant
    USING (tenant_id = (SELECT current_tenant()) AND state = 'queued' AND attempt = 0);

CREATE TABLE exclusions (
    tenant_id uuid NOT NULL,
    session_day date NOT NULL,
    session_id uuid NOT NULL,
    -- 1… while preparing; at a claim the message's n plus 1,000,000,000
    k integer NOT NULL CHECK (k >= 1),
    generation integer NOT NULL,
    subscriber_id uuid,
    phone text COLLATE "C" NOT NULL,
    reason text NOT NULL CHECK (reason IN (
        'opted_out', 'no_consent', 'invalid_number', 'duplicate', 'frequency_cap', 'quiet_hours_expired',
        'deselected', 'missing_property', 'blocked_country', 'over_segment_limit', 'unapproved_content')),
    evidence text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, session_day, session_id, k)
) PARTITION BY RANGE (session_day);
CALL secure_tenant_table('exclusions', 'SELECT, INSERT, DELETE');

-- The unit of work and of leasing. first_n … last_n, or the numbers in ns where messages come back.
CREATE TABLE batches (
    tenant_id uuid NOT NULL,
    session_id uuid NOT NULL,
    batch_no integer NOT NULL CHECK (batch_no >= 1),
    session_day date NOT NULL,
    generation integer NOT NULL,
    gateway_id uuid NOT NULL,
    sender text NOT NULL,
    state text NOT NULL CHECK (state IN ('prepared', 'queued', 'leased', 'paused', 'done', 'cancelled')),
    first_n integer NOT NULL,
    last_n integer NOT NULL,
    ns integer[],
    size integer NOT NULL CHECK (size >= 1),
    segments bigint NOT NULL,
    credits bigint NOT NULL,
    not_before timestamptz NOT NULL,
    claimed_upto integer NOT NULL DEFAULT 0,
    -- the last window claimed, until its outcomes are recorded
    window_token uuid,
    window_ns integer[],
    lease_until timestamptz,
    fence integer NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, session_id, batch_no),
    FOREIGN KEY (tenant_id, session_id) REFERENCES campaign_sessions (tenant_id, id),
    CHECK (claimed_upto BETWEEN 0 AND size),
    CHECK ((state = 'leased') = (lease_until IS NOT NULL))
) WITH (fillfactor = 50);
CREATE INDEX batches_due ON batches (not_before) WHERE state = 'queued';
CREATE INDEX batches_leased ON batches (tenant_id, session_id) WHERE state = 'leased';
CREATE INDEX batches_prepared ON batches (tenant_id, session_id) WHERE state = 'prepared';
CALL secure_tenant_table('batches', 'SELECT, INSERT, DELETE,
    UPDATE (state, gateway_id, not_before, claimed_upto, window_token, window_ns, lease_until, fence)');

-- Messages that went back below a batch's mark: the clock puts them into new batches when due.
CREATE TABLE waiting_messages (
    tenant_id uuid NOT NULL,
    session_id uuid NOT NULL,
    n integer NOT NULL,
    -- resend: the carrier certainly has it not; retry: a receipt proves it was not delivered
    kind text NOT NULL CHECK (kind IN ('resend', 'retry')),
    attempt smallint NOT NULL,
    due_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, session_id, n),
    FOREIGN KEY (tenant_id, session_id) REFERENCES campaign_sessions (tenant_id, id)
);
CREATE INDEX waiting_messages_due ON waiting_messages (due_at);
CALL secure_tenant_table('waiting_messages', 'SELECT, INSERT, UPDATE (kind, attempt, due_at), DELETE');

-- Second and later attempts (and the first of those), and every unconfirmed one.
CREATE TABLE send_attempts (
    tenant_id uuid NOT NULL,
    session_id uuid NOT NULL,
    n integer NOT NULL,
    attempt smallint NOT NULL CHECK (attempt >= 1),
    session_day date NOT NULL,
    gateway_id uuid NOT NULL,
    phone text COLLATE "C" NOT NULL,
    sender text NOT NULL,
    state text NOT NULL CHECK (state IN ('submitting', 'ended', 'unconfirmed')),
    parts_accepted integer NOT NULL DEFAULT 0,
    ranks bigint NOT NULL DEFAULT 0,
    code text,
    submitted_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, session_id, n, attempt),
    FOREIGN KEY (tenant_id, session_id) REFERENCES campaign_sessions (tenant_id, id)
);
CREATE INDEX send_attempts_unconfirmed ON send_attempts (gateway_id, phone) WHERE state = 'unconfirmed';
CALL secure_tenant_table('send_attempts', 'SELECT, INSERT, UPDATE (state, parts_accepted, ranks, code)');

-- Whose part a carrier's id is. Insert-only, dropped by day.
CREATE TABLE carrier_ids (
    day date NOT NULL,
    gateway_id uuid NOT NULL,
    carrier_id text COLLATE "C" NOT NULL,
    tenant_id uuid NOT NULL,
    session_day date NOT NULL,
    session_id uuid NOT NULL,
    n integer NOT NULL,
    attempt smallint NOT NULL,
    part smallint NOT NULL
) PARTITION BY RANGE (day);
CREATE INDEX carrier_ids_id ON carrier_ids (gateway_id, carrier_id);
CALL secure_shared_table('carrier_ids', 'INSERT', 'SELECT');
CREATE POLICY doorway ON carrier_ids FOR SELECT TO clearsend_doorway USING (true);
GRANT SELECT ON carrier_ids TO clearsend_doorway;

-- Every receipt as it came, before it means anything. The error code is part of the key: a second
-- receipt that forbids a retry must not be taken for the first that allowed it.
CREATE TABLE raw_receipts (
    day date NOT NULL,
    gateway_id uuid NOT NULL,
    carrier_id text COLLATE "C" NOT NULL,
    status text NOT NULL,
    error_code text NOT NULL,
    cause text NOT NULL,
    is_temporary boolean NOT NULL,
    done_at timestamptz,
    source text NOT NULL,
    destination text NOT NULL,
    reference_number integer,
    raw bytea NOT NULL,
    received_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('applied', 'waiting', 'unmatched')),
    PRIMARY KEY (day, gateway_id, carrier_id, status, error_code)
) PARTITION BY RANGE (day);
CREATE INDEX raw_receipts_waiting ON raw_receipts (received_at) WHERE state = 'waiting';
REVOKE ALL ON raw_receipts FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE (state) ON raw_receipts TO clearsend_doorway;
GRANT SELECT ON raw_receipts TO clearsend_platform;

-- What recipients wrote, as it came; a text of several parts is several rows.
CREATE TABLE inbound_messages (
    id uuid PRIMARY KEY,
    gateway_id uuid NOT NULL REFERENCES gateways (id),
    source text NOT NULL,
    destination text NOT NULL,
    data_coding smallint NOT NULL,
    body bytea NOT NULL,
    part_reference integer,
    part_number smallint NOT NULL,
    parts_total smallint NOT NULL,
    raw bytea NOT NULL,
    received_at timestamptz NOT NULL
);
REVOKE ALL ON inbound_messages FROM PUBLIC;
GRANT INSERT, SELECT ON inbound_messages TO clearsend_doorway;
GRANT SELECT ON inbound_messages TO clearsend_platform;

-- Partitions of one day. LIKE and ATTACH and not PARTITION OF, which would lock the parent against
-- every reader. Attaching gives the partition the parent's indexes.
CREATE FUNCTION make_delivery_partitions(day date) RETURNS boolean LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    parent text;
    part text;
    is_made boolean := false;
BEGIN
    FOREACH parent IN ARRAY ARRAY['messages', 'exclusions', 'carrier_ids', 'raw_receipts'] LOOP
        part := parent || to_char(day, '_YYYYMMDD');
        CONTINUE WHEN to_regclass('public.' || part) IS NOT NULL;
        PERFORM pg_advisory_xact_lock(hashtext('make_delivery_partitions'));
        CONTINUE WHEN to_regclass('public.' || part) IS NOT NULL;
        -- Less than half full: a claim writes every row of a page again, and each new version must
        -- find room beside the old one, or both indexes get an entry more (60: 62 % HOT).
        EXECUTE format('CREATE TABLE public.%I (LIKE public.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
            WITH (fillfactor = %s)', part, parent, CASE parent WHEN 'messages' THEN 45 ELSE 100 END);
        EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
            parent, part, day, day + 1);
        is_made := true;
    END LOOP;
    RETURN is_made;
END $$;

-- Ids and raw receipts of a day long settled. Messages stay for as long as tenants may look at them.
CREATE FUNCTION drop_delivery_partitions(day date) RETURNS boolean LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    parent text;
    part text;
    is_dropped boolean := false;
BEGIN
    IF day > (now() AT TIME ZONE 'UTC')::date - 14 THEN
        RAISE EXCEPTION 'partitions of the last 14 days stay';
    END IF;
    FOREACH parent IN ARRAY ARRAY['carrier_ids', 'raw_receipts'] LOOP
        part := parent || to_char(day, '_YYYYMMDD');
        CONTINUE WHEN to_regclass('public.' || part) IS NULL;
        EXECUTE format('DROP TABLE public.%I', part);
        is_dropped := true;
    END LOOP;
    RETURN is_dropped;
END $$;
GRANT EXECUTE ON FUNCTION make_delivery_partitions(date) TO clearsend_platform, clearsend_tenant;
GRANT EXECUTE ON FUNCTION drop_delivery_partitions(date) TO clearsend_platform;

SELECT make_delivery_partitions((now() AT TIME ZONE 'UTC')::date + i) FROM generate_series(-1, 7) AS i;
