-- What the proofs of other features may read of a session's figures.

CREATE VIEW pub_campaigns_figures WITH (security_invoker = true) AS
SELECT s.tenant_id, s.id AS session_id, s.session_day, s.state, s.generation, s.planned, s.excluded,
    p.planned AS batched, p.accepted, p.delivered, p.undelivered, p.unreachable, p.rejected,
    p.expired, p.unconfirmed, p.cancelled, p.excluded_at_claim, p.waiting_retry, p.credits_captured
FROM campaign_sessions s
CROSS JOIN LATERAL (
    SELECT coalesce(sum(planned), 0)::bigint AS planned, coalesce(sum(accepted), 0)::bigint AS accepted,
        coalesce(sum(delivered), 0)::bigint AS delivered,
        coalesce(sum(undelivered), 0)::bigint AS undelivered,
        coalesce(sum(unreachable), 0)::bigint AS unreachable,
        coalesce(sum(rejected), 0)::bigint AS rejected, coalesce(sum(expired), 0)::bigint AS expired,
        coalesce(sum(unconfirmed), 0)::bigint AS unconfirmed,
        coalesce(sum(cancelled), 0)::bigint AS cancelled,
        coalesce(sum(excluded), 0)::bigint AS excluded_at_claim,
        coalesce(sum(waiting_retry), 0)::bigint AS waiting_retry,
        coalesce(sum(credits_captured), 0)::bigint AS credits_captured
    FROM session_progress q WHERE q.tenant_id = s.tenant_id AND q.session_id = s.id
) p;
GRANT SELECT ON pub_campaigns_figures TO clearsend_tenant, clearsend_platform;
