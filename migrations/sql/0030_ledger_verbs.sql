-- The verbs, with lots that are disputed, owed for or drawn on credit. As before: one call each, an
-- outcome for an answer, nothing changed unless it is 'done', the account row 'held' locked first.
-- A verb that needs several transfers names the first by its reference (`asked` says how much the
-- verb moved in all) and the others by the reference and a word.
-- Further outcomes: receivable_open | refund_exceeds_unspent | reversal_exceeds_unspent |
-- not_refundable | top_up_not_found | refund_not_found | already_restored | already_disputed |
-- not_disputed | line_in_use | write_off_exceeds_owed.

CREATE OR REPLACE FUNCTION ledger_earlier(p_tenant uuid, p_reference text, p_kind text, p_amount bigint,
    p_hold uuid, p_session uuid, p_from text) RETURNS ledger_outcome LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    answer ledger_outcome;
BEGIN
    SELECT CASE WHEN EXISTS (SELECT 1 FROM ledger_decisions d
            WHERE d.tenant_id = p_tenant AND d.reference = p_reference) THEN 'reference_reused'
        WHEN (kind = p_kind OR (p_kind = 'released' AND kind = 'reversed'))
            AND coalesce(asked, amount) = coalesce(p_amount, asked, amount) AND from_account = p_from
            AND hold_id IS NOT DISTINCT FROM coalesce(p_hold, hold_id)
            AND (p_kind <> 'held' OR session_id IS NOT DISTINCT FROM p_session)
        THEN 'repeated' ELSE 'reference_reused' END,
        id, hold_id, coalesce(asked, amount), null INTO answer
    FROM ledger_transfers WHERE tenant_id = p_tenant AND reference = p_reference;
    IF NOT FOUND AND EXISTS (SELECT 1 FROM ledger_decisions
            WHERE tenant_id = p_tenant AND reference = p_reference) THEN
        answer.outcome := 'reference_reused';
    END IF;
    RETURN answer;
END $$;

CREATE FUNCTION ledger_owed(p_tenant uuid) RETURNS bigint LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(-(SELECT balance FROM ledger_accounts
        WHERE tenant_id = p_tenant AND account = 'receivable'), 0)
$$;

CREATE FUNCTION ledger_usable(p_tenant uuid, p_now timestamptz) RETURNS bigint LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(sum(available), 0)::bigint FROM ledger_lots
    WHERE tenant_id = p_tenant AND available > 0 AND (expires_at IS NULL OR expires_at > p_now)
$$;

-- What may be held now: everything usable, but only as much as the credit line has left while
-- something is owed.
CREATE FUNCTION ledger_holdable(p_tenant uuid, p_now timestamptz) RETURNS bigint LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE WHEN ledger_owed(p_tenant) > 0
        THEN least(ledger_usable(p_tenant, p_now), coalesce((SELECT available FROM ledger_lots
            WHERE tenant_id = p_tenant AND kind = 'line'), 0))
        ELSE ledger_usable(p_tenant, p_now) END
$$;

-- Nothing is written for an amount of 0.
CREATE FUNCTION ledger_move(p_tenant uuid, p_transfer uuid, p_reference text, p_kind text, p_from text,
    p_to text, p_amount bigint, p_asked bigint, p_lots jsonb, p_session uuid, p_hold uuid, p_actor text,
    p_reason text, p_now timestamptz) RETURNS void LANGUAGE sql
    SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO ledger_transfers (tenant_id, id, reference, kind, from_account, to_account, amount,
        asked, session_id, hold_id, lots, actor, reason, created_at)
    SELECT p_tenant, p_transfer, p_reference, p_kind, p_from, p_to, p_amount,
        nullif(p_asked, p_amount), p_session, p_hold, p_lots, p_actor, p_reason, p_now
    WHERE p_amount > 0
$$;

-- A top-up pays what is owed, then the credit line, and its lot opens with the rest.
DROP FUNCTION ledger_issue(uuid, uuid, uuid, text, text, bigint, integer, timestamptz, text, text, text, uuid, timestamptz);
CREATE FUNCTION ledger_issue(p_tenant uuid, p_transfers uuid[], p_lot uuid, p_kind text, p_lot_kind text,
    p_amount bigint, p_priority integer, p_expires_at timestamptz, p_reference text, p_actor text,
    p_reason text, p_proof uuid, p_now timestamptz) RETURNS ledger_outcome LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    answer ledger_outcome;
    owed bigint := 0;
    line uuid;
    on_line bigint := 0;
    parts jsonb;
