"""The accounts of the money: of sales, refunds and months billed, and what became revenue.

Figures are those of the documents; a purchase whose document is still to come has its own. Of every
sold lot the used part of its price becomes revenue, cumulated before it is rounded down, so that a
lot's recognised parts add up to its price. Used is also what it paid off as it came: the credit
line, and what was owed. What a bank took back is no revenue any more; whoever pays what is owed of
it later earns it then. In a platform scope; the columns in order.
"""

# What was paid in advance is taxed when it is used: its revenue is booked with its tax, which the
# invoice of the month's use splits off.
_SOLD = """
SELECT p.tenant_id, 'purchase:' || p.id AS reference, p.paid_at, 'payment_clearing' AS money,
    p.currency, p.credits, p.gross_minor, coalesce(d.tax_minor, p.tax_minor) AS tax_minor,
    coalesce(d.net_minor, p.net_minor) AS revenue_minor,
    CASE WHEN a.document_id IS NULL THEN 'revenue' ELSE 'revenue_with_tax' END AS revenue
FROM pub_billing_purchases p LEFT JOIN pub_billing_documents d ON d.tenant_id = p.tenant_id
    AND d.source = 'purchase:' || p.id
LEFT JOIN pub_billing_advances a ON a.tenant_id = d.tenant_id AND a.document_id = d.id
WHERE p.state = 'paid'
UNION ALL
SELECT d.tenant_id, d.paid_by, d.paid_at, CASE d.payment_method WHEN 'bank_transfer'
    THEN 'bank_clearing' ELSE 'other_clearing' END, d.currency, d.credits, d.gross_minor,
    d.tax_minor, d.net_minor,
    CASE WHEN a.document_id IS NULL THEN 'revenue' ELSE 'revenue_with_tax' END
FROM pub_billing_documents d
LEFT JOIN pub_billing_advances a ON a.tenant_id = d.tenant_id AND a.document_id = d.id
WHERE d.kind IN ('invoice', 'receipt') AND d.paid_by LIKE 'top_up:%'
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

# A top-up that was taken back: its credit note is written in the same transaction.
_REVERSALS = """
SELECT (c.issued_at AT TIME ZONE 'UTC')::date, 'reversal', c.tenant_id, s.reference,
    c.currency, c.credits, v.account, v.debit, v.credit, v.place
FROM pub_billing_documents c JOIN pub_billing_documents d ON d.tenant_id = c.tenant_id
    AND d.id = c.original_id
JOIN sold s ON s.tenant_id = d.tenant_id AND s.reference = d.paid_by
CROSS JOIN LATERAL (VALUES ('deferred_revenue', c.net_minor, 0::bigint, 1),
    ('tax_payable', c.tax_minor, 0, 2), (s.money, 0, c.gross_minor, 3))
    v (account, debit, credit, place)
WHERE c.source LIKE 'reversal:%' AND c.issued_at >= $1 AND c.issued_at < $2
"""

# A dispute that was lost, by its credit note. The first one takes back what was earned by then.
_LOST = """
SELECT c.tenant_id, d.source AS reference, c.issued_at, c.net_minor, c.tax_minor, c.gross_minor,
    c.credits, row_number() OVER (PARTITION BY d.tenant_id, d.id ORDER BY c.issued_at, c.id) AS nth
FROM pub_billing_documents c JOIN pub_billing_documents d ON d.tenant_id = c.tenant_id
    AND d.id = c.original_id
WHERE c.source LIKE 'dispute:%'
"""

_DISPUTES = """
SELECT (c.issued_at AT TIME ZONE 'UTC')::date, 'dispute_lost', c.tenant_id, c.reference, s.currency,
    c.credits, v.account, v.debit, v.credit, v.place
FROM lost c JOIN sold s ON s.tenant_id = c.tenant_id AND s.reference = c.reference
CROSS JOIN LATERAL (SELECT CASE c.nth WHEN 1 THEN greatest(0, least(c.net_minor,
    coalesce((SELECT s.revenue_minor * sum(u.credits_used) / s.credits FROM used u
        WHERE u.tenant_id = c.tenant_id AND u.reference = c.reference), 0)::bigint)) ELSE 0 END
    AS earned) e
