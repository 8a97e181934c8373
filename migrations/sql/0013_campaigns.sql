-- A session to those whom another one did not reach: the same content and rule, kept to this list.
ALTER TABLE campaign_sessions ADD COLUMN retry_of uuid,
    ADD FOREIGN KEY (tenant_id, retry_of) REFERENCES campaign_sessions (tenant_id, id);
CREATE TABLE retry_recipients (
    tenant_id uuid NOT NULL,
    session_id uuid NOT NULL,
    subscriber_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, session_id, subscriber_id),
    FOREIGN KEY (tenant_id, session_id) REFERENCES campaign_sessions (tenant_id, id)
);
CALL secure_tenant_table('retry_recipients', 'SELECT, INSERT');
