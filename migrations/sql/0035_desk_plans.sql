-- The countries and hosts a tenant is known for stand in the bounds of its newest approvals of
-- sessions: without this, a tenant with many approved senders was read through for each case page.
CREATE INDEX decisions_bounds ON decisions (tenant_id, id DESC)
    WHERE verdict = 'approve' AND revoked_at IS NULL AND bounds IS NOT NULL;

-- A person who is erased is forgotten in what we wrote to their number and in the sample text of
-- quotes as well.
GRANT UPDATE (details) ON quotes TO clearsend_tenant;
GRANT UPDATE (phone, reference) ON system_messages TO clearsend_platform;
