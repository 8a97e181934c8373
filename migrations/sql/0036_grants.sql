-- What clerks give stands beside what they take back and lend: the sum of one clerk's day is read
-- here, and what is above it waits here for a second person.
ALTER TABLE corrections
    ADD COLUMN grant_reference text CHECK (length(grant_reference) BETWEEN 1 AND 100),
    ADD COLUMN grant_kind text CHECK (grant_kind IN ('promotional', 'granted')),
    ADD COLUMN expires_at timestamptz,
    DROP CONSTRAINT corrections_kind_check,
    ADD CONSTRAINT corrections_kind_check CHECK (kind IN ('reversal', 'credit_line', 'grant')),
    ADD CONSTRAINT corrections_grant CHECK ((kind = 'grant') = (grant_reference IS NOT NULL)
        AND (kind = 'grant') = (grant_kind IS NOT NULL)
        AND (kind = 'grant' OR expires_at IS NULL));
-- A declined one's reference is free again.
CREATE UNIQUE INDEX corrections_one_grant ON corrections (tenant_id, grant_reference)
    WHERE kind = 'grant' AND state IN ('pending', 'done');
