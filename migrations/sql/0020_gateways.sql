-- Several gateways: what each is for, how it fares, and what may leave through it when.

ALTER TABLE gateways DROP CONSTRAINT gateways_kind_check;
ALTER TABLE gateways ADD CONSTRAINT gateways_kind_check CHECK (kind IN ('smpp', 'http_json'));

-- active: chosen for new batches. draining: finishes what it has, keeps its links for receipts.
-- disabled: no link.
ALTER TABLE gateways ADD COLUMN state text NOT NULL DEFAULT 'active'
    CHECK (state IN ('active', 'draining', 'disabled'));
UPDATE gateways SET state = 'disabled' WHERE NOT is_enabled;
ALTER TABLE gateways DROP COLUMN is_enabled;

-- its share beside the other gateways that serve a country
ALTER TABLE gateways ADD COLUMN weight integer NOT NULL DEFAULT 100 CHECK (weight BETWEEN 1 AND 1000);
-- ISO 3166 regions it serves; null: every country
ALTER TABLE gateways ADD COLUMN countries text[] CHECK (
    countries IS NULL OR array_to_string(countries, ',', '?') ~ '^[A-Z]{2}(,[A-Z]{2}){0,254}$');
-- what one sender may send through it, where sender_limits says nothing else; null: no limit
ALTER TABLE gateways ADD COLUMN sender_segments_per_second_max double precision
    CHECK (sender_segments_per_second_max > 0);

-- What every process agrees on. slow: its receipts come late, so it is chosen last. out: chosen for
-- nothing until out_until. probation: a small share of the choices, to prove itself.
ALTER TABLE gateways ADD COLUMN health text NOT NULL DEFAULT 'healthy'
    CHECK (health IN ('healthy', 'slow', 'out', 'probation'));
ALTER TABLE gateways ADD COLUMN health_cause text;
ALTER TABLE gateways ADD COLUMN health_changed_at timestamptz;
ALTER TABLE gateways ADD COLUMN out_until timestamptz;
-- times out in a row: each lasts twice as long as the one before
ALTER TABLE gateways ADD COLUMN outs integer NOT NULL DEFAULT 0 CHECK (outs >= 0);
ALTER TABLE gateways ADD CONSTRAINT out_until_known CHECK ((health = 'out') = (out_until IS NOT NULL));

-- What was seen of a gateway in a minute, folded by every sending process; parts, not messages.
CREATE TABLE gateway_health (
    gateway_id uuid NOT NULL REFERENCES gateways (id),
    minute timestamptz NOT NULL CHECK (minute = date_trunc('minute', minute, 'UTC')),
    -- answered or in doubt: accepted + refused + throttled + errors + in_doubt
    submitted integer NOT NULL DEFAULT 0,
    accepted integer NOT NULL DEFAULT 0,
    -- the recipient's or the content's fault: says nothing about the gateway
    refused integer NOT NULL DEFAULT 0,
    throttled integer NOT NULL DEFAULT 0,
    -- refused with a cause on the gateway's side
    errors integer NOT NULL DEFAULT 0,
    in_doubt integer NOT NULL DEFAULT 0,
    -- claimed for it and never handed over: its link was gone
    not_written integer NOT NULL DEFAULT 0,
    receipts integer NOT NULL DEFAULT 0,
    -- of a sample of accepted parts, from the answer to the receipt
    receipts_timed integer NOT NULL DEFAULT 0,
    receipts_slow integer NOT NULL DEFAULT 0,
    receipt_delay_ms_sum bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (gateway_id, minute),
    CHECK (submitted = accepted + refused + throttled + errors + in_doubt),
    CHECK (least(accepted, refused, throttled, errors, in_doubt, not_written, receipts) >= 0),
    CHECK (receipts_slow BETWEEN 0 AND receipts_timed AND receipt_delay_ms_sum >= 0)
) WITH (fillfactor = 50);
CREATE INDEX gateway_health_minute ON gateway_health (minute);
REVOKE ALL ON gateway_health FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON gateway_health TO clearsend_platform;

-- Throughput of a sender at a gateway, granted over all processes. A row without a limit of its own
-- stands for the gateway's, and only keeps until when it is granted.
CREATE TABLE sender_limits (
    gateway_id uuid NOT NULL REFERENCES gateways (id),
    sender text NOT NULL CHECK (length(sender) BETWEEN 1 AND 20),
    segments_per_second_max double precision CHECK (segments_per_second_max > 0),
    granted_until timestamptz,
    PRIMARY KEY (gateway_id, sender)
) WITH (fillfactor = 50);
REVOKE ALL ON sender_limits FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON sender_limits TO clearsend_platform;
