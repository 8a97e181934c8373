-- Documents beside the money they are about, for the finance desk.

CREATE VIEW pub_billing_documents WITH (security_invoker = true) AS
SELECT tenant_id, id, number, kind, state, source, original_id, currency, credits, net_minor, tax_minor,
    gross_minor, issued_at, due_on, paid_at, paid_by, payment_method
FROM documents;
GRANT SELECT ON pub_billing_documents TO clearsend_platform;

-- What a bank line may pay, and how many are late: few rows, whatever was ever issued.
CREATE INDEX documents_to_be_paid ON documents (gross_minor) WHERE state IN ('open', 'overdue');
