-- The verbs. Each is one call and one round trip: the row lock of a busy tenant is not held while
-- a client thinks. They answer with an outcome and change nothing unless it is 'done', so a refused
-- verb leaves every row as it was even where the caller goes on and commits.
--
-- Locks: whoever moves anything in a tenant's ledger first locks the account row 'held'. It is the
-- tenant's mutex: two verbs in one transaction cannot meet two others in the opposite order.

CREATE TYPE ledger_outcome AS (
    outcome text, -- done | repeated | reference_reused | insufficient_credits | hold_not_found | hold_closed | hold_exceeded
    transfer_id uuid,
    hold_id uuid,
    amount bigint,
    available bigint -- what could have been taken, where the outcome is about that
);

-- False where the tenant has no ledger yet; the first credits open it.
CREATE FUNCTION ledger_lock(p_tenant uuid, p_opens boolean) RETURNS boolean LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM ledger_accounts WHERE tenant_id = p_tenant AND account = 'held' FOR UPDATE;
    IF FOUND OR NOT p_opens THEN RETURN FOUND; END IF;
    INSERT INTO ledger_accounts (tenant_id, account)
    SELECT p_tenant, unnest(ARRAY['issued', 'available', 'held', 'frozen', 'spent', 'expired',
        'reversed', 'refunded', 'receivable'])
    ON CONFLICT DO NOTHING;
    PERFORM 1 FROM ledger_accounts WHERE tenant_id = p_tenant AND account = 'held' FOR UPDATE;
    RETURN true;
END $$;

-- The transfer that has this reference, told as repeated when it is the same one; null when none.
CREATE FUNCTION ledger_earlier(p_tenant uuid, p_reference text, p_kind text, p_amount bigint,
    p_hold uuid, p_session uuid, p_from text) RETURNS ledger_outcome LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    answer ledger_outcome;
BEGIN
    SELECT CASE WHEN kind = p_kind AND amount = coalesce(p_amount, amount) AND from_account = p_from
            AND hold_id IS NOT DISTINCT FROM coalesce(p_hold, hold_id)
            AND (p_kind <> 'held' OR session_id IS NOT DISTINCT FROM p_session)
        THEN 'repeated' ELSE 'reference_reused' END,
        id, hold_id, amount, null INTO answer
    FROM ledger_transfers WHERE tenant_id = p_tenant AND reference = p_reference;
    RETURN answer;
END $$;

CREATE FUNCTION ledger_issue(p_tenant uuid, p_transfer uuid, p_lot uuid, p_kind text, p_lot_kind text,
    p_amount bigint, p_priority integer, p_expires_at timestamptz, p_reference text, p_actor text,
    p_reason text, p_proof uuid, p_now timestamptz) RETURNS ledger_outcome LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    answer ledger_outcome;
BEGIN
    PERFORM ledger_lock(p_tenant, true);
    answer := ledger_earlier(p_tenant, p_reference, p_kind, p_amount, null, null, 'issued');
    IF answer.outcome IS NOT NULL THEN RETURN answer; END IF;
    INSERT INTO ledger_lots (tenant_id, id, kind, priority, expires_at, amount, available, created_at)
    VALUES (p_tenant, p_lot, p_lot_kind, p_priority, p_expires_at, p_amount, p_amount, p_now);
    INSERT INTO ledger_transfers (tenant_id, id, reference, kind, from_account, to_account, amount,
        lots, actor, reason, proof_file, created_at)
    VALUES (p_tenant, p_transfer, p_reference, p_kind, 'issued', 'available', p_amount,
        jsonb_build_object(p_lot, p_amount), p_actor, p_reason, p_proof, p_now);
    RETURN ('done', p_transfer, null, p_amount, null)::ledger_outcome;
END $$;

