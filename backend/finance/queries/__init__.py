"""Queries of the finance desk, split by noun."""
