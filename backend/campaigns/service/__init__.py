"""Use cases and steps of campaigns; the only door."""
