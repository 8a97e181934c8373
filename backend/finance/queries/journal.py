"""The accounts of the money: of sales, refunds and months billed, and what became revenue.

Figures are those of the documents; a purchase whose document is still to come has its own. Of every
sold lot the used part of its price becomes revenue, cumulated before it is rounded down, so that a
lot's recognised parts add up to its price. In a platform scope; the columns in order.
"""

# On a receipt no tax was charged: a purchase knows what it will be, so it is split off on use. For
# a receipt of a bank transfer it is not known here: that revenue is booked with its tax.
_SOLD = """
SELECT p.tenant_id, 'purchase:' || p.id AS reference, p.paid_at, 'payment_clearing' AS money,
    p.currency, p.credits, p.gross_minor, coalesce(d.tax_minor, p.tax_minor) AS tax_minor,
    p.net_minor AS revenue_minor, p.tax_minor - coalesce(d.tax_minor, p.tax_minor) AS later_minor,
    'revenue' AS revenue
FROM pub_billing_purchases p LEFT JOIN pub_billing_documents d ON d.tenant_id = p.tenant_id
    AND d.source = 'purchase:' || p.id
WHERE p.state = 'paid'
UNION ALL
SELECT d.tenant_id, d.paid_by, d.paid_at, CASE d.payment_method WHEN 'bank_transfer'
    THEN 'bank_clearing' ELSE 'other_clearing' END, d.currency, d.credits, d.gross_minor,
    d.tax_minor, d.net_minor, 0,
    CASE d.kind WHEN 'receipt' THEN 'revenue_with_tax' ELSE 'revenue' END
FROM pub_billing_documents d WHERE d.kind IN ('invoice', 'receipt') AND d.paid_by LIKE 'top_up:%'
"""

_SALES = """
SELECT (s.paid_at AT TIME ZONE 'UTC')::date AS day, 'sale' AS entry, s.tenant_id, s.reference,
    s.currency, s.credits, v.account, v.debit, v.credit, v.place
FROM sold s CROSS JOIN LATERAL (VALUES (s.money, s.gross_minor, 0::bigint, 1),
    ('deferred_revenue', 0, s.gross_minor - s.tax_minor, 2), ('tax_payable', 0, s.tax_minor, 3))
    v (account, debit, credit, place)
WHERE s.paid_at >= $1 AND s.paid_at < $2
"""

_REFUNDS = """
SELECT (r.settled_at AT TIME ZONE 'UTC')::date, 'refund', r.tenant_id, 'refund:' || r.id,
    r.currency, r.credits, v.account, v.debit, v.credit, v.place
FROM pub_billing_refunds r
JOIN sold s ON s.tenant_id = r.tenant_id AND s.reference = coalesce(
    'purchase:' || r.purchase_id, 'top_up:' || r.top_up_id)
LEFT JOIN pub_billing_documents c ON c.tenant_id = r.tenant_id AND c.source = 'refund:' || r.id
CROSS JOIN LATERAL (SELECT coalesce(c.tax_minor,
    r.amount_minor - r.amount_minor * (s.gross_minor - s.tax_minor) / s.gross_minor) AS tax) t
CROSS JOIN LATERAL (VALUES ('deferred_revenue', r.amount_minor - t.tax, 0::bigint, 1),
    ('tax_payable', t.tax, 0, 2), (s.money, 0, r.amount_minor, 3))
    v (account, debit, credit, place)
WHERE r.state = 'succeeded' AND r.settled_at >= $1 AND r.settled_at < $2
"""

_USED = """
SELECT c.day, 'revenue', c.tenant_id, c.reference, c.currency, c.credits_used,
    v.account, greatest(v.minor, 0), greatest(-v.minor, 0), v.place
FROM recognised c CROSS JOIN LATERAL (SELECT
    (c.revenue_minor * c.through / c.credits - c.revenue_minor * c.before / c.credits)::bigint
        AS earned,
    (c.later_minor * c.through / c.credits - c.later_minor * c.before / c.credits)::bigint
        AS tax) m
CROSS JOIN LATERAL (VALUES ('deferred_revenue', m.earned + m.tax, 1), (c.revenue, -m.earned, 2),
    ('tax_payable', -m.tax, 3)) v (account, minor, place)
WHERE c.day >= ($1::timestamptz AT TIME ZONE 'UTC')::date
"""

