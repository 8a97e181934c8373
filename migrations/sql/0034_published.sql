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

CREATE VIEW pub_billing_purchases WITH (security_invoker = true) AS
SELECT tenant_id, id, source, state, credits, currency, net_minor, tax_minor, gross_minor, payment_id,
    created_at, paid_at
FROM purchases;

CREATE VIEW pub_billing_refunds WITH (security_invoker = true) AS
SELECT tenant_id, id, purchase_id, top_up_id, origin, method, state, credits, amount_minor, currency,
    stripe_id, requested_at, settled_at
FROM refunds;

CREATE VIEW pub_billing_disputes WITH (security_invoker = true) AS
SELECT tenant_id, id, purchase_id, state, amount_minor, currency, opened_at, closed_at FROM disputes;

CREATE VIEW pub_billing_problems WITH (security_invoker = true) AS
SELECT id, kind, seen_at, resolved_at FROM payment_problems;

CREATE VIEW pub_gateways_minutes WITH (security_invoker = true) AS
SELECT gateway_id, minute, accepted FROM gateway_health;

CREATE VIEW pub_gateways_names WITH (security_invoker = true) AS
SELECT id AS gateway_id, name FROM gateways;

GRANT SELECT ON pub_billing_purchases, pub_billing_refunds, pub_billing_disputes, pub_billing_problems,
    pub_gateways_minutes, pub_gateways_names TO clearsend_platform;

CREATE VIEW pub_ledger_entries WITH (security_invoker = true) AS
SELECT tenant_id, transfer_id, account, amount, balance_after, account_version FROM ledger_entries;

CREATE VIEW pub_ledger_holds WITH (security_invoker = true) AS
SELECT tenant_id, id, session_id, amount, captured, released, returned, state FROM ledger_holds;

CREATE VIEW pub_campaigns_sessions WITH (security_invoker = true) AS
SELECT s.tenant_id, s.id AS session_id, s.session_day, s.state, c.name AS campaign
FROM campaign_sessions s LEFT JOIN campaigns c ON c.tenant_id = s.tenant_id AND c.id = s.campaign_id;

CREATE VIEW pub_delivery_messages WITH (security_invoker = true) AS
SELECT tenant_id, session_day, session_id, n, batch_no, phone, country, segments, charged, state,
    gateway_id, attempt, submitted_at, accepted_at, done_at
FROM messages;

GRANT SELECT ON pub_ledger_entries, pub_ledger_holds, pub_campaigns_sessions, pub_delivery_messages
    TO clearsend_platform;
