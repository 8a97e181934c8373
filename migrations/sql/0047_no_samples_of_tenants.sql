-- What was sampled before 0046 is still believed: a column that is sampled no more keeps its last
-- sample for ever, and a tenant that came later stands in none. So the samples go.
DO $$
DECLARE
    tables constant text[] := ARRAY['subscribers', 'group_members', 'opt_out_events'];
    given text;
BEGIN
    IF to_regprocedure('pg_catalog.pg_clear_attribute_stats(text, text, text, boolean)') IS NOT NULL THEN
        FOREACH given IN ARRAY tables LOOP
            EXECUTE 'SELECT pg_clear_attribute_stats($1, $2, $3, false)'
                USING 'public', given, 'tenant_id';
        END LOOP;
    ELSIF (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) THEN
        -- Before PostgreSQL 18 nobody else may: where no superuser migrates, one does this by hand.
        SET LOCAL ROLE none;
        DELETE FROM pg_statistic s USING pg_attribute a
            WHERE a.attrelid = ANY(tables::regclass[]) AND a.attname = 'tenant_id'
            AND s.starelid = a.attrelid AND s.staattnum = a.attnum;
        SET LOCAL ROLE clearsend_owner;
    END IF;
END $$;