-- What a hold may take, in the order it is taken: priority, earliest expiry, promotional first,
-- oldest; the credit line last. A lot past its expiry is nobody's even before the clock swept it.
CREATE FUNCTION ledger_open_lots(p_tenant uuid, p_now timestamptz)
    RETURNS TABLE (lot_id uuid, kind text, available bigint, place bigint, before bigint)
    LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT l.id, l.kind, l.available, row_number() OVER w,
        (coalesce(sum(l.available) OVER w, 0) - l.available)::bigint
    FROM ledger_lots l
    WHERE l.tenant_id = p_tenant AND l.available > 0 AND (l.expires_at IS NULL OR l.expires_at > p_now)
    WINDOW w AS (ORDER BY (l.kind = 'line'), l.priority, l.expires_at NULLS LAST,
        (l.kind <> 'promotional'), l.created_at, l.id)
$$;

CREATE FUNCTION ledger_withdraw(p_tenant uuid, p_transfer uuid, p_amount bigint, p_reference text,
    p_actor text, p_reason text, p_now timestamptz) RETURNS ledger_outcome LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    answer ledger_outcome;
    usable bigint;
    parts jsonb;
BEGIN
    IF NOT ledger_lock(p_tenant, false) THEN
        RETURN ('insufficient_credits', null, null, p_amount, 0)::ledger_outcome;
    END IF;
    answer := ledger_earlier(p_tenant, p_reference, 'adjusted', p_amount, null, null, 'available');
    IF answer.outcome IS NOT NULL THEN RETURN answer; END IF;
    SELECT coalesce(sum(o.available), 0) INTO usable FROM ledger_open_lots(p_tenant, p_now) o
    WHERE o.kind <> 'line';
    IF usable < p_amount THEN
        RETURN ('insufficient_credits', null, null, p_amount, usable)::ledger_outcome;
    END IF;
    WITH taken AS (
        UPDATE ledger_lots l SET available = l.available - least(o.available, p_amount - o.before),
            adjusted = l.adjusted + least(o.available, p_amount - o.before)
        FROM ledger_open_lots(p_tenant, p_now) o
        WHERE l.tenant_id = p_tenant AND l.id = o.lot_id AND o.before < p_amount AND o.kind <> 'line'
        RETURNING l.id, least(o.available, p_amount - o.before) AS credits
    ) SELECT jsonb_object_agg(id, credits) INTO parts FROM taken;
    INSERT INTO ledger_transfers (tenant_id, id, reference, kind, from_account, to_account, amount,
        lots, actor, reason, created_at)
    VALUES (p_tenant, p_transfer, p_reference, 'adjusted', 'available', 'issued', p_amount,
        parts, p_actor, p_reason, p_now);
    RETURN ('done', p_transfer, null, p_amount, null)::ledger_outcome;
END $$;

CREATE FUNCTION ledger_place_hold(p_tenant uuid, p_transfer uuid, p_hold uuid, p_session uuid,
    p_amount bigint, p_reference text, p_actor text, p_now timestamptz)
    RETURNS ledger_outcome LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    answer ledger_outcome;
    usable bigint;
    parts jsonb;
BEGIN
    IF NOT ledger_lock(p_tenant, false) THEN
        RETURN ('insufficient_credits', null, null, p_amount, 0)::ledger_outcome;
    END IF;
    answer := ledger_earlier(p_tenant, p_reference, 'held', p_amount, null, p_session, 'available');
    IF answer.outcome IS NOT NULL THEN RETURN answer; END IF;
    SELECT coalesce(sum(o.available), 0) INTO usable FROM ledger_open_lots(p_tenant, p_now) o;
    IF usable < p_amount THEN
        RETURN ('insufficient_credits', null, null, p_amount, usable)::ledger_outcome;
    END IF;
    INSERT INTO ledger_holds (tenant_id, id, session_id, amount, created_at)
    VALUES (p_tenant, p_hold, p_session, p_amount, p_now);
    INSERT INTO ledger_hold_lots (tenant_id, hold_id, position, lot_id, reserved)
    SELECT p_tenant, p_hold, o.place, o.lot_id, least(o.available, p_amount - o.before)
    FROM ledger_open_lots(p_tenant, p_now) o WHERE o.before < p_amount;
    WITH taken AS (
        UPDATE ledger_lots l SET available = l.available - h.reserved, reserved = l.reserved + h.reserved
        FROM ledger_hold_lots h
        WHERE h.tenant_id = p_tenant AND h.hold_id = p_hold AND l.tenant_id = p_tenant AND l.id = h.lot_id
        RETURNING l.id, h.reserved
    ) SELECT jsonb_object_agg(id, reserved) INTO parts FROM taken;
    INSERT INTO ledger_transfers (tenant_id, id, reference, kind, from_account, to_account, amount,
        session_id, hold_id, lots, actor, created_at)
    VALUES (p_tenant, p_transfer, p_reference, 'held', 'available', 'held', p_amount,
        p_session, p_hold, parts, p_actor, p_now);
    RETURN ('done', p_transfer, p_hold, p_amount, usable - p_amount)::ledger_outcome;