BEGIN
    PERFORM ledger_lock(p_tenant, true);
    answer := ledger_earlier(p_tenant, p_reference, p_kind, p_amount, null, null, 'issued');
    IF answer.outcome IS NOT NULL THEN RETURN answer; END IF;
    IF p_kind = 'topped_up' THEN
        owed := least(p_amount, ledger_owed(p_tenant));
        SELECT id, least(spent + repaid, p_amount - owed) INTO line, on_line
        FROM ledger_lots WHERE tenant_id = p_tenant AND kind = 'line';
        on_line := coalesce(on_line, 0);
    END IF;
    INSERT INTO ledger_lots (tenant_id, id, kind, priority, expires_at, amount, available, repaid,
        settled, created_at)
    VALUES (p_tenant, p_lot, p_lot_kind, p_priority, p_expires_at, p_amount, p_amount - owed - on_line,
        on_line, owed, p_now);
    parts := jsonb_build_object(p_lot, p_amount - owed - on_line);
    IF on_line > 0 THEN
        UPDATE ledger_lots SET available = available + on_line, repaid = repaid - on_line
        WHERE tenant_id = p_tenant AND id = line;
        parts := parts || jsonb_build_object(line, on_line);
    END IF;
    IF owed > 0 THEN
        INSERT INTO ledger_transfers (tenant_id, id, reference, kind, from_account, to_account, amount,
            lots, actor, reason, proof_file, created_at)
        VALUES (p_tenant, p_transfers[2], p_reference || CASE WHEN owed < p_amount THEN ':owed' ELSE '' END,
            p_kind, 'issued', 'receivable', owed, jsonb_build_object(p_lot, owed), p_actor, p_reason,
            p_proof, p_now);
    END IF;
    IF owed < p_amount THEN
        INSERT INTO ledger_transfers (tenant_id, id, reference, kind, from_account, to_account, amount,
            asked, lots, actor, reason, proof_file, created_at)
        VALUES (p_tenant, p_transfers[1], p_reference, p_kind, 'issued', 'available', p_amount - owed,
            nullif(p_amount, p_amount - owed), parts, p_actor, p_reason, p_proof, p_now);
    END IF;
    RETURN ('done', p_transfers[CASE WHEN owed < p_amount THEN 1 ELSE 2 END], null, p_amount,
        null)::ledger_outcome;
END $$;

