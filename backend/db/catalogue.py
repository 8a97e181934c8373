"""What stands outside the tenant policy, each with its reason. A test holds the schema to it."""

PLATFORM_TABLES: dict[str, str] = {
    "accounts": "people; one account may belong to several tenants",
    "tenants": "the directory itself; the tenant role sees its own row by id",
    "staff": "our own people",
    "kill_switches": "one row for the platform beside one per tenant",
    "access_audit": "looks of staff, also at no tenant in particular; tenants' scopes only insert",
    "outbox": "announcements of every transaction; tenants' scopes only insert",
    "gateways": "our connections to carriers; no tenant sees one",
    "carrier_ids": "whose part a carrier's id is, asked before a tenant is known; tenants insert",
    "raw_receipts": "receipts as they came, before a tenant is known",
    "inbound_messages": "what recipients wrote, before a tenant is known",
    "reply_words": "words with a meaning, for every tenant alike",
    "reply_texts": "what the platform answers to them, for every tenant alike",
    "system_messages": "the platform's own messages, at price 0; no tenant sees one",
    "queue_rows": "the desk's list over all tenants: copies of cases without their content",
    "blocked_hosts": "hosts nobody may send, whatever the tenant",
    "rule_sets": "content rules, one set in force for every tenant",
    "rule_tests": "rules run over sessions of all tenants; no tenant's role sees one",
    "trust_policies": "thresholds of trust, for every tenant alike; versions are only added",
    "queue_hidings": "who does not want to see which case for a while, asked over all tenants",
    "case_viewers": "who has which case on their screen, asked over all tenants",
    "desk_rules": "lanes, thresholds and times of the desk, for every tenant alike; only added to",
    "conduct_books": "the Code of Conduct, one for every tenant; versions are only added",
    "lane_figures": "usual times of a lane over all tenants: two numbers and no name",
    "price_lists": "one price list for every tenant; versions are only added",
    "staff_requests": "idempotency keys of staff who act at no tenant; no tenant's role sees one",
    "price_rows": "the prices of those lists",
    "mail_tokens": "hashes of links in mails, looked up before anybody is known",
    "mails": "mails to people of a tenant and of none; tenants' scopes only insert",
    "mailbox": "mails of a system without SMTP, for its operator",
    "desk_hours": "what each moderator decided by the hour, over all tenants",
    "lane_hours": "what came into the queue by the hour, over all tenants",
    "desk_fold": "how far the hours above are folded; one row",
    "legal_hours": "quiet hours by country, kept by our people for every tenant",
}

DEFINER_FUNCTIONS: dict[str, str] = {
    "make_delivery_partitions": "only the owner may attach a day's partitions of delivery",
    "drop_delivery_partitions": "only the owner may drop a day's carrier ids and raw receipts",
}
"""Functions that run as the owner: a pinned search_path and a date as the only argument."""
