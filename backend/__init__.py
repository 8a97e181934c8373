"""Clearsend: bulk text messages for many tenants, validated by people, paid in advance."""
