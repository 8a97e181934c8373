"""Screening, the validation queue, cases, leases and decisions."""