CROSS JOIN LATERAL (VALUES ('deferred_revenue', c.net_minor - e.earned, 0::bigint, 1),
    (s.revenue, e.earned, 0, 2), ('tax_payable', c.tax_minor, 0, 3),
    (s.money, 0, c.gross_minor, 4)) v (account, debit, credit, place)
WHERE c.issued_at >= $1 AND c.issued_at < $2
"""

_USED = """
SELECT c.day, 'revenue', c.tenant_id, c.reference, c.currency, c.credits_used,
    v.account, greatest(v.minor, 0), greatest(-v.minor, 0), v.place
FROM recognised c CROSS JOIN LATERAL (SELECT
    (c.revenue_minor * c.through / c.credits - c.revenue_minor * c.before / c.credits)::bigint
        AS earned) m
CROSS JOIN LATERAL (VALUES ('deferred_revenue', m.earned, 1), (c.revenue, -m.earned, 2))
    v (account, minor, place)
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
WHERE d.kind = 'monthly_invoice' AND d.source LIKE 'month:%' AND d.issued_at >= $1
    AND d.issued_at < $2
UNION ALL
SELECT (d.paid_at AT TIME ZONE 'UTC')::date, 'month_paid', d.tenant_id, d.number, d.currency,
    d.credits, v.account, v.debit, v.credit, v.place
FROM pub_billing_documents d CROSS JOIN LATERAL (VALUES
    ('bank_clearing', d.gross_minor, 0::bigint, 1),
    ('accounts_receivable', 0, d.gross_minor, 2)) v (account, debit, credit, place)
WHERE d.kind = 'monthly_invoice' AND d.source LIKE 'month:%' AND d.paid_at >= $1
    AND d.paid_at < $2
UNION ALL
SELECT (c.issued_at AT TIME ZONE 'UTC')::date, 'month_credited', c.tenant_id, c.number, c.currency,
    c.credits, v.account, v.debit, v.credit, v.place
FROM pub_billing_documents c JOIN pub_billing_documents d ON d.tenant_id = c.tenant_id
    AND d.id = c.original_id AND d.kind = 'monthly_invoice' AND d.source LIKE 'month:%'
CROSS JOIN LATERAL (VALUES ('revenue', c.net_minor, 0::bigint, 1),
    ('tax_payable', c.tax_minor, 0, 2), ('accounts_receivable', 0, c.gross_minor, 3))
    v (account, debit, credit, place)
WHERE c.kind = 'credit_note' AND c.issued_at >= $1 AND c.issued_at < $2
"""

# The tax of what was used of money paid in advance, and of what came back of that.
_REDEEMED = """
SELECT (d.issued_at AT TIME ZONE 'UTC')::date, 'month_redeemed', d.tenant_id, d.number, d.currency,
    d.credits, v.account, v.debit, v.credit, v.place
FROM pub_billing_documents d LEFT JOIN pub_billing_documents o ON o.tenant_id = d.tenant_id
    AND o.id = d.original_id
CROSS JOIN LATERAL (SELECT d.original_id IS NOT NULL AS is_back) b
CROSS JOIN LATERAL (VALUES
    ('revenue_with_tax', CASE WHEN b.is_back THEN 0 ELSE d.gross_minor END,
        CASE WHEN b.is_back THEN d.gross_minor ELSE 0 END, 1),
    ('revenue', CASE WHEN b.is_back THEN d.net_minor ELSE 0 END,
        CASE WHEN b.is_back THEN 0 ELSE d.net_minor END, 2),
    ('tax_payable', CASE WHEN b.is_back THEN d.tax_minor ELSE 0 END,
        CASE WHEN b.is_back THEN 0 ELSE d.tax_minor END, 3)) v (account, debit, credit, place)
