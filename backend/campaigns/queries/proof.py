"""Approvals beside the content they were given for."""

APPROVED = """
SELECT s.tenant_id, s.id, s.approved_hash, s.approved_version, s.content_version, s.state,
    v.hash, v.content
FROM campaign_sessions s LEFT JOIN content_versions v
    ON v.tenant_id = s.tenant_id AND v.session_id = s.id AND v.version = s.approved_version
WHERE s.approved_hash IS NOT NULL AND s.id > $1 AND s.state NOT IN ('draft', 'screening')
ORDER BY s.id LIMIT $2
"""