END $$;

CREATE FUNCTION ledger_capture(p_tenant uuid, p_transfer uuid, p_hold uuid, p_amount bigint,
    p_reference text, p_actor text, p_now timestamptz) RETURNS ledger_outcome LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    answer ledger_outcome;
    hold ledger_holds;
    part record;
    parts jsonb := '{}';
    missing bigint := p_amount;
    credits bigint;
BEGIN
    IF NOT ledger_lock(p_tenant, false) THEN RETURN ('hold_not_found', null, p_hold, p_amount, null)::ledger_outcome; END IF;
    answer := ledger_earlier(p_tenant, p_reference, 'captured', p_amount, p_hold, null, 'held');
    IF answer.outcome IS NOT NULL THEN RETURN answer; END IF;
    SELECT * INTO hold FROM ledger_holds WHERE tenant_id = p_tenant AND id = p_hold;
    IF NOT FOUND THEN
        RETURN ('hold_not_found', null, p_hold, p_amount, null)::ledger_outcome;
    ELSIF hold.state = 'closed' THEN
        RETURN ('hold_closed', null, p_hold, p_amount, 0)::ledger_outcome;
    ELSIF hold.amount - hold.captured - hold.released < p_amount THEN
        RETURN ('hold_exceeded', null, p_hold, p_amount,
            hold.amount - hold.captured - hold.released)::ledger_outcome;
    END IF;
    UPDATE ledger_holds SET captured = captured + p_amount WHERE tenant_id = p_tenant AND id = p_hold;
    WHILE missing > 0 LOOP -- nearly always once: a window rarely ends one lot and begins the next
        SELECT position, lot_id, reserved - captured - released AS open INTO part
        FROM ledger_hold_lots
        WHERE tenant_id = p_tenant AND hold_id = p_hold AND reserved > captured + released
        ORDER BY position LIMIT 1;
        credits := least(part.open, missing);
        UPDATE ledger_hold_lots SET captured = captured + credits
        WHERE tenant_id = p_tenant AND hold_id = p_hold AND position = part.position;
        UPDATE ledger_lots SET reserved = reserved - credits, spent = spent + credits
        WHERE tenant_id = p_tenant AND id = part.lot_id;
        parts := parts || jsonb_build_object(part.lot_id, credits);
        missing := missing - credits;
    END LOOP;
    INSERT INTO ledger_transfers (tenant_id, id, reference, kind, from_account, to_account, amount,
        session_id, hold_id, lots, actor, created_at)
    VALUES (p_tenant, p_transfer, p_reference, 'captured', 'held', 'spent', p_amount,
        hold.session_id, p_hold, parts, p_actor, p_now);
    RETURN ('done', p_transfer, p_hold, p_amount,
        hold.amount - hold.captured - hold.released - p_amount)::ledger_outcome;
END $$;

