"""Shapes of screening, cases and decisions."""
