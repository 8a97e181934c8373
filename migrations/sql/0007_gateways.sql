-- Gateways: a platform table.

-- A connection to a carrier. The password is sealed with the server's key (AES-256-GCM).
CREATE TABLE gateways (
    id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 60),
    kind text NOT NULL DEFAULT 'smpp' CHECK (kind IN ('smpp')),
    config jsonb NOT NULL,
    password_sealed bytea NOT NULL,
    is_enabled boolean NOT NULL DEFAULT true,
    -- segments per second over all processes; null: as fast as it answers
    throughput_segments_per_second_max double precision CHECK (throughput_segments_per_second_max > 0),
    -- when the throughput granted so far is used up
    granted_until timestamptz,
    -- a worker process had a bound link then
    working_at timestamptz,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL
) WITH (fillfactor = 50);
REVOKE ALL ON gateways FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE ON gateways TO clearsend_platform;