-- Give back what is still reserved ('released') or what was spent ('returned'), the last consumed
-- lot first, so the credit line is repaid first and what expires soonest stays to be used.
-- p_amount null: all that is open, and the hold closes. p_extend_to: what comes back to an expired
-- lot lives until then (it failed through us); null: it expires in the same breath.
CREATE FUNCTION ledger_give_back(p_tenant uuid, p_transfer uuid, p_expired_transfer uuid, p_kind text,
    p_hold uuid, p_amount bigint, p_reference text, p_extend_to timestamptz, p_actor text,
    p_reason text, p_now timestamptz) RETURNS ledger_outcome LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    source text := CASE p_kind WHEN 'released' THEN 'held' ELSE 'spent' END;
    answer ledger_outcome;
    hold ledger_holds;
    rest bigint;
    wanted bigint;
    parts jsonb;
    gone jsonb;
    gone_amount bigint;
BEGIN
    IF NOT ledger_lock(p_tenant, false) THEN RETURN ('hold_not_found', null, p_hold, p_amount, null)::ledger_outcome; END IF;
    answer := ledger_earlier(p_tenant, p_reference, p_kind, p_amount, p_hold, null, source);
    IF answer.outcome IS NOT NULL THEN RETURN answer; END IF;
    SELECT * INTO hold FROM ledger_holds WHERE tenant_id = p_tenant AND id = p_hold;
    IF NOT FOUND THEN
        RETURN ('hold_not_found', null, p_hold, p_amount, null)::ledger_outcome;
    END IF;
    rest := CASE p_kind WHEN 'released' THEN hold.amount - hold.captured - hold.released
        ELSE hold.captured - hold.returned END;
    wanted := coalesce(p_amount, rest);
    IF p_amount IS NULL AND rest = 0 THEN -- nothing open: closing is all there is to do, twice too
        UPDATE ledger_holds SET state = 'closed'
        WHERE tenant_id = p_tenant AND id = p_hold AND state = 'open';
        RETURN ('repeated', null, p_hold, 0, 0)::ledger_outcome;
    ELSIF p_kind = 'released' AND hold.state = 'closed' THEN
        RETURN ('hold_closed', null, p_hold, wanted, 0)::ledger_outcome;
    ELSIF wanted > rest THEN
        RETURN ('hold_exceeded', null, p_hold, wanted, rest)::ledger_outcome;
    END IF;
    UPDATE ledger_holds SET
        released = released + CASE p_kind WHEN 'released' THEN wanted ELSE 0 END,
        returned = returned + CASE p_kind WHEN 'returned' THEN wanted ELSE 0 END,
        state = CASE WHEN p_amount IS NULL THEN 'closed' ELSE state END
    WHERE tenant_id = p_tenant AND id = p_hold;
    WITH given AS (
        SELECT position, CASE p_kind WHEN 'released' THEN reserved - captured - released
            ELSE captured - returned END AS rest
        FROM ledger_hold_lots WHERE tenant_id = p_tenant AND hold_id = p_hold
    ), summed AS (
        SELECT g.position, g.rest, sum(g.rest) OVER (ORDER BY g.position DESC) AS upto
        FROM given g WHERE g.rest > 0
    ), taken AS (
        UPDATE ledger_hold_lots h SET
            released = h.released + CASE p_kind WHEN 'released' THEN n.credits ELSE 0 END,
            returned = h.returned + CASE p_kind WHEN 'returned' THEN n.credits ELSE 0 END
        FROM (SELECT s.position, least(s.rest, wanted - s.upto + s.rest)::bigint AS credits
            FROM summed s WHERE s.upto - s.rest < wanted) n
        WHERE h.tenant_id = p_tenant AND h.hold_id = p_hold AND h.position = n.position
        RETURNING h.lot_id, n.credits
    ), judged AS (
        SELECT t.lot_id, t.credits, l.expires_at <= p_now AS is_past
        FROM taken t JOIN ledger_lots l ON l.tenant_id = p_tenant AND l.id = t.lot_id
    ), moved AS (
        UPDATE ledger_lots l SET
            reserved = l.reserved - CASE p_kind WHEN 'released' THEN j.credits ELSE 0 END,
            spent = l.spent - CASE p_kind WHEN 'returned' THEN j.credits ELSE 0 END,
            available = l.available + CASE WHEN j.is_past AND p_extend_to IS NULL THEN 0 ELSE j.credits END,
            expired = l.expired + CASE WHEN j.is_past AND p_extend_to IS NULL THEN j.credits ELSE 0 END,
            expires_at = CASE WHEN j.is_past AND p_extend_to IS NOT NULL THEN p_extend_to
                ELSE l.expires_at END
        FROM judged j WHERE l.tenant_id = p_tenant AND l.id = j.lot_id
        RETURNING l.id, j.credits, coalesce(j.is_past, false) AND p_extend_to IS NULL AS is_gone
    ) SELECT jsonb_object_agg(id, credits), jsonb_object_agg(id, credits) FILTER (WHERE is_gone),
        sum(credits) FILTER (WHERE is_gone) INTO parts, gone, gone_amount FROM moved;
    INSERT INTO ledger_transfers (tenant_id, id, reference, kind, from_account, to_account, amount,
        session_id, hold_id, lots, actor, reason, created_at)
    VALUES (p_tenant, p_transfer, p_reference, p_kind, source, 'available', wanted,
        hold.session_id, p_hold, parts, p_actor, p_reason, p_now);
    IF gone_amount > 0 THEN
        INSERT INTO ledger_transfers (tenant_id, id, reference, kind, from_account, to_account, amount,
            session_id, hold_id, lots, actor, created_at)
        VALUES (p_tenant, p_expired_transfer, p_reference || ':expired', 'expired', 'available',
            'expired', gone_amount, hold.session_id, p_hold, gone, p_actor, p_now);
    END IF;
    RETURN ('done', p_transfer, p_hold, wanted, rest - wanted)::ledger_outcome;
