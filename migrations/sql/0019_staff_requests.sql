-- Idempotency keys of staff whose act is at no tenant: a blocked host, the next case of all tenants.
CREATE TABLE staff_requests (
    actor text NOT NULL,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    operation text NOT NULL,
    request_hash text NOT NULL,
    status integer,
    body bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (actor, key)
);
ALTER TABLE staff_requests ENABLE ROW LEVEL SECURITY;
ALTER TABLE staff_requests FORCE ROW LEVEL SECURITY;
CREATE POLICY platform ON staff_requests TO clearsend_platform USING (true) WITH CHECK (true);
REVOKE ALL ON staff_requests FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON staff_requests TO clearsend_platform;

-- Whoever comes with a key is at the door, in no tenant yet: when it was last used is noted there.
CREATE POLICY doorway_used ON api_keys FOR UPDATE TO clearsend_doorway USING (true) WITH CHECK (true);
GRANT UPDATE (last_used_at) ON api_keys TO clearsend_doorway;
