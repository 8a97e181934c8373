-- Windows of one session commit side by side: each connection adds to a row of its own.
ALTER TABLE session_minutes ADD COLUMN share smallint NOT NULL DEFAULT 0;
ALTER TABLE session_minutes DROP CONSTRAINT session_minutes_pkey,
    ADD PRIMARY KEY (tenant_id, session_id, minute, share);