WHERE coalesce(o.source, d.source) LIKE 'redeemed:%' AND d.issued_at >= $1 AND d.issued_at < $2
"""

JOURNAL = f"""
WITH sold AS ({_SOLD}), lost AS ({_LOST}), bought AS (
    SELECT s.*, k.lot::uuid AS lot_id, t.created_at AS opened_at, CASE t.to_account
        WHEN 'receivable' THEN t.amount ELSE t.amount - (t.lots->>k.lot)::bigint END AS paid_off
    FROM sold s JOIN pub_ledger_transfers t ON t.tenant_id = s.tenant_id
        AND t.reference = s.reference AND t.kind = 'topped_up'
    CROSS JOIN LATERAL (SELECT array_agg(named) AS lots FROM jsonb_object_keys(t.lots) named) a
    -- Beside its own lot only the credit line's, which it repays.
    CROSS JOIN LATERAL (SELECT lot FROM unnest(a.lots) lot WHERE cardinality(a.lots) = 1
        OR NOT EXISTS (SELECT 1 FROM pub_ledger_lots l WHERE l.tenant_id = t.tenant_id
            AND l.id = lot::uuid AND l.kind = 'line')) k
), moved AS (
    SELECT t.tenant_id, b.reference, t.created_at,
        CASE t.kind WHEN 'returned' THEN -(e.value)::bigint ELSE (e.value)::bigint END AS credits
    FROM (SELECT DISTINCT tenant_id FROM bought) n
    JOIN pub_ledger_transfers t ON t.tenant_id = n.tenant_id AND t.created_at < $2
        AND t.kind IN ('captured', 'returned', 'expired', 'settled')
    CROSS JOIN LATERAL jsonb_each_text(t.lots) e
    JOIN bought b ON b.tenant_id = t.tenant_id AND b.lot_id = (e.key)::uuid
    UNION ALL
    SELECT tenant_id, reference, opened_at, paid_off FROM bought
    WHERE paid_off > 0 AND opened_at < $2
    UNION ALL
    SELECT b.tenant_id, b.reference, t.created_at, t.amount
    FROM bought b JOIN pub_ledger_transfers t ON t.tenant_id = b.tenant_id
        AND t.reference = b.reference || ':owed'
    WHERE b.opened_at < $2
), used AS (
    SELECT s.tenant_id, s.reference, s.credits, s.currency, s.revenue, s.revenue_minor,
        (m.created_at AT TIME ZONE 'UTC')::date AS day, sum(m.credits)::bigint AS credits_used
    FROM moved m JOIN sold s ON s.tenant_id = m.tenant_id AND s.reference = m.reference
    LEFT JOIN lost l ON l.tenant_id = m.tenant_id AND l.reference = m.reference AND l.nth = 1
    WHERE l.issued_at IS NULL OR m.created_at < l.issued_at
    GROUP BY 1, 2, 3, 4, 5, 6, 7
), recognised AS (
    SELECT u.*, sum(credits_used) OVER w AS through,
        sum(credits_used) OVER w - credits_used AS before
    FROM used u WINDOW w AS (PARTITION BY tenant_id, reference ORDER BY day)
), events (day, entry, tenant_id, reference, currency, credits, account, debit, credit, place) AS (
    {_SALES} UNION ALL {_REFUNDS} UNION ALL {_REVERSALS} UNION ALL {_DISPUTES} UNION ALL {_USED}
    UNION ALL {_MONTHS} UNION ALL {_REDEEMED}
)
SELECT to_char(e.day, 'YYYY-MM-DD') AS day, e.entry, e.reference, e.account,
    e.debit AS debit_minor, e.credit AS credit_minor, e.currency, e.credits,
    e.tenant_id::text AS tenant_id, n.name AS tenant_name
FROM events e JOIN pub_identity_tenants n ON n.tenant_id = e.tenant_id
WHERE e.debit > 0 OR e.credit > 0
ORDER BY e.day, e.entry, e.reference, e.place LIMIT $3
"""
