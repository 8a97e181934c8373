-- What is told before it happens.
ALTER TABLE notices DROP CONSTRAINT notices_kind_check;
ALTER TABLE notices ADD CONSTRAINT notices_kind_check CHECK (kind IN ('low_balance',
    'awaiting_credits', 'needs_confirmation', 'refused', 'changes_requested', 'completed', 'missed',
    'failed', 'forecast_short', 'pause_ending'));

-- Erasing a person: rows stay, because statistics and credits are counted from them; what tells who
-- it was goes. Still the tenant's own rows, by its own policy.
GRANT UPDATE (phone, body) ON messages TO clearsend_tenant;
GRANT UPDATE (phone, evidence) ON exclusions TO clearsend_tenant;
GRANT UPDATE (phone) ON send_attempts TO clearsend_tenant;
GRANT UPDATE (phone, text) ON replies TO clearsend_tenant;
GRANT UPDATE (source, body, raw) ON inbound_messages TO clearsend_doorway;
CREATE INDEX replies_phone ON replies (tenant_id, phone);

-- Idempotency keys are kept for days and then deleted, the oldest first.
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
CREATE INDEX staff_requests_age ON staff_requests (created_at);
