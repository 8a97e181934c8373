"""What would have to be true if every promise about credits held; each query finds what is not.

Every one takes a tenant and answers (subject, expected, found) rows, none when all is well.
"""

ZERO_SUM = """
SELECT 'accounts' AS subject, 0::bigint AS expected, sum(balance)::bigint AS found
FROM ledger_accounts WHERE tenant_id = $1 HAVING sum(balance) <> 0
"""

# Promise 1, read from the transfers on one side and the balances on the other.
CONSERVED = """
WITH moved AS (
    SELECT coalesce(sum(CASE WHEN from_account = 'issued' THEN amount ELSE -amount END)
            FILTER (WHERE kind IN ('topped_up', 'granted', 'adjusted')), 0)::bigint AS given,
        coalesce(sum(CASE WHEN from_account = 'receivable' THEN amount ELSE -amount END)
            FILTER (WHERE 'receivable' IN (from_account, to_account)), 0)::bigint AS owed
    FROM ledger_transfers WHERE tenant_id = $1
), kept AS (
    SELECT coalesce(sum(balance), 0)::bigint AS credits
    FROM ledger_accounts WHERE tenant_id = $1 AND account NOT IN ('issued', 'receivable')
)
SELECT 'topped up + granted + adjusted + receivable' AS subject,
    moved.given + moved.owed AS expected, kept.credits AS found
FROM moved, kept WHERE moved.given + moved.owed <> kept.credits
"""

# A transfer has exactly its two legs: every entry is one of them, an account has one entry of a
# transfer at most (a key), and there are twice as many as transfers. Only where that fails are the
# transfers looked at one by one.
LEGS = """
WITH counted AS (
    SELECT (SELECT count(*) FROM ledger_transfers WHERE tenant_id = $1) AS transfers,
        count(*) AS entries, count(*) FILTER (WHERE e.amount = CASE e.account
            WHEN t.from_account THEN -t.amount WHEN t.to_account THEN t.amount END) AS legs
    FROM ledger_entries e LEFT JOIN ledger_transfers t
        ON t.tenant_id = e.tenant_id AND t.id = e.transfer_id
    WHERE e.tenant_id = $1
)
SELECT 'transfer:' || t.id AS subject, t.amount AS expected,
    coalesce(sum(e.amount) FILTER (WHERE e.account = t.to_account), 0)::bigint AS found
FROM ledger_transfers t LEFT JOIN ledger_entries e
    ON e.tenant_id = t.tenant_id AND e.transfer_id = t.id
WHERE t.tenant_id = $1
    AND (SELECT entries <> legs OR legs <> 2 * transfers FROM counted)
GROUP BY t.tenant_id, t.id
HAVING count(e.account) <> 2
    OR sum(e.amount) FILTER (WHERE e.account = t.to_account) IS DISTINCT FROM t.amount
    OR sum(e.amount) FILTER (WHERE e.account = t.from_account) IS DISTINCT FROM -t.amount
"""

# Entries number their account without a gap, and each balance follows from the one before.
ENTRIES = """
WITH chained AS (
    SELECT account, account_version, balance_after, row_number() OVER w AS place,
        lag(balance_after, 1, 0::bigint) OVER w + amount AS running
    FROM ledger_entries WHERE tenant_id = $1
    WINDOW w AS (PARTITION BY account ORDER BY account_version)
)
SELECT 'entry:' || account || ':' || account_version AS subject, running AS expected,
    balance_after AS found
FROM chained WHERE place <> account_version OR running <> balance_after
"""

BALANCES = """
SELECT 'account:' || a.account AS subject, coalesce(last.balance_after, 0) AS expected,
    a.balance AS found
FROM ledger_accounts a LEFT JOIN LATERAL (
    SELECT balance_after, account_version FROM ledger_entries e
    WHERE e.tenant_id = a.tenant_id AND e.account = a.account
    ORDER BY account_version DESC LIMIT 1) last ON true
WHERE a.tenant_id = $1 AND (a.balance <> coalesce(last.balance_after, 0)
    OR a.version <> coalesce(last.account_version, 0))
"""

# Lots say the same as the accounts. The line counts by what is drawn from it; what a lot lost after
# it was used is owed until it is settled or written off.
LOTS = """
WITH lots AS (
    SELECT coalesce(sum(CASE WHEN kind = 'line' THEN available - amount ELSE available END), 0)
            AS available,
        coalesce(sum(reserved), 0) AS held, coalesce(sum(frozen), 0) AS frozen,
        coalesce(sum(expired), 0) AS expired, coalesce(sum(refunded), 0) AS refunded,
        coalesce(sum(spent), 0) AS spent, coalesce(sum(reversed + charged_back), 0) AS reversed,
        coalesce(sum(settled - charged_back), 0) AS settled, coalesce(sum(repaid), 0) AS repaid
    FROM ledger_lots WHERE tenant_id = $1
), written_off AS (
    SELECT coalesce(sum(credits), 0) AS credits
    FROM ledger_decisions WHERE tenant_id = $1 AND kind = 'write_off'
), sides AS (
    SELECT s.account, s.credits::bigint AS credits
    FROM lots CROSS JOIN written_off CROSS JOIN LATERAL (VALUES
        ('available', available), ('held', held), ('frozen', frozen), ('expired', expired),
        ('refunded', refunded), ('spent', spent), ('reversed', reversed),
        ('receivable', settled + written_off.credits), ('repaid', repaid)) s (account, credits)
)
SELECT 'lots:' || s.account AS subject, coalesce(a.balance, 0) AS expected, s.credits AS found
FROM sides s LEFT JOIN ledger_accounts a ON a.tenant_id = $1 AND a.account = s.account
WHERE s.credits <> coalesce(a.balance, 0)
"""

