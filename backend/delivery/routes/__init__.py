"""Delivery over HTTP: sessions on their way, and the gateways' side of it."""
