"""Use cases and steps of identity; the only door."""
