-- Of two indexes that cost the same the planner takes the younger one. Where a partition is empty or
-- nearly so they do, and a process that plans a statement once keeps what it took then: reading a
-- session by its phones, window after window. So the key by number is the younger one.
ALTER TABLE messages DROP CONSTRAINT messages_pkey;
ALTER TABLE messages ADD PRIMARY KEY (tenant_id, session_day, session_id, n);
