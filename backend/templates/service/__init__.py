"""Use cases and steps of templates and senders; the only door."""
