"""Use cases and steps of moderation; the only door."""
