-- Price lists are versions: a quote keeps its version, so a version never changes. Its rows come first
-- and the row of the list, in the same transaction, seals them.

CREATE TABLE price_lists (
    version integer PRIMARY KEY CHECK (version > 0),
    refund_undelivered boolean NOT NULL DEFAULT false,
    -- The ceiling a user confirms is the quote plus this margin, at least margin_credits_min.
    margin_percent smallint NOT NULL DEFAULT 5 CHECK (margin_percent BETWEEN 0 AND 100),
    margin_credits_min integer NOT NULL DEFAULT 1 CHECK (margin_credits_min BETWEEN 0 AND 1000),
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE price_rows (
    version integer NOT NULL REFERENCES price_lists (version) DEFERRABLE INITIALLY DEFERRED,
    country text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
    channel text NOT NULL CHECK (channel IN ('sms', 'mms')),
    credits integer NOT NULL CHECK (credits BETWEEN 1 AND 1000), -- per segment (sms), per message (mms)
    PRIMARY KEY (version, country, channel)
);

CREATE FUNCTION billing_keep_price_list() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF tg_op <> 'INSERT' OR EXISTS (SELECT 1 FROM price_lists WHERE version = new.version) THEN
        RAISE EXCEPTION 'billing: a price list never changes; make the next version'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER keep_price_list BEFORE INSERT OR UPDATE OR DELETE ON price_rows
    FOR EACH ROW EXECUTE FUNCTION billing_keep_price_list();
CREATE TRIGGER keep_price_list BEFORE UPDATE OR DELETE ON price_lists
    FOR EACH ROW EXECUTE FUNCTION billing_keep_price_list();

REVOKE ALL ON price_lists, price_rows FROM PUBLIC;
GRANT SELECT ON price_lists, price_rows TO clearsend_tenant;
GRANT SELECT, INSERT ON price_lists, price_rows TO clearsend_platform;

-- Version 1: 1 credit per SMS segment, 3 per MMS, for every country with a numbering plan but those
-- under comprehensive sanctions (CU, IR, KP, SY) and two islands that are no country (AC, TA).
INSERT INTO price_rows (version, country, channel, credits)
SELECT 1, country, channel, credits
FROM regexp_split_to_table($countries$
    AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
    BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG
    EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR
    HT HU ID IE IL IM IN IO IQ IS IT JE JM JO JP KE KG KH KI KM KN KR KW KY KZ LA LB LC LI LK LR
    LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE
    NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PR PS PT PW PY QA RE RO RS RU RW SA SB
    SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SZ TC TD TG TH TJ TK TL TM TN TO TR TT TV
    TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
$countries$, '\s+') country
CROSS JOIN (VALUES ('sms', 1), ('mms', 3)) p (channel, credits) WHERE country <> '';
INSERT INTO price_lists (version, reason, created_by) VALUES (1, 'The first list', 'system:migration');
SET CONSTRAINTS ALL IMMEDIATE;

-- Top-ups entered by finance staff: bank transfers and the like, with reason and proof.
CREATE TABLE top_ups (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    amount_credits bigint NOT NULL CHECK (amount_credits BETWEEN 1 AND 10000000),
    method text NOT NULL CHECK (method IN ('bank_transfer', 'other')),
    reference text NOT NULL CHECK (length(reference) BETWEEN 1 AND 100),
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    proof_file uuid,
    state text NOT NULL CHECK (state IN ('pending', 'credited')),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    approved_by text,
    approved_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, reference),
    -- Two people above the limit of one: the second is another.
    CONSTRAINT top_ups_second_person CHECK (approved_by <> created_by),
    CONSTRAINT top_ups_approved CHECK ((approved_by IS NULL) = (approved_at IS NULL)
        AND (state = 'credited' OR approved_by IS NULL))
);
CREATE INDEX top_ups_pending ON top_ups (tenant_id, id) WHERE state = 'pending';
CALL secure_tenant_table('top_ups', 'SELECT, INSERT, UPDATE (state, approved_by, approved_at)');
