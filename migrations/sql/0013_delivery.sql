-- Replies: what recipients write, the words that mean something, and the messages of our own that
-- answer them. And what a suspended tenant becomes again.

-- Words -----------------------------------------------------------------------------------------

-- A word means one thing, whatever the language it is of; spelled as `backend.sms.replies.reply_word`
-- spells a whole message. Its language chooses the answer.
CREATE TABLE reply_words (
    word text COLLATE "C" PRIMARY KEY CHECK (length(word) BETWEEN 1 AND 40),
    language text NOT NULL CHECK (language ~ '^[a-z]{2,3}$'),
    kind text NOT NULL CHECK (kind IN ('stop', 'start', 'help')),
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);
-- {sender} is the sender they wrote to, {company} the company behind it.
CREATE TABLE reply_texts (
    language text NOT NULL CHECK (language ~ '^[a-z]{2,3}$'),
    kind text NOT NULL CHECK (kind IN ('stop', 'help')),
    text text NOT NULL CHECK (length(text) BETWEEN 1 AND 300),
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (language, kind)
);
REVOKE ALL ON reply_words, reply_texts FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON reply_words TO clearsend_platform;
GRANT SELECT, INSERT, UPDATE ON reply_texts TO clearsend_platform;

-- The words carriers and regulators name. YES is no word of ours: it answers many a question, and an
-- answer must not undo an opt-out.
INSERT INTO reply_words (word, language, kind, changed_by)
SELECT word, language, kind, 'system:migration' FROM (VALUES
    ('en', 'stop', ARRAY['stop', 'stopall', 'stop all', 'stop please', 'please stop', 'stop it',
        'unsubscribe', 'cancel', 'end', 'quit', 'revoke', 'optout', 'opt out', 'remove',
        'remove me']),
    ('en', 'start', ARRAY['start', 'unstop']),
    ('en', 'help', ARRAY['help', 'info']),
    ('fr', 'stop', ARRAY['arret', 'arrêt', 'arreter', 'arrêter', 'td', 'désabonner', 'desabonner']),
    ('fr', 'start', ARRAY['reprise', 'reprendre']),
    ('fr', 'help', ARRAY['aide']),
    ('de', 'stop', ARRAY['stopp', 'abmelden', 'abbestellen']),
    ('de', 'help', ARRAY['hilfe']),
    ('es', 'stop', ARRAY['alto', 'baja', 'parar', 'cancelar']),
    ('es', 'start', ARRAY['iniciar']),
    ('es', 'help', ARRAY['ayuda']),
    ('it', 'stop', ARRAY['ferma', 'annulla', 'disiscrivi']),
    ('it', 'help', ARRAY['aiuto']),
    ('nb', 'stop', ARRAY['avslutt', 'meld av', 'slutt']),
    ('nb', 'help', ARRAY['hjelp'])
) AS given (language, kind, words), unnest(words) AS word;
INSERT INTO reply_texts (language, kind, text, changed_by) VALUES
    ('en', 'stop', '{company}: you get no more messages from {sender}. Reply START to undo.',
        'system:migration'),
    ('en', 'help', '{company}: reply STOP to get no more messages from {sender}.',
        'system:migration'),
    ('fr', 'stop', '{company} : vous ne recevrez plus de messages de {sender}. START pour annuler.',
        'system:migration'),
    ('fr', 'help', '{company} : répondez STOP pour ne plus recevoir de messages de {sender}.',
        'system:migration'),
    ('de', 'stop', '{company}: Sie erhalten keine Nachrichten von {sender} mehr. Zurück mit START.',
        'system:migration'),
    ('de', 'help', '{company}: Antworten Sie STOP, um keine Nachrichten von {sender} zu erhalten.',
        'system:migration'),
    ('es', 'stop', '{company}: baja de {sender} confirmada. Responda START para volver.',
        'system:migration'),
    ('es', 'help', '{company}: responda STOP para dejar de recibir mensajes de {sender}.',
        'system:migration'),
    ('it', 'stop', '{company}: non riceverà altri messaggi da {sender}. Risponda START per tornare.',
        'system:migration'),
    ('it', 'help', '{company}: risponda STOP per non ricevere altri messaggi da {sender}.',
        'system:migration'),
    ('nb', 'stop', '{company}: du får ikke flere meldinger fra {sender}. Svar START for å angre.',
        'system:migration'),
    ('nb', 'help', '{company}: svar STOP for ikke å få flere meldinger fra {sender}.',
        'system:migration');

