"""Use cases of the finance desk, split by noun."""