END $$;

-- Expires the unreserved part of lots that are due, at most one per id given; returns the credits.
CREATE FUNCTION ledger_expire_due(p_tenant uuid, p_transfers uuid[], p_actor text, p_now timestamptz)
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    lot record;
    total bigint := 0;
BEGIN
    IF NOT ledger_lock(p_tenant, false) THEN RETURN 0; END IF;
    FOR lot IN
        SELECT id, available, expires_at, row_number() OVER (ORDER BY expires_at, id) AS n
        FROM ledger_lots WHERE tenant_id = p_tenant AND available > 0 AND expires_at <= p_now
        ORDER BY expires_at, id LIMIT cardinality(p_transfers)
    LOOP
        UPDATE ledger_lots SET available = 0, expired = expired + lot.available
        WHERE tenant_id = p_tenant AND id = lot.id;
        INSERT INTO ledger_transfers (tenant_id, id, reference, kind, from_account, to_account, amount,
            lots, actor, created_at)
        VALUES (p_tenant, p_transfers[lot.n], 'expired:' || lot.id || ':' || extract(epoch FROM lot.expires_at),
            'expired', 'available', 'expired', lot.available,
            jsonb_build_object(lot.id, lot.available), p_actor, p_now);
        total := total + lot.available;
    END LOOP;
    RETURN total;
END $$;

GRANT EXECUTE ON FUNCTION
    ledger_lock(uuid, boolean),
    ledger_earlier(uuid, text, text, bigint, uuid, uuid, text),
    ledger_issue(uuid, uuid, uuid, text, text, bigint, integer, timestamptz, text, text, text, uuid, timestamptz),
    ledger_open_lots(uuid, timestamptz),
    ledger_withdraw(uuid, uuid, bigint, text, text, text, timestamptz),
    ledger_place_hold(uuid, uuid, uuid, uuid, bigint, text, text, timestamptz),
    ledger_capture(uuid, uuid, uuid, bigint, text, text, timestamptz),
    ledger_give_back(uuid, uuid, uuid, text, uuid, bigint, text, timestamptz, text, text, timestamptz),
    ledger_expire_due(uuid, uuid[], text, timestamptz)
TO clearsend_tenant;