# Every credit that moved is of a lot: a transfer's parts add up to it, over lots that exist. What
# is written off has none. Windows of the same size take the same parts, so each amount with its
# parts is taken apart once.
PARTS = """
WITH told AS (
    SELECT lots, amount FROM ledger_transfers
    WHERE tenant_id = $1 AND NOT (kind = 'adjusted' AND to_account = 'receivable')
    GROUP BY lots, amount
), wrong AS (
    SELECT d.lots, d.amount,
        coalesce(sum(p.value::bigint) FILTER (WHERE l.id IS NOT NULL), 0)::bigint AS found
    FROM told d LEFT JOIN LATERAL jsonb_each_text(d.lots) p ON true
    LEFT JOIN ledger_lots l ON l.tenant_id = $1 AND l.id = p.key::uuid
    GROUP BY d.lots, d.amount
    HAVING coalesce(sum(p.value::bigint) FILTER (WHERE l.id IS NOT NULL), 0) <> d.amount
)
SELECT 'parts:' || t.id AS subject, t.amount AS expected, w.found
FROM wrong w JOIN ledger_transfers t ON t.lots = w.lots AND t.amount = w.amount
WHERE t.tenant_id = $1 AND NOT (t.kind = 'adjusted' AND t.to_account = 'receivable')
"""

# A hold, its lots and its transfers tell one story.
HOLDS = """
WITH lots AS (
    SELECT hold_id, sum(reserved) AS amount, sum(captured) AS captured, sum(released) AS released,
        sum(returned) AS returned
    FROM ledger_hold_lots WHERE tenant_id = $1 GROUP BY hold_id
), moved AS (
    SELECT hold_id, sum(amount) FILTER (WHERE kind = 'held') AS amount,
        coalesce(sum(amount) FILTER (WHERE kind = 'captured'), 0) AS captured,
        coalesce(sum(amount) FILTER (WHERE kind IN ('released', 'reversed')
            AND from_account = 'held'), 0) AS released,
        coalesce(sum(amount) FILTER (WHERE kind = 'returned'), 0) AS returned
    FROM ledger_transfers WHERE tenant_id = $1 AND hold_id IS NOT NULL GROUP BY hold_id
)
SELECT 'hold:' || h.id AS subject, h.amount - h.captured - h.released AS expected,
    coalesce(l.amount - l.captured - l.released, 0)::bigint AS found
FROM ledger_holds h LEFT JOIN lots l ON l.hold_id = h.id LEFT JOIN moved m ON m.hold_id = h.id
WHERE h.tenant_id = $1 AND (
    (h.amount, h.captured, h.released, h.returned)
        IS DISTINCT FROM (l.amount, l.captured, l.released, l.returned)
    OR (h.amount, h.captured, h.released, h.returned)
        IS DISTINCT FROM (m.amount, m.captured, m.released, m.returned))
"""

HELD = """
WITH open AS (
    SELECT coalesce(sum(amount - captured - released), 0)::bigint AS credits
    FROM ledger_holds WHERE tenant_id = $1
)
SELECT 'holds' AS subject, open.credits AS expected, coalesce(a.balance, 0) AS found
FROM open LEFT JOIN ledger_accounts a ON a.tenant_id = $1 AND a.account = 'held'
WHERE open.credits <> coalesce(a.balance, 0)
"""

NON_NEGATIVE = """
SELECT 'account:' || account AS subject,
    CASE account WHEN 'available' THEN -credit_line ELSE 0 END AS expected, balance AS found
FROM ledger_accounts WHERE tenant_id = $1 AND CASE account
    WHEN 'available' THEN balance < -credit_line
    WHEN 'issued' THEN balance > 0
    WHEN 'receivable' THEN balance > 0
    ELSE balance < 0 END
"""

CHECKS: dict[str, str] = {
    "zero_sum": ZERO_SUM,
    "credits_conserved": CONSERVED,
    "transfers_have_two_legs": LEGS,
    "entries_chain": ENTRIES,
    "balances_follow_entries": BALANCES,
    "lots_match_accounts": LOTS,
    "transfers_name_lots": PARTS,
    "holds_match_lots_and_transfers": HOLDS,
    "held_is_open_holds": HELD,
    "never_negative": NON_NEGATIVE,
}

# Per hash or sort, so that a tenant of a million transfers is joined in memory and none needs more.
MEMORY = "SELECT set_config('work_mem', '64MB', true)"

TENANTS = """
SELECT DISTINCT tenant_id FROM ledger_accounts WHERE tenant_id > $1 ORDER BY tenant_id LIMIT $2
"""