-- What came in ----------------------------------------------------------------------------------

-- waiting: a part whose others have not come; matched: somebody's reply; unmatched: nobody's.
ALTER TABLE inbound_messages
    ADD COLUMN state text NOT NULL DEFAULT 'unmatched'
        CHECK (state IN ('waiting', 'matched', 'unmatched'));
GRANT UPDATE (state) ON inbound_messages TO clearsend_doorway;
CREATE INDEX inbound_messages_conversation ON inbound_messages (source, destination, received_at);
CREATE INDEX inbound_messages_waiting ON inbound_messages (received_at) WHERE state = 'waiting';

-- A whole text, as one tenant's.
CREATE TABLE replies (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    -- the inbound message, or its last part to come
    inbound_id uuid NOT NULL,
    -- the last session that texted this number from this sender
    session_id uuid,
    phone text COLLATE "C" NOT NULL CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
    sender text NOT NULL CHECK (length(sender) BETWEEN 1 AND 40),
    kind text NOT NULL CHECK (kind IN ('stop', 'start', 'help', 'other')),
    text text NOT NULL CHECK (length(text) <= 4000),
    received_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, inbound_id),
    FOREIGN KEY (tenant_id, session_id) REFERENCES campaign_sessions (tenant_id, id)
);
CREATE INDEX replies_of_session ON replies (tenant_id, session_id, id);
-- Whom a START is for, long after the last message: who heard a STOP from there.
CREATE INDEX replies_stops ON replies (phone) WHERE kind = 'stop';
CALL secure_tenant_table('replies', 'SELECT, INSERT');

-- Who texted a number lately, asked over all tenants when it writes to a sender of several.
CREATE INDEX contact_totals_phone ON contact_totals (phone, day);

-- Messages of our own ---------------------------------------------------------------------------

-- Sent by the platform at price 0. submitting is committed before the carrier is called; what is
-- not known then is unconfirmed and never sent again.
CREATE TABLE system_messages (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('opt_out_confirmation', 'help')),
    -- what it is for, once: two processes that both want to answer write one row
    reference text NOT NULL UNIQUE,
    gateway_id uuid NOT NULL REFERENCES gateways (id),
    phone text COLLATE "C" NOT NULL CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
    sender text NOT NULL,
    body text NOT NULL CHECK (length(body) BETWEEN 1 AND 600),
    state text NOT NULL CHECK (state IN
        ('queued', 'submitting', 'accepted', 'rejected', 'unconfirmed', 'expired')),
    tries smallint NOT NULL DEFAULT 0,
    code text NOT NULL DEFAULT '',
    -- under which the carrier took its parts, for the proof against its own log
    carrier_ids text[] COLLATE "C" NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    lease_until timestamptz,
    CHECK ((state = 'submitting') = (lease_until IS NOT NULL))
);
CREATE INDEX system_messages_open ON system_messages (due_at)
    WHERE state IN ('queued', 'submitting');
CREATE INDEX system_messages_phone ON system_messages (phone, created_at);
REVOKE ALL ON system_messages FROM PUBLIC;
GRANT SELECT, INSERT ON system_messages TO clearsend_doorway;
GRANT SELECT, INSERT, UPDATE (state, tries, code, carrier_ids, due_at, lease_until) ON system_messages
    TO clearsend_platform;

-- Stops -----------------------------------------------------------------------------------------

-- What a suspended tenant becomes again.
ALTER TABLE tenants
    ADD COLUMN suspended_from text CHECK (suspended_from IN ('trial', 'active')),
    ADD COLUMN suspended_reason text CHECK (length(suspended_reason) <= 500);
GRANT UPDATE (suspended_from, suspended_reason) ON tenants TO clearsend_tenant;
