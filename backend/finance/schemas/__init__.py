"""Schemas of the finance desk, split by noun."""
