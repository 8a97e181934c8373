-- People whose file has a column for the first name and one for the last: they are shown by both, and
-- found by them as by a name. A key of its own beside name_key, for whom that is empty: as an expression
-- in an index lower() could not be used under row security, and an index over all people that is
-- younger than the others would win their ties (0042).
-- 200 characters, as of a name: an attribute may be longer than a row of an index.
ALTER TABLE subscribers ADD COLUMN full_name_key text COLLATE "C" GENERATED ALWAYS AS (
    CASE WHEN name IS NULL THEN lower(left(nullif(btrim(
        coalesce(attributes->>'first name', '') || ' ' || coalesce(attributes->>'last name', '')
    ), ''), 200)) END) STORED;
CREATE INDEX subscribers_full_name ON subscribers (tenant_id, full_name_key)
    WHERE full_name_key IS NOT NULL;
