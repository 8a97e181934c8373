-- Turns of tenants: their weights, and the due batches of one tenant at one gateway in order, without
-- reading the others'.
ALTER TABLE tenants ADD COLUMN sending_weight integer NOT NULL DEFAULT 100
    CHECK (sending_weight BETWEEN 1 AND 1000);
CREATE VIEW pub_identity_sending_weights WITH (security_invoker = true) AS
    SELECT id AS tenant_id, sending_weight FROM tenants;
REVOKE ALL ON pub_identity_sending_weights FROM PUBLIC;
GRANT SELECT ON pub_identity_sending_weights TO clearsend_platform;

DROP INDEX batches_due;
CREATE INDEX batches_due ON batches (tenant_id, gateway_id, not_before, session_id, batch_no) WHERE state = 'queued';
