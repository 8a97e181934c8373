"""Billing over HTTP, split by noun."""
