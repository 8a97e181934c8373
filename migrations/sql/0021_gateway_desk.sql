-- What the platform desk writes of a gateway, and what each sending process has of it.

ALTER TABLE gateways
    -- one more with every edit and every new secret: processes open it anew, editors notice others
    ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
    ADD COLUMN state_reason text CHECK (length(state_reason) <= 500),
    ADD COLUMN secret_changed_at timestamptz,
    -- callbacks under way were signed with it
    ADD COLUMN previous_secret_sealed bytea,
    ADD COLUMN previous_secret_until timestamptz,
    ADD CONSTRAINT previous_secret_known
        CHECK ((previous_secret_sealed IS NULL) = (previous_secret_until IS NULL));

-- Written over every few seconds by each sending process; one not seen for a minute is gone.
CREATE TABLE gateway_links (
    gateway_id uuid NOT NULL REFERENCES gateways (id),
    process text NOT NULL CHECK (length(process) BETWEEN 1 AND 120),
    seen_at timestamptz NOT NULL,
    version integer NOT NULL,
    links integer NOT NULL CHECK (links >= 0),
    links_bound integer NOT NULL CHECK (links_bound BETWEEN 0 AND links),
    -- written and not answered yet: the window in use
    outstanding integer NOT NULL CHECK (outstanding >= 0),
    -- received and not acknowledged yet
    receipts_waiting integer NOT NULL CHECK (receipts_waiting >= 0),
    -- what throttling left of the configured rate; null: unlimited
    segments_per_second double precision,
    last_error text NOT NULL DEFAULT '' CHECK (length(last_error) <= 300),
    PRIMARY KEY (gateway_id, process)
) WITH (fillfactor = 50);
REVOKE ALL ON gateway_links FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON gateway_links TO clearsend_platform;
