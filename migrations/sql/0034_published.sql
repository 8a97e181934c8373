-- What the finance desk reads of other features' rows.

CREATE VIEW pub_identity_tenants WITH (security_invoker = true) AS
SELECT t.id AS tenant_id, t.name, t.status, t.default_country, t.suspended_reason, t.created_at
FROM tenants t WHERE t.status <> 'platform';

CREATE VIEW pub_identity_members WITH (security_invoker = true) AS
SELECT m.tenant_id, m.account_id, m.role, a.email, a.name
FROM members m JOIN accounts a ON a.id = m.account_id;

CREATE VIEW pub_ledger_standing WITH (security_invoker = true) AS
SELECT tenant_id,
    coalesce(sum(balance) FILTER (WHERE account = 'available'), 0)::bigint AS available,
    coalesce(sum(balance) FILTER (WHERE account = 'held'), 0)::bigint AS held,
    coalesce(sum(balance) FILTER (WHERE account = 'frozen'), 0)::bigint AS frozen,
    coalesce(-sum(balance) FILTER (WHERE account = 'receivable'), 0)::bigint AS receivable,
    coalesce(max(credit_line) FILTER (WHERE account = 'available'), 0)::bigint AS credit_line
FROM ledger_accounts GROUP BY tenant_id;

GRANT SELECT ON pub_identity_tenants, pub_identity_members, pub_ledger_standing
    TO clearsend_platform;

CREATE VIEW pub_ledger_transfers WITH (security_invoker = true) AS
SELECT tenant_id, id, reference, kind, from_account, to_account, amount, session_id, hold_id, lots,
    actor, created_at
FROM ledger_transfers;

CREATE VIEW pub_ledger_lots WITH (security_invoker = true) AS
SELECT tenant_id, id, kind, amount, available, reserved, spent, frozen, expires_at, created_at
FROM ledger_lots;

-- What a carrier took, as delivery charged it. By day of the session, so that partitions are left out.
CREATE VIEW pub_delivery_charges WITH (security_invoker = true) AS
SELECT tenant_id, session_day, session_id, n, gateway_id, segments, charged, state, accepted_at,
    parts_accepted
FROM messages WHERE accepted_at IS NOT NULL;

GRANT SELECT ON pub_ledger_transfers, pub_ledger_lots, pub_delivery_charges TO clearsend_platform;
