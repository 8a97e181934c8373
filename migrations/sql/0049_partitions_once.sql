-- As in 0007, but whoever waited for another that made or dropped the day sees it. to_regclass() reads
-- names through a cache that waiting for an advisory lock does not refresh: the second of two at once
-- took the day for missing still, and failed. A query has a snapshot of its own.
CREATE OR REPLACE FUNCTION make_delivery_partitions(day date) RETURNS boolean LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    parent text;
    part text;
    is_made boolean := false;
BEGIN
    FOREACH parent IN ARRAY ARRAY['messages', 'exclusions', 'carrier_ids', 'raw_receipts'] LOOP
        part := parent || to_char(day, '_YYYYMMDD');
        CONTINUE WHEN to_regclass('public.' || part) IS NOT NULL;
        PERFORM pg_advisory_xact_lock(hashtext('make_delivery_partitions'));
        CONTINUE WHEN EXISTS (
            SELECT FROM pg_class WHERE relname = part AND relnamespace = 'public'::regnamespace);
        EXECUTE format('CREATE TABLE public.%I (LIKE public.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
            WITH (fillfactor = %s)', part, parent, CASE parent WHEN 'messages' THEN 45 ELSE 100 END);
        EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
            parent, part, day, day + 1);
        is_made := true;
    END LOOP;
    RETURN is_made;
END $$;

CREATE OR REPLACE FUNCTION drop_delivery_partitions(day date) RETURNS boolean LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    parent text;
    part text;
    is_dropped boolean := false;
BEGIN
    IF day > (now() AT TIME ZONE 'UTC')::date - 14 THEN
        RAISE EXCEPTION 'partitions of the last 14 days stay';
    END IF;
    FOREACH parent IN ARRAY ARRAY['carrier_ids', 'raw_receipts'] LOOP
        part := parent || to_char(day, '_YYYYMMDD');
        CONTINUE WHEN to_regclass('public.' || part) IS NULL;
        PERFORM pg_advisory_xact_lock(hashtext('make_delivery_partitions'));
        CONTINUE WHEN NOT EXISTS (
            SELECT FROM pg_class WHERE relname = part AND relnamespace = 'public'::regnamespace);
        EXECUTE format('DROP TABLE public.%I', part);
        is_dropped := true;
    END LOOP;
    RETURN is_dropped;
END $$;
