"""What must hold between purchases, refunds and the ledger; each answers its violations."""

from datetime import timedelta
from typing import Final

VIOLATIONS_MAX: Final = 100
DOCUMENT_GRACE: Final = timedelta(hours=1)
"""A document follows its payment by an announcement: so late it is no longer on its way."""
# A top-up that first pays what the tenant owes is two transfers of one lot: the second is `…:owed`.
CHECKS: Final = {
    "a paid purchase has its one top-up, of its credits": f"""
        SELECT p.tenant_id, 'purchase:' || p.id AS subject, p.credits AS expected,
            coalesce(sum(t.amount), 0)::bigint AS found
        FROM purchases p LEFT JOIN pub_ledger_references t ON t.tenant_id = p.tenant_id
            AND t.reference IN ('purchase:' || p.id, 'purchase:' || p.id || ':owed')
            AND t.kind = 'topped_up' AND t.from_account = 'issued'
        WHERE p.state = 'paid' GROUP BY p.tenant_id, p.id, p.credits
        HAVING coalesce(sum(t.amount), 0) <> p.credits LIMIT {VIOLATIONS_MAX}""",
    "nothing is credited for a purchase that is not paid": f"""
        SELECT t.tenant_id, t.reference AS subject, 0 AS expected, t.amount AS found
        FROM pub_ledger_references t LEFT JOIN purchases p ON p.tenant_id = t.tenant_id
            AND p.id::text = split_part(t.reference, ':', 2)
        WHERE t.kind = 'topped_up' AND t.reference LIKE 'purchase:%'
            AND (p.state IS DISTINCT FROM 'paid'
                OR t.reference NOT IN ('purchase:' || p.id, 'purchase:' || p.id || ':owed'))
        LIMIT {VIOLATIONS_MAX}""",
    "credits of a refund are gone while its money is, and back where it failed": f"""
        SELECT r.tenant_id, 'refund:' || r.id AS subject,
            CASE WHEN r.state IN ('approved', 'submitted', 'succeeded') THEN r.credits ELSE 0 END
                AS expected,
            (coalesce(gone.amount, 0) - coalesce(back.amount, 0))::bigint AS found
        FROM refunds r LEFT JOIN pub_ledger_references gone ON gone.tenant_id = r.tenant_id
            AND gone.reference = 'refund:' || r.id
        LEFT JOIN LATERAL (SELECT sum(amount) AS amount FROM pub_ledger_references t
            WHERE t.tenant_id = r.tenant_id AND t.kind = 'restored' AND t.from_account = 'refunded'
                AND starts_with(t.reference, 'refund:' || r.id || ':restored')) back
            ON r.state = 'failed'
        WHERE coalesce(gone.amount, 0) - coalesce(back.amount, 0) <> CASE
            WHEN r.state IN ('approved', 'submitted', 'succeeded') THEN r.credits ELSE 0 END
        LIMIT {VIOLATIONS_MAX}""",
    "a payment is of one purchase": f"""
        SELECT (array_agg(tenant_id))[1] AS tenant_id, payment_id AS subject, 1 AS expected,
            count(*) AS found
        FROM purchases WHERE state = 'paid' GROUP BY payment_id HAVING count(*) > 1
        LIMIT {VIOLATIONS_MAX}""",
    "of one crossing auto-reload was paid once": f"""
        SELECT r.tenant_id, 'crossing:' || r.crossing_no AS subject, 1 AS expected,
            count(*) AS found
        FROM auto_reloads r JOIN purchases p ON p.tenant_id = r.tenant_id AND p.id = r.purchase_id
        WHERE p.state = 'paid' GROUP BY r.tenant_id, r.crossing_no HAVING count(*) > 1
        LIMIT {VIOLATIONS_MAX}""",
    "an auto-reload and its purchase stand together": f"""
        SELECT coalesce(r.tenant_id, p.tenant_id) AS tenant_id,
            'purchase:' || coalesce(r.purchase_id, p.id) AS subject, 1 AS expected, 0 AS found
        FROM auto_reloads r
        FULL JOIN (SELECT tenant_id, id FROM purchases WHERE source = 'auto_reload') p
            ON p.tenant_id = r.tenant_id AND p.id = r.purchase_id
        WHERE p.id IS NULL OR r.purchase_id IS NULL LIMIT {VIOLATIONS_MAX}""",
    "a document of a purchase says its money": f"""
        SELECT p.tenant_id, 'purchase:' || p.id AS subject, p.gross_minor AS expected,
            d.gross_minor AS found
        FROM documents d JOIN purchases p ON p.tenant_id = d.tenant_id
            AND d.source = 'purchase:' || p.id
        WHERE p.state <> 'paid' OR (d.gross_minor, d.credits, d.currency)
            <> (p.gross_minor, p.credits, p.currency) LIMIT {VIOLATIONS_MAX}""",
    "of an advance no more is invoiced than was paid": f"""
        SELECT d.tenant_id, 'document:' || d.id AS subject, d.gross_minor AS expected,
            sum(r.gross_minor)::bigint AS found
        FROM documents d JOIN redeemed_credits r ON r.tenant_id = d.tenant_id
            AND r.advance_id = d.id
        GROUP BY d.tenant_id, d.id, d.gross_minor, d.credits, d.is_advance
        HAVING NOT d.is_advance OR sum(r.gross_minor) NOT BETWEEN 0 AND d.gross_minor
            OR sum(r.credits) NOT BETWEEN 0 AND d.credits LIMIT {VIOLATIONS_MAX}""",
    "an invoice of used credits says what was paid for them": f"""
        SELECT d.tenant_id, 'document:' || d.id AS subject, d.gross_minor AS expected,
            coalesce(sum(r.gross_minor), 0)::bigint AS found
        FROM documents d LEFT JOIN redeemed_credits r ON r.tenant_id = d.tenant_id
            AND r.document_id = d.id
        WHERE d.source LIKE 'redeemed:%' AND d.original_id IS NULL
        GROUP BY d.tenant_id, d.id, d.gross_minor
        HAVING coalesce(sum(r.gross_minor), 0) <> d.gross_minor LIMIT {VIOLATIONS_MAX}""",
}
# $1: of purchases paid before it.
DOCUMENTED: Final = f"""
    SELECT p.tenant_id, 'purchase:' || p.id AS subject, 1 AS expected, 0 AS found
    FROM purchases p WHERE p.state = 'paid' AND p.paid_at < $1 AND NOT EXISTS (SELECT 1
        FROM documents d WHERE d.tenant_id = p.tenant_id AND d.source = 'purchase:' || p.id)
    LIMIT {VIOLATIONS_MAX}"""