CREATE OR REPLACE FUNCTION ledger_place_hold(p_tenant uuid, p_transfer uuid, p_hold uuid, p_session uuid,
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
    usable := ledger_usable(p_tenant, p_now);
    IF ledger_owed(p_tenant) > 0 AND ledger_holdable(p_tenant, p_now) < p_amount THEN
        RETURN ('receivable_open', null, null, p_amount, usable)::ledger_outcome;
    ELSIF usable < p_amount THEN
        RETURN ('insufficient_credits', null, null, p_amount, usable)::ledger_outcome;
    END IF;
    INSERT INTO ledger_holds (tenant_id, id, session_id, amount, created_at)
    VALUES (p_tenant, p_hold, p_session, p_amount, p_now);
    WITH taken AS (
        INSERT INTO ledger_hold_lots (tenant_id, hold_id, position, lot_id, reserved)
        SELECT p_tenant, p_hold, o.place, o.lot_id, least(o.available, p_amount - o.before)
        FROM ledger_open_lots(p_tenant, p_now) o WHERE o.before < p_amount
        RETURNING lot_id, reserved
    ), moved AS (
        UPDATE ledger_lots l SET available = l.available - t.reserved, reserved = l.reserved + t.reserved
        FROM taken t WHERE l.tenant_id = p_tenant AND l.id = t.lot_id
    ) SELECT jsonb_object_agg(lot_id, reserved) INTO parts FROM taken;
    INSERT INTO ledger_transfers (tenant_id, id, reference, kind, from_account, to_account, amount,
        session_id, hold_id, lots, actor, created_at)
    VALUES (p_tenant, p_transfer, p_reference, 'held', 'available', 'held', p_amount,
        p_session, p_hold, parts, p_actor, p_now);
    RETURN ('done', p_transfer, p_hold, p_amount, usable - p_amount)::ledger_outcome;
END $$;

DROP FUNCTION ledger_capture(uuid, uuid, uuid, bigint, text, text, timestamptz);
CREATE FUNCTION ledger_capture(p_tenant uuid, p_transfers uuid[], p_hold uuid, p_amount bigint,
    p_reference text, p_actor text, p_now timestamptz) RETURNS ledger_outcome LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    answer ledger_outcome;
    hold ledger_holds;
    part record;
    parts jsonb := '{}';
    lost jsonb := '{}';
    lost_credits bigint := 0;
    missing bigint := p_amount;
    credits bigint;
BEGIN
    IF NOT ledger_lock(p_tenant, false) THEN RETURN ('hold_not_found', null, p_hold, p_amount, null)::ledger_outcome; END IF;
    answer := ledger_earlier(p_tenant, p_reference, 'captured', p_amount, p_hold, null, 'held');
    IF answer.outcome IS NOT NULL THEN RETURN answer; END IF;
    UPDATE ledger_holds SET captured = captured + p_amount
    WHERE tenant_id = p_tenant AND id = p_hold AND state = 'open'
        AND amount - captured - released >= p_amount
    RETURNING * INTO hold;
    IF NOT FOUND THEN
        SELECT * INTO hold FROM ledger_holds WHERE tenant_id = p_tenant AND id = p_hold;
        RETURN CASE WHEN NOT FOUND THEN ('hold_not_found', null, p_hold, p_amount, null)::ledger_outcome
            WHEN hold.state = 'closed' THEN ('hold_closed', null, p_hold, p_amount, 0)::ledger_outcome
            ELSE ('hold_exceeded', null, p_hold, p_amount,
                hold.amount - hold.captured - hold.released)::ledger_outcome END;
    END IF;
    WHILE missing > 0 LOOP -- nearly always once: a window rarely ends one lot and begins the next
        SELECT position, lot_id, reserved - captured - released AS open, is_reversed INTO part
        FROM ledger_hold_lots
        WHERE tenant_id = p_tenant AND hold_id = p_hold AND reserved > captured + released
        ORDER BY position LIMIT 1;
        credits := least(part.open, missing);
        UPDATE ledger_hold_lots SET captured = captured + credits
        WHERE tenant_id = p_tenant AND hold_id = p_hold AND position = part.position;
        UPDATE ledger_lots SET reserved = reserved - credits, spent = spent + credits,
            charged_back = charged_back + CASE WHEN part.is_reversed THEN credits ELSE 0 END
        WHERE tenant_id = p_tenant AND id = part.lot_id;
        parts := parts || jsonb_build_object(part.lot_id, credits);
        IF part.is_reversed THEN -- used after its payment was lost: it is owed
            lost := lost || jsonb_build_object(part.lot_id, credits);
            lost_credits := lost_credits + credits;
        END IF;
        missing := missing - credits;
    END LOOP;
    INSERT INTO ledger_transfers (tenant_id, id, reference, kind, from_account, to_account, amount,
        session_id, hold_id, lots, actor, created_at)
    VALUES (p_tenant, p_transfers[1], p_reference, 'captured', 'held', 'spent', p_amount,
        hold.session_id, p_hold, parts, p_actor, p_now);
    IF lost_credits > 0 THEN
        PERFORM ledger_move(p_tenant, p_transfers[2], p_reference || ':reversed', 'reversed', 'receivable',
            'reversed', lost_credits, null, lost, hold.session_id, p_hold, p_actor, null, p_now);
    END IF;
    RETURN ('done', p_transfers[1], p_hold, p_amount,
        hold.amount - hold.captured - hold.released)::ledger_outcome;
END $$;

-- Coming back ----------------------------------------------------------------------------------

-- Where credits that come back end: each {lot id: credits}; and what is still owed.
CREATE TYPE ledger_fates AS (
    owed bigint,
    back jsonb, -- through `available`, all of what follows but `lost`
    expired jsonb, -- their lot is past its day
    frozen jsonb, -- their lot is disputed
    settled jsonb, -- their lot's dispute was lost: they pay what is owed
    reversed jsonb, -- a failed refund of a lot whose dispute was lost: nobody paid for them
    lost jsonb -- held when their lot's dispute was lost
);

CREATE FUNCTION ledger_add_part(p_parts jsonb, p_lot uuid, p_credits bigint) RETURNS jsonb
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE WHEN p_credits = 0 THEN p_parts ELSE p_parts
        || jsonb_build_object(p_lot, coalesce((p_parts ->> p_lot::text)::bigint, 0) + p_credits) END
$$;

CREATE FUNCTION ledger_parts_sum(p_parts jsonb) RETURNS bigint
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(sum(value::bigint), 0)::bigint FROM jsonb_each_text(p_parts)
$$;

-- Back to one lot out of one of its columns; out of `frozen` its dispute ends. p_extend_to: what comes back to an expired lot lives
-- until then (it failed through us); null: it expires in the same breath.
CREATE FUNCTION ledger_come_back(p_tenant uuid, p_lot uuid, p_source text, p_credits bigint,
    p_extend_to timestamptz, p_now timestamptz, p_fates ledger_fates) RETURNS ledger_fates
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    lot ledger_lots;
    is_past boolean;
    kept bigint := 0;
    gone bigint := 0;
    frost bigint := 0;
    pays bigint := 0;
    undone bigint := 0;
BEGIN
    SELECT * INTO lot FROM ledger_lots WHERE tenant_id = p_tenant AND id = p_lot;
    is_past := coalesce(lot.expires_at <= p_now, false);
    IF lot.dispute = 'open' AND p_source <> 'frozen' THEN
        frost := p_credits;
    ELSIF lot.dispute = 'lost' AND p_source = 'refunded' THEN
        undone := p_credits;
    ELSE
        IF lot.dispute = 'lost' AND p_source IN ('spent', 'repaid') THEN
            pays := least(p_credits, p_fates.owed);
            p_fates.owed := p_fates.owed - pays;
        END IF;
        IF is_past AND p_extend_to IS NULL THEN gone := p_credits - pays; ELSE kept := p_credits - pays; END IF;
    END IF;
    UPDATE ledger_lots SET
        reserved = reserved - CASE p_source WHEN 'reserved' THEN p_credits ELSE 0 END,
        spent = spent - CASE p_source WHEN 'spent' THEN p_credits ELSE 0 END,
        repaid = repaid - CASE p_source WHEN 'repaid' THEN p_credits ELSE 0 END,
        refunded = refunded - CASE p_source WHEN 'refunded' THEN p_credits ELSE 0 END,
        frozen = frozen + frost - CASE p_source WHEN 'frozen' THEN p_credits ELSE 0 END,
        dispute = CASE p_source WHEN 'frozen' THEN null ELSE dispute END,
        available = available + kept, expired = expired + gone, settled = settled + pays,
        reversed = reversed + undone,
        expires_at = CASE WHEN is_past AND p_extend_to IS NOT NULL THEN p_extend_to ELSE expires_at END
    WHERE tenant_id = p_tenant AND id = p_lot;
    p_fates.back := ledger_add_part(p_fates.back, p_lot, p_credits);
    p_fates.expired := ledger_add_part(p_fates.expired, p_lot, gone);
    p_fates.frozen := ledger_add_part(p_fates.frozen, p_lot, frost + undone);
    p_fates.settled := ledger_add_part(p_fates.settled, p_lot, pays);
    p_fates.reversed := ledger_add_part(p_fates.reversed, p_lot, undone);
    RETURN p_fates;
END $$;

-- Spent credits back to the credit line: what was paid off it meanwhile goes to the lots that paid,
-- the newest first.
CREATE FUNCTION ledger_come_back_to_line(p_tenant uuid, p_line uuid, p_credits bigint,
    p_extend_to timestamptz, p_now timestamptz, p_fates ledger_fates) RETURNS ledger_fates
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    excess bigint;
    lot record;
BEGIN
    SELECT greatest(p_credits - spent - repaid, 0) INTO excess
    FROM ledger_lots WHERE tenant_id = p_tenant AND id = p_line;
    UPDATE ledger_lots SET spent = spent - p_credits, repaid = repaid + excess,
        available = available + p_credits - excess
    WHERE tenant_id = p_tenant AND id = p_line;
    p_fates.back := ledger_add_part(p_fates.back, p_line, p_credits - excess);
    FOR lot IN SELECT id, repaid FROM ledger_lots
        WHERE tenant_id = p_tenant AND repaid > 0 ORDER BY created_at DESC, id DESC
    LOOP
        EXIT WHEN excess = 0;
        p_fates := ledger_come_back(p_tenant, lot.id, 'repaid', least(lot.repaid, excess), p_extend_to,
            p_now, p_fates);
        excess := excess - least(lot.repaid, excess);
    END LOOP;
    RETURN p_fates;
END $$;

-- The transfers of what came back, six at most; the first is named by the reference.
CREATE FUNCTION ledger_move_back(p_tenant uuid, p_transfers uuid[], p_reference text, p_kind text,
    p_from text, p_fates ledger_fates, p_session uuid, p_hold uuid, p_actor text, p_reason text,
    p_now timestamptz) RETURNS uuid LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    back bigint := ledger_parts_sum((p_fates).back);
    lost bigint := ledger_parts_sum((p_fates).lost);
BEGIN
    PERFORM ledger_move(p_tenant, p_transfers[1], p_reference, p_kind, p_from, 'available', back,
        back + lost, (p_fates).back, p_session, p_hold, p_actor, p_reason, p_now);
    PERFORM ledger_move(p_tenant, p_transfers[2],
        p_reference || CASE WHEN back > 0 THEN ':lost' ELSE '' END, 'reversed', 'held', 'reversed',
        lost, lost, (p_fates).lost, p_session, p_hold, p_actor, p_reason, p_now);
    PERFORM ledger_move(p_tenant, p_transfers[3], p_reference || ':expired', 'expired', 'available',
        'expired', ledger_parts_sum((p_fates).expired), null, (p_fates).expired, p_session, p_hold,
        p_actor, null, p_now);
    PERFORM ledger_move(p_tenant, p_transfers[4], p_reference || ':frozen', 'frozen', 'available',
        'frozen', ledger_parts_sum((p_fates).frozen), null, (p_fates).frozen, p_session, p_hold,
        p_actor, null, p_now);
    PERFORM ledger_move(p_tenant, p_transfers[5], p_reference || ':settled', 'settled', 'available',
        'receivable', ledger_parts_sum((p_fates).settled), null, (p_fates).settled, p_session, p_hold,
        p_actor, null, p_now);
    PERFORM ledger_move(p_tenant, p_transfers[6], p_reference || ':reversed', 'reversed', 'frozen',
        'reversed', ledger_parts_sum((p_fates).reversed), null, (p_fates).reversed, p_session, p_hold,
        p_actor, null, p_now);
    RETURN p_transfers[CASE WHEN back > 0 THEN 1 ELSE 2 END];
END $$;

-- Give back what is still reserved ('released') or what was spent ('returned'), the last consumed
-- lot first, so the credit line gets its own first and what expires soonest stays to be used.
-- p_amount null: all that is open, and the hold closes.
DROP FUNCTION ledger_give_back(uuid, uuid, uuid, text, uuid, bigint, text, timestamptz, text, text, timestamptz);
CREATE FUNCTION ledger_give_back(p_tenant uuid, p_transfers uuid[], p_kind text,
    p_hold uuid, p_amount bigint, p_reference text, p_extend_to timestamptz, p_actor text,
    p_reason text, p_now timestamptz) RETURNS ledger_outcome LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    source text := CASE p_kind WHEN 'released' THEN 'held' ELSE 'spent' END;
    answer ledger_outcome;
    hold ledger_holds;
    part record;
    rest bigint;
    wanted bigint;
    missing bigint;
    credits bigint;
    fates ledger_fates := (0, '{}', '{}', '{}', '{}', '{}', '{}');
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
    fates.owed := CASE p_kind WHEN 'returned' THEN ledger_owed(p_tenant) ELSE 0 END;
    missing := wanted;
    FOR part IN
        SELECT h.position, h.lot_id, h.is_reversed, l.kind = 'line' AS is_line,
            CASE p_kind WHEN 'released' THEN h.reserved - h.captured - h.released
                ELSE h.captured - h.returned END AS rest
        FROM ledger_hold_lots h JOIN ledger_lots l ON l.tenant_id = h.tenant_id AND l.id = h.lot_id
        WHERE h.tenant_id = p_tenant AND h.hold_id = p_hold ORDER BY h.position DESC
    LOOP
        EXIT WHEN missing = 0;
        credits := least(part.rest, missing);
        CONTINUE WHEN credits = 0;
        missing := missing - credits;
        UPDATE ledger_hold_lots SET
            released = released + CASE p_kind WHEN 'released' THEN credits ELSE 0 END,
            returned = returned + CASE p_kind WHEN 'returned' THEN credits ELSE 0 END
        WHERE tenant_id = p_tenant AND hold_id = p_hold AND position = part.position;
        IF p_kind = 'released' AND part.is_reversed THEN
            UPDATE ledger_lots SET reserved = reserved - credits, reversed = reversed + credits
            WHERE tenant_id = p_tenant AND id = part.lot_id;
            fates.lost := ledger_add_part(fates.lost, part.lot_id, credits);
        ELSIF p_kind = 'returned' AND part.is_line THEN
            fates := ledger_come_back_to_line(p_tenant, part.lot_id, credits, p_extend_to, p_now, fates);
        ELSE
            fates := ledger_come_back(p_tenant, part.lot_id,
                CASE p_kind WHEN 'released' THEN 'reserved' ELSE 'spent' END, credits, p_extend_to,
                p_now, fates);
        END IF;
    END LOOP;
    RETURN ('done', ledger_move_back(p_tenant, p_transfers, p_reference, p_kind, source, fates,
        hold.session_id, p_hold, p_actor, p_reason, p_now), p_hold, wanted, rest - wanted)::ledger_outcome;
END $$;

-- Decisions about what came in -----------------------------------------------------------------

-- As ledger_earlier, for the verbs that decide; p_credits null: as much as it was.
CREATE FUNCTION ledger_decided(p_tenant uuid, p_reference text, p_kind text, p_subject text,
    p_credits bigint) RETURNS ledger_outcome LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    answer ledger_outcome;
BEGIN
    SELECT CASE WHEN d.kind = p_kind AND d.subject IS NOT DISTINCT FROM p_subject
            AND d.credits = coalesce(p_credits, d.credits)
        THEN 'repeated' ELSE 'reference_reused' END,
        t.id, null, d.credits, null INTO answer
    FROM ledger_decisions d LEFT JOIN ledger_transfers t
        ON t.tenant_id = d.tenant_id AND t.reference = d.reference
    WHERE d.tenant_id = p_tenant AND d.reference = p_reference;
    IF NOT FOUND AND EXISTS (SELECT 1 FROM ledger_transfers
            WHERE tenant_id = p_tenant AND reference = p_reference) THEN
        answer.outcome := 'reference_reused';
    END IF;
    RETURN answer;
END $$;

CREATE FUNCTION ledger_decide(p_tenant uuid, p_reference text, p_kind text, p_lot uuid, p_subject text,
    p_credits bigint, p_actor text, p_reason text, p_now timestamptz) RETURNS void LANGUAGE sql
    SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO ledger_decisions (tenant_id, reference, kind, lot_id, subject, credits, actor, reason,
        created_at)
    VALUES (p_tenant, p_reference, p_kind, p_lot, p_subject, p_credits, p_actor, p_reason, p_now)
$$;

-- The lot that the transfer of this reference opened; all null where none did.
CREATE FUNCTION ledger_lot_of(p_tenant uuid, p_reference text) RETURNS ledger_lots LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT l FROM ledger_transfers t CROSS JOIN LATERAL jsonb_object_keys(t.lots) k (lot_id)
    JOIN ledger_lots l ON l.tenant_id = t.tenant_id AND l.id = k.lot_id::uuid
    WHERE t.tenant_id = p_tenant AND t.reference = p_reference AND t.from_account = 'issued'
        AND l.kind <> 'line'
$$;

-- What of it is neither reserved nor gone: a lot past its day or disputed is nobody's.
CREATE FUNCTION ledger_unspent(p_lot ledger_lots, p_now timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE WHEN (p_lot).dispute IS NOT NULL OR coalesce((p_lot).expires_at <= p_now, false)
        THEN 0 ELSE (p_lot).available END
$$;

-- Money goes back for credits of that very lot.
CREATE FUNCTION ledger_refund(p_tenant uuid, p_transfer uuid, p_top_up text, p_amount bigint,
    p_reference text, p_actor text, p_reason text, p_now timestamptz) RETURNS ledger_outcome
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    answer ledger_outcome;
    lot ledger_lots;
BEGIN
    PERFORM ledger_lock(p_tenant, false);
    answer := ledger_decided(p_tenant, p_reference, 'refund', p_top_up, p_amount);
    IF answer.outcome IS NOT NULL THEN RETURN answer; END IF;
    lot := ledger_lot_of(p_tenant, p_top_up);
    IF lot.id IS NULL THEN
        RETURN ('top_up_not_found', null, null, p_amount, 0)::ledger_outcome;
    ELSIF lot.kind <> 'paid' THEN
        RETURN ('not_refundable', null, null, p_amount, 0)::ledger_outcome;
    ELSIF ledger_unspent(lot, p_now) < p_amount THEN
        RETURN ('refund_exceeds_unspent', null, null, p_amount, ledger_unspent(lot, p_now))::ledger_outcome;
    END IF;
    UPDATE ledger_lots SET available = available - p_amount, refunded = refunded + p_amount
    WHERE tenant_id = p_tenant AND id = lot.id;
    PERFORM ledger_move(p_tenant, p_transfer, p_reference, 'refunded', 'available', 'refunded', p_amount,
        null, jsonb_build_object(lot.id, p_amount), null, null, p_actor, p_reason, p_now);
    PERFORM ledger_decide(p_tenant, p_reference, 'refund', lot.id, p_top_up, p_amount, p_actor, p_reason, p_now);
    RETURN ('done', p_transfer, null, p_amount, ledger_usable(p_tenant, p_now))::ledger_outcome;
END $$;

-- The money of a refund never arrived: its credits come back, once.
CREATE FUNCTION ledger_restore(p_tenant uuid, p_transfers uuid[], p_refund text, p_reference text,
    p_extend_to timestamptz, p_actor text, p_reason text, p_now timestamptz) RETURNS ledger_outcome
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    answer ledger_outcome;
    refund ledger_decisions;
    fates ledger_fates := (0, '{}', '{}', '{}', '{}', '{}', '{}');
BEGIN
    PERFORM ledger_lock(p_tenant, false);
    answer := ledger_decided(p_tenant, p_reference, 'restore', p_refund, null);
    IF answer.outcome IS NOT NULL THEN RETURN answer; END IF;
    SELECT * INTO refund FROM ledger_decisions
    WHERE tenant_id = p_tenant AND reference = p_refund AND kind = 'refund';
    IF NOT FOUND THEN
        RETURN ('refund_not_found', null, null, 0, 0)::ledger_outcome;
    ELSIF EXISTS (SELECT 1 FROM ledger_decisions
            WHERE tenant_id = p_tenant AND subject = p_refund AND kind = 'restore') THEN
        RETURN ('already_restored', null, null, refund.credits, 0)::ledger_outcome;
    END IF;
    fates := ledger_come_back(p_tenant, refund.lot_id, 'refunded', refund.credits, p_extend_to, p_now, fates);
    PERFORM ledger_move_back(p_tenant, p_transfers, p_reference, 'restored', 'refunded', fates, null,
        null, p_actor, p_reason, p_now);
    PERFORM ledger_decide(p_tenant, p_reference, 'restore', refund.lot_id, p_refund, refund.credits,
        p_actor, p_reason, p_now);
    RETURN ('done', p_transfers[1], null, refund.credits, ledger_usable(p_tenant, p_now))::ledger_outcome;
END $$;

-- A top-up that should never have been: all of it is there, and all of it goes.
CREATE FUNCTION ledger_reverse(p_tenant uuid, p_transfer uuid, p_top_up text, p_reference text,
    p_actor text, p_reason text, p_now timestamptz) RETURNS ledger_outcome
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    answer ledger_outcome;
    lot ledger_lots;
BEGIN
    PERFORM ledger_lock(p_tenant, false);
    answer := ledger_decided(p_tenant, p_reference, 'reversal', p_top_up, null);
    IF answer.outcome IS NOT NULL THEN RETURN answer; END IF;
    lot := ledger_lot_of(p_tenant, p_top_up);
    IF lot.id IS NULL THEN
        RETURN ('top_up_not_found', null, null, 0, 0)::ledger_outcome;
    ELSIF ledger_unspent(lot, p_now) < lot.amount THEN
        RETURN ('reversal_exceeds_unspent', null, null, lot.amount, ledger_unspent(lot, p_now))::ledger_outcome;
    END IF;
    UPDATE ledger_lots SET available = 0, adjusted = amount WHERE tenant_id = p_tenant AND id = lot.id;
    PERFORM ledger_move(p_tenant, p_transfer, p_reference, 'adjusted', 'available', 'issued', lot.amount,
        null, jsonb_build_object(lot.id, lot.amount), null, null, p_actor, p_reason, p_now);
    PERFORM ledger_decide(p_tenant, p_reference, 'reversal', lot.id, p_top_up, lot.amount, p_actor,
        p_reason, p_now);
    RETURN ('done', p_transfer, null, lot.amount, ledger_usable(p_tenant, p_now))::ledger_outcome;
END $$;

-- A dispute was opened: what the lot has left cannot be used until it is decided.
CREATE FUNCTION ledger_freeze(p_tenant uuid, p_transfer uuid, p_top_up text, p_reference text,
    p_actor text, p_reason text, p_now timestamptz) RETURNS ledger_outcome
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    answer ledger_outcome;
    lot ledger_lots;
BEGIN
    PERFORM ledger_lock(p_tenant, false);
    answer := ledger_decided(p_tenant, p_reference, 'dispute_opened', p_top_up, null);
    IF answer.outcome IS NOT NULL THEN RETURN answer; END IF;
    lot := ledger_lot_of(p_tenant, p_top_up);
    IF lot.id IS NULL THEN
        RETURN ('top_up_not_found', null, null, 0, 0)::ledger_outcome;
    ELSIF lot.dispute IS NOT NULL THEN
        RETURN ('already_disputed', null, null, 0, 0)::ledger_outcome;
    END IF;
    UPDATE ledger_lots SET available = 0, frozen = lot.available, dispute = 'open'
    WHERE tenant_id = p_tenant AND id = lot.id;
    PERFORM ledger_move(p_tenant, p_transfer, p_reference, 'frozen', 'available', 'frozen', lot.available,
        null, jsonb_build_object(lot.id, lot.available), null, null, p_actor, p_reason, p_now);
    PERFORM ledger_decide(p_tenant, p_reference, 'dispute_opened', lot.id, p_top_up, lot.available,
        p_actor, p_reason, p_now);
    RETURN ('done', CASE WHEN lot.available > 0 THEN p_transfer END, null, lot.available,
        ledger_usable(p_tenant, p_now))::ledger_outcome;
END $$;

-- The dispute was won: as if it had never been, but time passed.
CREATE FUNCTION ledger_thaw(p_tenant uuid, p_transfers uuid[], p_top_up text, p_reference text,
    p_actor text, p_reason text, p_now timestamptz) RETURNS ledger_outcome
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    answer ledger_outcome;
    lot ledger_lots;
    fates ledger_fates := (0, '{}', '{}', '{}', '{}', '{}', '{}');
BEGIN
    PERFORM ledger_lock(p_tenant, false);
    answer := ledger_decided(p_tenant, p_reference, 'dispute_won', p_top_up, null);
    IF answer.outcome IS NOT NULL THEN RETURN answer; END IF;
    lot := ledger_lot_of(p_tenant, p_top_up);
    IF lot.id IS NULL THEN
        RETURN ('top_up_not_found', null, null, 0, 0)::ledger_outcome;
    ELSIF lot.dispute IS DISTINCT FROM 'open' THEN
        RETURN ('not_disputed', null, null, 0, 0)::ledger_outcome;
    END IF;
    fates := ledger_come_back(p_tenant, lot.id, 'frozen', lot.frozen, null, p_now, fates);
    PERFORM ledger_move_back(p_tenant, p_transfers, p_reference, 'thawed', 'frozen', fates, null, null,
        p_actor, p_reason, p_now);
    PERFORM ledger_decide(p_tenant, p_reference, 'dispute_won', lot.id, p_top_up, lot.frozen, p_actor,
        p_reason, p_now);
    RETURN ('done', CASE WHEN lot.frozen > 0 THEN p_transfers[1] END, null, lot.frozen,
        ledger_usable(p_tenant, p_now))::ledger_outcome;
END $$;

-- The dispute was lost: the payment is gone. What is frozen goes with it, what was used is owed,
-- what is held is marked and booked when it is captured or released.
CREATE FUNCTION ledger_lose(p_tenant uuid, p_transfers uuid[], p_top_up text, p_reference text,
    p_actor text, p_reason text, p_now timestamptz) RETURNS ledger_outcome
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    answer ledger_outcome;
    lot ledger_lots;
    used bigint;
BEGIN
    PERFORM ledger_lock(p_tenant, false);
    answer := ledger_decided(p_tenant, p_reference, 'dispute_lost', p_top_up, null);
    IF answer.outcome IS NOT NULL THEN RETURN answer; END IF;
    lot := ledger_lot_of(p_tenant, p_top_up);
    IF lot.id IS NULL THEN
        RETURN ('top_up_not_found', null, null, 0, 0)::ledger_outcome;
    ELSIF lot.dispute IS DISTINCT FROM 'open' THEN
        RETURN ('not_disputed', null, null, 0, 0)::ledger_outcome;
    END IF;
    used := lot.spent + lot.repaid + lot.settled;
    UPDATE ledger_lots SET dispute = 'lost', frozen = 0, reversed = reversed + lot.frozen,
        charged_back = used
    WHERE tenant_id = p_tenant AND id = lot.id;
    UPDATE ledger_hold_lots SET is_reversed = true
    WHERE tenant_id = p_tenant AND lot_id = lot.id AND reserved > captured + released;
    PERFORM ledger_move(p_tenant, p_transfers[1], p_reference, 'reversed', 'frozen', 'reversed',
        lot.frozen, null, jsonb_build_object(lot.id, lot.frozen), null, null, p_actor, p_reason, p_now);
    PERFORM ledger_move(p_tenant, p_transfers[2], p_reference || ':owed', 'reversed', 'receivable',
        'reversed', used, null, jsonb_build_object(lot.id, used), null, null, p_actor, p_reason, p_now);
    PERFORM ledger_decide(p_tenant, p_reference, 'dispute_lost', lot.id, p_top_up, lot.frozen + used,
        p_actor, p_reason, p_now);
    RETURN ('done', p_transfers[CASE WHEN lot.frozen > 0 THEN 1 WHEN used > 0 THEN 2 END], null,
        lot.frozen + used, null)::ledger_outcome;
END $$;

-- What is owed and will never be paid.
CREATE FUNCTION ledger_write_off(p_tenant uuid, p_transfer uuid, p_amount bigint, p_reference text,
    p_actor text, p_reason text, p_now timestamptz) RETURNS ledger_outcome
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    answer ledger_outcome;
BEGIN
    PERFORM ledger_lock(p_tenant, false);
    answer := ledger_decided(p_tenant, p_reference, 'write_off', null, p_amount);
    IF answer.outcome IS NOT NULL THEN RETURN answer; END IF;
    IF ledger_owed(p_tenant) < p_amount THEN
        RETURN ('write_off_exceeds_owed', null, null, p_amount, ledger_owed(p_tenant))::ledger_outcome;
    END IF;
    PERFORM ledger_move(p_tenant, p_transfer, p_reference, 'adjusted', 'issued', 'receivable', p_amount,
        null, '{}', null, null, p_actor, p_reason, p_now);
    PERFORM ledger_decide(p_tenant, p_reference, 'write_off', null, null, p_amount, p_actor, p_reason, p_now);
    RETURN ('done', p_transfer, null, p_amount, ledger_owed(p_tenant))::ledger_outcome;
END $$;

-- The one lot of kind 'line' grows or shrinks; it moves nothing.
CREATE FUNCTION ledger_set_line(p_tenant uuid, p_lot uuid, p_credits bigint, p_reference text,
    p_actor text, p_reason text, p_now timestamptz) RETURNS ledger_outcome
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    answer ledger_outcome;
    line ledger_lots;
BEGIN
    PERFORM ledger_lock(p_tenant, true);
    answer := ledger_decided(p_tenant, p_reference, 'credit_line', null, p_credits);
    IF answer.outcome IS NOT NULL THEN RETURN answer; END IF;
    SELECT * INTO line FROM ledger_lots WHERE tenant_id = p_tenant AND kind = 'line';
    IF NOT FOUND THEN
        INSERT INTO ledger_lots (tenant_id, id, kind, amount, available, created_at)
        VALUES (p_tenant, p_lot, 'line', 0, 0, p_now) RETURNING * INTO line;
    ELSIF line.amount - line.available > p_credits THEN
        RETURN ('line_in_use', null, null, p_credits, line.amount - line.available)::ledger_outcome;
    END IF;
    UPDATE ledger_lots SET amount = p_credits, available = line.available + p_credits - line.amount
    WHERE tenant_id = p_tenant AND id = line.id;
    UPDATE ledger_accounts SET credit_line = p_credits
    WHERE tenant_id = p_tenant AND account = 'available';
    PERFORM ledger_decide(p_tenant, p_reference, 'credit_line', line.id, null, p_credits, p_actor,
        p_reason, p_now);
    -- amount: by how much it grew; negative where it shrank
    RETURN ('done', null, null, p_credits - line.amount, ledger_usable(p_tenant, p_now))::ledger_outcome;
END $$;

-- The lot's reference counts what expired of it before: two clocks that disagree about "past" by a
-- moment may put something back and expire it again.
CREATE OR REPLACE FUNCTION ledger_expire_due(p_tenant uuid, p_transfers uuid[], p_actor text, p_now timestamptz)
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    lot record;
    total bigint := 0;
BEGIN
    IF NOT ledger_lock(p_tenant, false) THEN RETURN 0; END IF;
    FOR lot IN
        SELECT id, available, expired, expires_at, row_number() OVER (ORDER BY expires_at, id) AS n
        FROM ledger_lots WHERE tenant_id = p_tenant AND available > 0 AND expires_at <= p_now
        ORDER BY expires_at, id LIMIT cardinality(p_transfers)
    LOOP
        UPDATE ledger_lots SET available = 0, expired = expired + lot.available
        WHERE tenant_id = p_tenant AND id = lot.id;
        PERFORM ledger_move(p_tenant, p_transfers[lot.n], 'expired:' || lot.id || ':'
            || extract(epoch FROM lot.expires_at) || ':' || lot.expired, 'expired', 'available', 'expired',
            lot.available, null, jsonb_build_object(lot.id, lot.available), null, null, p_actor, null, p_now);
        total := total + lot.available;
    END LOOP;
    RETURN total;
END $$;

DO $$
DECLARE
    verb regprocedure;
BEGIN
    FOR verb IN SELECT oid FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        AND proname = ANY (ARRAY['ledger_owed', 'ledger_usable', 'ledger_holdable', 'ledger_move',
            'ledger_issue', 'ledger_capture', 'ledger_add_part', 'ledger_parts_sum', 'ledger_come_back',
            'ledger_come_back_to_line', 'ledger_move_back', 'ledger_give_back', 'ledger_decided',
            'ledger_decide', 'ledger_lot_of', 'ledger_unspent', 'ledger_refund', 'ledger_restore',
            'ledger_reverse', 'ledger_freeze', 'ledger_thaw', 'ledger_lose', 'ledger_write_off',
            'ledger_set_line'])
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO clearsend_tenant', verb);
    END LOOP;
END $$;
