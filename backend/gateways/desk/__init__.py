"""Gateways as our people write and watch them."""
