"""Steps: whom a retry is kept to."""

from backend.campaigns.queries import retries

add_retry_recipients = retries.add
count_retry_recipients = retries.count