# Months are billed after they were used: revenue at once, and money owed until it comes. An unpaid
# one taken back by a credit note is owed no more.
_MONTHS = """
SELECT (d.issued_at AT TIME ZONE 'UTC')::date, 'month_billed', d.tenant_id, d.number, d.currency,
    d.credits, v.account, v.debit, v.credit, v.place
FROM pub_billing_documents d CROSS JOIN LATERAL (VALUES
    ('accounts_receivable', d.gross_minor, 0::bigint, 1), ('revenue', 0, d.net_minor, 2),
    ('tax_payable', 0, d.tax_minor, 3)) v (account, debit, credit, place)
WHERE d.kind = 'monthly_invoice' AND d.issued_at >= $1 AND d.issued_at < $2
UNION ALL
SELECT (d.paid_at AT TIME ZONE 'UTC')::date, 'month_paid', d.tenant_id, d.number, d.currency,
    d.credits, v.account, v.debit, v.credit, v.place
FROM pub_billing_documents d CROSS JOIN LATERAL (VALUES
    ('bank_clearing', d.gross_minor, 0::bigint, 1),
    ('accounts_receivable', 0, d.gross_minor, 2)) v (account, debit, credit, place)
WHERE d.kind = 'monthly_invoice' AND d.paid_at >= $1 AND d.paid_at < $2
UNION ALL
SELECT (c.issued_at AT TIME ZONE 'UTC')::date, 'month_credited', c.tenant_id, c.number, c.currency,
    c.credits, v.account, v.debit, v.credit, v.place
FROM pub_billing_documents c JOIN pub_billing_documents d ON d.tenant_id = c.tenant_id
    AND d.id = c.original_id AND d.kind = 'monthly_invoice'
CROSS JOIN LATERAL (VALUES ('revenue', c.net_minor, 0::bigint, 1),
    ('tax_payable', c.tax_minor, 0, 2), ('accounts_receivable', 0, c.gross_minor, 3))
    v (account, debit, credit, place)
WHERE c.kind = 'credit_note' AND c.issued_at >= $1 AND c.issued_at < $2
"""

JOURNAL = f"""
WITH sold AS ({_SOLD}), bought AS (
    SELECT s.*, (k.lot)::uuid AS lot_id
    FROM sold s JOIN pub_ledger_transfers t ON t.tenant_id = s.tenant_id
        AND t.reference = s.reference AND t.kind = 'topped_up'
    CROSS JOIN LATERAL jsonb_object_keys(t.lots) AS k (lot)
), used AS (
    SELECT b.tenant_id, b.reference, b.credits, b.currency, b.revenue, b.revenue_minor,
        b.later_minor, (t.created_at AT TIME ZONE 'UTC')::date AS day,
        sum(CASE t.kind WHEN 'returned' THEN -(e.value)::bigint ELSE (e.value)::bigint END)::bigint
            AS credits_used
    FROM (SELECT DISTINCT tenant_id FROM bought) n
    JOIN pub_ledger_transfers t ON t.tenant_id = n.tenant_id AND t.created_at < $2
        AND t.kind IN ('captured', 'returned', 'expired')
    CROSS JOIN LATERAL jsonb_each_text(t.lots) e
    JOIN bought b ON b.tenant_id = t.tenant_id AND b.lot_id = (e.key)::uuid
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
), recognised AS (
    SELECT u.*, sum(credits_used) OVER w AS through,
        sum(credits_used) OVER w - credits_used AS before
    FROM used u WINDOW w AS (PARTITION BY tenant_id, reference ORDER BY day)
), events (day, entry, tenant_id, reference, currency, credits, account, debit, credit, place) AS (
    {_SALES} UNION ALL {_REFUNDS} UNION ALL {_USED} UNION ALL {_MONTHS}
)
SELECT to_char(e.day, 'YYYY-MM-DD') AS day, e.entry, e.reference, e.account,
    e.debit AS debit_minor, e.credit AS credit_minor, e.currency, e.credits,
    e.tenant_id::text AS tenant_id, n.name AS tenant_name
FROM events e JOIN pub_identity_tenants n ON n.tenant_id = e.tenant_id
WHERE e.debit > 0 OR e.credit > 0
ORDER BY e.day, e.entry, e.reference, e.place LIMIT $3
"""
